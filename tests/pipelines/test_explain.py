"""`steelyard explain`: the whole derivation of one score in the terminal."""

import io
import re
from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from rich.console import Console

from pipelines import explained
from tests.pipelines.conftest import SALES, Tiny
from tests.transforms.test_explanation import scorecard
from transforms.explanation import ExplanationError, explain
from transforms.strategy_tables import insert_rows


def told(tiny: Tiny, *arguments: str, **asked: str) -> str:
    """Explain in this process, as the command does."""
    out = io.StringIO()
    with duckdb.connect(str(tiny.state.current / "warehouse.duckdb"), read_only=True) as connection:
        found = explain(connection, *arguments, **asked)  # type: ignore[arg-type]
        explained.show(found, Console(file=out, highlight=False, soft_wrap=True))
    return out.getvalue()


@pytest.fixture(scope="module")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a warehouse with KPIs of many kinds, one of which is held back."""
    with scorecard().scored(tmp_path_factory.mktemp("kinds")) as connection:
        insert_rows(connection, "scorecard.release", [
            {"release_id": "r-0", "as_of_date": date(2026, 10, 5), "period_start_date": date(2026, 9, 1)}
        ])  # fmt: skip
        connection.execute("update measure.dim_measure set sql_text = 'select 1'")
        yield connection


def words(connection: duckdb.DuckDBPyConnection, kpi: str) -> str:
    """Give everything that is said of a KPI."""
    found = explain(connection, kpi)
    return "\n".join(line for section in explained.sections(found) for line in section.lines)


@pytest.mark.parametrize(
    ("kpi", "said"),
    [
        ("sales", "33.33 + (600.0 − 500.0) / (700.0 − 500.0) × 33.33 = 50.00"),
        ("rate", "0.8 is held against the target 0.9: 0.8 / 0.9 × 100 = 88.89"),
        ("growth", "The change against September 2025\n  value: 588 then, 600 now"),
        ("growth", "33.33 + (0.0204 − 0.0000) / (0.1000 − 0.0000) × 33.33 = 40.14"),
        ("level", "The index of January 2025 = 100\n  value: 580 then, 600 now"),
        ("heads", "The value is of 3rd quarter 2026: it is measured by quarter."),
        ("untargeted", "No score; no target: no scoring points are valid for it."),
        ("untargeted", "add a row to targets.csv"),
        ("late", "stale: nothing newer counts, so the last good value stands in"),
        ("late", "The value is of July 2026: the last good one, which may stand in for 2 periods."),
        ("margin", "cost = 200 (value of measure.cost, sum: numerator 200, denominator 1)"),
        ("margin", "400 / 600 = 0.7: the expression"),
    ],
)
def test_each_kind_is_told_in_its_own_words(
    every_kind: duckdb.DuckDBPyConnection, kpi: str, said: str
) -> None:
    assert said in words(every_kind, kpi)


def test_of_what_is_held_back_nothing_is_told(every_kind: duckdb.DuckDBPyConnection) -> None:
    told_of = words(every_kind, "mood")
    assert "Held back: fewer than 5 observations" in told_of
    hidden = (
        "rows of ",
        "0.5",
        "actual ",
        "Observations",
        "Answers",
        "usual range",
        "first reported",
    )
    assert [each for each in hidden if each in told_of] == []


def test_it_prints_everything_as_plain_text_where_there_is_no_terminal(published: Tiny) -> None:
    done = published.steelyard("explain", "revenue", "--unit", "north", "--period", "2026-03")
    assert done.exit_code == 0, done.err
    (load,) = (published.state.lake / "shop" / "sale").glob("[0-9]*")
    assert "\x1b" not in done.out
    for said in (
        "Revenue (revenue), North (north), March 2026",
        "Rule linear, higher is better: 110.0 is between target 100.0 (66.67) and best 150.0 (100)",
        "66.67 + (110.0 − 100.0) / (150.0 − 100.0) × 33.33 = 73.33",
        "Bands: on track from 66.67, at risk from 33.33",
        "from targets.csv: revenue,north,month,2026-01-01 (as they are)",
        "measure.revenue: 1 row of north in the period",
        "    sum(amount) as numerator",
        "from raw.shop__sale",
        f"raw.shop__sale  {load.name}",
        "contract passed",
        "objective Grow (73",
        "scorecard Acme",
        "first reported",
    ):
        assert said in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("reveneu",), "There is no KPI reveneu. Did you mean revenue?"),
        (("revenue", "--unit", "nroth"), "Did you mean north?"),
        (("revenue", "--period", "2020-01"), "Periods by month: from 2026-01 to 2026-04."),
    ],
)
def test_what_is_not_there_is_told(published: Tiny, arguments: tuple[str, ...], said: str) -> None:
    done = published.steelyard("explain", *arguments)
    assert (done.exit_code, said in done.err) == (3, True), done.err


def test_before_the_first_run_it_says_what_to_do(tiny: Tiny) -> None:
    done = tiny.steelyard("explain", "revenue")
    assert (done.exit_code, done.err) == (1, "Nothing is published yet: run `steelyard run` first.\n")  # fmt: skip


@pytest.mark.parametrize("command", ["explain", "history"])
def test_a_release_of_another_version_is_told_without_a_traceback(
    published: Tiny, command: str
) -> None:
    """After an upgrade the published release has other tables until the next night."""
    with duckdb.connect(str(published.state.current.resolve() / "warehouse.duckdb")) as connection:
        connection.execute("alter table history.reported_value drop column reasons")
    done = published.steelyard(command, "revenue")
    assert (done.exit_code, "Another version of Steelyard" in done.err) == (1, True)
    assert "Traceback" not in done.err


def test_what_was_reported_before_is_told_with_the_reason(published: Tiny) -> None:
    published.write("shop/sale.csv", SALES + "7,north,2026-03-31,10.00\n")
    assert published.run().status == "published"
    reported = [
        line for line in told(published, "revenue", unit_id="north").splitlines() if " UTC  r-" in line
    ]  # fmt: skip
    assert [line.rsplit("  ", 1)[1] for line in reported] == ["first reported", "late data"] * 2
    assert [re.findall(r"€\S+", line) for line in reported[:2]] == [["€110.0"], ["€120.0"]]


def test_a_rejected_load_is_shown_beside_the_one_that_counts(published: Tiny) -> None:
    published.write("shop/sale.csv", SALES + "7,south,2026-03-31,\n")
    published.run()
    loads = [line for line in told(published, "revenue").splitlines() if "raw.shop__sale  " in line]
    assert ["NOT USED" in line for line in loads] == [True, False]


def test_every_grain_is_explained_or_refused_with_what_there_is(published: Tiny) -> None:
    for grain in ("month", "quarter", "ytd"):
        assert "Late parcels" in told(published, "late_share", grain=grain)
    for grain in ("half", "year"):
        with pytest.raises(ExplanationError, match=f"no closed {grain}"):
            told(published, "late_share", grain=grain)
