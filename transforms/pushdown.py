"""Great Expectations pushed down into DuckDB through SQLAlchemy: the rows stay where they are.

Without a data context, so that no file is written, nothing is stored and nothing is sent anywhere. Importing this module
imports Great Expectations, which takes seconds: go through `transforms.checker`.

Not here: which expectations are asked (contracts, audit).
"""

import atexit
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import duckdb
import duckdb_engine
import sqlalchemy as sa
from great_expectations.core.batch import Batch
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.exceptions.exceptions import GreatExpectationsError
from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
from great_expectations.execution_engine.sqlalchemy_execution_engine import (
    SqlAlchemyExecutionEngine,
)
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.validator.validator import Validator
from sqlalchemy.dialects import postgresql
from sqlalchemy.pool import StaticPool

from transforms.checker import Answer, Asked, CheckerCrashed


@atexit.register
def _let_go_of_duckdb() -> None:
    """Let go of DuckDB when the process ends.

    Great Expectations' registries, which are never freed, hold on to the classes below and through them to DuckDB, whose
    binding would end every run with forty lines about leaked objects.
    """
    vars(duckdb_engine).clear()
    globals().pop("duckdb")


_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""Counts, and no sample of values: they may be personal, and collecting them all takes half a minute per million."""
_SELF_TEST = """
create table known as
select * from (values (1, 1, 'abc'), (2, null, 'a'), (3, 3, 'x')) as rows (whole, holed, word)
"""
_KNOWN: tuple[tuple[Asked, bool, int | None], ...] = (
    (Asked("expect_column_values_to_not_be_null", {"column": "whole"}), True, 0),
    (Asked("expect_column_values_to_not_be_null", {"column": "holed"}), False, 1),
    (Asked("expect_column_values_to_be_unique", {"column": "whole"}), True, 0),
    (Asked("expect_column_values_to_be_between", {"column": "whole", "max_value": 2}), False, 1),
    (Asked("expect_column_values_to_match_regex", {"column": "word", "regex": "b"}), False, 2),
    (Asked("expect_column_sum_to_be_between", {"column": "whole", "min_value": 6}), True, None),
)
"""Expectations on the self-test's table, whether they hold, and how many rows break them."""


class _Connection(duckdb_engine.ConnectionWrapper):
    """DuckDB's connection as SQLAlchemy sees it, without transactions.

    A transaction that one failing query has spoilt would make every later one fail; and rolling back empties results
    that Great Expectations has not read yet.
    """

    def begin(self) -> None:
        """Begin nothing."""

    def commit(self) -> None:
        """Commit nothing."""

    def rollback(self) -> None:
        """Roll nothing back."""


class _Inspector:
    """What a table's columns are: asked of DuckDB, whose PostgreSQL catalogue the dialect cannot read fully."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, dialect: sa.Dialect) -> None:
        self._connection = connection
        self.dialect = dialect

    def get_pk_constraint(self, table_name: str, schema: str | None = None) -> dict[str, Any]:
        """Tell of no primary key: none is declared on a view."""
        return {}

    def get_columns(self, table_name: str, schema: str | None = None) -> list[dict[str, Any]]:
        """Give name and type of each column; the type's name is DuckDB's."""
        rows = self._connection.execute(
            "select column_name, data_type from duckdb_columns() "
            "where database_name = current_database() and schema_name = $schema and table_name = $table order by column_index",
            {"schema": schema or "main", "table": str(table_name)},
        ).fetchall()
        return [
            {"name": name, "type": type(kind, (sa.types.NullType,), {})()} for name, kind in rows
        ]


class _Engine(SqlAlchemyExecutionEngine):
    """Great Expectations' SQL engine on a connection that stays open."""

    def __init__(self, engine: sa.Engine, inspector: _Inspector) -> None:
        super().__init__(engine=engine, create_temp_table=False)
        self._own_inspector = inspector
        # It asks this module what the dialect is like before it writes regular expressions and patterns.
        like = type("DuckDBLikePostgreSQL", (postgresql.dialect,), {"name": "duckdb"})
        self.dialect_module = SimpleNamespace(dialect=like)  # type: ignore[assignment]  # any namespace serves

    @contextmanager
    def get_connection(self) -> Generator[sa.Connection, None, None]:
        """Keep one connection: closing it would empty results before they are read."""
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection

    def get_inspector(self) -> Any:
        """Give our own."""
        return self._own_inspector


class _Validator(Validator):
    """Great Expectations' validator without progress bars, of which it draws several per suite."""

    def _determine_progress_bars(self) -> bool:
        return False


