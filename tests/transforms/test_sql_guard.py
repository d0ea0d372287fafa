"""The first wall: what SQL from a workspace may say, what it may not, and what is known of it."""

import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.sql_functions import allowed
from transforms.sql_guard import GuardedSelect, SqlRefused, guard, guard_condition, order

TABLES = ("raw.shop__sale", "raw.shop__sale__loads", "staging.sale", "measure.revenue")


def let(sql: str) -> GuardedSelect:
    """Let `sql` through, or raise."""
    return guard(sql, name="measure.x", tables=TABLES)


def refusal(sql: str) -> SqlRefused:
    """Give the refusal of `sql`."""
    with pytest.raises(SqlRefused) as caught:
        let(sql)
    return caught.value


# --- what is let through ----------------------------------------------------------------------------------------------

LET = {
    "select a from raw.shop__sale": ("raw.shop__sale",),
    'select a from RAW."SHOP__SALE"': ("raw.shop__sale",),
    "from staging.sale select a": ("staging.sale",),
    "table staging.sale": ("staging.sale",),
    "select 1 as a;": (),
    "select 1 as a -- no more\n;\n": (),
    "with a as (select x from staging.sale), b as (select x from a) select x from b": ("staging.sale",),
    "with a as materialized (select 1 as x) from a": (),
    "with a as (with b as (select 1 as x) from b) from a": (),
    "with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select n from r": (),
    "with sale as (from staging.sale) select (select max(x) from sale) from measure.revenue": ("measure.revenue", "staging.sale"),
    "select x from raw.shop__sale union all by name select x from staging.sale": ("raw.shop__sale", "staging.sale"),
    "select a.x from staging.sale as a asof join raw.shop__sale as b on a.d >= b.d": ("raw.shop__sale", "staging.sale"),
    "select l.y from staging.sale as s, lateral (select s.x as y) as l": ("staging.sale",),
    "select x from staging.sale where x in (from measure.revenue)": ("measure.revenue", "staging.sale"),
    "select u from unnest([1, 2]) as t(u), range(3), generate_series(1, 3) as g(i)": (),
    "select * from (values (1, 2)) as v(a, b)": (),
    "select * from staging.sale unpivot (v for n in (a, b))": ("staging.sale",),
    "select * from staging.sale pivot (sum(x) for k in ('a', 'b'))": ("staging.sale",),
    "select list_transform(l, lambda x: x + 1), [y for y in l if y > 1], x -> '$.a' from staging.sale": ("staging.sale",),
    "select sum(x) over w, row_number() over (partition by a order by b) from staging.sale window w as (order by a)": ("staging.sale",),
    "select x from staging.sale qualify row_number() over (order by x) = 1": ("staging.sale",),
    "select count(*) filter (where a), quantile_cont(x, 0.5), list(x order by y), first(x order by y) from staging.sale group by all": ("staging.sale",),
    "select x::decimal(18, 2), try_cast(x as int), date_trunc('month', d), d + interval 3 month, extract(year from d), x.upper(), {'a': 1}, map {'a': 1}, case when a then 1 end, a between 1 and 2, coalesce(a, b), a ilike 'x%', x // 2, strftime(d, '%Y'), ts at time zone 'UTC', age($as_of, d) from staging.sale": ("staging.sale",),
    "select columns('x.*'), * exclude (a) from staging.sale": ("staging.sale",),
    "select t.user, t.current_date from staging.sale as t": ("staging.sale",),
    "select load_id, extracted_at from raw.shop__sale__loads": ("raw.shop__sale__loads",),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "reads"), LET.items(), ids=[sql[:60] for sql in LET])
def test_one_select_over_given_tables_is_let_through(sql: str, reads: tuple[str, ...]) -> None:
    assert let(sql).depends_on == reads


# --- ways out ---------------------------------------------------------------------------------------------------------

