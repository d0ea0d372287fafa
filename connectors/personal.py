"""Personal columns: dropped, or replaced by a keyed hash, before a row is written anywhere.

The hash is HMAC-SHA256 of the value's text with the key in `STEELYARD_HASH_KEY`, in hexadecimal: equal values stay equal
across tables and loads, so they still join and count, and without the key nobody can find a value by trying.

Not here: which columns a table declares personal (`sources.yaml`).
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from connectors.errors import SourceBroken
from scorecard.sources import PERSONAL_IN_HR, AnySource, AnyTable, Treatment

HASH_KEY = "STEELYARD_HASH_KEY"
SHORTEST_KEY = 16


@dataclass(frozen=True)
class Personal:
    """How each column of one table is treated. Names are the normalised ones."""

    place: str
    declared: Mapping[str, Treatment]
    is_hr: bool
    key: bytes | None
    needed: frozenset[str]
    """Columns that the table cannot do without: primary key, cursor, deletes, data-as-of."""

    def treatment(self, column: str) -> Treatment:
        """Tell how a column is treated; a nested `contact__email` is known by its last part too."""
        if column in self.declared:
            return self.declared[column]
        known = self.is_hr and (
            column in PERSONAL_IN_HR or column.rsplit("__", maxsplit=1)[-1] in PERSONAL_IN_HR
        )
        if known and column in self.needed:
            raise SourceBroken(
                f"{self.place}: column {column} is personal in tables of area hr, and the table needs it as key or cursor.",
                f"declare it in sources.yaml: `personal: {{{column}: hash}}`, or `keep` where it is not personal.",
            )
        return "drop" if known else "keep"

    def kept(self, columns: Iterable[str]) -> list[str]:
        """List the columns that are not dropped, in their order."""
        return [column for column in columns if self.treatment(column) != "drop"]

    def require(self, columns: Iterable[str]) -> None:
        """Refuse a table that lacks a column declared personal: renamed, it would slip in under another name."""
        missing = sorted(set(self.declared) - set(columns))
        if missing:
            raise SourceBroken(
                f"{self.place}: declared personal, but not in the source: {', '.join(missing)}.",
                "if the column was renamed, declare its new name in `personal`; if it is gone, remove it there.",
            )

    def apply(self, table: pa.Table) -> pa.Table:
        """Drop and hash columns; hashed ones become text, null stays null."""
        table = table.select(self.kept(table.column_names))
        for index, column in enumerate(table.column_names):
            if self.treatment(column) == "hash":
                table = table.set_column(index, column, self._hashed(table.column(index)))
        return table

    def types(self, types: Mapping[str, pa.DataType]) -> dict[str, pa.DataType]:
        """Give the types of the columns as they are after `apply`."""
        return {
            name: pa.string() if self.treatment(name) == "hash" else types[name]
            for name in self.kept(types)
        }

    def _hashed(self, values: pa.ChunkedArray) -> pa.Array:
        if self.key is None:
            raise SourceBroken(
                f"{self.place}: columns are to be hashed, but {HASH_KEY} is not set, or shorter than {SHORTEST_KEY} characters.",
                f"set {HASH_KEY} to a long random text and keep it: with another key the hashes do not match those in the lake.",
            )
        encoded = values.combine_chunks().cast(pa.string()).dictionary_encode()
        hashes = [
            hmac.new(self.key, value.encode(), hashlib.sha256).hexdigest()
            for value in encoded.dictionary.to_pylist()
        ]
        return pa.array(hashes, pa.string()).take(encoded.indices)


def is_key(text: str) -> bool:
    """Tell whether a text is long enough for a key."""
    return len(text) >= SHORTEST_KEY


def personal_columns(
    place: str,
    table: AnyTable,
    *,
    source: AnySource,
    environment: Mapping[str, str],
    name: Callable[[str], str],
) -> Personal:
    """Read how a table's columns are treated; `name` normalises the declared names."""
    key = environment.get(HASH_KEY, "")
    data_as_of = table.data_as_of or source.data_as_of
    others = [table.cursor, table.deletes and table.deletes.column, data_as_of.column]
    return Personal(
        place=place,
        declared={name(column): treatment for column, treatment in table.personal.items()},
        is_hr=source.area == "hr",
        key=key.encode() if is_key(key) else None,
        needed=frozenset(name(column) for column in (*table.primary_key, *others) if column),
    )
