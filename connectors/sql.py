"""Databases: any that SQLAlchemy reaches, read with dlt's `sql_table`.

Column types are those that the database declares, and every value must fit them exactly: dlt's own conversion guesses from
the rows where SQLite mixes integers and floats, and its cursor compares SQLite's dates as text of another form.

Not here: which tables and columns (`sources.yaml`), and what is done with increments (cursor).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import sqlalchemy as sa
from dlt.sources.sql_database import TableLoader, sql_table
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.pool import NullPool

from connectors.cursor import start_of
from connectors.dlt_pipeline import column_name
from connectors.environment import expand
from connectors.errors import SourceBroken, SourceError, SourceUnavailable
from connectors.reading import Reading, Request
from connectors.values import (
    DECIMAL_PLACES,
    ZONED,
    BadValue,
    Loose,
    arrow_type,
    cursor_from_text,
    duckdb_type,
    from_driver,
)
from scorecard.sources import SqlSource, SqlTable

_ROWS_PER_BATCH = 50_000
_CONNECT_SECONDS = 10
_BINARY_COLLATION = {"postgresql": "C", "sqlite": "BINARY"}
"""Text cursors are compared by bytes, as they are here, whatever the database's language."""


def read(request: Request, source: SqlSource, table: SqlTable) -> Reading:
    """Read a table or view; of an increment only the rows at or after the last accepted load's greatest value."""
    engine = _engine(request, source)
    plan = _Plan(request, table, engine)
    resource = sql_table(
        engine,
        table=table.table or request.table_id,
        schema=table.db_schema,
        chunk_size=_ROWS_PER_BATCH,
        backend="pyarrow",
        reflection_level="minimal",
        defer_table_reflect=True,
        table_loader_class=_loader(plan),
    )
    return Reading(rows=resource, types=plan.types)


def explain(error: BaseException, request: Request) -> SourceError | None:
    """Tell a database that is not there from one that refuses."""
    if isinstance(error, sa.exc.NoSuchTableError):
        return SourceBroken(
            f"{request.place}: the database has no table or view {error}.",
            "correct `table` or `db_schema` in sources.yaml, or grant the database user the right to see it.",
        )
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError | sa.exc.TimeoutError):
        return SourceUnavailable(
            f"{request.place}: the database cannot be reached: {_first_line(error)}.",
            "start the database, or correct the source's url or password, then run again.",
        )
    if isinstance(error, sa.exc.SQLAlchemyError | ModuleNotFoundError):
        return SourceBroken(
            f"{request.place}: the database cannot be read: {_first_line(error)}.",
            "correct the source's url or table in sources.yaml.",
        )
    return None


def _first_line(error: BaseException) -> str:
    inner = getattr(error, "orig", None) or error
    lines = str(inner).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(inner).__name__


def _engine(request: Request, source: SqlSource) -> Engine:
    """Open the database read-only where that can be asked for; nothing is connected yet."""
    text = expand(source.url, request.environment, place=f"{request.source_id}: url")
    request.secrets.add_from_url(text)
    try:
        url = make_url(text)
    except sa.exc.ArgumentError:
        raise SourceBroken(
            f"{request.source_id}: the url is not one that SQLAlchemy reads.",
            "write it as `dialect://user:password@host:port/database`, or `sqlite:///path`.",
        ) from None
    if url.password:
        request.secrets.add(str(url.password))
    if url.get_backend_name() == "sqlite":
        return sa.create_engine(_sqlite_url(url, request), poolclass=NullPool)
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    connect = (
        {"connect_timeout": _CONNECT_SECONDS} if url.drivername == "postgresql+psycopg" else {}
    )
    return sa.create_engine(
        url, poolclass=NullPool, connect_args={} if "connect_timeout" in url.query else connect
    )


def _sqlite_url(url: URL, request: Request) -> URL:
    """Point at an existing file: SQLite would make a missing one, empty."""
    path = request.root / Path(url.database or "")
    if not path.is_file():
        raise SourceUnavailable(
            f"{request.place}: there is no SQLite database {path.name} where the source's url points.",
            "correct the source's url, or put the file there, then run again.",
        )
    return url.set(
        database=f"file:{quote(str(path.resolve()))}", query={"mode": "ro", "uri": "true"}
    )


