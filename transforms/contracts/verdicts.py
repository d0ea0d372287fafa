"""Verdicts on loads, and the folder that remembers them.

A verdict depends on what it was given and nothing else: the loads' content, the contract, how the table is merged, and the
versions of the engines. So it is kept under the hash of these, and a run that brings nothing new checks nothing anew.

Not here: how a verdict comes about (judge).
"""

import hashlib
import importlib.metadata
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from scorecard.contracts import Contract
from scorecard.load import LoadManifest
from scorecard.sources import Table
from transforms.contracts.rules import QUARANTINE_SCHEMA
from transforms.raw import RawTable, current_loads

Verdict = Literal["passed", "failed", "unchecked", "crashed"]
Outcome = Literal["passed", "failed", "crashed"]
FORMAT = 1
"""Goes up when the same input would give another verdict, or a kept one would not be understood."""


def _no_rows() -> pa.Table:
    """Make a table of batches: `empty_table()` makes arrays, and the first array of a process imports pandas."""
    return pa.Table.from_batches([], schema=QUARANTINE_SCHEMA)


class CheckResult(BaseModel):
    """What one expectation or row rule said of a load; columns as in quality.contract_result."""

    model_config = ConfigDict(frozen=True)

    check_name: str
    expectation: str
    severity: Literal["fail", "warn"]
    outcome: Outcome
    unexpected_count: int | None = None
    row_count: int | None = None
    observed_value: str | None = None
    message: str


@dataclass(frozen=True)
class LoadVerdict:
    """What was said of a load."""

    load: LoadManifest
    verdict: Verdict
    results: tuple[CheckResult, ...] = ()
    quarantined_count: int = 0
    quarantined: pa.Table = field(default_factory=_no_rows)
    """As in QUARANTINE_SCHEMA; of a load that is not accepted only the first rows."""

    @property
    def is_accepted(self) -> bool:
        """It may be used: a load that broke its contract, and one of which nothing is known, may not."""
        return self.verdict in ("passed", "unchecked")


@dataclass(frozen=True)
class TableVerdict:
    """What was said of all loads of a table, oldest first."""

    source_id: str
    table_id: str
    table: Table
    verdicts: tuple[LoadVerdict, ...]

    @property
    def name(self) -> str:
        """`<source>__<table>`."""
        return f"{self.source_id}__{self.table_id}"

    @property
    def accepted(self) -> tuple[LoadManifest, ...]:
        """The good loads, oldest first; the last is where the cursor goes on."""
        return tuple(verdict.load for verdict in self.verdicts if verdict.is_accepted)

    @property
    def newest(self) -> LoadVerdict | None:
        """What was said of the newest load, good or not."""
        return self.verdicts[-1] if self.verdicts else None

    @property
    def newest_rejected(self) -> LoadVerdict | None:
        """The newest load's verdict, where it is not used."""
        newest = self.newest
        return newest if newest is not None and not newest.is_accepted else None

    @property
    def raw_table(self) -> RawTable:
        """What the raw faces are made of."""
        held = [each.quarantined for each in self.verdicts if each.is_accepted]
        return RawTable(
            source_id=self.source_id,
            table_id=self.table_id,
            table=self.table,
            loads=self.accepted,
            newest=self.newest.load if self.newest else None,
            held=pa.concat_tables([_no_rows(), *held]),
        )