STATEMENTS = [
    "", ";", "-- nothing", "/* nothing */",
    "select 1; select 2", "select 1; drop table raw.shop__sale", "select 1;copy staging.sale to 'x'",
    "copy staging.sale to '/tmp/x.csv'", "copy (select 1) to 'x'", "attach 'x.db'", "detach x", "install httpfs", "load httpfs",
    "set threads = 1", "reset threads", "pragma database_list", "call pragma_version()", "use raw",
    "create table x as select 1", "create macro m() as 1", "create view v as select 1", "drop table raw.shop__sale",
    "insert into staging.sale values (1)", "update staging.sale set a = 1", "delete from staging.sale", "truncate staging.sale",
    "merge into staging.sale as t using measure.revenue as s on true when matched then delete",
    "with x as (select 1) insert into staging.sale select * from x", "alter table staging.sale add column a int",
    "export database 'x'", "import database 'x'", "vacuum", "checkpoint", "begin", "commit", "explain select 1",
    "explain analyze select 1", "prepare p as select 1", "execute p", "deallocate p", "set variable x = 1", "create secret (type s3)",
    "describe staging.sale", "summarize staging.sale", "show tables", "show all tables", "comment on table staging.sale is 'x'",
    "select * from (describe staging.sale)", "select * from (summarize staging.sale)", "from (show tables)",
    "with x as (insert into staging.sale values (1) returning *) select * from x",
    "with x as (delete from staging.sale returning *) select * from x",
    "with x as (update staging.sale set a = 1 returning *) select * from x",
    "pivot staging.sale on k using sum(x)", "select * from (pivot staging.sale on k using sum(x))",
]  # fmt: skip

TABLES_OUT = [
    "select * from 'f.csv'", 'select * from "f.csv"', "select * from '/etc/passwd'", "from 'https://example.com/x.parquet'",
    "select * from sale", "select * from other.sale", "select * from raw.other", "select * from system.main.duckdb_tables",
    "select * from information_schema.tables", "select * from pg_catalog.pg_tables", "select * from main.sale",
    "select * from memory.raw.shop__sale", "select * from warehouse.raw.shop__sale", 'select * from "raw.shop__sale"',
    "select * from pg_tables", "select * from sqlite_master", "select * from duckdb_settings", "select * from duckdb_secrets",
    "select * from scorecard.kpi_value", "select * from quality.load", "select * from history.release",
    "with pg_tables as (select * from pg_tables) select * from pg_tables",
    "with x as (with y as (select 1) select * from y) select * from y",
    "select (with y as (select 1) select * from y), (select max(a) from y) from staging.sale",
    'with "f.csv" as (select 1) select * from "f.csv"', "with x as (with \"f.csv\" as (select 1) from \"f.csv\") select * from 'f.csv'",
    "select * from staging.sale at (version => 1)", "select * from staging.sale where x in (select y from secret.t)",
    "select * from staging.sale limit (select n from secret.t)", "select 1 order by (select n from secret.t)",
    "select x from staging.sale union select x from secret.t", "select sum(x) filter (where y in (from secret.t)) from staging.sale",
    "select * from staging.sale, lateral (from secret.t)", "select list_transform([1], lambda x: (select n from secret.t))",
    "select case when true then (select n from secret.t) end", "select * from staging.sale asof join secret.t using (d)",
    "select sum(x) over (partition by (select n from secret.t)) from staging.sale", "select * from unnest((select l from secret.t))",
    "select * replace ((select n from secret.t) as a) from staging.sale", "values ((select n from secret.t))",
    "select * from staging.sale pivot (sum(x) for k in ((select n from secret.t)))",
    "with recursive r as (select 1 as n union all select n from secret.t) from r",
]  # fmt: skip

FUNCTIONS_OUT = [
    "read_csv('x')", "read_csv_auto('x')", "read_parquet('x')", "parquet_scan('x')", "read_json('x')", "read_text('x')",
    "read_blob('x')", "read_duckdb('x')", "sniff_csv('x')", "glob('*')", "parquet_metadata('x')", "parquet_schema('x')",
    "query('select 1')", "query_table('secret.t')", "json_execute_serialized_sql('{}')", "duckdb_settings()", "duckdb_secrets()",
    "duckdb_tables()", "duckdb_functions()", "duckdb_variables()", "pragma_table_info('x')", "pragma_database_size()",
    "which_secret('a', 'b')", "pg_timezone_names()", "icu_calendar_names()", "repeat_row(1, num_rows = 3)", "test_all_types()",
    "seq_scan('x')", "arrow_scan(1, 2, 3)", "pandas_scan(1)", "python_map_function()", "histogram('a', 'b')", "enable_logging()",
    "checkpoint()", "force_checkpoint()", "READ_CSV('x')", '"read_csv"(\'x\')', "system.main.read_csv('x')",
]  # fmt: skip

