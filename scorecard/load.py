"""The manifest of a load: what connectors write beside the rows they land, and what everything after reads.

A load is the folder `lake/<source>/<table>/<load_id>/`, immutable once its `manifest.json` is there.

Not here: writing or finding loads (connectors), judging them (transforms).
"""

from datetime import date, datetime
from typing import Literal

from scorecard.base import Id, Part


class LoadManifest(Part):
    """One load of one table. `load_id` sorts by moment of extraction."""

    format: Literal[1, 2] = 2
    """2 is sealed."""
    source: Id
    table: Id
    load_id: str
    row_count: int
    byte_count: int
    columns: dict[str, str]
    """Name to DuckDB type, in order."""
    primary_key: tuple[str, ...]
    cursor_column: str | None = None
    cursor_value: str | None = None
    """Greatest value of the cursor column in this load and all before it that it builds on, as text; null for a snapshot."""
    is_snapshot: bool
    extracted_at: datetime
    """UTC."""
    data_as_of: date
    content_hash: str
    """SHA-256 of the Parquet bytes; rows are sorted by primary key, so equal rows give an equal hash."""
    files: tuple[str, ...]
    """Parquet files, relative to the load's folder."""

    @property
    def folder(self) -> str:
        """The load's folder below the lake, with forward slashes."""
        return f"{self.source}/{self.table}/{self.load_id}"
