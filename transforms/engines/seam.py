"""The seam to an engine that computes staging and measures elsewhere: what is asked of it, in plain values.

An engine is opened for one build with the raw tables that count. It is then given one guarded SELECT after the other, in
dependency order, keeps what later ones read, and brings home what the build asks for: measures, and staging that is published.

Not here: what becomes of the tables (measures, build), and any engine.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Protocol

import duckdb

from transforms.raw import RawTable
from transforms.sql_guard import GuardedSelect


class EngineUnavailable(Exception):
    """The engine cannot be used at all: what is missing, and the mend. A run ends here; the last release stays."""


class DefinitionFailed(Exception):
    """One definition could not be computed there: why, and the mend. What reads it fails with it, the rest goes on."""


class OpenEngine(Protocol):
    """An engine at work on one build."""

    def create(
        self,
        connection: duckdb.DuckDBPyConnection,
        select: GuardedSelect,
        *,
        as_of: date,
        comes_home: bool,
    ) -> int:
        """Compute a definition, keep it for those that read it, and give its number of rows.

        Where `comes_home`, the rows are put into `connection`'s table of the same name, in the types that DuckDB would give.

        Raises:
            DefinitionFailed: of this definition alone.
            EngineUnavailable: of all.

        """
        ...


class Engine(Protocol):
    """An engine that a workspace may choose."""

    def open(
        self,
        connection: duckdb.DuckDBPyConnection,
        raw_tables: Sequence[RawTable],
        *,
        lake: Path,
        work: Path,
    ) -> AbstractContextManager[OpenEngine]:
        """Open it for one build. `connection` has the raw faces as views: they tell names and types.

        Raises:
            EngineUnavailable: with the mend.

        """
        ...