SCALARS_OUT = [
    "random()", "RANDOM()", "uuid()", "gen_random_uuid()", "uuidv7()", "setseed(0.1)", "nextval('s')", "approx_quantile(x, 0.5)",
    "now()", "today()", "current_date", "CURRENT_DATE", '"current_date"', "current_timestamp", "current_time", "localtime", "localtimestamp",
    "transaction_timestamp()", "get_current_time()", "current_localtimestamp()", "age(d)", "ago(interval 1 day)",
    "getenv('HOME')", "getvariable('x')", "current_setting('threads')", "version()", "current_user", "session_user", "user",
    "current_database()", "current_schema()", "current_query()", "txid_current()", "pg_sleep(1)", "sleep_ms(1)", "write_log('x')",
    "json_serialize_sql('select 1')", "json_serialize_plan('select 1')", "no_such_function(1)", "system.main.getenv('HOME')",
    "'HOME'.getenv()", "first(x)", "last(x)", "main.random()", "list_transform([1], lambda y: random())", "$other", "$1", "?",
    "(select random())", "case when now() > d then 1 end", "sum(random()) over ()", "count(*) filter (where random() > 0.5)",
    "{'a': now()}", "[now()]", "d > now() - interval 1 day", "coalesce(x, random())", "x in (random(), 1)", "x between 0 and random()",
    "columns(lambda c: c = getenv('X'))", "* replace (now() as x)", "cast(now() as date)", "list(x order by random())",
]  # fmt: skip

ELSEWHERE = [
    "select x from staging.sale order by random()", "select x from staging.sale limit random()",
    "select x from staging.sale group by random()", "select x from staging.sale group by x having now() > x",
    "select x from staging.sale qualify random() > 0.5", "select distinct on (random()) x from staging.sale",
    "select sum(x) over w from staging.sale window w as (order by random())", "select x from staging.sale as a join measure.revenue as b on random() > 1",
    "select x from staging.sale tablesample 10%", "select x from staging.sale using sample 5 rows", "select x from (from staging.sale) tablesample 10%",
    "select * from unnest([now()])", "select * from range(random()::int)", "values (random())", "select default",
    "select x from staging.sale order by x offset random()::int", "select x from staging.sale union all select random()",
]  # fmt: skip

OUT = [
    *STATEMENTS,
    *TABLES_OUT,
    *ELSEWHERE,
    *(f"select * from {call}" for call in FUNCTIONS_OUT),
    *(f"select x from staging.sale where exists (from {call})" for call in FUNCTIONS_OUT),
    *(f"select {call} as a from staging.sale" for call in SCALARS_OUT),
]


@pytest.mark.parametrize("sql", OUT)
def test_every_way_out_is_refused(sql: str) -> None:
    refused = refusal(sql)
    assert refused.message
    assert refused.mend
    assert refused.line == 1


@pytest.mark.parametrize("sql", [sql for sql in OUT if sql.startswith("select ")])
def test_a_way_out_is_refused_inside_a_cte_too(sql: str) -> None:
    assert refusal(f"-- Header.\nwith inner_part as (\n{sql}\n)\nselect 1 as a").line >= 2


def test_text_that_no_parser_can_take_is_refused() -> None:
    assert "nested too deeply" in refusal(f"select {'(' * 400}1{')' * 400}").message
    assert refusal(f"select {'(' * 20_000}1{')' * 20_000}").message
    assert "zero byte" in refusal("select 1 \x00").message
    assert refusal("select '\ud800'").message
    assert "longer than" in refusal("select 1 --" + "x" * 200_000).message


