"""The check of a workspace that runs on another engine: each definition uses only what is proven equal on both.

Not here: what is proven (allowed), and the check of SQL in itself (`transforms.check`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from transforms.engines.scope import Columns
from transforms.engines.terms import Column
from transforms.engines.transpile import transpile
from transforms.sql_guard import GuardedSelect, SqlRefused

_ANY_DAY = date(2024, 1, 1)
"""Stands for `$as_of`."""


def unproven(
    selects: Mapping[str, GuardedSelect],
    ordered: Sequence[str],
    *,
    known: Mapping[str, Mapping[str, str]],
) -> Iterator[SqlRefused]:
    """Give the first thing in each definition that is not proven to give the same on Spark, with the definition's name.

    `known` are the columns of raw tables by `schema.table`; what reads others is looked through without types.
    """
    tables: dict[str, Columns] = {
        name: tuple(Column(column, kind) for column, kind in columns.items())
        for name, columns in known.items()
        if name.startswith("raw.")
    }
    for name in ordered:
        try:
            tables[name] = transpile(selects[name], tables, as_of=_ANY_DAY).columns
        except SqlRefused as refused:
            tables[name] = None
            yield refused
