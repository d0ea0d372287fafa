"""DuckDB itself: its version, and how a database of ours is opened.

Not here: what is put into it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from scorecard.company import Company

DUCKDB_VERSION = "2.0.0"
STORAGE_VERSION = "v1.5.0"
"""Storage format of published files: readable by DuckDB 1.5 and newer."""


class WrongEngine(Exception):
    """The installed DuckDB is not the one that results were proven on."""


@dataclass(frozen=True)
class Limits:
    """What a database may take of the machine."""

    memory: str = "4GB"
    threads: int | None = None
    """All cores where none is given."""
    seconds: float = 900
    """For one definition of the workspace."""
    disk: str = "100GB"
    """For what is spilled, and again for the working files of a run."""

    @classmethod
    def of(cls, company: Company) -> "Limits":
        """Take what company.yaml allows."""
        given = company.limits
        return cls(memory=given.memory, seconds=given.seconds, disk=given.disk)


def assert_version() -> None:
    """Refuse to start on another DuckDB than the locked one.

    Raises:
        WrongEngine: with the version found and the mend.

    """
    if duckdb.__version__ != DUCKDB_VERSION:
        raise WrongEngine(
            f"DuckDB {duckdb.__version__} is installed, Steelyard needs {DUCKDB_VERSION}: "
            "install the locked dependencies anew (make clean, then make run)."
        )


def quoted(name: str) -> str:
    """Quote an identifier for SQL; the one place where names are put into statements."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


def literal(text: str) -> str:
    """Quote a string for the statements that take no parameters (attach, comment, set)."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Make what is done all or nothing; the disk is waited for once, not after each of many small statements."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def open_warehouse(path: Path, *, limits: Limits, temporary: Path) -> duckdb.DuckDBPyConnection:
    """Open a warehouse file for writing, creating it in the published storage format."""
    connection = _connect(":memory:", limits, temporary)
    connection.execute(
        f"attach {literal(str(path))} as warehouse (storage_version {literal(STORAGE_VERSION)})"
    )
    connection.execute("use warehouse")
    return connection


def open_sandbox(
    path: Path,
    *,
    warehouse: Path,
    readable: Path,
    limits: Limits,
    temporary: Path,
    before_locking: Callable[[duckdb.DuckDBPyConnection], None] = lambda _: None,
) -> duckdb.DuckDBPyConnection:
    """Open the work database in which SQL from the workspace runs, with the warehouse attached beside it.

    `before_locking` may attach what else belongs beside it. Nothing outside `readable` can be read, and no setting changed but the number of threads. This is the second wall: the
    first, `sql_guard`, lets only single SELECT statements over named tables through.
    """
    connection = _connect(str(path), limits, temporary)
    connection.execute(
        f"attach {literal(str(warehouse))} as warehouse (storage_version {literal(STORAGE_VERSION)})"
    )
    before_locking(connection)
    connection.execute(f"set allowed_directories=[{literal(str(readable))}]")
    connection.execute("set allowed_configs=['threads']")
    connection.execute("set python_enable_replacements=false")
    connection.execute("set enable_external_access=false")
    connection.execute("set lock_configuration=true")
    return connection


def _connect(path: str, limits: Limits, temporary: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(path, config=_config(limits, temporary))
    connection.execute("load icu")
    connection.execute("set TimeZone='UTC'")
    return connection


def _config(limits: Limits, temporary: Path) -> dict[str, str | bool | int | float | list[str]]:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": limits.memory,
        "temp_directory": str(temporary),
        "max_temp_directory_size": limits.disk,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if limits.threads:
        config["threads"] = limits.threads
    return config
