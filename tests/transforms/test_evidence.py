"""Cause and effect, tested: rank correlation of changes at lags, its interval, and the verdict on each link."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy.stats import spearmanr

from scorecard.check import check_workspace
from scorecard.workspace import read_workspace
from tests.scorecard.small import write
from tests.transforms.small_scorecard import SmallScorecard, kpi, months
from transforms.evidence import Association, add_evidence, associate

MONTHS = months(date(2022, 1, 1), 48)


def series(values: Sequence[float] | np.ndarray[Any, Any]) -> dict[int, float]:
    """Give levels by month."""
    return dict(enumerate(float(value) for value in values))


def noise(seed: int, count: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).standard_normal(count)


class TestAssociation:
    @pytest.mark.parametrize("lag", range(7))
    def test_is_spearmans_of_the_changes(self, lag: int) -> None:
        """Levels rounded to eighths, which doubles hold exactly, give many ties; SciPy is the judge."""
        x, y = noise(1, 60).round(0), (8 * noise(2, 60)).round(0) / 8
        found = associate(series(x), series(y), lag=lag, seed=lag)
        judged = spearmanr(np.diff(x)[: 59 - lag], np.diff(y)[lag:]).statistic
        assert found.pair_count == 59 - lag
        assert found.correlation == pytest.approx(judged, abs=1e-12)

    @pytest.mark.parametrize(("sign", "evidence"), [(1, "supported"), (-1, "not_supported")])
    def test_finds_a_planted_effect_at_its_lag(self, sign: int, evidence: str) -> None:
        cause, rest = noise(3, 50), noise(4, 50)
        effect = 0.5 * rest + sign * np.concatenate([[0, 0], cause[:-2]])
        found = {
            lag: associate(series(cause), series(effect), lag=lag, seed=lag) for lag in range(7)
        }
        strongest = max(found, key=lambda lag: sign * (found[lag].correlation or 0))
        assert strongest == 2
        assert found[2].evidence == evidence
        assert found[5].evidence == "not_supported"

    @pytest.mark.parametrize("lag", range(7))
    def test_needs_24_common_months_at_whatever_lag(self, lag: int) -> None:
        """A lag costs pairs, and no common months."""
        x, y = series(noise(5, 24)), series(noise(6, 24))
        found = associate(x, y, lag=lag, seed=0)
        assert (found.pair_count, found.evidence) == (23 - lag, "not_supported")
        assert found.correlation is not None
        fewer = {month: level for month, level in y.items() if month > 0}
        assert associate(x, fewer, lag=lag, seed=0) == Association(
            23 - max(lag, 1), evidence="not_enough_data"
        )

    @pytest.mark.parametrize(("lag", "is_told"), [(11, True), (12, False)])
    def test_needs_12_pairs_at_the_lag(self, lag: int, is_told: bool) -> None:
        x, y = series(noise(5, 24)), series(noise(6, 24))
        found = associate(x, y, lag=lag, seed=0)
        assert found.pair_count == 23 - lag
        assert (found.evidence != "not_enough_data") is is_told
        assert (found.correlation is not None) is is_told

    def test_common_months_are_those_in_which_both_have_a_value(self) -> None:
        """A lag of six finds 25 pairs where the one ends 20 months after the other began: 20 common months."""
        x, y = series(noise(5, 40)), series(noise(6, 60))
        later = {month + 20: level for month, level in y.items()}
        found = associate(x, later, lag=6, seed=0)
        assert found == Association(25, evidence="not_enough_data")

    def test_a_gap_costs_the_changes_on_both_sides_of_it(self) -> None:
        x, y = series(noise(5, 40)), series(noise(6, 40))
        gap = {month: level for month, level in x.items() if month != 20}
        assert associate(gap, y, lag=0, seed=0).pair_count == 37
        every_other = {month: level for month, level in x.items() if month % 2}
        assert associate(every_other, y, lag=0, seed=0) == Association(0)

    @pytest.mark.parametrize("steady", [[5.0] * 40, [0.1 * month for month in range(40)]])
    def test_of_what_never_changes_its_pace_is_nothing(self, steady: list[float]) -> None:
        """Changes that differ in the last digit of doubles alone are ties, not ranks."""
        found = associate(series(steady), series(noise(6, 40)), lag=0, seed=0)
        assert found == Association(39, evidence="not_supported")

    def test_has_the_same_interval_each_time_and_another_for_another_link(self) -> None:
        x, y = series(noise(7, 40)), series(noise(8, 40))
        first = associate(x, y, lag=1, seed=11)
        assert first == associate(x, y, lag=1, seed=11)
        assert first != associate(x, y, lag=1, seed=12)

    def test_has_the_very_interval_that_it_had_on_the_first_machine(self) -> None:
        """Draws and ranks are whole numbers, so that these digits hold on every machine and version."""
        x = [(7 * month * month) % 31 for month in range(40)]
        y = [(5 * month * month + 3 * month) % 29 for month in range(40)]
        found = associate(series(x), series(y), lag=0, seed=1)
        assert found == Association(
            39, -0.26734880088563806, -0.5620745707609469, 0.04822335249045418, "not_supported"
        )

    @pytest.mark.parametrize(("count", "most"), [(24, 0.07), (36, 0.06)])
    @pytest.mark.parametrize("kind", ["white", "walk"])
    def test_supports_few_links_between_unrelated_noise(
        self, kind: str, count: int, most: float
    ) -> None:
        """The aim is 2.5 %; measured at the longest lag, where 24 months leave 17 pairs and 36 leave 29."""
        rounds = 400
        rng = np.random.default_rng(20261123)
        drawn = rng.standard_normal((rounds, 2, count))
        levels = drawn if kind == "white" else drawn.cumsum(axis=2)
        supported = sum(
            associate(series(cause), series(effect), lag=6, seed=number).evidence == "supported"
            for number, (cause, effect) in enumerate(levels)
        )
        assert 0 < supported / rounds < most


def linked(
    tmp_path: Path, *, links: Sequence[dict[str, Any]], values: Mapping[str, Sequence[float]],
    cause: Sequence[dict[str, Any]] = (), effect: Sequence[dict[str, Any]] = (),
    targets: Sequence[dict[str, Any]] = (),
) -> duckdb.DuckDBPyConnection:  # fmt: skip
    """Score two objectives over KPIs with these monthly values up to September 2026, and weigh their links."""
    perspectives = [
        {"id": f"p_{name}", "name": name, "objectives": [
            {"id": name, "name": name, "owner": "Owner", "kpis": list(kpis)}]}
        for name, kpis in (("learn", cause), ("deliver", effect))
    ]  # fmt: skip
    card = SmallScorecard(
        perspectives=perspectives, strategy={"links": list(links)}, targets=list(targets)
    )
    for name, column in values.items():
        last = months(date(2022, 1, 1), 57)[-len(column) :]
        card.add(name, [("south", m, round(x, 6)) for m, x in zip(last, column, strict=True)])
    connection = card.scored(tmp_path)
    add_evidence(connection)
    return connection


def link(**changes: Any) -> dict[str, Any]:
    return {"cause": "learn", "effect": "deliver", "lag_months": 2} | changes


def verdict(warehouse: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    (row,) = warehouse.execute(
        "select cause_kpi_id, effect_kpi_id, evidence from scorecard.strategy_link"
    ).fetchall()
    return tuple(row)


CAUSE = noise(3, 48)
EFFECT = 0.5 * noise(4, 48) + np.concatenate([[0, 0], CAUSE[:-2]])


class TestLinks:
    def test_are_told_at_every_lag(self, tmp_path: Path) -> None:
        """Fewer defects two months after more training: turned so that up is better, the two go together."""
        with linked(
            tmp_path, links=[link(lag_months=9)], values={"training": CAUSE, "defects": -EFFECT},
            cause=[kpi("training")], effect=[kpi("defects", direction="lower_is_better")],
        ) as warehouse:  # fmt: skip
            assert verdict(warehouse) == ("training", "defects", "not_supported")
            rows = warehouse.execute(
                "select lag_months, is_declared, pair_count, correlation, interval_low, interval_high "
                "from scorecard.link_evidence order by lag_months"
            ).fetchall()
            assert [row[:3] for row in rows] == [
                *((lag, False, 47 - lag) for lag in range(7)),
                (9, True, 38),
            ]
            assert max(rows, key=lambda row: row[3])[0] == 2
            assert all(-1 <= low < high <= 1 for *_, low, high in rows)

    def test_stand_for_an_objective_by_its_heaviest_kpi_at_the_headline(
        self, tmp_path: Path
    ) -> None:
        later = [
            {"valid_from": "2020-01-01", "weight": 1},
            {"valid_from": "2026-10-01", "weight": 9},
        ]
        with linked(
            tmp_path, links=[link()], values=dict.fromkeys("abc", CAUSE) | {"d": EFFECT, "e": EFFECT},
            cause=[kpi("a", weight=later), kpi("b", weight=2), kpi("c", weight=2)],
            effect=[kpi("d"), kpi("e")],
        ) as warehouse:  # fmt: skip
            assert verdict(warehouse) == ("b", "d", "supported")

    def test_stand_for_an_objective_by_the_kpi_that_is_named(self, tmp_path: Path) -> None:
        with linked(
            tmp_path, links=[link(cause_kpi="b", effect_kpi="e")],
            values={"a": EFFECT, "b": CAUSE, "d": CAUSE, "e": EFFECT},
            cause=[kpi("a", weight=9), kpi("b", weight=0)], effect=[kpi("d"), kpi("e")],
        ) as warehouse:  # fmt: skip
            assert verdict(warehouse) == ("b", "e", "supported")

    def test_are_told_by_scores_where_a_kpi_has_no_direction(self, tmp_path: Path) -> None:
        """Utilisation is best in the middle: what moves the effect is its distance from there."""
        distance = np.abs(CAUSE)
        effect = -distance + 0.2 * noise(9, 48)
        utilisation = np.where(np.arange(48) % 2, distance, -distance)
        with linked(
            tmp_path, links=[link(lag_months=0)], values={"use": utilisation, "d": effect},
            cause=[kpi("use", aggregation="mean", rule="range", direction=None)], effect=[kpi("d")],
            targets=[{"kpi": "use", "unit": "all", "low": "-0.01", "high": "0.01", "tolerance": 5}],
        ) as warehouse:  # fmt: skip
            assert verdict(warehouse) == ("use", "d", "supported")

    @pytest.mark.parametrize(("changes", "count"), [({}, 20), ({"frequency": "quarter"}, 48)])
    def test_are_not_told_with_too_few_months(
        self, tmp_path: Path, changes: dict[str, Any], count: int
    ) -> None:
        """A KPI that is measured by the quarter has no months."""
        with linked(
            tmp_path, links=[link()], values={"a": CAUSE[:count], "d": EFFECT},
            cause=[kpi("a", **changes)], effect=[kpi("d")],
        ) as warehouse:  # fmt: skip
            assert verdict(warehouse) == ("a", "d", "not_enough_data")
            assert warehouse.execute(
                "select distinct correlation from scorecard.link_evidence where is_declared"
            ).fetchall() == [(None,)]

    def test_of_an_objective_without_kpis_are_not_told(self, tmp_path: Path) -> None:
        with linked(
            tmp_path, links=[link()], values={"a": CAUSE}, cause=[kpi("a")], effect=[]
        ) as warehouse:
            assert verdict(warehouse) == ("a", None, "not_enough_data")
            assert warehouse.execute(
                "select sum(pair_count), count(*) from scorecard.link_evidence"
            ).fetchall() == [(0, 7)]

    def test_leave_nothing_where_there_are_none(self, tmp_path: Path) -> None:
        with linked(
            tmp_path, links=[], values={"a": CAUSE}, cause=[kpi("a")], effect=[]
        ) as warehouse:
            assert warehouse.execute("from scorecard.link_evidence").fetchall() == []


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("cause_kpi: punctualty", "cause_kpi punctualty is no KPI of the objective deliver."),
        ("effect_kpi: revenue", "effect_kpi revenue is no KPI of the objective delight."),
    ],
)
def test_a_kpi_that_is_named_is_one_of_the_objectives(
    tmp_path: Path, named: str, message: str
) -> None:
    old = "cause: deliver, effect: delight"
    root = write(tmp_path, ("strategy.yaml", old, f"{old}, {named}"))
    errors = [
        str(each) for each in check_workspace(read_workspace(root)) if each.severity == "error"
    ]
    (error,) = errors
    assert error.startswith("strategy.yaml:48: error: The link's ")
    assert message in error
    assert "Mend: " in error
