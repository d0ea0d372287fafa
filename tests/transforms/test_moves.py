"""Units that move to another parent: each month counts where its unit stood on the month's last day."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

import transforms.audit
from tests.transforms.small_scorecard import REGIONS, SmallScorecard, actual, kpi, months

YEAR = months(date(2026, 1, 1), 9)
MIDDLE_OF_AUGUST = date(2026, 8, 15)


def tree(*moves: tuple[str, str, date]) -> dict[str, Any]:
    """Give the small company's tree with moves (unit, parent, first day)."""
    listed = [
        {"unit": unit, "parent": parent, "valid_from": first} for unit, parent, first in moves
    ]
    return {"trees": [{**REGIONS, "moves": listed}]}


def card(*kpis: dict[str, Any], moved: date = MIDDLE_OF_AUGUST, **changes: Any) -> SmallScorecard:
    """Give a scorecard of 2026 in which n1 goes from north to south: n1 has 10 a month, n2 1, south itself 100."""
    small = SmallScorecard(kpis=list(kpis), company=tree(("n1", "south", moved)), **changes)
    for each in kpis:
        name = each["measure"]
        pair = each["aggregation"] == "ratio"
        for unit, amount in (("n1", 10), ("n2", 1), ("south", 100)):
            value = (amount, 2 * amount + 1) if pair else amount
            small.add(name, [(unit, month, value) for month in YEAR])
    return small


@pytest.mark.parametrize(
    ("moved", "august"),
    [(date(2026, 8, 1), (1, 110)), (date(2026, 8, 31), (1, 110)), (date(2026, 9, 1), (11, 100))],
)
def test_a_month_belongs_where_its_unit_stands_on_its_last_day(
    tmp_path: Path, moved: date, august: tuple[int, int]
) -> None:
    with card(kpi("m"), moved=moved).scored(tmp_path) as warehouse:
        values = tuple(
            actual(warehouse, "m", unit, "month", "2026-08-01") for unit in ("north", "south")
        )
        assert values == august
        assert actual(warehouse, "m", "n1", "month", "2026-08-01") == 10
        assert actual(warehouse, "m", "all", "month", "2026-08-01") == 111


@pytest.mark.parametrize(
    ("aggregation", "grain", "first", "north", "south"),
    [
        ("sum", "month", "2026-07-01", 11, 100),
        ("sum", "month", "2026-09-01", 1, 110),
        ("sum", "quarter", "2026-07-01", 11 + 1 + 1, 100 + 110 + 110),
        ("sum", "ytd", "2026-09-01", 7 * 11 + 2 * 1, 7 * 100 + 2 * 110),
        ("last", "quarter", "2026-07-01", 1, 110),
        ("last", "quarter", "2026-04-01", 11, 100),
        ("mean", "quarter", "2026-07-01", 13 / 3, 320 / 3),
        # 10/21 for n1, 1/3 for n2, 100/201 for south
        ("ratio", "quarter", "2026-07-01", 13 / (24 + 3 + 3), 320 / (201 + 222 + 222)),
    ],
)
def test_a_period_is_the_sum_of_its_months_each_with_its_own_tree(
    tmp_path: Path, aggregation: str, grain: str, first: str, north: float, south: float
) -> None:
    with card(kpi("m", aggregation=aggregation)).scored(tmp_path) as warehouse:
        assert actual(warehouse, "m", "north", grain, first) == pytest.approx(north, rel=1e-12)
        assert actual(warehouse, "m", "south", grain, first) == pytest.approx(south, rel=1e-12)


def test_distinct_things_count_where_the_unit_stood_in_their_month(tmp_path: Path) -> None:
    small = SmallScorecard(
        kpis=[kpi("c", aggregation="distinct")], company=tree(("n1", "south", MIDDLE_OF_AUGUST))
    )
    small.keys = [
        ("c", "n1", date(2026, 7, 1), "ann"), ("c", "n1", date(2026, 7, 1), "bob"),
        ("c", "n1", date(2026, 9, 1), "ann"), ("c", "n1", date(2026, 9, 1), "cid"),
        ("c", "n2", date(2026, 9, 1), "ann"), ("c", "south", date(2026, 7, 1), "cid"),
    ]  # fmt: skip
    with small.scored(tmp_path) as warehouse:
        quarter = {
            unit: actual(warehouse, "c", unit, "quarter", "2026-07-01")
            for unit in ("north", "south", "n1", "all")
        }
        # north: ann and bob of July, ann of n2; south: cid of July, ann and cid of September
        assert quarter == {"north": 2, "south": 2, "n1": 3, "all": 3}
        assert actual(warehouse, "c", "north", "month", "2026-09-01") == 1
        assert actual(warehouse, "c", "south", "month", "2026-09-01") == 2


