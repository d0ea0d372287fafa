"""The proof of the list: every case of `allowed.yaml` on DuckDB and on a Spark cluster, answers compared.

Exact numbers, dates and text are equal to the last digit, and so are floating numbers but for sums of them, which are equal to
1e-9.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.transforms.engines.proof import (
    AS_OF,
    PROOF,
    TABLES,
    Answer,
    World,
    differing,
    is_long,
    needs_spark,
    open_world,
)
from transforms.engines.allowed import Entry, entries
from transforms.engines.casts import cast_names
from transforms.engines.rules import RULES
from transforms.engines.transpile import transpile
from transforms.sql_guard import guard

TOGETHER = 30
"""So many expressions are asked for in one SELECT: a query costs Spark a second."""
OF_A_VALUE = re.compile(
    r"Spark: \[(ARITHMETIC_OVERFLOW|CAST_OVERFLOW|CAST_INVALID_INPUT|NUMERIC_VALUE_OUT_OF_RANGE|USER_RAISED_EXCEPTION)\b"
)
"""How Spark begins to tell of a value that it refuses; SQL that it cannot read, or a lost session, it tells otherwise."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("proof")) as opened:
        yield opened


def is_query(case: str) -> bool:
    return case.startswith(("select ", "with "))


def as_query(*cases: str) -> str:
    listed = ", ".join(f"({case}) as c{number}" for number, case in enumerate(cases))
    return f"select id, {listed} from staging.proof"


def expressions() -> list[str]:
    """Give every case that is an expression."""
    return [case for entry in entries().values() for case in entry.cases if not is_query(case)]


def queries() -> list[str]:
    """Give every case that is a SELECT, once."""
    found = [case for entry in entries().values() for case in entry.cases if is_query(case)]
    return list(dict.fromkeys(found))


def errors(kind: str) -> list[str]:
    cases = [case for entry in entries().values() for case in getattr(entry, kind)]
    return [case if is_query(case) else as_query(case) for case in cases]


def together(cases: list[str]) -> list[tuple[str, ...]]:
    return [tuple(cases[at : at + TOGETHER]) for at in range(0, len(cases), TOGETHER)]


@needs_spark
@pytest.mark.parametrize("cases", together(expressions()), ids=lambda cases: cases[0])
def test_expressions_give_the_same_on_both_engines(world: World, cases: tuple[str, ...]) -> None:
    sql = as_query(*cases)
    found = differing(world.duckdb(sql), world.on_spark(sql), inexact=world.inexact(sql))
    assert found == [], dict(enumerate(cases))


@needs_spark
@pytest.mark.parametrize("sql", queries())
def test_queries_give_the_same_on_both_engines(world: World, sql: str) -> None:
    assert differing(world.duckdb(sql), world.on_spark(sql), inexact=world.inexact(sql)) == []


@needs_spark
@is_long
@pytest.mark.parametrize("sql", errors("fails"))
def test_what_is_an_error_in_duckdb_is_one_on_spark(world: World, sql: str) -> None:
    assert world.duckdb(sql).error
    assert OF_A_VALUE.match(world.on_spark(sql).error or "no error")


@needs_spark
@is_long
@pytest.mark.parametrize("sql", errors("stops"))
def test_spark_stops_where_it_would_answer_otherwise(world: World, sql: str) -> None:
    assert world.duckdb(sql).error is None
    assert OF_A_VALUE.match(world.on_spark(sql).error or "no error")


@needs_spark
def test_every_letter_is_lowered_alike(world: World) -> None:
    sql = "select id, lower(letter) as c from staging.letter"
    here, there = (known(answer) for answer in (world.duckdb(sql), world.on_spark(sql)))
    assert differing(here, there, inexact=set()) == []


def known(answer: Answer) -> Answer:
    """Leave out letters that came after Unicode 14."""
    rows = [row for row in answer.rows if unicodedata.category(chr(row[0])) != "Cn"]
    return replace(answer, rows=tuple(rows))


def used(case: str) -> frozenset[str]:
    """Tell which entries a case rests on."""
    sql = case if is_query(case) else as_query(case)
    return transpile(guard(sql, name="case", tables=TABLES), PROOF, as_of=AS_OF).used


@pytest.mark.parametrize("entry", entries().values(), ids=lambda entry: entry.name)
def test_every_entry_has_a_case_that_uses_it(entry: Entry) -> None:
    assert any(entry.name in used(case) for case in entry.cases), entry.name


def test_nothing_is_written_for_spark_that_is_not_on_the_list() -> None:
    assert set(RULES) | cast_names() <= set(entries())
