"""Golden HTML of the widgets, rewritten only by `make golden`: a change of markup is reviewed as markup."""

import os
from pathlib import Path

import pytest

from reports.card import kpi_row
from reports.edition import Crumb
from reports.figures.chart import Judged, Month, Reading, chart
from reports.figures.small import Hung, beam
from reports.movement import Change
from reports.periods import months_until
from reports.render import environment
from reports.standing import standing
from reports.views.moved import score_moves
from reports.words.language import Calendar, Scale, language_of
from reports.words.status import WORDS, Mark, Status
from reports.words.text import Part
from tests.reports.warehouse.organisation import HEADLINE

GOLDEN = Path(__file__).parent / "golden"
BRITISH = language_of("en_GB", "EUR")


def _macro(name: str, *arguments: object, template: str = "widgets.html") -> str:
    return str(getattr(environment().get_template(template).module, name)(*arguments))


def _chart(_edition) -> str:
    values = [0.948, 0.95, None, 0.946, 0.912]
    months = [
        Month(month, value, 0.95, 0.92, 0.956 if index == 3 else None, 0.936, 0.949, 0.962)
        for index, (month, value) in enumerate(zip(months_until(HEADLINE, 5), values, strict=True))
    ]
    figure = chart(
        months, scale=Scale(BRITISH, "percent", 1), calendar=Calendar(BRITISH), name="Deliveries <on> time",
        reading=Reading(), judged=Judged(is_signal=True, is_off_track=True),
    )  # fmt: skip
    return _macro("chart", figure, template="figures.html")


def _moved(edition) -> str:
    table = score_moves(edition, "scorecard", "balanced", "kettle")
    return _macro("moved", table, "moved-h")


def _beam(_edition) -> str:
    hung = [Hung("Financial", 58.0, "58", 0.6, "60%"), Hung("Customer", None, "none", 0.4, "40%")]
    return _macro(
        "beam", beam(hung, balances_at=58.0, balance_text="58", at_risk=33.33, on_track=66.67)
    )


def _kpi_row(edition, kpi: str) -> str:
    return _macro(
        "kpi_row", kpi_row(edition, standing(edition, edition.strategy.kpis[kpi], "kettle"))
    )


WIDGETS = {
    "status": lambda _: "\n".join(
        _macro("status", Status((Mark(key, word),), ("gate",))) for key, word in WORDS.items()
    ),
    "change": lambda _: "\n".join(
        _macro("change", value)
        for value in (Change("no change"), Change("Worse, new", "↓", "strong"))
    ),
    "crumbs": lambda _: _macro(
        "crumbs", [Crumb("Scorecard", "index.html"), Crumb("<b>متجر</b>", None)]
    ),
    "rich": lambda _: _macro(
        "rich", [Part("A "), Part("<i>name</i>", 'x.html"onload="'), Part("quietly", style="quiet")]
    ),
    "kpi_row_off_track": lambda edition: _kpi_row(edition, "on_time"),
    "kpi_row_hostile": lambda edition: _kpi_row(edition, "complaints"),
    "kpi_row_no_data": lambda edition: _kpi_row(edition, "first_reply"),
    "kpi_row_no_target": lambda edition: _kpi_row(edition, "research"),
    "kpi_row_stale": lambda edition: _kpi_row(edition, "training"),
    "kpi_row_range": lambda edition: _kpi_row(edition, "moisture"),
    "kpi_row_beyond": lambda edition: _kpi_row(edition, "sales_to_plan"),
    "kpi_row_quarterly": lambda edition: _kpi_row(edition, "guest_survey"),
    "moved": _moved,
    "beam": _beam,
    "chart": _chart,
}


@pytest.mark.parametrize("name", sorted(WIDGETS))
def test_golden_widget(edition, name) -> None:
    found = WIDGETS[name](edition).strip() + "\n"
    golden = GOLDEN / f"{name}.html"
    if os.environ.get("STEELYARD_GOLDEN") == "rewrite":
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8"), (
        "the markup changed: look at it, then `make golden`"
    )
