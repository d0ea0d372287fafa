"""What the oracle is given of measures and units: rows, and where each unit stands when.

Not here: what is made of them (values).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from scorecard.company import Company
from tests.oracle.periods import month_of


@dataclass(frozen=True)
class Row:
    """One row of a measure; what its kind does not have is None."""

    unit: str
    month: date
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    observations: int | None = None
    key: str | None = None
    answer: Decimal | None = None


@dataclass(frozen=True)
class Measured:
    """A measure with its rows: kind `amounts`, `components`, `keys` or `answers`."""

    kind: str
    rows: tuple[Row, ...]
    data_as_of: date | None
    is_broken: bool = False
    unplaced: frozenset[tuple[str, date]] = frozenset()
    """Units that are in no tree, and the months of their rows."""

    @property
    def first_month(self) -> int | None:
        """Give the first month with rows, also of units that are in no tree."""
        days = [row.month for row in self.rows] + [month for _, month in self.unplaced]
        return min((month_of(day) for day in days), default=None)


@dataclass(frozen=True)
class Organisation:
    """The units of all trees, by date."""

    root: str
    nested: Mapping[str, str | None]
    tree_of: Mapping[str, str | None]
    moves: Mapping[str, tuple[tuple[date, str], ...]]

    @classmethod
    def of(cls, company: Company) -> "Organisation":
        """Read it from the company's model."""
        units = list(company.units())
        moves: dict[str, list[tuple[date, str]]] = {}
        for tree in company.trees:
            for move in tree.moves:
                moves.setdefault(move.unit, []).append((move.valid_from, move.parent))
        return cls(
            root=company.organisation.id,
            nested={unit.id: parent for _, unit, parent, _ in units},
            tree_of={unit.id: tree.id if tree else None for tree, unit, _, _ in units},
            moves={unit: tuple(sorted(found)) for unit, found in moves.items()},
        )

    def parent(self, unit: str, day: date) -> str | None:
        """Give the unit above on a day."""
        parent = self.nested[unit]
        for valid_from, other in self.moves.get(unit, ()):
            if valid_from <= day:
                parent = other
        return parent

    def upwards(self, unit: str, day: date) -> list[str]:
        """Give the unit and all above it on a day, nearest first."""
        found = [unit]
        while (parent := self.parent(found[-1], day)) is not None:
            found.append(parent)
        return found
