"""What names mean in one SELECT on its way to Spark: tables by their views, columns, aliases.

Not here: the SELECT itself (transpile).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlglot import exp

from transforms.engines.expressions import Rule
from transforms.engines.rules import RULES
from transforms.engines.terms import Column, only, refused

Columns = tuple[Column, ...] | None
"""A table's columns; None where they are not known yet."""


def view_name(table: str) -> str:
    """Name the view that stands for `schema.table` on Spark."""
    return "t__" + table.replace(".", "__").lower()


def spark_name(name: str) -> str:
    """Quote a name for Spark."""
    return "`" + name.replace("`", "``") + "`"


@dataclass
class Scope:
    """What the columns of one SELECT mean."""

    as_of: date
    used: set[str]
    sources: dict[str, Columns] = field(default_factory=dict)
    aliases: dict[str, exp.Expr] = field(default_factory=dict)
    is_after_grouping: bool = False
    """Names in HAVING: where one is both a column and another expression's alias, it is refused."""

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules of expressions."""
        return RULES

    def resolve(self, column: exp.Column) -> tuple[str, Column] | exp.Expr:
        """Give a column as Spark has it, or the expression that an alias stands for."""
        only(column, "this", "table")
        name, table = column.name.lower(), column.table.lower()
        if table and table not in self.sources:
            raise refused(f"The column {column.sql()}", column, "Name it table.column.")
        found = self._find(name, [table] if table else list(self.sources))
        if len(found) > 1:
            raise refused(
                f"The column {name}, which is in several tables,", column, "Name it table.column."
            )
        alias = None if table else self.aliases.get(name)
        if found and not self._is_other(alias, column):
            source, known = found[0]
            return f"{spark_name(source)}.{spark_name(known.name)}", known
        if alias is None or found:
            mend = "Name a column of the tables that are read, once; no name of another meaning."
            raise refused(f"The name {name} here", column, mend)
        return alias

    def _is_other(self, alias: exp.Expr | None, column: exp.Column) -> bool:
        is_same = isinstance(alias, exp.Column) and alias.name.lower() == column.name.lower()
        return self.is_after_grouping and alias is not None and not is_same

    def _find(self, name: str, tables: Sequence[str]) -> list[tuple[str, Column]]:
        found = [
            (table, each)
            for table in tables
            for each in self.sources[table] or ()
            if each.name.lower() == name
        ]
        unknown = [table for table in tables if self.sources[table] is None]
        if not found and unknown:
            return [(unknown[0], Column(name))]
        return found
