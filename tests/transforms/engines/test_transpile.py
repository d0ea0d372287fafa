"""What is refused for Spark, by line and name, and how it looks in `steelyard check`; needs no Spark."""

from dataclasses import replace
from pathlib import Path

import pytest

from scorecard.company import SparkSettings
from scorecard.workspace import Workspace, read_workspace
from tests.transforms.engines.proof import AS_OF, PROOF, TABLES
from tests.transforms.test_build import workspace as small
from transforms.check import check_sql
from transforms.engines.listed import page
from transforms.engines.transpile import transpile
from transforms.sql_guard import SqlRefused, guard

PROJECT = Path(__file__).parents[3]


def refusal(sql: str) -> str:
    with pytest.raises(SqlRefused) as found:
        transpile(guard(sql, name="measure.x", tables=TABLES), PROOF, as_of=AS_OF)
    return str(found.value)


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("upper(s)", "upper is not proven"),
        ("median(i)", "median is not proven"),
        ("i // 2", "intdiv is not proven"),
        ("i % 2", "mod is not proven"),
        ("try_cast(v as integer)", "try_cast is not proven"),
        ("strftime(day, '%Y')", "is not proven"),
        ("x::varchar", "cast double to varchar is not proven"),
        ("i::ubigint", "cast integer to ubigint is not proven"),
        ("u - u", "UBIGINT - UBIGINT is not proven"),
        ("s like v", "like with this pattern is not proven"),
        ("s like 'a\\%'", "like with this pattern is not proven"),
        ("v ilike 'a%'", "ilike is not proven"),
        ("left(v, -1)", "left by a computed number is not proven"),
        ("round(x, 2)", "round of double is not proven"),
        ("day = '2024-02-29'", "Comparing date with varchar is not proven"),
        ("date_diff('decade', day, till)", "date_diff('decade', …) is not proven"),
        ("date_trunc('decade', day)", "date_trunc('decade', …) is not proven"),
        ("moment - until", "timestamp - timestamp is not proven"),
        ("day + interval '1 month 2 days'", "This interval is not proven"),
        ("i in (select id from staging.small)", "A subquery in an expression is not proven"),
        ("(select max(id) from staging.small)", "A subquery in an expression is not proven"),
        ("exists (select 1 from staging.small)", "A subquery in an expression is not proven"),
        ("clock", "The column clock of type TIME is not proven"),
        ("first_value(i) over (order by id)", "first_value is not proven"),
        ("row_number() over (partition by s)", "row_number without an order is not proven"),
        ("sum(i) over (order by id range between 2 preceding and current row)", "This frame is not proven"),
        ("[i, j][1]", "bracket is not proven"),
    ],
)  # fmt: skip
def test_what_is_not_proven_is_refused_by_name(expression: str, named: str) -> None:
    found = refusal(f"select\n    id,\n    coalesce({expression}, null) as c\nfrom staging.proof")
    assert named in found
    assert found.startswith("line 3: ")
    assert "Mend: " in found


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("select s, sum(x)::decimal(18, 2) as a from staging.proof group by s", "The cast of a floating sum"),
        ("select s, avg(i)::decimal(18, 2) as a from staging.proof group by s", "The cast of a floating sum"),
        ("with t as (select s, sum(y) as y from staging.proof group by s) select s from t where y > 3", "A floating sum in a comparison"),
        ("with t as (select s, sum(y) as y from staging.proof group by s) select distinct y from t", "A floating sum in distinct"),
        ("with t as (select s, sum(y) as y from staging.proof group by s) select y, count(*) as n from t group by y", "A floating sum in group by"),
        ("select id from staging.proof order by id limit 3", "Select with limit"),
        ("select distinct on (s) s, id from staging.proof", "Distinct with on"),
        ("select * exclude (id) from staging.proof", "Star with except"),
        ("select p.id from staging.proof as p, staging.small as q", "This join"),
        ("select p.id from staging.proof as p join staging.small as q using (id)", "Join with using"),
        ("select p.id from staging.proof as p asof join staging.small as q on p.day >= q.day", "Join with method"),
        ("select s, sum(i) as n from staging.proof group by rollup (s)", "rollup"),
        ("select id from staging.proof union all by name select id from staging.small", "Union with by name"),
        ("select id from staging.proof except select id from staging.small", "Except"),
        ("select sum(distinct i) as n from staging.proof", "sum(distinct …)"),
        ("select g.k from generate_series(1, 3) as g(k)", "in from"),
        ("select unnest([1, 2]) + 1 as n from staging.small", "unnest within an expression"),
        ("select s, sum(i) as i from staging.proof group by s having i > 2", "The name i here"),
        ("select id from staging.proof as p join staging.small as q on p.s = q.s", "The column id, which is in several tables,"),
        ("select arg_min(i, v) as a from staging.proof", "arg_min by varchar"),
    ],
)  # fmt: skip
def test_queries_that_are_not_proven_are_refused_by_name(sql: str, named: str) -> None:
    found = refusal(sql)
    assert named in found
    assert "is not proven to give the same on Spark as in DuckDB" in found