def test_a_refusal_names_the_line_and_the_mend() -> None:
    refused = refusal(
        "-- Ünïcode first.\nselect\n    'ö' as a,\n    now() as b\nfrom staging.sale\n"
    )
    assert refused.line == 4
    assert "$as_of" in refused.mend
    assert refusal("-- x\nselect a\nfrom staging.sales").line == 3
    assert "staging.sale" in refusal("select a from staging.sales").mend
    assert "raw.shop__sale" in refusal("select a from shop__sale").mend
    assert "sum" in refusal("select summ(a) from staging.sale").mend
    assert refusal("select a\nfrom staging.sale\nwhere (a").line >= 2
    assert "name would be taken" not in refusal("select user from staging.sale").message
    assert "table.column" in refusal("select user from staging.sale").mend


def test_sql_that_only_one_parser_reads_is_refused_and_says_so() -> None:
    assert "SQLGlot" in refusal("pivot staging.sale on k in ('a') using sum(x)").message


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "select",
                "from",
                "where",
                "(",
                ")",
                ",",
                "*",
                "staging.sale",
                "x",
                "1",
                "'f.csv'",
                "with",
                "as",
                "union",
                "all",
                ";",
                "join",
                "on",
                "read_csv",
                "random",
                "now",
                "values",
                '"',
                "'",
                "--",
                "/*",
                "*/",
                "$as_of",
                "lambda",
                ":",
                "pivot",
                "insert",
                "copy",
                "to",
                "order",
                "by",
                "group",
            ]
        ),
        max_size=25,
    ).map(" ".join)
)
def test_whatever_the_text_it_is_let_through_or_refused(sql: str) -> None:
    try:
        guarded = let(sql)
    except SqlRefused:
        return
    assert len(duckdb.extract_statements(sql)) == 1
    assert set(guarded.depends_on) <= {"staging.sale"}
    assert not re.search(r"\b(read_csv|random|now)\s*\(", re.sub(r"'[^']*'|\"[^\"]*\"|--.*|/\*.*?\*/", "", sql))  # fmt: skip


# --- the list of functions --------------------------------------------------------------------------------------------


def test_every_function_on_the_list_is_one_of_duckdb_and_steady() -> None:
    """A function whose result changes from run to run would make two runs of the same data differ."""
    rows = duckdb.sql(
        "select lower(function_name), function_type, stability from duckdb_functions()"
    )
    known = rows.fetchall()
    steady = {
        name for name, kind, stability in known if stability == "CONSISTENT" or kind == "macro"
    }
    unsteady = {name for name, _, stability in known if stability not in {"CONSISTENT", None}}
    reading = {name for name, kind, _ in known if kind in {"table", "pragma"}}
    assert allowed() <= steady
    assert not allowed() & unsteady
    assert allowed() & reading == {
        "generate_series",
        "range",
        "repeat",
    }  # scalar ones of the same name


def test_a_table_function_is_not_let_through_for_its_scalar_namesake() -> None:
    assert let("select repeat('a', 3) as a")
    assert "repeat" in refusal("select * from repeat(1, 3)").message


# --- what is known of a SELECT ----------------------------------------------------------------------------------------

COLUMNS = {
    "select a, b as c, t.d from staging.sale as t": ("a", "c", "d"),
    "select a, b + 1 from staging.sale": ("a", None),
    "select UNIT, sum(x) as Numerator from staging.sale group by all": ("unit", "numerator"),
    "select * from staging.sale": None,
    "select a, columns('b.*') from staging.sale": None,
    "with s as (select a, b as c from staging.sale) select * from s": ("a", "c"),
    "with s(x, y) as (select a, b from staging.sale) from s": ("x", "y"),
    "with s as (from staging.sale) select * from s": None,
    "with s as (select a, b from staging.sale) select * exclude (a) from s": None,
    "select a from staging.sale union all select b from staging.sale": ("a",),
    "select a from staging.sale union all by name select b from staging.sale": None,
}


@pytest.mark.parametrize(("sql", "columns"), COLUMNS.items())
def test_columns_are_known_from_the_text_or_not_at_all(
    sql: str, columns: tuple[str | None, ...] | None
) -> None:
    assert let(sql).columns == columns


