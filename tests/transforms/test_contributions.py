"""What moved a parent: contributions of children to scores, and of units to values, adding up exactly."""

import math
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard.strategy import RollUp
from tests.transforms.given_scores import AUGUST, JULY, Given, rolled_up
from tests.transforms.small_scorecard import REGIONS, SmallScorecard, kpi, months

ROLL_UPS: tuple[RollUp, ...] = ("weighted_mean", "worst", "best", "geometric")
MONTHS = months(date(2026, 1, 1), 9)
SEPTEMBER = MONTHS[-1]
Scores = Sequence[float | None]


def moved(
    before: Scores, after: Scores, *, roll_up: RollUp = "weighted_mean",
    weights: Sequence[tuple[float, float]] | None = None,
) -> tuple[dict[str, float | None], float | None]:  # fmt: skip
    """Give what each KPI of an objective contributed since July, and the objective's change; weights in July and August."""
    names = "abcdefgh"[: len(before)]
    dated = weights or [(1, 1)] * len(names)
    kpis = [
        kpi(name, weight=[{"valid_from": "2020-01-01", "weight": old},
                          {"valid_from": "2026-08-01", "weight": new}])
        for name, (old, new) in zip(names, dated, strict=True)
    ]  # fmt: skip
    perspectives = [{"id": "p", "name": "P", "objectives": [
        {"id": "o", "name": "O", "owner": "Owner", "roll_up": roll_up, "kpis": kpis}]}]  # fmt: skip
    scores: list[Given] = [
        (name, "all", month, score, "")
        for month, column in ((JULY, before), (AUGUST, after))
        for name, score in zip(names, column, strict=True)
    ]
    with rolled_up(perspectives, scores, strategy={"min_coverage": 0}) as warehouse:
        parts = dict(warehouse.execute(
            "select child_id, contribution from scorecard.score_contribution "
            "where parent_id = 'o' and period_start_date = $august", {"august": AUGUST},
        ).fetchall())  # fmt: skip
        old, new = (score for (score,) in warehouse.execute(
            "select score from scorecard.objective_score order by period_start_date"
        ).fetchall())  # fmt: skip
    return parts, None if old is None or new is None else new - old


class TestScoreContribution:
    @pytest.mark.parametrize(
        ("before", "after", "weights", "expected"),
        [
            ([90, 50], [80, 50], None, [-5, 0]),
            ([90, 50], [90, 70], [(9, 9), (1, 1)], [0, 2]),
            # weight moves to the weaker child, which pulls down more, while the other pulls up less
            ([90, 50], [90, 50], [(1, 1), (1, 3)], [-5, -5]),
            ([90, None], [90, 50], None, [0, -20]),
            ([90, 50], [90, None], None, [10, 10]),
        ],
    )
    def test_of_a_weighted_mean_is_the_share_now_less_the_share_before(
        self, before: Scores, after: Scores, weights: Any, expected: list[float]
    ) -> None:
        parts, change = moved(before, after, weights=weights)
        assert list(parts.values()) == pytest.approx(expected)
        assert math.fsum(expected) == pytest.approx(change)

    @pytest.mark.parametrize(
        ("roll_up", "before", "after", "expected"),
        [
            ("worst", [50, 60], [70, 40], [10, -20]),
            ("worst", [50, 60], [50, 55], [0, 0]),
            ("worst", [50, None], [50, 30], [0, -20]),
            ("worst", [30, None], [None, 50], [0, 20]),
            ("best", [50, 60], [70, 40], [10, 0]),
            ("best", [50, 90], [50, None], [0, -40]),
        ],
    )
    def test_of_the_worst_and_the_best_is_what_putting_each_in_turn_changes(
        self, roll_up: RollUp, before: Scores, after: Scores, expected: list[float]
    ) -> None:
        parts, _ = moved(before, after, roll_up=roll_up)
        assert list(parts.values()) == pytest.approx(expected)

    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ([40, 90], [40, 90], [0, 0]),
            ([64, 100], [0, 100], [-80, 0]),
            ([0, 100], [64, 100], [80, 0]),
            ([0, 0, 100], [8, 8, 1000], [20, 20, 0]),
            ([0, 50], [0, 90], [0, 0]),
        ],
    )
    def test_of_a_geometric_mean_is_due_to_what_rose_from_or_fell_to_zero(
        self, before: Scores, after: Scores, expected: list[float]
    ) -> None:
        parts, _ = moved(before, after, roll_up="geometric")
        assert list(parts.values()) == pytest.approx(expected, abs=1e-9)

    def test_of_a_geometric_mean_without_zeros_is_by_logarithms(self) -> None:
        parts, change = moved([50, 80], [100, 80], roll_up="geometric")
        assert change == pytest.approx(math.sqrt(8000) - math.sqrt(4000))
        total = math.log(math.sqrt(2))
        ratio = (change or 0) / total
        centred = [ratio * (0.5 * math.log(x / math.sqrt(4000)) - 0.5 * math.log(y / math.sqrt(4000)))
                   for x, y in ((100, 50), (80, 80))]  # fmt: skip
        assert list(parts.values()) == pytest.approx(centred)

    @pytest.mark.parametrize("roll_up", ROLL_UPS)
    def test_is_not_told_where_the_parent_lacks_a_score(self, roll_up: RollUp) -> None:
        assert moved([None, None], [50, 90], roll_up=roll_up)[0] == {"a": None, "b": None}
        assert moved([50, 90], [None, None], roll_up=roll_up)[0] == {"a": None, "b": None}

    @pytest.mark.parametrize("roll_up", ROLL_UPS)
    def test_of_what_has_no_weight_is_nothing(self, roll_up: RollUp) -> None:
        parts, _ = moved([50, 0], [60, 100], roll_up=roll_up, weights=[(1, 1), (0, 0)])
        assert parts == {"a": pytest.approx(10), "b": 0}

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_adds_up_to_the_change_of_every_parent(self, data: st.DataObject) -> None:
        """Random trees, weights of two dates, all roll-ups, gaps, zeros and scores above 100; every unit is a case."""
        draw = random.Random(data.draw(st.integers(0, 2**32)))  # noqa: S311 - no secret
        perspectives = [_perspective(draw, f"p{number}") for number in range(draw.randint(1, 3))]
        kpis = [each["id"] for p in perspectives for o in p["objectives"] for each in o["kpis"]]
        units = ["all", "north", "n1", "n2", "south"]
        scores = [(name, unit, month, _score(draw), "")
                  for name in kpis for unit in units for month in (JULY, AUGUST)]  # fmt: skip
        strategy = {"roll_up": draw.choice(ROLL_UPS), "min_coverage": draw.choice([0, 0.5])}
        with rolled_up(perspectives, scores, strategy=strategy) as warehouse:
            for parent, change, total, count in _parents(warehouse):
                if change is None:
                    assert count == 0, parent
                else:
                    assert total == pytest.approx(change, abs=1e-9), (parent, strategy)


