"""What every kind of source hands over: batches of rows, and the types that they turn out to have.

Not here: where the rows come from (one module per kind) and where they go (landing).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.environment import Secrets
from connectors.personal import Personal
from scorecard.load import LoadManifest


@dataclass(frozen=True)
class Request:
    """What is asked of a source: which table, with what at hand."""

    source_id: str
    table_id: str
    root: Path
    environment: Mapping[str, str]
    secrets: Secrets
    personal: Personal
    since: LoadManifest | None

    @property
    def place(self) -> str:
        """Name the table in messages."""
        return f"{self.source_id}.{self.table_id}"


@dataclass(frozen=True)
class Reading:
    """A table being read, in one pass.

    `rows` are the batches, personal columns already treated: an iterable of Arrow tables or a dlt resource of them.
    `types` gives the columns in order with their final types; it is asked after the last batch, and a batch may carry any
    of its columns as text that casts to it, or lack it.
    """

    rows: Iterable[pa.Table] | Any
    types: Callable[[], dict[str, pa.DataType]]
    newest_file: Callable[[], datetime | None] = lambda: None
    """When the newest file that was read was modified; None for sources without files."""
    text_cursor_is_time: bool = False
    """Whether a text cursor holds ISO moments in the source's own form, to be compared as moments."""
