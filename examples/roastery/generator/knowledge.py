"""What of the whole story was known on a morning: rows that were there, without what had not happened yet.

Rows keep their numbers and their chances, so that an earlier morning shows an earlier state of the same world: what two
nightly runs see of it is what a living organisation would show them.

Not here: making the rows.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from examples.roastery.generator.hr import NEVER, Employee

Row = dict[str, Any]
WHEN_ASKED = time(3, 0)
"""Systems are asked at this time of the morning."""


def posted(rows: Iterable[Row], *, known_on: date) -> list[Row]:
    """Give rows of finance that had been posted."""
    moment = datetime.combine(known_on, WHEN_ASKED)
    return [row for row in rows if row["updated_at"] < moment]


def ended(rows: Iterable[Row], column: str, *, known_on: date) -> list[Row]:
    """Give rows of days that had passed."""
    return [row for row in rows if row[column] < known_on]


def budgeted(rows: Iterable[Row], *, known_on: date) -> list[Row]:
    """Give budgets of the years that had begun."""
    return [row for row in rows if row["month_end_date"].year <= known_on.year]


def recorded(
    rows: Iterable[Row], *, begun: str, over: str | None = None, known_on: date
) -> list[Row]:
    """Give objects of the CRM that had begun; what was not over yet is open, and was last changed when it began."""
    moment = f"{known_on.isoformat()}T{WHEN_ASKED.isoformat()}Z"
    there = [row for row in rows if row[begun] < moment]
    return [row if row["updatedAt"] < moment else _still_open(row, begun, over) for row in there]


def _still_open(row: Row, begun: str, over: str | None) -> Row:
    earlier = {**row, "updatedAt": row[begun]}
    if over:
        earlier[over] = None
    if "status" in row:
        earlier["status"] = "open"
    if "isDeleted" in row:
        earlier["isDeleted"] = False
    return earlier


def under_way(rows: Iterable[Row], *, begun: str, over: str, known_on: date) -> list[Row]:
    """Give rows of operations that had begun; what was not over yet has no end."""
    return [
        {**row, over: row[over] if row[over] < known_on else None}
        for row in rows
        if row[begun] < known_on
    ]


def employed(staff: Iterable[Employee], *, known_on: date) -> list[Employee]:
    """Give people who had been hired; of those still there nobody knows when they will leave."""
    return [
        one if one.left < known_on else replace(one, left=NEVER)
        for one in staff
        if one.hired < known_on
    ]
