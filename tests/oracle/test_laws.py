"""Laws that hold for every organisation, whatever its numbers: tested on random ones, and on nights of a tiny one.

Not here: what the numbers are (test_agreement, test_vectors).
"""

import os
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipelines import nightly
from pipelines.state import State
from scorecard.company import Company, Tree, Unit
from scorecard.strategy import Strategy
from tests.oracle.measured import Measured, Organisation
from tests.oracle.strategies import RULES, Case, cases
from tests.oracle.warehouse import rows_of, scored
from tests.pipelines.conftest import PARCELS, SALES, Tiny, make_tiny
from transforms.rules import score_actual

EXAMPLES = int(os.environ.get("STEELYARD_EXAMPLES", "60"))
few = settings(max_examples=max(EXAMPLES // 5, 8), suppress_health_check=list(HealthCheck))
many = settings(max_examples=EXAMPLES * 2, suppress_health_check=list(HealthCheck))
ADDITIVE = ("sum", "ratio", "last", "mean")
DIRECTED = ("linear", "min_max", "progress", "ratio", "binary")
LEVELS = ("objective", "perspective", "scorecard")

numbers = st.floats(-1e15, 1e15, allow_nan=False).map(
    lambda number: round(number, 6)
) | st.sampled_from([0.0, 1e-6, -1e-6, 1e15, -1e15, 0.5, 100.0])


# ---------------------------------------------------------------------------------------------------------------- rules


@st.composite
def scorings(draw: st.DrawFn, rules: Sequence[str] = RULES) -> dict[str, Any]:
    """Draw a rule with points in its order, as the arguments of `score_actual`."""
    rule = draw(st.sampled_from(rules))
    direction = draw(st.sampled_from(["higher_is_better", "lower_is_better"]))
    places = draw(st.lists(numbers, min_size=4, max_size=4, unique=True).map(sorted))
    assume(all(after - before > 1e-9 * abs(after) for before, after in pairwise(places)))
    a, b, c, d = places if direction == "higher_is_better" else places[::-1]
    cap = draw(st.sampled_from([100.0, 130.0, None])) if rule == "ratio" else 100.0
    points: Any = {
        "linear": {"red": b, "target": c, "worst": a, "best": d},
        "min_max": {"min": min(a, d), "max": max(a, d)},
        "progress": {"baseline": a, "target": c},
        "ratio": {"basis": a, "target": c},
        "range": {"low": min(b, c), "high": max(b, c), "tolerance": abs(d - a)},
        "steps": [(place, score) for place, score in zip(places, (5, 30, 60, 95), strict=True)],
        "curve": [(place, score) for place, score in zip(places, (5, 60, 30, 95), strict=True)],
        "binary": {"target": b},
    }[rule]
    if rule == "ratio" and draw(st.booleans()):
        points = {"target": max(abs(c), 1e-6)}
    return {"rule": rule, "points": points, "direction": direction, "cap": cap}


@many
@given(scorings(), numbers)
def test_a_score_lies_between_0_and_the_cap(scoring: dict[str, Any], actual: float) -> None:
    score = score_actual(actual=actual, **scoring)
    assert score is not None
    assert 0 <= score <= (scoring["cap"] or float("inf"))


@many
@given(scorings(DIRECTED), numbers, numbers)
def test_a_better_actual_never_scores_less(
    scoring: dict[str, Any], one: float, other: float
) -> None:
    worse, better = sorted((one, other), reverse=scoring["direction"] == "lower_is_better")
    low, high = (score_actual(actual=actual, **scoring) for actual in (worse, better))
    assert low is not None
    assert high is not None
    assert low <= high


@many
@given(scorings(("steps", "curve")), numbers, numbers)
def test_rising_steps_and_curves_never_fall(
    scoring: dict[str, Any], one: float, other: float
) -> None:
    rising = [
        (value, score)
        for (value, _), score in zip(scoring["points"], (0, 10, 80, 100), strict=True)
    ]
    low, high = (score_actual(scoring["rule"], rising, actual) for actual in sorted((one, other)))
    assert low is not None
    assert high is not None
    assert low <= high


@many
@given(scorings(("linear", "progress", "binary")), numbers)
def test_lower_is_better_is_the_mirror_image_of_higher_is_better(
    scoring: dict[str, Any], actual: float
) -> None:
    mirrored = {name: -value for name, value in scoring["points"].items()}
    other = {"higher_is_better": "lower_is_better", "lower_is_better": "higher_is_better"}
    there = score_actual(scoring["rule"], mirrored, -actual, direction=other[scoring["direction"]])
    assert there == score_actual(actual=actual, **scoring)


# ------------------------------------------------------------------------------------------------------- organisations


Rows = dict[str, list[tuple[Any, ...]]]


def marts(case: Case) -> Rows:
    """Score a case, and give every table of scores, in the order of its rows' values."""
    with scored(case) as connection:
        return marts_in(connection)


def marts_in(connection: duckdb.DuckDBPyConnection) -> Rows:
    """Give every table of scores of a warehouse, in the order of its rows' values."""
    tables = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'scorecard' order by all"
    ).fetchall()
    return {
        table: connection.execute(f"select * from scorecard.{table} order by all").fetchall()
        for (table,) in tables
    }


def scores(case: Case) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Score a case, and give the rows of all four levels by level, node, unit, grain and period."""
    found = {}
    with scored(case) as connection:
        for level in ("kpi", *LEVELS):
            for row in rows_of(connection, f"scorecard.{level}_score"):
                key = (
                    level,
                    row[f"{level}_id"],
                    row["unit_id"],
                    row["grain"],
                    row["period_start_date"],
                )
                found[key] = row
    return found


def with_weights(strategy: Strategy, factor: float) -> Strategy:
    """Give the same strategy with every weight times a factor."""

    def scaled(value: Any) -> Any:
        if isinstance(value, list):
            return [{**dated, "weight": dated["weight"] * factor} for dated in value]
        return value * factor

    def below(part: Any) -> Any:
        if isinstance(part, dict):
            return {
                key: scaled(value) if key == "weight" else below(value)
                for key, value in part.items()
            }
        return [below(each) for each in part] if isinstance(part, list) else part

    return Strategy.model_validate(below(strategy.model_dump(mode="json")))


@few
@given(cases(), st.sampled_from([4.0, 0.25, 1024.0]))
def test_weights_are_relative(case: Case, factor: float) -> None:
    """Powers of two, so that the weights themselves are not rounded."""
    plain = scores(case)
    scaled = scores(replace(case, strategy=with_weights(case.strategy, factor)))
    assert plain.keys() == scaled.keys()
    for key, row in plain.items():
        for column in ("score", "band", "coverage", "data_state"):
            assert scaled[key][column] == row[column], (key, column)


def shuffled(measures: Mapping[str, Measured], seed: int) -> dict[str, Measured]:
    """Give the measures, and their rows, in another order."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    names = chance.sample(sorted(measures), len(measures))
    return {
        name: replace(
            measures[name], rows=tuple(chance.sample(measures[name].rows, len(measures[name].rows)))
        )
        for name in names
    }


@few
@given(cases(), st.integers(0, 1000))
def test_the_order_of_rows_and_files_changes_nothing(case: Case, seed: int) -> None:
    other = replace(
        case, measures=shuffled(case.measures, seed), targets=tuple(reversed(case.targets))
    )
    assert marts(other) == marts(case)


def split(company: Company, unit: str) -> Company:
    """Give the same organisation with two new units below one."""

    def below(units: Sequence[Unit]) -> tuple[Unit, ...]:
        return tuple(
            each.model_copy(
                update={
                    "units": (
                        *below(each.units),
                        *(_new_units(unit) if each.id == unit else ()),
                    )
                }
            )
            for each in units
        )

    def tree(each: Tree) -> Tree:
        return each.model_copy(update={"units": below(each.units)})

    return company.model_copy(update={"trees": tuple(tree(each) for each in company.trees)})


def _new_units(unit: str) -> tuple[Unit, ...]:
    return tuple(Unit(id=f"{unit}_{part}", name=part) for part in ("one", "two"))


def _moved_down(measured: Measured, unit: str) -> Measured:
    """Give a unit's rows to the two new units below it, turn by turn."""
    rows = [
        replace(row, unit=f"{unit}_{('one', 'two')[place % 2]}") if row.unit == unit else row
        for place, row in enumerate(measured.rows)
    ]
    return replace(measured, rows=tuple(rows))


@few
@given(cases(), st.data())
def test_giving_a_units_rows_to_new_units_below_it_changes_nothing_above(
    case: Case, data: st.DataObject
) -> None:
    organisation = Organisation.of(case.company)
    units = sorted(unit for unit in organisation.nested if unit != organisation.root)
    unit = data.draw(st.sampled_from(units))
    additive = {
        term.measure
        for _, _, kpi in case.strategy.kpis()
        for term in kpi.terms().values()
        if term.aggregation in ADDITIVE
    }
    measures = {
        name: _moved_down(measured, unit) if name in additive else measured
        for name, measured in case.measures.items()
    }
    before = values(case)
    after = values(replace(case, company=split(case.company, unit), measures=measures))
    for key, row in before.items():
        assert after[key] == row, key


def values(case: Case) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Score a case, and give every value with its components."""
    with scored(case) as connection:
        return {
            (row["kpi_id"], row["unit_id"], row["grain"], row["period_start_date"]): (
                row["numerator"], row["denominator"], row["actual"], row["is_provisional"],
            )
            for row in rows_of(connection, "scorecard.kpi_value")
        }  # fmt: skip


def _applying_as_before(case: Case) -> Strategy:
    """Give the strategy with every KPI's units written down, so that missing rows do not make it absent."""
    with scored(case) as connection:
        pairs = connection.execute("select kpi_id, unit_id from scorecard.kpi_unit").fetchall()
    written = case.strategy.model_dump(mode="json")
    for perspective in written["perspectives"]:
        for objective in perspective["objectives"]:
            for kpi in objective["kpis"]:
                kpi["applies_to"] = sorted(unit for name, unit in pairs if name == kpi["id"])
    return Strategy.model_validate(written)


@few
@given(cases(), st.data())
def test_a_missing_child_never_raises_coverage(case: Case, data: st.DataObject) -> None:
    case = replace(case, strategy=_applying_as_before(case))
    missing = data.draw(st.sampled_from(sorted(case.measures)))
    fewer = {**case.measures, missing: replace(case.measures[missing], rows=())}
    before, after = scores(case), scores(replace(case, measures=fewer))
    for key in before.keys() & after.keys():
        assert after[key]["coverage"] <= before[key]["coverage"] + 1e-12, key


@few
@given(cases())
def test_scoring_again_gives_the_same_and_leaves_no_score_out_of_bounds(case: Case) -> None:
    once = marts(case)
    with scored(case) as connection:
        assert marts_in(connection) == once
        beyond = connection.execute(
            "select * from scorecard.kpi_score inner join scorecard.dim_kpi using (kpi_id) "
            "where not isfinite(score) or not isfinite(kpi_score.actual) or score < 0 or score > score_cap"
        ).fetchall()
    assert beyond == []


@few
@given(cases(), st.sampled_from([20, 45, 100]))
def test_a_later_business_date_leaves_closed_periods_as_they_are(case: Case, days: int) -> None:
    later = replace(case, as_of=case.as_of + timedelta(days=days))
    now, then = scores(case), scores(later)
    for key, row in now.items():
        assert then[key] == row, key


# ------------------------------------------------------------------------------------------------------- corrupt input


BETTER = "7,north,2026-04-10,90000.00\n8,south,2026-04-30,90000.00\n"
"""April, far better than any month before: were it believed, every score would rise."""
CORRUPT = {
    "an empty amount": SALES + BETTER + "9,south,2026-04-30,\n",
    "a column with another name": (SALES + BETTER).replace("amount", "sum"),
    "text for a number": SALES + BETTER + "9,south,2026-04-30,much\n",
    "a key that is there twice": SALES + BETTER + "8,south,2026-04-30,1.00\n",
    "no rows": SALES.splitlines()[0] + "\n",
    "nothing": "",
}
UNIQUE = "  - {type: expect_column_values_to_be_unique, kwargs: {column: id}}\n"
"""Duplicate keys land as they are: it is the contract that judges them."""
APRIL, JULY = date(2026, 5, 5), date(2026, 8, 5)
"""Business dates whose headline month is April, and July: the last good month, March, is older than `max_age` then."""


@pytest.fixture(scope="module")
def good_night(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Give the organisation after a night in which all was well."""
    made = make_tiny(tmp_path_factory.mktemp("corrupt"))
    contract = made.workspace / "contracts" / "shop__sale.yaml"
    contract.write_text(contract.read_text("utf-8") + UNIQUE, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINY_DATA", str(made.data))
        assert made.run().status == "published"
    return made


def night_after(good: Tiny, folder: Path, *, sales: str, as_of: date) -> Tiny:
    """Give the organisation after a night whose sales were these; the audit of the marts, which takes seconds, is left out."""
    shutil.copytree(good.workspace.parent, folder, dirs_exist_ok=True, symlinks=True)
    made = Tiny(folder / "workspace", folder / "data", State(folder / "state"))
    made.write("shop/sale.csv", sales)
    # Parcels go on as ever, so that the sales alone are at fault.
    more = "".join(f"{9 + n},north,2026-{4 + n:02}-28,false\n" for n in range(4))
    made.write("depot/parcel.csv", PARCELS + more)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINY_DATA", str(made.data))
        patch.setattr(nightly, "audit_marts", lambda _: [])
        record = made.run(as_of=as_of, publish=True)
    assert record.status == "published", record.problems
    return made


def standing(tiny: Tiny, month: str) -> dict[str, tuple[float | None, str, float]]:
    """Give score, state and coverage of revenue and of all above it, for the whole organisation and a month."""
    found = {}
    for level, node in (
        ("kpi", "revenue"), ("objective", "grow"), ("perspective", "financial"), ("scorecard", "acme_scorecard"),
    ):  # fmt: skip
        ((score, state, coverage),) = tiny.query(
            f"select score, data_state, coverage from scorecard.{level}_score where {level}_id = '{node}' "
            f"and unit_id = 'acme' and grain = 'month' and period_start_date = date '{month}-01'"
        )
        found[level] = (score, state, coverage)
    return found


@pytest.mark.parametrize("sales", CORRUPT.values(), ids=CORRUPT)
def test_corrupt_input_never_raises_a_score_unmarked(
    good_night: Tiny, tmp_path: Path, sales: str
) -> None:
    before = standing(good_night, "2026-03")
    for level, (score, state, coverage) in standing(
        night_after(good_night, tmp_path, sales=sales, as_of=APRIL), "2026-04"
    ).items():
        is_marked = state in ("stale", "unverified") or coverage < before[level][2]
        assert is_marked, (level, score, state, coverage)
        if level == "kpi":
            assert score in (None, before["kpi"][0])


def test_the_last_good_value_counts_as_stale_and_every_parent_says_so(
    good_night: Tiny, tmp_path: Path
) -> None:
    after = night_after(good_night, tmp_path, sales=CORRUPT["an empty amount"], as_of=APRIL)
    before = standing(good_night, "2026-03")["kpi"][0]
    now = standing(after, "2026-04")
    assert now["kpi"] == (before, "stale", 1.0)
    assert {state for _, state, _ in now.values()} == {"stale"}


def test_a_last_good_value_that_is_too_old_is_unverified_and_every_parent_says_so(
    good_night: Tiny, tmp_path: Path
) -> None:
    after = night_after(good_night, tmp_path, sales=CORRUPT["an empty amount"], as_of=JULY)
    now = standing(after, "2026-07")
    assert now["kpi"] == (None, "unverified", 0.0)
    assert {state for _, state, _ in now.values()} == {"unverified"}
    assert now["scorecard"][2] == pytest.approx(0.5)
