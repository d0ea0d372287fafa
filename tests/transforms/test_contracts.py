"""Contracts judged on real Parquet by the real Great Expectations."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from scorecard.contracts import Contract, Expectation, RowRule
from scorecard.load import LoadManifest
from scorecard.sources import Table
from tests.transforms.landing import INCREMENTAL, SNAPSHOT, land, land_many
from transforms.catalogue import catalogue
from transforms.checker import CheckerCrashed, great_expectations
from transforms.contracts import (
    CheckResult,
    LandedTable,
    TableVerdict,
    checks,
    contract_result_rows,
    expectation_faults,
    judge_table,
    judge_tables,
    load_rows,
    quarantined_rows,
)
from transforms.contracts.expectations import _KINDS
from transforms.raw import create_raw_faces

UNIQUE = Expectation(type="expect_column_values_to_be_unique", kwargs={"column": "order_id"})
NOT_NULL = Expectation(type="expect_column_values_to_not_be_null", kwargs={"column": "order_id"})
POSITIVE = Expectation(
    type="expect_column_values_to_be_between",
    kwargs={"column": "amount", "min_value": 0},
    reason="Refunds have a table of their own.",
)
ENOUGH = Expectation(
    type="expect_table_row_count_to_be_between", kwargs={"min_value": 2, "max_value": 1000}
)
RULE = RowRule(name="amount_is_positive", condition="amount >= 0", reason="An amount below zero.")
GOOD = "select * from (values (1, 10.5), (2, 20)) as t(order_id, amount)"
BAD = "select * from (values (1, 10.5), (2, -20)) as t(order_id, amount)"


class Place:
    """A lake with its kept verdicts."""

    def __init__(self, root: Path) -> None:
        self.lake, self.cache, self.temporary = root / "lake", root / "verdicts", root / "spill"

    def judge(
        self, contract: Contract | None, *loads: LoadManifest, table: Table = SNAPSHOT
    ) -> TableVerdict:
        landed = LandedTable("shop", "orders", table, tuple(loads), contract)
        return judge_table(landed, lake=self.lake, cache=self.cache, temporary=self.temporary)

    def rows(self, verdict: TableVerdict, columns: str = "*") -> list[Any]:
        with duckdb.connect() as connection:
            create_raw_faces(connection, [verdict.raw_table], lake=self.lake)
            return connection.execute(
                f"select {columns} from raw.shop__orders order by all"
            ).fetchall()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def contract(*expectations: Expectation, **more: Any) -> Contract:
    return Contract(expectations=expectations, **more)


def outcomes(verdict: TableVerdict, number: int = -1) -> dict[str, str]:
    return {result.check_name: result.outcome for result in verdict.verdicts[number].results}


def result(verdict: TableVerdict, name: str) -> CheckResult:
    return next(each for each in verdict.verdicts[-1].results if each.check_name == name)


def broken_checker(message: str) -> Any:
    def open_broken(connection: duckdb.DuckDBPyConnection) -> Any:
        raise CheckerCrashed(message)

    return open_broken


# --- verdicts ---------------------------------------------------------------------------------------------------------


def test_a_good_load_passes_with_checks_that_state_the_truth(place: Place) -> None:
    load = land(place.lake, 1, GOOD)
    verdict = place.judge(contract(UNIQUE, NOT_NULL, POSITIVE, ENOUGH), load)
    assert outcomes(verdict) == {
        "order_id_is_unique": "passed",
        "order_id_is_not_null": "passed",
        "amount_is_at_least_0": "passed",
        "row_count_is_between_2_and_1000": "passed",
    }
    assert verdict.accepted == (load,)


def test_bad_data_fails_with_counts_and_the_reason_and_the_last_good_load_stays(
    place: Place,
) -> None:
    good, bad = land_many(place.lake, GOOD, BAD)
    verdict = place.judge(contract(POSITIVE), good, bad)
    assert [each.verdict for each in verdict.verdicts] == ["passed", "failed"]
    assert verdict.accepted == (good,)
    assert verdict.newest_rejected is not None
    assert verdict.newest_rejected.load == bad
    told = result(verdict, "amount_is_at_least_0")
    assert (told.unexpected_count, told.row_count) == (1, 2)
    assert told.message == (
        "Expected: amount is at least 0. 1 of 2 rows break it. Refunds have a table of their own."
    )
    assert place.rows(verdict, "amount::double") == [(10.5,), (20,)]


def test_a_warning_is_told_and_rejects_nothing(place: Place) -> None:
    warned = POSITIVE.model_copy(update={"severity": "warn"})
    verdict = place.judge(contract(warned), land(place.lake, 1, BAD))
    assert outcomes(verdict) == {"amount_is_at_least_0": "failed"}
    assert verdict.newest is not None
    assert verdict.newest.verdict == "passed"


@pytest.mark.parametrize("empty", [None, Contract()])
def test_without_anything_to_check_a_load_is_unchecked_and_used(
    place: Place, empty: Contract | None
) -> None:
    verdict = place.judge(empty, land(place.lake, 1, BAD))
    assert verdict.verdicts[0].verdict == "unchecked"
    assert len(verdict.accepted) == 1


def test_an_increment_is_judged_with_what_it_would_be_merged_with(place: Place) -> None:
    """Two rows alone break the row count of the table; merged with the ten before they do not."""
    rows = "select i as order_id, {} as changed, false as is_deleted from range({}, {}) as t(i)"
    loads = land_many(place.lake, rows.format(1, 0, 10), rows.format(2, 8, 12), is_snapshot=False)
    ten = Expectation(type="expect_table_row_count_to_equal", kwargs={"value": 12})
    verdict = place.judge(contract(ten), *loads, table=INCREMENTAL)
    assert [each.verdict for each in verdict.verdicts] == ["failed", "failed"]
    ten = Expectation(type="expect_table_row_count_to_be_between", kwargs={"min_value": 10})
    verdict = place.judge(contract(ten, UNIQUE), *loads, table=INCREMENTAL)
    assert [each.verdict for each in verdict.verdicts] == ["passed", "passed"]


def test_a_rejected_increment_is_made_up_for_by_a_mended_one(place: Place) -> None:
    rows = "select {} as order_id, {} as amount, {} as changed, false as is_deleted"
    loads = land_many(
        place.lake,
        rows.format(1, 5, 1),
        rows.format(2, -5, 2),
        rows.format(2, 6, 2),
        is_snapshot=False,
    )
    verdict = place.judge(contract(POSITIVE), *loads, table=INCREMENTAL)
    assert [each.verdict for each in verdict.verdicts] == ["passed", "failed", "passed"]
    assert verdict.newest_rejected is None
    assert place.rows(verdict, "order_id, amount") == [(1, 5), (2, 6)]


# --- bad data and a crash are told apart ------------------------------------------------------------------------------


def test_a_checker_that_raises_is_a_crash_and_not_bad_data(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushdown = great_expectations()

    def raises(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the engine is on fire")

    monkeypatch.setattr(pushdown._Validator, "graph_validate", raises)
    monkeypatch.setattr(pushdown, "test_itself", lambda: None)
    good, newer = land_many(place.lake, GOOD, BAD)
    verdict = place.judge(contract(POSITIVE), good, newer)
    assert [each.verdict for each in verdict.verdicts] == ["crashed", "crashed"]
    assert verdict.accepted == ()
    told = result(verdict, "amount_is_at_least_0")
    assert "the engine is on fire" in told.message
    assert told.message.endswith("This says nothing of the data.")
    assert told.unexpected_count is None


def test_results_that_are_emptied_under_the_checker_are_a_crash_and_not_bad_data(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing the connection empties DuckDB's results; Great Expectations reports that as failed expectations."""
    pushdown = great_expectations()
    monkeypatch.setattr(
        pushdown._Engine, "get_connection", pushdown.SqlAlchemyExecutionEngine.get_connection
    )
    monkeypatch.setattr(
        pushdown._Connection, "rollback", lambda self: self.execute("select 1 where false")
    )
    with pytest.raises(CheckerCrashed, match="self-test"):
        pushdown.test_itself()
    verdict = place.judge(contract(POSITIVE), land(place.lake, 1, GOOD))
    assert verdict.verdicts[0].verdict == "crashed"
    assert "self-test" in result(verdict, "amount_is_at_least_0").message