AGGREGATES = {
    "select count(*) as n from staging.sale": True,
    "select a from staging.sale group by a": True,
    "select round(sum(a), 2) as n from staging.sale": True,
    "select sum(a) over () as n from staging.sale": False,
    "select (select sum(a) from staging.sale) as n": False,
    "select a from (select sum(a) as a from staging.sale)": False,
    "select a from staging.sale": False,
    "select 1 as a union all select count(*) from staging.sale": True,
}


@pytest.mark.parametrize(("sql", "is_one"), AGGREGATES.items())
def test_a_final_select_that_aggregates_is_told(sql: str, is_one: bool) -> None:
    assert let(sql).has_aggregate is is_one


def test_the_header_gives_description_grain_and_comments() -> None:
    guarded = let(
        "-- Net revenue per shop,\n-- without returns. Mind the closing.\n"
        "-- Grain: one row per unit\n--   and month.\n-- Owner: CFO\n-- numerator: net of tax\n\n"
        "select\n    unit,\n    sum(x) as numerator\nfrom staging.sale\ngroup by all"
    )
    assert guarded.description == "Net revenue per shop, without returns."
    assert guarded.grain == "one row per unit and month."
    assert guarded.comments == {"owner": "CFO", "numerator": "net of tax"}
    assert guarded.first_line == 8
    assert guarded.column_lines == {"unit": 9, "numerator": 10}


def test_the_business_date_is_the_one_parameter() -> None:
    assert let("select x from staging.sale where d < $as_of").parameters == ("as_of",)
    assert let("select x from staging.sale").parameters == ()


# --- order ------------------------------------------------------------------------------------------------------------


def _selects(**reads: str) -> dict[str, GuardedSelect]:
    tables = [f"staging.{name}" for name in reads] + ["raw.shop__sale"]
    return {
        f"staging.{name}": guard(f"select * from {table}", name=f"staging.{name}", tables=tables)
        for name, table in reads.items()
    }


def test_definitions_come_after_what_they_read() -> None:
    selects = _selects(a="staging.c", b="raw.shop__sale", c="staging.b", d="raw.shop__sale")
    assert order(selects) == ["staging.b", "staging.d", "staging.c", "staging.a"]


def test_a_ring_is_named() -> None:
    with pytest.raises(SqlRefused, match=r"ring: staging\.a reads staging\.b reads staging\.c reads staging\.a"):  # fmt: skip
        order(_selects(a="staging.b", b="staging.c", c="staging.a", d="raw.shop__sale"))


# --- row rules --------------------------------------------------------------------------------------------------------

CONDITIONS = [
    "amount >= 0",
    "amount >= 0 -- never negative",
    "kind in ('a', 'b') and amount is not null",
    "list_contains(['a'], upper(kind))",
    "len(list_filter([amount], lambda x: x > 0)) = 1",
]
NO_CONDITIONS = [
    "amont > 0", "1) as verdict, (2", "sum(amount) > 1", "amount > (select 1)", "exists (select 1)",
    "true) as verdict; select (1", "1; select 1", "row_number() over () = 1", "$as_of > amount", "getenv('x') = 'a'",
    "true) as verdict union all select (true", "true) as verdict from raw.shop__sale where (true", "true) as verdict where (true",
    "true) as verdict limit (1", "true) as verdict order by (1", "true) as verdict group by (1", "true) as verdict having (true",
    "with x as (select 1) select 1", "columns('a.*') > 1", "random() > 0.5", "amount >", "*",
]  # fmt: skip


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_over_one_row_is_let_through(condition: str) -> None:
    bracketed = guard_condition(condition, columns=("amount", "kind"))
    assert duckdb.sql(f"select {bracketed} from (select 1 as amount, 'a' as kind)").fetchall()


@pytest.mark.parametrize("condition", NO_CONDITIONS)
def test_what_is_no_condition_is_refused(condition: str) -> None:
    with pytest.raises(SqlRefused):
        guard_condition(condition, columns=("amount", "kind"))


def test_a_misspelt_column_of_a_condition_is_told_with_the_nearest() -> None:
    with pytest.raises(SqlRefused, match=r"Did you mean amount\?"):
        guard_condition("amont > 0", columns=("amount",))
    assert guard_condition("anything > 0", columns=())
