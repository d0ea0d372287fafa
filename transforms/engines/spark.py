"""Spark: a session on a master, in which the definitions of one build run.

pyspark is an extra (`pip install "steelyard[spark]"`) and needs Java; both are asked for only where a workspace chooses Spark. What
Spark has to say of itself goes into a file of the run's work folder, not into the run's output.

Not here: how a definition is written for Spark (transpile), raw faces on Spark (spark_faces).
"""

import contextlib
import logging
import os
import shutil
import socket
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

import duckdb
import pyarrow as pa

from scorecard.terms import MANUAL
from transforms.engines.scope import Columns, spark_name, view_name
from transforms.engines.seam import EngineUnavailable
from transforms.engines.spark_faces import Faces
from transforms.engines.terms import Column
from transforms.engines.transpile import transpile
from transforms.measures import DuckDbMaker
from transforms.publishing import MeasureFailed
from transforms.raw import RawTable, column_name
from transforms.sql_guard import GuardedSelect, SqlRefused

if TYPE_CHECKING:
    from py4j.java_gateway import JavaGateway
    from pyspark.sql import DataFrame, SparkSession

LOG = "spark.log"
MANUAL_FACES = f"raw.{MANUAL}__"
_SECONDS_TO_ANSWER = 10
_SHOWN_LINES = 15
PROVEN = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
}
"""Settings under which equality was proven; a workspace cannot change them."""
_USUAL = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}


@dataclass(frozen=True)
class Spark:
    """The engine: where its master is, and what it is told."""

    master: str
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Spark's own settings, with what came from the environment filled in."""
    lake: str | None = None
    """Where Spark finds the lake, if under another name than here: file:///mnt/lake, s3a://bucket/lake."""
    session: "SparkSession | None" = None
    """A session that is open already, and stays so."""
    redact: Callable[[str], str] = str
    """Strikes secrets out of messages."""

    @contextmanager
    def open(
        self,
        connection: duckdb.DuckDBPyConnection,
        raw_tables: Sequence[RawTable],
        *,
        lake: Path,
        work: Path,
        home: Collection[str],
    ) -> Iterator["SparkMaker"]:
        """Open a session for one build; see `seam.Engine`."""
        root = (self.lake or lake.absolute().as_uri()).rstrip("/")
        tables = {f"raw.{table.name}": table for table in raw_tables}
        if self.session is not None:
            yield SparkMaker(Faces(self.session, tables, root), frozenset(home), self.redact)
            return
        try:
            with started(self.master, self.options, log=work / LOG) as session:
                yield SparkMaker(Faces(session, tables, root), frozenset(home), self.redact)
        except EngineUnavailable as error:
            raise EngineUnavailable(self.redact(str(error))) from None


