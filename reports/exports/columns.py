"""A column of what is taken away: its name, kind and meaning, and how a row of the warehouse becomes its cells.

Not here: which columns there are (records and its siblings), how cells are written (data, workbook).
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

Cell = str | int | float | bool | None
Record = dict[str, Cell]
Kind = Literal["text", "number", "integer", "flag", "day", "time"]
NUMBERS = frozenset({"number", "integer"})


class Column(NamedTuple):
    """A column of what is taken away."""

    name: str
    kind: Kind
    meaning: str
    is_optional: bool = True
    """It may be empty."""


Columns = tuple[Column, ...]


def must(name: str, kind: Kind, meaning: str) -> Column:
    """Return a column that is never empty."""
    return Column(name, kind, meaning, is_optional=False)


def ordered(columns: Iterable[Column], row: Record) -> Record:
    """Return a row with every column, in their order."""
    return {column.name: row.get(column.name) for column in columns}


def plain(columns: Iterable[Column], row: object) -> Record:
    """Return the fields of a row of the warehouse that have a column's name."""
    return {column.name: cell_of(getattr(row, column.name)) for column in columns}


def cell_of(found: Cell | date | Decimal) -> Cell:
    """Return a field of a row of the warehouse as it is taken away."""
    if isinstance(found, datetime | date):
        return found.isoformat()
    if isinstance(found, Decimal):
        return int(found) if found == found.to_integral_value() else float(found)
    return found