class Pushdown:
    """Evaluates expectations on the tables of one DuckDB connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Share the database of `connection`; its temporary tables are not seen."""
        self._connection = connection.cursor()
        raw = connection.cursor()
        engine = sa.create_engine(
            "duckdb://", creator=lambda: _Connection(raw), poolclass=StaticPool
        )
        self._inspector = _Inspector(self._connection, engine.dialect)
        self._engine = _Engine(engine, self._inspector)

    def validate(
        self, table: str, asked: Sequence[Asked], *, schema: str = "main"
    ) -> tuple[Answer, ...]:
        """Evaluate `asked` on a table or view; one answer each, in their order.

        Raises:
            CheckerCrashed: Great Expectations raised, or left an expectation without an answer.

        """
        answers: dict[int, Answer] = {}
        configurations = []
        for number, one in enumerate(asked):
            configuration = _configuration(number, one)
            fault = _fault(configuration)
            if fault is None:
                configurations.append(configuration)
            else:
                answers[number] = Answer(success=False, crash=fault)
        for result in self._results(table, schema, configurations):
            answers[_number(result)] = _answer(result)
        return _complete(answers, asked, f"{schema}.{table}")

    def _results(
        self, table: str, schema: str, configurations: list[ExpectationConfiguration]
    ) -> list[ExpectationValidationResult]:
        try:
            data = SqlAlchemyBatchData(
                execution_engine=self._engine,
                schema_name=schema,
                table_name=table,
                create_temp_table=False,
            )
            validator = _Validator(execution_engine=self._engine, batches=[Batch(data=data)])  # type: ignore[arg-type]  # wrongly annotated there
            return validator.graph_validate(
                configurations=configurations,
                runtime_configuration={"catch_exceptions": True, "result_format": _RESULT_FORMAT},
            )
        except Exception as error:
            # Whatever it raises, the checker has failed and not the data: it is raised on under that name.
            raise CheckerCrashed(
                f"Great Expectations failed on {schema}.{table}: {_first_line(error)}"
            ) from error


def test_itself() -> None:
    """Judge a table whose verdicts are known, in a database of its own.

    Raises:
        CheckerCrashed: a verdict is not the known one, so that none can be trusted.

    """
    with duckdb.connect(":memory:") as connection:
        connection.execute(_SELF_TEST)
        answers = Pushdown(connection).validate("known", [asked for asked, _, _ in _KNOWN])
    for (asked, success, count), answer in zip(_KNOWN, answers, strict=True):
        if answer.crash or (answer.success, answer.unexpected_count) != (success, count):
            raise CheckerCrashed(
                f"The self-test of Great Expectations on DuckDB failed: {asked.type} must give success "
                f"{success} with {count} rows against it, and gave {answer}. Its verdicts cannot be "
                "trusted; install the locked dependencies anew."
            )


def _configuration(number: int, asked: Asked) -> ExpectationConfiguration:
    kwargs = {key: _searching(key, value) for key, value in asked.kwargs.items()}
    return ExpectationConfiguration(type=asked.type, kwargs=kwargs, meta={"number": number})


def _number(result: ExpectationValidationResult) -> int:
    """Tell which expectation a result is of: they come back in another order."""
    config = result.expectation_config
    if config is None or config.meta is None:
        raise CheckerCrashed("Great Expectations gave a result without saying of what.")
    return int(config.meta["number"])


def _searching(key: str, value: Any) -> Any:
    """Let regular expressions find their match anywhere, as Great Expectations means them: DuckDB's `~` matches all of the text."""
    if key == "regex":
        return f"(?s:.*)(?:{value})(?s:.*)"
    if key == "regex_list":
        return [_searching("regex", regex) for regex in value]
    return value


def _fault(configuration: ExpectationConfiguration) -> str | None:
    """Tell what is wrong with an expectation by itself: an unknown type, an argument that is missing or of a wrong kind."""
    try:
        configuration.to_domain_obj()
    except (GreatExpectationsError, ValueError, TypeError) as error:
        return f"{configuration.type} is not understood: {' '.join(str(error).split())}"
    return None


def _answer(result: ExpectationValidationResult) -> Answer:
    crash = _crash(result.exception_info or {})
    if crash is not None:
        return Answer(success=False, crash=crash)
    seen: Mapping[str, Any] = result.result or {}
    observed = seen.get("observed_value")
    return Answer(
        success=bool(result.success),
        unexpected_count=seen.get("unexpected_count"),
        row_count=seen.get("element_count"),
        observed=None if observed is None else str(observed),
    )


def _crash(info: Mapping[str, Any]) -> str | None:
    """Read `exception_info`: of the expectation as a whole, or one per metric that could not be computed."""
    if "raised_exception" in info:
        return _first_line(info["exception_message"]) if info["raised_exception"] else None
    messages = [_first_line(each["exception_message"]) for each in info.values()]
    return "; ".join(dict.fromkeys(messages)) or None


def _complete(answers: dict[int, Answer], asked: Sequence[Asked], table: str) -> tuple[Answer, ...]:
    missing = [one.type for number, one in enumerate(asked) if number not in answers]
    if missing:
        raise CheckerCrashed(
            f"Great Expectations gave no answer on {table} for {', '.join(missing)}."
        )
    return tuple(answers[number] for number in range(len(asked)))


def _first_line(error: object) -> str:
    lines = re.sub(r"^\([\w.]+\)\s*", "", str(error)).strip().splitlines()
    return lines[0] if lines else type(error).__name__