def test_a_crash_is_tried_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    load = land(place.lake, 1, GOOD)
    with monkeypatch.context() as broken:
        broken.setattr("transforms.contracts.judge.open_checker", broken_checker("no engine"))
        assert place.judge(contract(POSITIVE), load).verdicts[0].verdict == "crashed"
    assert place.judge(contract(POSITIVE), load).verdicts[0].verdict == "passed"


def test_known_bad_data_outweighs_a_crash(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.contracts.judge.open_checker", broken_checker("no engine"))
    verdict = place.judge(contract(POSITIVE, row_rules=(RULE,)), land(place.lake, 1, BAD))
    assert verdict.verdicts[0].verdict == "failed"


def test_a_missing_column_is_bad_data(place: Place) -> None:
    verdict = place.judge(contract(POSITIVE, NOT_NULL), land(place.lake, 1, "select 1 as order_id"))
    assert outcomes(verdict) == {"amount_is_at_least_0": "failed", "order_id_is_not_null": "passed"}
    assert (
        "The column amount is missing; there are order_id."
        in result(verdict, "amount_is_at_least_0").message
    )


def test_a_column_of_another_type_is_bad_data(place: Place) -> None:
    """Text in a column of numbers makes DuckDB raise: but it is the data that changed."""
    load = land(place.lake, 1, "select 1 as order_id, 'n/a' as amount")
    verdict = place.judge(contract(POSITIVE), load)
    assert outcomes(verdict) == {"amount_is_at_least_0": "failed"}
    assert "came as VARCHAR" in result(verdict, "amount_is_at_least_0").message


@pytest.mark.parametrize(
    ("expectation", "says"),
    [
        (Expectation(type="expect_query_results_to_match_comparison"), "not among"),
        (Expectation(type="expect_column_values_to_be_nul", kwargs={"column": "amount"}), "not among"),
        (POSITIVE.model_copy(update={"kwargs": {**POSITIVE.kwargs, "row_condition": "1=1"}}), "does not take"),
        (POSITIVE.model_copy(update={"kwargs": {**POSITIVE.kwargs, "condition_parser": "duckdb"}}), "does not take"),
        (POSITIVE.model_copy(update={"kwargs": {"column": "amount"}}), "needs a bound"),
        (POSITIVE.model_copy(update={"kwargs": {"min_value": 1}}), "needs column"),
        (POSITIVE.model_copy(update={"kwargs": {"column": "amount", "min_value": {"$PARAMETER": "x"}}}), "must be a value"),
        (POSITIVE.model_copy(update={"kwargs": {"column": "amount", "min_value": "low"}}), "cannot take the bound 'low'"),
    ],
)  # fmt: skip
def test_an_expectation_that_is_not_let_through_crashes_and_the_others_are_judged(
    place: Place, expectation: Expectation, says: str
) -> None:
    verdict = place.judge(contract(expectation, NOT_NULL), land(place.lake, 1, GOOD))
    first, second = verdict.verdicts[0].results
    assert (first.outcome, second.outcome) == ("crashed", "passed")
    assert says in first.message
    assert verdict.verdicts[0].verdict == "crashed"


def test_faults_of_an_expectation_are_known_without_running_it() -> None:
    assert list(expectation_faults(POSITIVE)) == []
    ((what, mend),) = expectation_faults(
        POSITIVE.model_copy(update={"kwargs": {**POSITIVE.kwargs, "row_condition": "1=1"}})
    )
    assert what == "expect_column_values_to_be_between does not take row_condition."
    assert "mostly" in mend


# --- row rules --------------------------------------------------------------------------------------------------------


def test_row_rules_hold_back_rows_with_the_rule_the_reason_and_the_row(place: Place) -> None:
    rules = contract(
        POSITIVE,
        row_rules=(
            RULE,
            RowRule(
                name="amount_is_whole", condition="amount = trunc(amount)", reason="A fraction."
            ),
        ),
        quarantine_limit=0.6,
    )
    load = land(
        place.lake,
        1,
        "select unnest([1, 2, 3, 4, 5]) as order_id, unnest([5, -1, 6, -2.5, null]) as amount",
    )
    verdict = place.judge(rules, load)
    assert outcomes(verdict) == {
        "amount_is_positive": "failed",
        "amount_is_whole": "failed",
        "quarantined_share_is_within_limit": "passed",
        "amount_is_at_least_0": "passed",
    }
    assert [
        (row["row_number"], row["rule_name"], row["reason"], row["row_json"])
        for row in quarantined_rows([verdict])
    ] == [
        (2, "amount_is_positive", "An amount below zero.", '{"order_id":2,"amount":-1.0}'),
        (4, "amount_is_positive", "An amount below zero.", '{"order_id":4,"amount":-2.5}'),
        (4, "amount_is_whole", "A fraction.", '{"order_id":4,"amount":-2.5}'),
        (5, "amount_is_positive", "An amount below zero.", '{"order_id":5,"amount":null}'),
        (5, "amount_is_whole", "A fraction.", '{"order_id":5,"amount":null}'),
    ]
    assert verdict.verdicts[0].quarantined_count == 3
    assert place.rows(verdict, "order_id") == [(1,), (3,)]


def test_too_large_a_share_of_quarantined_rows_rejects_the_load(place: Place) -> None:
    verdict = place.judge(
        contract(row_rules=(RULE,), quarantine_limit=0.49), land(place.lake, 1, BAD)
    )
    assert verdict.verdicts[0].verdict == "failed"
    assert result(verdict, "quarantined_share_is_within_limit").message == (
        "Expected: At most 49 % of the rows are quarantined. Seen: 1 of 2 rows are quarantined."
    )


def test_one_bad_row_in_a_small_increment_need_not_hold_up_the_good_ones(place: Place) -> None:
    """One row of three broke a rule once, and a good invoice was withheld night after night."""
    rules = contract(row_rules=(RULE,), quarantine_limit=0.02, quarantine_rows=1)
    verdict = place.judge(rules, land(place.lake, 1, BAD))
    assert verdict.verdicts[0].verdict == "passed"
    assert verdict.verdicts[0].quarantined_count == 1


def test_of_a_load_refused_for_its_many_bad_rows_only_the_first_are_shown(place: Place) -> None:
    load = land(place.lake, 1, "select i as order_id, -i as amount from range(1, 3001) as t(i)")
    verdict = place.judge(contract(row_rules=(RULE,)), load)
    assert verdict.verdicts[0].quarantined_count == 3000
    assert [row["row_number"] for row in quarantined_rows([verdict])] == list(range(1, 1001))


def test_a_rule_on_a_missing_column_is_bad_data(place: Place) -> None:
    verdict = place.judge(contract(row_rules=(RULE,)), land(place.lake, 1, "select 1 as order_id"))
    assert verdict.verdicts[0].verdict == "failed"
    assert "There is no column amount." in result(verdict, "amount_is_positive").message


@pytest.mark.parametrize(
    "condition",
    [
        "amount >= 0 and 1 in (select 1)",
        "(select count(*) from read_csv('/etc/passwd')) > 0",
        "amount > random()",
        "true) is not true or (1=1",
        "amount >=",
        "error('boom')",
        "amount > 'many'::int",
    ],
)
def test_a_rule_that_is_not_let_through_or_raises_is_a_crash(place: Place, condition: str) -> None:
    rule = RowRule(name="rule", condition=condition, reason="-")
    verdict = place.judge(contract(row_rules=(rule,)), land(place.lake, 1, GOOD))
    assert verdict.verdicts[0].verdict == "crashed"
    assert outcomes(verdict) == {"rule": "crashed", "quarantined_share_is_within_limit": "crashed"}


def test_a_comment_in_a_condition_comments_nothing_else_out(place: Place) -> None:
    rule = RowRule(name="rule", condition="amount >= 0 -- refunds have their own", reason="-")
    verdict = place.judge(
        contract(row_rules=(rule,), quarantine_limit=0.5), land(place.lake, 1, BAD)
    )
    assert verdict.verdicts[0].quarantined_count == 1


# --- kept verdicts ----------------------------------------------------------------------------------------------------


def test_a_changed_contract_judges_anew(place: Place) -> None:
    load = land(place.lake, 1, BAD)
    assert place.judge(contract(POSITIVE), load).verdicts[0].verdict == "failed"
    assert place.judge(contract(NOT_NULL), load).verdicts[0].verdict == "passed"


def test_a_kept_verdict_is_the_same_as_a_fresh_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = land_many(place.lake, GOOD, BAD, BAD)
    rules = contract(POSITIVE, UNIQUE, row_rules=(RULE,), quarantine_limit=0.5)
    fresh = place.judge(rules, *loads)
    monkeypatch.setattr(
        "transforms.contracts.judge.open_checker", broken_checker("not to be opened")
    )
    kept = place.judge(rules, *loads)
    assert contract_result_rows([kept]) == contract_result_rows([fresh])
    assert quarantined_rows([kept]) == quarantined_rows([fresh])
    assert load_rows([kept]) == load_rows([fresh])
    assert kept.accepted == fresh.accepted


def test_a_kept_verdict_that_cannot_be_read_is_found_anew(place: Place) -> None:
    load = land(place.lake, 1, BAD)
    place.judge(contract(POSITIVE), load)
    (file,) = place.cache.rglob("*.json")
    file.write_text("{", "utf-8")
    assert place.judge(contract(POSITIVE), load).verdicts[0].verdict == "failed"


def test_judging_twice_without_kept_verdicts_gives_the_same(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    loads = land_many(lake, GOOD, BAD)
    rules = contract(POSITIVE, UNIQUE, row_rules=(RULE,), quarantine_limit=0.5)
    landed = LandedTable("shop", "orders", SNAPSHOT, loads, rules)
    first, second = (
        judge_tables([landed], lake=lake, cache=tmp_path / name, temporary=tmp_path / "spill")
        for name in ("one", "two")
    )
    assert contract_result_rows(first) == contract_result_rows(second)
    assert [path.read_bytes() for path in sorted((tmp_path / "one").rglob("*.*"))] == [
        path.read_bytes() for path in sorted((tmp_path / "two").rglob("*.*"))
    ]


def test_known_verdicts_need_no_great_expectations(place: Place) -> None:
    """Its import takes seconds, every night, for nothing."""
    load = land(place.lake, 1, GOOD)
    place.judge(contract(POSITIVE), load)
    script = f"""
import sys
from pathlib import Path
from scorecard.contracts import Contract
from scorecard.load import LoadManifest
from tests.transforms.landing import SNAPSHOT
from transforms.contracts import LandedTable, judge_table
load = LoadManifest.model_validate_json({load.model_dump_json()!r})
contract = Contract.model_validate_json({contract(POSITIVE).model_dump_json()!r})
verdict = judge_table(
    LandedTable("shop", "orders", SNAPSHOT, (load,), contract),
    lake=Path({str(place.lake)!r}), cache=Path({str(place.cache)!r}), temporary=Path({str(place.temporary)!r}),
)
assert verdict.verdicts[0].verdict == "passed"
assert "great_expectations" not in sys.modules and "sqlalchemy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[2])


# --- what others read -------------------------------------------------------------------------------------------------


def test_checks_are_known_by_the_names_of_their_results(place: Place) -> None:
    rules = contract(POSITIVE, POSITIVE, UNIQUE, row_rules=(RULE,))
    verdict = place.judge(rules, land(place.lake, 1, GOOD))
    assert [check.name for check in checks(rules)] == [
        each.check_name for each in verdict.verdicts[0].results
    ]
    assert [check.name for check in checks(rules)] == [
        "amount_is_positive",
        "quarantined_share_is_within_limit",
        "amount_is_at_least_0",
        "amount_is_at_least_0_2",
        "order_id_is_unique",
    ]


@pytest.mark.parametrize(
    ("kwargs", "name"),
    [
        ({"min_value": -0.5, "max_value": 1}, "amount_is_between_minus_0_5_and_1"),
        ({"max_value": 3}, "amount_is_at_most_3"),
        ({"min_value": 0, "strict_min": True}, "amount_is_above_0"),
        ({"min_value": "2024-01-01"}, "amount_is_at_least_2024_01_01"),
    ],
)
def test_checks_are_named_by_their_bounds(kwargs: dict[str, Any], name: str) -> None:
    each = POSITIVE.model_copy(update={"kwargs": {"column": "amount", **kwargs}})
    assert [check.name for check in checks(contract(each))] == [name]


def test_rows_have_the_columns_of_the_catalogue(place: Place) -> None:
    rules = contract(POSITIVE, row_rules=(RULE,), quarantine_limit=0.5)
    verdict = place.judge(rules, land(place.lake, 1, BAD))
    for table, rows in {
        "quality.contract_result": contract_result_rows([verdict]),
        "quality.quarantined_row": quarantined_rows([verdict]),
        "quality.load": load_rows([verdict]),
    }.items():
        assert {column.name for column in catalogue()[table].columns} == set(rows[0])


def test_nothing_is_written_but_verdicts(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    home = place.cache.parent / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    place.judge(contract(POSITIVE), land(place.lake, 1, GOOD))
    assert list(home.iterdir()) == []
    assert not place.temporary.exists()


SAMPLES = """
select i as order_id, (i * 1.5)::decimal(18, 2) as amount, case when i % 3 = 0 then 'ab' else 'b' end as kind,
    date '2026-01-01' + i::int as day, i % 2 = 0 as flag, i + 1 as next_id, 'x' as one, case when i > 5 then i end as holed
from range(10) as t(i)
"""


def sample(kind: str, holds: bool, **kwargs: Any) -> Any:
    return pytest.param(Expectation(type=kind, kwargs=kwargs), holds, id=f"{kind} {holds}")


EVERY_KIND = [
    sample("expect_column_values_to_not_be_null", False, column="holed"),
    sample("expect_column_values_to_not_be_null", True, column="holed", mostly=0.4),
    sample("expect_column_values_to_be_null", False, column="holed"),
    sample("expect_column_values_to_be_unique", False, column="kind"),
    sample("expect_column_values_to_be_between", True, column="day", min_value="2026-01-01"),
    sample("expect_column_values_to_be_between", False, column="amount", max_value=13.49),
    sample("expect_column_values_to_be_in_set", True, column="kind", value_set=["ab", "b"]),
    sample("expect_column_values_to_be_in_set", False, column="flag", value_set=[True]),
    sample("expect_column_values_to_not_be_in_set", False, column="order_id", value_set=[3]),
    sample("expect_column_values_to_match_regex", True, column="kind", regex="b"),
    sample("expect_column_values_to_match_regex", False, column="kind", regex="^b"),
    sample("expect_column_values_to_not_match_regex", False, column="kind", regex="a|x"),
    sample("expect_column_values_to_match_like_pattern", True, column="kind", like_pattern="%b"),
    sample(
        "expect_column_values_to_not_match_like_pattern", False, column="kind", like_pattern="a%"
    ),
    sample(
        "expect_column_value_lengths_to_be_between", True, column="kind", min_value=1, max_value=2
    ),
    sample("expect_column_value_lengths_to_equal", False, column="kind", value=1),
    sample(
        "expect_column_pair_values_a_to_be_greater_than_b",
        True,
        column_A="next_id",
        column_B="order_id",
    ),
    sample("expect_column_pair_values_to_be_equal", False, column_A="next_id", column_B="order_id"),
    sample("expect_compound_columns_to_be_unique", False, column_list=["kind", "flag"]),
    sample("expect_compound_columns_to_be_unique", True, column_list=["order_id", "flag"]),
    sample(
        "expect_multicolumn_sum_to_equal", False, column_list=["order_id", "next_id"], sum_total=1
    ),
    sample(
        "expect_column_min_to_be_between",
        True,
        column="day",
        min_value="2026-01-01",
        max_value="2026-01-01",
    ),
    sample(
        "expect_column_max_to_be_between", True, column="amount", min_value=13.5, max_value=13.5
    ),
    sample(
        "expect_column_mean_to_be_between", True, column="amount", min_value=6.75, max_value=6.75
    ),
    sample("expect_column_median_to_be_between", False, column="amount", min_value=7),
    sample("expect_column_stdev_to_be_between", True, column="amount", min_value=4, max_value=5),
    sample(
        "expect_column_sum_to_be_between", True, column="amount", min_value=67.5, max_value=67.5
    ),
    sample(
        "expect_column_unique_value_count_to_be_between",
        True,
        column="kind",
        min_value=2,
        max_value=2,
    ),
    sample(
        "expect_column_proportion_of_unique_values_to_be_between",
        False,
        column="kind",
        min_value=0.5,
    ),
    sample(
        "expect_column_proportion_of_non_null_values_to_be_between",
        False,
        column="holed",
        min_value=0.5,
    ),
    sample("expect_column_distinct_values_to_be_in_set", False, column="kind", value_set=["ab"]),
    sample("expect_column_distinct_values_to_contain_set", True, column="kind", value_set=["ab"]),
    sample("expect_column_distinct_values_to_equal_set", False, column="kind", value_set=["ab"]),
    sample("expect_column_most_common_value_to_be_in_set", True, column="kind", value_set=["b"]),
    sample("expect_column_to_exist", False, column="nothing"),
    sample("expect_column_type_to_be", True, column="amount", type_="DECIMAL(18,2)"),
    sample("expect_column_type_to_be", False, column="amount", type_="BIGINT"),
    sample("expect_table_column_count_to_be_between", False, max_value=3),
    sample("expect_table_column_count_to_equal", True, value=8),
    sample("expect_table_columns_to_match_ordered_list", False, column_list=["order_id"]),
    sample("expect_table_columns_to_match_set", True, column_set=["order_id"], exact_match=False),
    sample("expect_table_row_count_to_be_between", True, min_value=10, max_value=10),
    sample("expect_table_row_count_to_equal", False, value=9),
]


@pytest.fixture(scope="module")
def judged_samples(tmp_path_factory: pytest.TempPathFactory) -> tuple[CheckResult, ...]:
    place = Place(tmp_path_factory.mktemp("samples"))
    every = contract(*(each.values[0] for each in EVERY_KIND))
    return place.judge(every, land(place.lake, 1, SAMPLES)).verdicts[0].results


@pytest.mark.parametrize(
    ("number", "expectation", "holds"),
    [pytest.param(n, *each.values, id=each.id) for n, each in enumerate(EVERY_KIND)],
)
def test_every_kind_of_expectation_is_judged_inside_duckdb(
    judged_samples: tuple[CheckResult, ...], number: int, expectation: Expectation, holds: bool
) -> None:
    told = judged_samples[number]
    assert told.expectation == expectation.type
    assert told.outcome == ("passed" if holds else "failed"), told.message


def test_every_kind_of_expectation_has_a_sample() -> None:
    assert {each.values[0].type for each in EVERY_KIND} == set(_KINDS)