def test_answers_count_where_the_unit_stood_in_their_month(tmp_path: Path) -> None:
    small = SmallScorecard(
        kpis=[kpi("s", aggregation="score", survey="csat")],
        company=tree(("n1", "south", MIDDLE_OF_AUGUST)),
    )
    small.answers = [
        ("s", "n1", date(2026, 7, 1), 5, 1), ("s", "n1", date(2026, 7, 1), 1, 3),
        ("s", "n1", date(2026, 9, 1), 4, 6), ("s", "n2", date(2026, 9, 1), 2, 2),
        ("s", "south", date(2026, 7, 1), 3, 2),
    ]  # fmt: skip
    with small.scored(tmp_path) as warehouse:
        quarter = {
            unit: actual(warehouse, "s", unit, "quarter", "2026-07-01")
            for unit in ("north", "south", "n1", "all")
        }
        # north: n1's four of July and n2's two; south: its own two of July and n1's six of September
        assert quarter == {"north": 1 / 6, "south": 6 / 8, "n1": 7 / 10, "all": 7 / 14}
        assert actual(warehouse, "s", "north", "month", "2026-07-01") == 1 / 4
        assert actual(warehouse, "s", "south", "month", "2026-09-01") == 1


def units(warehouse: duckdb.DuckDBPyConnection) -> dict[str, tuple[str | None, int]]:
    """Give each unit's parent and level."""
    rows = warehouse.execute("select unit_id, parent_unit_id, level from scorecard.dim_unit")
    return {unit: (parent, level) for unit, parent, level in rows.fetchall()}


@pytest.mark.parametrize(
    ("move", "stands"),
    [
        (("n1", "south", date(2026, 9, 30)), ("south", 2)),
        (("n1", "south", date(2026, 10, 1)), ("north", 2)),
        (("n1", "all", date(2026, 1, 1)), ("all", 1)),
        (("n1", "n2", date(2026, 1, 1)), ("n2", 3)),
    ],
)
def test_units_are_shown_as_they_stand_at_the_headline_months_end(
    tmp_path: Path, move: tuple[str, str, date], stands: tuple[str, int]
) -> None:
    small = SmallScorecard(kpis=[kpi("m")], company=tree(move))
    small.add("m", [("n1", month, 1) for month in YEAR])
    with small.scored(tmp_path) as warehouse:
        assert units(warehouse)["n1"] == stands


def test_what_is_below_a_unit_moves_with_it(tmp_path: Path) -> None:
    small = SmallScorecard(
        kpis=[kpi("m")],
        company=tree(("north", "south", date(2026, 4, 1)), ("n1", "all", date(2026, 7, 1))),
    )
    small.add("m", [("n1", month, 1) for month in YEAR])
    with small.scored(tmp_path) as warehouse:
        by_month = {
            month: {
                unit: actual(warehouse, "m", unit, "month", month)
                for unit in ("north", "south", "all")
            }
            for month in ("2026-03-01", "2026-04-01", "2026-07-01")
        }
        assert by_month == {
            "2026-03-01": {"north": 1, "south": None, "all": 1},
            "2026-04-01": {"north": 1, "south": 1, "all": 1},
            "2026-07-01": {"north": None, "south": None, "all": 1},
        }


def test_a_unit_does_not_gain_or_lose_kpis_by_moving(tmp_path: Path) -> None:
    """Had n1 counted as the third level, units of that level everywhere would lack data they never gave."""
    answers = []
    for name, moves in (("still", ()), ("moved", (("n1", "n2", date(2026, 2, 1)),))):
        (tmp_path / name).mkdir()
        small = SmallScorecard(kpis=[kpi("m")], company=tree(*moves))
        small.add("m", [("n1", month, 1) for month in YEAR])
        with small.scored(tmp_path / name) as warehouse:
            answers.append(warehouse.execute("from scorecard.kpi_unit order by all").fetchall())
    assert answers[0] == answers[1]
    assert len(answers[0]) == 5


def test_a_zero_month_of_a_unit_that_lost_its_parts_is_zero_where_the_kpi_says_so(
    tmp_path: Path,
) -> None:
    small = SmallScorecard(
        kpis=[kpi("m", empty="zero")], company=tree(("n1", "south", MIDDLE_OF_AUGUST))
    )
    small.add("m", [("n1", month, 10) for month in YEAR])
    with small.scored(tmp_path) as warehouse:
        assert actual(warehouse, "m", "north", "month", "2026-09-01") == 0
        assert actual(warehouse, "m", "north", "quarter", "2026-07-01") == 10


AUDIT = Path(transforms.audit.__file__).parent / "sql" / "audit" / "across"


def test_every_unit_has_one_parent_at_a_time_through_many_moves(tmp_path: Path) -> None:
    small = SmallScorecard(
        kpis=[kpi("m")],
        company=tree(
            ("n1", "south", date(2026, 2, 10)), ("north", "south", date(2026, 4, 1)),
            ("n1", "n2", date(2026, 4, 1)), ("north", "all", date(2026, 6, 30)),
            ("n1", "north", date(2030, 1, 1)),
        ),
    )  # fmt: skip
    small.add("m", [("n1", month, 1) for month in YEAR])
    with small.scored(tmp_path) as warehouse:
        name = "every_unit_has_one_parent_at_a_time"
        query = (AUDIT / f"{name}.sql").read_text("utf-8")
        assert warehouse.execute(query).fetchall() == []
        assert all(actual(warehouse, "m", "all", "month", month.isoformat()) == 1 for month in YEAR)
