"""Which releases a person means, and how they differ: read from the ledger's parts alone, so that pruned releases count too.

Not here: the comparison itself (`transforms.difference`), and its words (`compared`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from pipelines import releases
from pipelines.plural import counted
from pipelines.state import State
from transforms import ledger
from transforms.catalogue import create_tables
from transforms.difference import Difference, difference
from transforms.ledger import LedgerPart
from transforms.standing import line_of


class ReleaseUnknown(Exception):
    """No published release, or more than one, is called as a person says; with those that are known."""


@dataclass(frozen=True)
class Compared:
    """Two releases and what differs."""

    before: LedgerPart
    after: LedgerPart
    difference: Difference


def diff(state: State, names: tuple[str, str], *, kpi: str | None, unit: str | None) -> Compared:
    """Compare two published releases, each named by run id, release id, or the beginning of one.

    Raises:
        ReleaseUnknown: if a name is none's or several's.

    """
    parts = ledger.read_parts(state.parts, releases.published_run_ids(state))
    before, after = (find(parts, name) for name in names)
    with duckdb.connect() as connection:
        create_tables(connection)
        bases = ledger.read_history(connection, parts, parts=state.parts)
        found = difference(
            connection,
            before=line_of(before.run_id, bases=bases),
            after=line_of(after.run_id, bases=bases),
            kpi_id=kpi,
            unit_id=unit,
        )
    return Compared(before, after, found)


def find(parts: Mapping[str, LedgerPart], name: str) -> LedgerPart:
    """Give the release of that name; of several runs with the same content the newest.

    Raises:
        ReleaseUnknown: if it is none's or several's.

    """
    called = [part for part in parts.values() if name in (part.run_id, part.release_id)]
    called = called or [
        part
        for part in parts.values()
        if part.run_id.startswith(name) or part.release_id.startswith(name)
    ]
    if len({part.release_id for part in called}) == 1:
        return called[-1]
    said = "begins the names of several" if called else "names no"
    known = "\n".join(
        f"  {part.release_id}  {part.run_id}  {part.reported_at:%Y-%m-%d %H:%M} UTC"
        for part in called or parts.values()
    )
    raise ReleaseUnknown(
        f"'{name}' {said} published release{'s' if called else ''}; "
        f"{counted(len(called or parts), 'release')} {'fit' if called else 'known'}:\n{known}"
        if parts
        else "Nothing is published yet."
    )
