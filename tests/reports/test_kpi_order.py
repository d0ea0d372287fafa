"""A KPI's page answers in order: how it is, who says what of it, which unit drags it, how longer periods stand, where it comes from."""

import re

import pytest

from reports.views.kpi import kpi_page
from reports.views.kpi_facts import Fact


def _page(edition, kpi: str):
    return kpi_page(edition.at(1), edition.strategy.kpis[kpi], "kettle")


def _facts(page) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in page.facts:
        found.setdefault(fact.label, []).append(fact)
    return found


def _heading(parts) -> str:
    return "".join(part.text for part in parts)


def test_the_sections_stand_in_the_order_of_an_executives_questions(site) -> None:
    page = (site / "kpis/on_time.html").read_text("utf-8")
    wanted = ["chart-h", "comment-h", "units-", "moved-", "grains-h", "restated-h", "from-h", "targets-h", "related-h"]  # fmt: skip
    found = re.findall(r'<h2 id="([^"]+)"', page)
    places = [next(at for at, name in enumerate(found) if name.startswith(key)) for key in wanted]
    assert places == sorted(places)


@pytest.mark.parametrize("kpi", ["on_time", "enps", "training"])
def test_the_owner_stands_with_what_they_said_and_the_way_to_it(edition, kpi) -> None:
    page = _page(edition, kpi)
    (owner,) = _facts(page)["Owner"]
    assert owner.value == edition.strategy.kpis[kpi].owner_name
    assert owner.note == page.comments_heading
    assert owner.href == "#comment-h"


def test_a_value_that_still_counts_is_not_told_twice(edition) -> None:
    assert {label: len(told) for label, told in _facts(_page(edition, "training")).items()} == {
        "Status": 1,
        "September 2026": 1,
        "October 2025": 1,
        "Score": 1,
        "Owner": 1,
    }


def test_a_difference_that_is_no_signal_says_so_beside_it(edition) -> None:
    (before,) = _facts(_page(edition, "cups"))["September 2026"]
    assert before.note.endswith(", no signal")
    assert re.match(r"[+−]?[\d,.]+", before.note)


@pytest.mark.parametrize(
    ("kpi", "heading"),
    [("research", "Actual, 24 months, per cent"), ("on_time", "Actual against target, 24 months, per cent")],
)  # fmt: skip
def test_a_chart_without_a_target_does_not_name_one(edition, kpi, heading) -> None:
    assert _heading(_page(edition, kpi).chart_heading) == heading


def test_the_longer_periods_are_headed_by_the_year_to_date(edition) -> None:
    page = _page(edition, "on_time")
    so_far = next(row for row in page.grains if row.is_year_to_date)
    assert so_far.actual in _heading(page.grains_heading)
    assert _heading(page.grains_heading).startswith("Every period, per cent: ")


def test_without_a_value_the_heading_of_longer_periods_claims_none(edition) -> None:
    page = kpi_page(edition.at(2), edition.strategy.kpis["guest_survey"], "north_harbour")
    assert _heading(page.grains_heading) == "Every period, per cent"


def test_a_bar_of_every_period_is_drawn_once(site) -> None:
    """In own units where that can be drawn, else on the score's scale beside the number."""
    page = (site / "kpis/on_time.html").read_text("utf-8")
    table = re.findall(r'<table class="list grains".*?</table>', page, re.DOTALL)
    assert len(table) == 1
    assert ('class="rows' in page) == ('<svg class="bullet"' not in table[0])