@pytest.mark.parametrize(
    "expression",
    [
        "timestamp '2024-01-31 23:00:00'::date",
        "date '2024-01-31'::timestamp",
        "interval '3' day + day",
    ],
)
def test_what_sqlglot_reads_otherwise_than_duckdb_is_refused(expression: str) -> None:
    """SQLGlot casts the text to a date first, and says nothing."""
    found = refusal(f"select {expression} as c from staging.proof")
    assert "reads it otherwise" in found or "is not proven" in found


def on_spark(workspace: Workspace) -> Workspace:
    company = workspace.company.model_copy(
        update={"engine": "spark", "spark": SparkSettings(master="local[1]")}
    )
    return replace(workspace, company=company)


def test_check_names_file_and_line_with_types_and_without() -> None:
    sold = (
        "-- Sales by shop.\n-- Grain: one row per shop and month.\nselect\n    shop as unit,\n"
        "    day as period,\n    median(amount) as numerator\nfrom staging.sale\ngroup by all\n"
    )
    spec = on_spark(small(measure__sold=sold))
    columns = {"id": "BIGINT", "shop": "VARCHAR", "day": "DATE", "amount": "DECIMAL(18,2)", "product": "VARCHAR"}  # fmt: skip
    for known in (None, {"till__sale": columns}):
        assert [str(each) for each in check_sql(spec, raw_columns=known)] == [
            "measure/sold.sql:6: error: median is not proven to give the same on Spark as in DuckDB. "
            "Mend: Keep the workspace on DuckDB, or measure a sum and a count."
        ]


def test_types_are_refused_where_they_are_known() -> None:
    sold = "-- Sales.\nselect shop as unit, day as period, 1 as numerator from staging.sale where day >= '2026-01-01'"
    columns = {"id": "BIGINT", "shop": "VARCHAR", "day": "DATE", "amount": "DOUBLE", "product": "VARCHAR"}  # fmt: skip
    spec = on_spark(small(measure__sold=sold))
    assert check_sql(spec, raw_columns=None) == []
    (found,) = check_sql(spec, raw_columns={"till__sale": columns})
    assert "Comparing date with varchar" in found.message


@pytest.mark.parametrize("name", ["roastery", "northwind", "starter"])
def test_the_examples_use_nothing_else(name: str) -> None:
    workspace = on_spark(read_workspace(PROJECT / "examples" / name))
    assert [
        str(each) for each in check_sql(workspace, raw_columns=None) if each.severity == "error"
    ] == []


def test_the_reference_lists_what_is_allowed() -> None:
    written = (PROJECT / "docs" / "reference" / "spark.md").read_text("utf-8")
    assert written == "\n".join(page()) + "\n", "run: make reference"