class _Plan:
    """What is selected of one table, and what the columns become; known once the table has been reflected."""

    def __init__(self, request: Request, table: SqlTable, engine: Engine) -> None:
        self._request = request
        self._table = table
        self._dialect = engine.dialect.name
        self._loose = Loose()
        self._columns: dict[str, sa.Column[Any]] = {}
        self._declared: dict[str, pa.DataType] = {}

    def prepare(self, reflected: sa.Table) -> None:
        """Choose the columns; personal ones that are dropped are not even asked for."""
        request = self._request
        columns = {column_name(column.name): column for column in reflected.columns}
        if len(columns) < len(reflected.columns):
            raise SourceBroken(
                f"{request.place}: two columns have the same name once in lower case with underscores.",
                "read a view that names them apart.",
            )
        request.personal.require(columns)
        self._columns = {
            name: columns[name] for name in request.personal.kept(self._wanted(columns))
        }
        for name, column in self._columns.items():
            kind = declared_type(column.type, self._dialect)
            if kind is None:
                self._loose.meet(name)
            else:
                self._declared[name] = kind

    def _wanted(self, columns: dict[str, sa.Column[Any]]) -> list[str]:
        if self._table.columns is None:
            return list(columns)
        wanted = [column_name(name) for name in self._table.columns]
        if missing := [name for name in wanted if name not in columns]:
            raise SourceBroken(
                f"{self._request.place}: the database has no column {', '.join(missing)}; it has {', '.join(columns)}.",
                "correct `columns` in sources.yaml.",
            )
        return wanted

    def query(self) -> Any:
        """Select the columns as the driver gives them, from the start of the increment on."""
        selected = [
            sa.type_coerce(column, sa.types.NullType()).label(name)
            for name, column in self._columns.items()
        ]
        query: Any = sa.select(*selected)
        cursor = column_name(self._table.cursor) if self._table.cursor else None
        since = start_of(self._request.since, cursor)
        if since is None or since.cursor_value is None or cursor not in self._columns:
            return query
        kind = self._declared.get(cursor) or arrow_type(since.columns[cursor])
        column: sa.ColumnElement[Any] = sa.type_coerce(self._columns[cursor], sa.types.NullType())
        if kind == pa.string() and self._dialect in _BINARY_COLLATION:
            column = column.collate(_BINARY_COLLATION[self._dialect])
        start = sa.literal(
            self._bound(cursor_from_text(since.cursor_value, kind)), sa.types.NullType()
        )
        # Rows without a cursor value are asked for too, so that they are refused and not overlooked.
        return query.where(sa.or_(column >= start, self._columns[cursor].is_(None)))

    def _bound(self, value: Any) -> Any:
        """Give a start that the driver takes. SQLite holds moments as text of any form, all of which begin with the day."""
        if self._dialect != "sqlite":
            return value
        if isinstance(value, datetime | date):
            return value.isoformat()[:10]
        return float(value) if isinstance(value, Decimal) else value

    def table(self, rows: Sequence[Sequence[Any]]) -> pa.Table:
        """Make an Arrow table of rows from the driver."""
        columns = zip(*rows, strict=True) if rows else ((),) * len(self._columns)
        arrays = {
            name: self._array(name, values)
            for name, values in zip(self._columns, columns, strict=True)
        }
        return self._request.personal.apply(pa.Table.from_pydict(arrays))

    def _array(self, name: str, values: Sequence[Any]) -> pa.Array:
        if name not in self._declared:
            return self._loose.texts(name, values)
        try:
            return from_driver(values, self._declared[name])
        except BadValue as bad:
            shown = (
                "a value"
                if self._request.personal.treatment(name) == "hash"
                else f"the value {bad.value!r}"
            )
            raise SourceBroken(
                f"{self._request.place}: column {name} is declared {self._columns[name].type} in the database "
                f"(here {duckdb_type(self._declared[name])}), but holds {shown}, which does not fit.",
                "correct the row or the declaration in the database, or read a view that casts the column.",
            ) from None

    def types(self) -> dict[str, pa.DataType]:
        """Give the types in the table's order."""
        loose = self._loose.types()
        every = {
            name: self._declared.get(name) or loose.get(name, pa.string()) for name in self._columns
        }
        return self._request.personal.types(every)


def _loader(plan: _Plan) -> type[TableLoader]:
    """Make the loader that dlt streams the table with."""

    class Loader(TableLoader):
        def load_rows(self, backend_kwargs: dict[str, Any] | None = None) -> Iterator[pa.Table]:
            plan.prepare(self.table)
            yield from self._load_rows(plan.query(), {})

        def _convert_result(
            self, result: Any, backend_kwargs: dict[str, Any]
        ) -> Iterator[pa.Table]:
            for rows in result.partitions(size=self.chunk_size):
                yield plan.table(rows)

    return Loader


def declared_type(kind: sa.types.TypeEngine[Any], dialect: str) -> pa.DataType | None:
    """Give the landed type of a column as declared in the database; None where nothing usable is declared."""
    if isinstance(kind, sa.types.Float):
        return pa.float64()
    if isinstance(kind, sa.types.Numeric):
        return _decimal(kind, dialect)
    if isinstance(kind, sa.types.DateTime):
        return ZONED if kind.timezone else pa.timestamp("us")
    for declared, landed in _LANDED:
        if isinstance(kind, declared):
            return landed
    return None if isinstance(kind, sa.types.NullType) else pa.string()


_LANDED: tuple[tuple[type[sa.types.TypeEngine[Any]], pa.DataType], ...] = (
    (sa.types.Boolean, pa.bool_()),
    (sa.types.Integer, pa.int64()),
    (sa.types.Date, pa.date32()),
    (sa.types.Time, pa.time64("us")),
    (sa.types.LargeBinary, pa.binary()),
)


def _decimal(kind: sa.types.Numeric[Any], dialect: str) -> pa.DataType:
    """Without a declared scale, SQLite keeps binary floats, and others decimals of any length."""
    if kind.precision is None and kind.scale is None:
        return pa.float64() if dialect == "sqlite" else pa.decimal128(38, DECIMAL_PLACES)
    return pa.decimal128(min(kind.precision or 38, 38), kind.scale or 0)