class _Kept(BaseModel):
    """A verdict as it is kept: without the load's id, since equal content has an equal verdict."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    results: tuple[CheckResult, ...]
    quarantined_count: int


@dataclass(frozen=True)
class VerdictCache:
    """The folder of kept verdicts. It can be deleted at any time."""

    folder: Path

    def find(self, key: str, load: LoadManifest) -> LoadVerdict | None:
        """Give the verdict kept under `key`; None where there is none, or none that can be read."""
        try:
            kept = _Kept.model_validate_json(self._path(key, "json").read_bytes())
            if not kept.quarantined_count:
                return LoadVerdict(load, kept.verdict, kept.results)
            # Not read_table: that imports pyarrow.dataset, and with it pandas.
            rows = pq.ParquetFile(self._path(key, "parquet")).read().cast(QUARANTINE_SCHEMA)
        except (FileNotFoundError, ValueError):  # pydantic's and pyarrow's errors are ValueErrors
            return None  # judged anew, and written over
        return LoadVerdict(
            load, kept.verdict, kept.results, kept.quarantined_count, _of_load(rows, load)
        )

    def keep(self, key: str, verdict: LoadVerdict) -> None:
        """Keep a verdict. One that crashed is not kept: the next run tries again."""
        if verdict.verdict == "crashed":
            return
        self._path(key, "json").parent.mkdir(parents=True, exist_ok=True)
        if verdict.quarantined_count:
            fresh = self._path(key, f"parquet.{os.getpid()}")
            pq.write_table(verdict.quarantined, fresh)
            fresh.replace(self._path(key, "parquet"))
        kept = _Kept(
            verdict=verdict.verdict,
            results=verdict.results,
            quarantined_count=verdict.quarantined_count,
        )
        fresh = self._path(key, f"json.{os.getpid()}")
        fresh.write_text(kept.model_dump_json(indent=1), "utf-8")
        fresh.replace(self._path(key, "json"))

    def _path(self, key: str, ending: str) -> Path:
        return self.folder / key[:2] / f"{key}.{ending}"


def _of_load(rows: pa.Table, load: LoadManifest) -> pa.Table:
    """Name `load` in rows that were kept for a load of equal content, most often the same."""
    if rows.column("load_id").unique().to_pylist() == [load.load_id]:
        return rows
    place = rows.schema.get_field_index("load_id")
    ids = pa.array([load.load_id] * rows.num_rows, pa.string())
    return rows.set_column(place, "load_id", ids)


def verdict_key(
    load: LoadManifest, *, before: Sequence[LoadManifest], contract: Contract, table: Table
) -> str:
    """Hash all that a load's verdict depends on. `before`: the good loads that it is merged with, oldest first."""
    given = {
        "format": FORMAT,
        "versions": _versions(),
        "contract": contract.model_dump(mode="json"),
        "table": table.model_dump(mode="json", include={"primary_key", "cursor", "deletes"}),
        "loads": [
            [each.content_hash, each.is_snapshot, each.row_count, list(each.columns.items())]
            for each in (*before, load)
        ],
    }
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


@cache
def _versions() -> tuple[str, ...]:
    """Read the engines' versions without importing them."""
    engines = ("duckdb", "duckdb-engine", "great-expectations", "sqlalchemy")
    return tuple(f"{name} {importlib.metadata.version(name)}" for name in engines)


def contract_result_rows(verdicts: Iterable[TableVerdict]) -> list[dict[str, Any]]:
    """Give the rows of quality.contract_result."""
    return [
        {**_keys(table, load), **result.model_dump()}
        for table in verdicts
        for load in table.verdicts
        for result in load.results
    ]


def quarantined_rows(verdicts: Iterable[TableVerdict]) -> list[dict[str, Any]]:
    """Give the rows of quality.quarantined_row."""
    columns = ["row_number", "rule_name", "reason", "row_json"]
    return [
        {**_keys(table, load), **row}
        for table in verdicts
        for load in table.verdicts
        for row in load.quarantined.select(columns).to_pylist()
    ]


def load_rows(verdicts: Iterable[TableVerdict]) -> list[dict[str, Any]]:
    """Give the rows of quality.load; selected are those that the tables as they stand are made of."""
    return [
        {
            **_keys(table, load),
            "row_count": load.load.row_count,
            "byte_count": load.load.byte_count,
            "content_hash": load.load.content_hash,
            "columns": json.dumps(load.load.columns, ensure_ascii=False),
            "cursor_value": load.load.cursor_value,
            "extracted_at": load.load.extracted_at.replace(tzinfo=None),
            "data_as_of_date": load.load.data_as_of,
            "is_snapshot": load.load.is_snapshot,
            "verdict": load.verdict,
            "is_selected": load.load in current,
            "quarantined_count": load.quarantined_count,
        }
        for table in verdicts
        for current in [current_loads(table.accepted)]
        for load in table.verdicts
    ]


def _keys(table: TableVerdict, load: LoadVerdict) -> dict[str, str]:
    return {
        "source_id": table.source_id,
        "table_id": table.table_id,
        "load_id": load.load.load_id,
    }