def _perspective(draw: random.Random, name: str) -> dict[str, Any]:
    objectives = [
        {"id": f"{name}o{o}", "name": "O", "owner": "Owner", "weight": _weight(draw),
         "roll_up": draw.choice(ROLL_UPS),
         "kpis": [kpi(f"{name}o{o}k{k}", weight=_weight(draw)) for k in range(draw.randint(1, 4))]}
        for o in range(draw.randint(1, 3))
    ]  # fmt: skip
    return {"id": name, "name": name, "weight": _weight(draw), "roll_up": draw.choice(ROLL_UPS),
            "objectives": objectives}  # fmt: skip


def _weight(draw: random.Random) -> list[dict[str, Any]]:
    options = [0, 1, 1, 0.3, 2.5, draw.uniform(0.01, 100)]
    return [
        {"valid_from": day, "weight": draw.choice(options)} for day in ("2020-01-01", "2026-08-15")
    ]


def _score(draw: random.Random) -> float | None:
    return draw.choice([None, 0.0, 100.0, 130.0, draw.uniform(0, 100), draw.uniform(0, 1e-6)])


def _parents(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Give each parent in August: its change, its children's sum, and how many of them have a contribution."""
    return warehouse.execute(
        """
        select (parent.level, parent.node_id, parent.unit_id), parent.score - before.score,
            sum(part.contribution), count(part.contribution)
        from node_score as parent
        join scorecard.score_contribution as part on part.parent_level = parent.level
            and part.parent_id = parent.node_id and part.unit_id = parent.unit_id
            and part.period_start_date = parent.period_start_date
        left join node_score as before on before.level = parent.level
            and before.node_id = parent.node_id and before.unit_id = parent.unit_id
            and before.period_start_date < parent.period_start_date
        where parent.period_start_date = $august
        group by all
        """,
        {"august": AUGUST},
    ).fetchall()


def parts(
    warehouse: duckdb.DuckDBPyConnection, upper: str = "all", *, tree: str = "territory",
    grain: str = "month", period: date = SEPTEMBER,
) -> dict[str, float]:  # fmt: skip
    """Give what each unit below, and `other`, contributed to a change."""
    found = warehouse.execute(
        "select if(part = 'other', 'other', unit_id), contribution from scorecard.unit_contribution "
        "where parent_unit_id = $upper and tree_id = $tree and grain = $grain "
        "and period_start_date = $period",
        {"upper": upper, "tree": tree, "grain": grain, "period": period},
    )
    return dict(found.fetchall())


def unexplained(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Give each change whose parts do not add up to it, in every tree, relative to the values."""
    return warehouse.execute(
        """
        with change as (
            select part.kpi_id, part.parent_unit_id, part.tree_id, part.grain, part.period_start_date,
                any_value(present.actual) as actual, any_value(before.actual) as actual_before,
                sum(part.contribution) as explained, count(*) filter (part.part = 'other') as others
            from scorecard.unit_contribution as part
            join scorecard.kpi_value as present on present.kpi_id = part.kpi_id
                and present.unit_id = part.parent_unit_id and present.grain = part.grain
                and present.period_start_date = part.period_start_date
            join scorecard.kpi_value as before on before.kpi_id = part.kpi_id
                and before.unit_id = part.parent_unit_id and before.grain = part.grain
                and before.period_start_date
                = (part.period_start_date - to_months(previous_step(part.grain)))::date
            group by all
        )
        from change where others != 1 or explained is null
            or abs(actual - actual_before - explained) > 1e-9 * (abs(actual) + abs(actual_before))
        """
    ).fetchall()


AUGUST_ON = MONTHS[-2:]
ORGANISATION = ("all", "north", "n1", "n2", "south")


class TestUnitContribution:
    def test_of_amounts_is_each_units_own_change(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("sales")])
        for unit, pair in {"n1": (10, 15), "n2": (20, 12), "south": (7, 7), "all": (1, 4)}.items():
            card.add("sales", [(unit, m, x) for m, x in zip(AUGUST_ON, pair, strict=True)])
        with card.scored(tmp_path) as warehouse:
            assert parts(warehouse) == {"north": -3, "south": 0, "other": 3}
            assert parts(warehouse, "north") == {"n1": 5, "n2": -8, "other": 0}
            assert unexplained(warehouse) == []

    def test_of_quotients_is_what_a_unit_adds_beyond_the_rate_before(self, tmp_path: Path) -> None:
        """North's rate stays 90 %, South's 50 %; South grows from half to three quarters, and the whole falls by ten."""
        card = SmallScorecard(kpis=[kpi("rate", aggregation="ratio")])
        card.add("rate", [("n1", AUGUST_ON[0], (90, 100)), ("n1", AUGUST_ON[1], (90, 100)),
                          ("south", AUGUST_ON[0], (50, 100)), ("south", AUGUST_ON[1], (150, 300))])  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            found = parts(warehouse)
            assert found == pytest.approx({"north": -0.05, "south": -0.05, "other": 0})
            assert unexplained(warehouse) == []

    def test_of_a_quotient_of_sums_is_as_of_a_ratio(self, tmp_path: Path) -> None:
        """Sales per head: North sells 30 more with as many heads, South takes on two who sell nothing yet."""
        card = SmallScorecard(kpis=[
            kpi("per_head", measure=None, aggregation=None, derived={
                "expression": "sales / heads",
                "terms": {"sales": {"measure": "sales", "aggregation": "sum"},
                          "heads": {"measure": "heads", "aggregation": "last"}}})])  # fmt: skip
        card.add("sales", [("n1", AUGUST_ON[0], 60), ("south", AUGUST_ON[0], 40),
                           ("n1", AUGUST_ON[1], 90), ("south", AUGUST_ON[1], 40)])  # fmt: skip
        card.add("heads", [("n1", AUGUST_ON[0], 6), ("south", AUGUST_ON[0], 4),
                           ("n1", AUGUST_ON[1], 6), ("south", AUGUST_ON[1], 6)])  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            found = parts(warehouse)
            assert found == pytest.approx({"north": 30 / 12, "south": -20 / 12, "other": 0})
            assert unexplained(warehouse) == []

    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            (None, 5, {"north": 0, "south": 5, "other": 0}),
            (5, None, {"north": 0, "south": -5, "other": 0}),
        ],
    )
    def test_of_a_unit_that_came_or_went_is_all_it_had(
        self, tmp_path: Path, before: int | None, after: int | None, expected: dict[str, float]
    ) -> None:
        card = SmallScorecard(kpis=[kpi("sales")])
        card.add("sales", [("n1", m, 10) for m in MONTHS])
        card.add("sales", [("south", m, x) for m, x in zip(AUGUST_ON, (before, after), strict=True)
                           if x is not None])  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            assert parts(warehouse) == expected

    def test_of_things_counted_in_two_units_is_made_good_by_the_rest(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("customers", aggregation="distinct")])
        card.keys += [("customers", "n1", AUGUST_ON[0], "x"), ("customers", "n1", AUGUST_ON[1], "x"),
                      ("customers", "south", AUGUST_ON[1], "x"), ("customers", "south", AUGUST_ON[1], "y")]  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            assert parts(warehouse) == {"north": 0, "south": 2, "other": -1}

    def test_of_what_is_held_back_is_in_the_rest(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("nps", aggregation="ratio", min_observations=5)])
        for unit, answers in {"n1": 50, "n2": 40, "south": 3}.items():
            card.add("nps", [(unit, m, (answers * x // 10, answers)) for m, x in zip(AUGUST_ON, (5, 6), strict=True)],
                     observations=answers)  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            held = warehouse.execute(
                "select distinct unit_id from scorecard.kpi_value where is_suppressed and grain = 'month'"
            ).fetchall()
            shown = warehouse.execute(
                "select distinct unit_id from scorecard.unit_contribution where part = 'unit'"
            ).fetchall()
            assert ("south",) in held
            assert not set(held) & set(shown)
            assert unexplained(warehouse) == []

    def test_of_a_moved_unit_is_its_own_change_and_the_move_is_in_the_rest(
        self, tmp_path: Path
    ) -> None:
        """n2 comes under South in September with 20, having had 16 in August."""
        tree = REGIONS | {"moves": [{"unit": "n2", "parent": "south", "valid_from": "2026-09-10"}]}
        card = SmallScorecard(kpis=[kpi("sales")], company={"trees": [tree]})
        for unit, pair in {"n1": (10, 11), "n2": (16, 20), "south": (5, 5)}.items():
            card.add("sales", [(unit, m, x) for m, x in zip(AUGUST_ON, pair, strict=True)])
        with card.scored(tmp_path) as warehouse:
            assert parts(warehouse, "south") == {"n2": 4, "other": 16}
            assert parts(warehouse, "north") == {"n1": 1, "other": -16}
            assert parts(warehouse) == {"north": -15, "south": 20, "other": 0}
            assert unexplained(warehouse) == []

    def test_adds_up_in_each_tree(self, tmp_path: Path) -> None:
        lines = {"id": "line", "name": "Line", "units": [{"id": "retail", "name": "Retail"}]}
        card = SmallScorecard(kpis=[kpi("sales")], company={"trees": [REGIONS, lines]})
        for unit, pair in {"n1": (10, 15), "south": (7, 9), "retail": (8, 20)}.items():
            card.add("sales", [(unit, m, x) for m, x in zip(AUGUST_ON, pair, strict=True)])
        with card.scored(tmp_path) as warehouse:
            assert sum(parts(warehouse).values()) == sum(parts(warehouse, tree="line").values())
            assert parts(warehouse, tree="line")["retail"] == 12
            assert unexplained(warehouse) == []

    def test_is_told_of_whole_periods_alone(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("sales")])
        card.add("sales", [("n1", m, 10 + i) for i, m in enumerate(MONTHS)])
        with card.scored(tmp_path) as warehouse:
            told = dict(warehouse.execute(
                "select grain, min(period_start_date) from scorecard.unit_contribution group by grain"
            ).fetchall())  # fmt: skip
            assert told == {"month": MONTHS[1], "quarter": MONTHS[3]}

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 2**32))
    def test_adds_up_whatever_the_aggregation(self, tmp_path_factory: Any, seed: int) -> None:
        draw = random.Random(seed)  # noqa: S311 - no secret
        changes = {"against": "previous", "form": "relative"}
        kinds = [{"aggregation": kind} for kind in ("sum", "ratio", "last", "mean")]
        kinds += [{"change": changes}, {"change": changes | {"form": "absolute"}}]
        card = SmallScorecard(kpis=[kpi(f"k{i}", **kind) for i, kind in enumerate(kinds)])
        for number, kind in enumerate(kinds):
            is_ratio = kind.get("aggregation") == "ratio"
            rows = [(u, m, draw.choice([0, -1, 1, draw.uniform(-1e6, 1e6), draw.uniform(0, 10)]))
                    for u in ORGANISATION for m in MONTHS if draw.random() < 0.8]  # fmt: skip
            card.add(f"k{number}", [(u, m, round(x, 6)) for u, m, x in rows],
                     denominator=draw.randint(0, 5) if is_ratio else None)  # fmt: skip
        with card.scored(tmp_path_factory.mktemp("units")) as warehouse:
            assert unexplained(warehouse) == []
            assert warehouse.execute("select count(*) from scorecard.unit_contribution").fetchall()[
                0
            ][0]