@dataclass
class SparkMaker:
    """A session at work on one build; see `measures.Maker`."""

    faces: Faces
    home: frozenset[str]
    redact: Callable[[str], str] = str
    tables: dict[str, Columns] = field(default_factory=dict)
    """Columns of the views that were made so far."""

    @property
    def name(self) -> str:
        """What makes the tables."""
        return f"spark {self.faces.session.version}"

    @property
    def is_here(self) -> bool:
        """The cluster makes them, within its own limits."""
        return False

    def make(
        self,
        connection: duckdb.DuckDBPyConnection,
        select: GuardedSelect,
        *,
        target: str,
        as_of: date,
    ) -> int | None:
        """Make one definition's table on Spark, and bring it home where it is wanted there."""
        from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

        try:
            return self._make(connection, select, target=target, as_of=as_of)
        except SqlRefused as error:
            raise MeasureFailed(str(error)) from None
        except (PySparkException, Py4JError, OSError) as error:
            self._refuse_lost(error)
            raise MeasureFailed(self.redact(f"Spark: {_first_lines(error)}")) from None

    def _make(
        self,
        connection: duckdb.DuckDBPyConnection,
        select: GuardedSelect,
        *,
        target: str,
        as_of: date,
    ) -> int | None:
        if all(table.startswith(MANUAL_FACES) for table in select.depends_on):
            self._make_here(connection, select, target=target, as_of=as_of)
            return None
        for table in select.depends_on:
            if table not in self.tables:
                self._face(table, connection)
        written = transpile(select, self.tables, as_of=as_of)
        columns = written.columns or ()
        _refuse_other_reading(_described(connection, select, as_of), columns)
        frame = self.faces.session.sql(written.sql)
        if select.name in self.home:
            _refuse_unheld(columns)
        frame = frame.persist()
        self._keep(select.name, frame, columns)
        rows = frame.toArrow() if select.name in self.home else frame.limit(0).toArrow()
        _bring_home(connection, target, rows, columns)
        return None if select.name in self.home else int(frame.count())

    def _make_here(
        self,
        connection: duckdb.DuckDBPyConnection,
        select: GuardedSelect,
        *,
        target: str,
        as_of: date,
    ) -> None:
        """Make what was entered by hand in DuckDB: it is small, and typed text is read in more ways than two engines share."""
        DuckDbMaker().make(connection, select, target=target, as_of=as_of)
        rows = connection.sql(f"from {target}").to_arrow_table()
        columns = tuple(Column(*each) for each in _described(connection, select, as_of))
        self._keep(select.name, self.faces.session.createDataFrame(rows), columns)

    def _face(self, table: str, connection: duckdb.DuckDBPyConnection) -> None:
        columns = self.faces.columns(table, connection)
        self._keep(table, self.faces.create(table, columns), columns)

    def _keep(self, name: str, frame: "DataFrame", columns: tuple[Column, ...]) -> None:
        frame.createOrReplaceTempView(spark_name(view_name(name)))
        self.tables[name] = columns

    def _refuse_lost(self, error: Exception) -> None:
        """Tell a lost session, which ends the run, from a definition that fails."""
        from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra

        try:
            is_lost = bool(self.faces.session.sparkContext._jsc.sc().isStopped())
        except (Py4JError, OSError, AttributeError):
            is_lost = True
        if is_lost:
            raise EngineUnavailable(
                f"Spark was lost in the middle of the work: {_first_lines(error)} "
                "Mend: see that the cluster is up and has room, and run again; the last release stays."
            ) from error


def _described(
    connection: duckdb.DuckDBPyConnection, select: GuardedSelect, as_of: date
) -> list[tuple[str, str]]:
    rows = connection.execute(f"describe {select.sql}", select.bound(as_of)).fetchall()
    return [(row[0], row[1]) for row in rows]


def _refuse_other_reading(described: Sequence[tuple[str, str]], columns: Sequence[Column]) -> None:
    """Hold what SQLGlot reads in a definition against what DuckDB reads in it: names and types of its columns."""
    for (name, given), column in zip(described, columns, strict=True):
        if (name, given) != (column.name, column.type):
            raise MeasureFailed(
                f"DuckDB reads the column {name} as {given}, and what is written for Spark yields {column.name} as "
                f"{column.type}. Mend: put brackets around its parts, so that there is one way to read it."
            )


def _refuse_unheld(columns: Sequence[Column]) -> None:
    for column in columns:
        if column.is_unheld:
            raise MeasureFailed(
                f"It yields the column {column.name} of type {column.type}, which Spark is not proven to hold. "
                "Mend: leave it out, or cast it at the source."
            )


def _bring_home(
    connection: duckdb.DuckDBPyConnection,
    target: str,
    rows: pa.Table,
    columns: Sequence[Column],
) -> None:
    """Make DuckDB's table of what Spark computed, in DuckDB's types."""
    listed = ", ".join(
        f"cast({column_name(each.name)} as {'INTEGER' if each.type == 'NULL' else each.type}) as {column_name(each.name)}"
        for each in columns
    )
    connection.register("arrived", rows)
    try:
        connection.execute(f"create table {target} as select {listed} from arrived")
    finally:
        connection.unregister("arrived")


