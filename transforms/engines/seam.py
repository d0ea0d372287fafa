"""The seam to an engine that makes staging and measures elsewhere: a `Maker` of tables (measures), opened for one build.

An engine is opened with the raw tables that count. Its maker is then given one guarded SELECT after the other, in dependency
order, keeps what later ones read, and puts into the work database only what is asked home: measures, and staging that is
published. Everything after that goes on in DuckDB as ever.

Not here: what becomes of the tables (measures, build), and any engine.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import duckdb

from transforms.measures import Maker
from transforms.raw import RawTable


class EngineUnavailable(Exception):
    """The engine cannot be used at all: what is missing, and the mend. A run ends here; the last release stays."""


class Engine(Protocol):
    """An engine that a workspace may choose."""

    def open(
        self,
        connection: duckdb.DuckDBPyConnection,
        raw_tables: Sequence[RawTable],
        *,
        lake: Path,
        work: Path,
        home: Collection[str],
    ) -> AbstractContextManager[Maker]:
        """Open it for one build.

        `connection` has the raw faces as views, which tell names and types; `home` names the tables that are wanted in it, as
        `schema.table`; `work` is the run's own folder.

        Raises:
            EngineUnavailable: with the mend.

        """
        ...