def _first_lines(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    found = next((line for line in lines if "Exception" in line or line.startswith("[")), None)
    return (found or (lines[0] if lines else type(error).__name__))[:500]


# --- a session --------------------------------------------------------------------------------------------------------


@contextmanager
def started(master: str, options: Mapping[str, str], *, log: Path) -> Iterator["SparkSession"]:
    """Start a driver with its session on a master, and end both.

    Raises:
        EngineUnavailable: no Java, no pyspark, no master; with the mend.

    """
    _refuse_without_java()
    _refuse_without_answer(master)
    # pyspark prints every failed query at length, by itself; the message that matters is in the error.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        gateway, session = _start(master, options, output=output, log=log)
        try:
            yield session
        finally:
            _stop(gateway, session)


def _start(
    master: str, options: Mapping[str, str], *, output: IO[bytes], log: Path
) -> tuple["JavaGateway", "SparkSession"]:
    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra
        from pyspark import SparkConf, SparkContext  # noqa: PLC0415 - an extra
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra
        from pyspark.java_gateway import launch_gateway  # noqa: PLC0415 - an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise EngineUnavailable(
            f"The workspace says engine: spark, and pyspark is not installed ({error}). "
            'Mend: pip install "steelyard[spark]", or install requirements-spark.lock.'
        ) from None
    # Only what the driver's own process needs stands on its command line, where other users of the machine can read it.
    first = SparkConf(loadDefaults=False)
    for name in ("spark.driver.memory", "spark.driver.extraJavaOptions", "spark.driver.extraClassPath", "spark.jars", "spark.jars.packages"):  # fmt: skip
        if name in options:
            first.set(name, options[name])
    try:
        gateway = launch_gateway(first, popen_kwargs={"stdout": output, "stderr": output})
        conf = SparkConf(_jvm=gateway.jvm)
        for name, value in {**_USUAL, **options, **PROVEN}.items():
            conf.set(name, value)
        conf.setMaster(master).setAppName("steelyard")
        context = SparkContext(conf=conf, gateway=gateway)
        return gateway, SparkSession(context)
    except (PySparkException, Py4JError, OSError) as error:
        raise EngineUnavailable(
            f"Spark does not start on {_plain(master)}: {_first_lines(error)} "
            "Mend: see that the master and its workers are up and take this version of Spark.\n"
            f"{_tail(log)}".rstrip()
        ) from error


def _stop(gateway: "JavaGateway", session: "SparkSession") -> None:
    """End the session and the driver's process, so that the next build of this process starts anew."""
    from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra
    from pyspark import SparkContext  # noqa: PLC0415 - an extra

    with contextlib.suppress(Py4JError, OSError):  # it may have been lost
        session.stop()
    gateway.shutdown()
    process = gateway.proc
    process.stdin.close()
    process.wait(timeout=60)
    SparkContext._gateway = None
    SparkContext._jvm = None


def _refuse_without_java() -> None:
    home = os.environ.get("JAVA_HOME")
    found = Path(home, "bin", "java").exists() if home else shutil.which("java") is not None
    if not found:
        where = (
            f"JAVA_HOME is {home}, and there is no bin/java in it"
            if home
            else "there is no java on the PATH"
        )
        raise EngineUnavailable(
            f"The workspace says engine: spark, which needs Java 17 or 21, and {where}. Mend: install it, or set JAVA_HOME."
        )


def _refuse_without_answer(master: str) -> None:
    """Ask a standalone master for a connection before Spark does, which would try for minutes."""
    parts = urlsplit(master)
    if parts.scheme != "spark":
        return
    failures = []
    for place in parts.netloc.split(","):
        host, _, port = place.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), timeout=_SECONDS_TO_ANSWER):
                return
        except (OSError, ValueError) as error:
            failures.append(f"{place}: {error}")
    raise EngineUnavailable(
        f"The Spark master does not answer ({'; '.join(failures)}). "
        "Mend: start it, or correct spark.master in company.yaml: spark://host:7077."
    )


def _plain(master: str) -> str:
    """Leave out what stands before the host, which may hold a password."""
    parts = urlsplit(master)
    return (
        master
        if "@" not in parts.netloc
        else master.replace(parts.netloc, parts.netloc.rpartition("@")[2])
    )


def _tail(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_SHOWN_LINES:])
