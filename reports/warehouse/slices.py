"""Holds the rows of a part of the release at a time, so that memory does not grow with the number of pages.

Rows come in areas: some KPIs for some units. Who asks for a KPI and unit that no area holds makes the next one be read; the
one that was asked for longest ago goes. What is asked for decides what is read, never what is found: an answer does not
depend on what was held. `plan` says which area the next pages need, so that it is read in one go.

Not here: which rows those are (reader), what a page makes of them (views).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeVar

from reports.warehouse import rows

Key = TypeVar("Key")
Found = TypeVar("Found")

PAIRS = 500
"""How many pairs of a KPI and a unit are read at once: some 100 kB each."""
AREAS = 4
"""How many areas are held: what was planned, what it compares with, and room for pages that nobody planned."""
BLOCKS = 2
"""How many times so many units' own scores are held."""
KPIS = 5
"""How many KPIs are read at once where nothing was planned."""
UNITS = 50
"""How many units' own scores are read at once."""


@dataclass(frozen=True)
class OfPairs:
    """What is known of some KPIs for some units."""

    kpis: frozenset[str]
    units: frozenset[str]
    values: dict[tuple[str, str, str], dict[date, rows.Value]] = field(default_factory=dict)
    """By KPI, unit and grain."""
    scores: dict[tuple[str, str, str], dict[date, rows.Score]] = field(default_factory=dict)
    moves: dict[tuple[str, str], dict[date, rows.Moved]] = field(default_factory=dict)
    """By KPI and unit; the KPI's own periods."""
    contributions: dict[tuple[str, str], list[rows.UnitContribution]] = field(default_factory=dict)
    """By KPI and upper unit."""
    reported: dict[tuple[str, str], list[rows.Reported]] = field(default_factory=dict)
    """Of the periods whose value or score was reported more than once, as is `rescored`; the organisation's of all."""
    rescored: dict[tuple[str, str, str], list[rows.ReportedScore]] = field(default_factory=dict)
    """By the level (KPI), KPI and unit."""
    comments: dict[tuple[str, str], list[rows.Comment]] = field(default_factory=dict)


@dataclass(frozen=True)
class OfUnits:
    """What is known of some units' objectives, perspectives and scorecards."""

    units: frozenset[str]
    nodes: dict[tuple[str, str, str], dict[date, rows.Node]] = field(default_factory=dict)
    """By level, node and unit; months."""
    costs: dict[tuple[str, date], list[rows.Cost]] = field(default_factory=dict)
    balance: dict[str, rows.Balance] = field(default_factory=dict)
    contributions: dict[tuple[str, str, str], list[rows.ScoreContribution]] = field(
        default_factory=dict
    )
    """By parent's level, parent and unit."""


class Reads(Protocol):
    """Who reads an area."""

    def pairs(
        self, kpis: Sequence[str], units: Sequence[str], *, is_report_whole: bool = False
    ) -> OfPairs:
        """Read some KPIs for some units."""

    def of_units(self, units: Sequence[str]) -> OfUnits:
        """Read the scores of some units."""

    def targets(self, kpis: Sequence[str]) -> dict[str, list[rows.Target]]:
        """Read the targets of some KPIs, of all units."""


@dataclass(frozen=True)
class Order:
    """All KPIs and units, each in its order; the organisation is held as long as the release is."""

    kpis: tuple[str, ...]
    units: tuple[str, ...]
    organisation_id: str


class Slices:
    """The areas that are held."""

    def __init__(self, reader: Reads, order: Order) -> None:
        self._reader = reader
        self.order = order
        self._kpi_at = {kpi: at for at, kpi in enumerate(order.kpis)}
        self._unit_at = {unit: at for at, unit in enumerate(order.units)}
        self._whole: list[OfPairs] = []
        self._whole_units: list[OfUnits] = []
        self._pairs: list[OfPairs] = []
        self._units: list[OfUnits] = []
        self._targets: dict[str, list[rows.Target]] = {}
        self._planned: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def plan(self, kpis: Sequence[str], units: Sequence[str]) -> None:
        """Say what the next pages are of: the first that is asked for makes all of it be read. What was held of others goes."""
        self._planned = (tuple(kpis), tuple(units))
        self._pairs = []

    def pairs(self, kpi: str, unit: str) -> OfPairs:
        """Return an area that holds a KPI for a unit."""
        if unit == self.order.organisation_id:
            if not self._whole:
                self._whole.append(
                    self._reader.pairs(self.order.kpis, (unit,), is_report_whole=True)
                )
            return self._whole[0]
        for at, area in enumerate(self._pairs):
            if kpi in area.kpis and unit in area.units:
                if at:
                    self._pairs.insert(0, self._pairs.pop(at))
                return area
        area = self._reader.pairs(*self._around(kpi, unit))
        self._pairs = [area, *self._pairs][:AREAS]
        return area

    def of_unit(self, unit: str) -> OfUnits:
        """Return what is held of a unit's scores."""
        if unit == self.order.organisation_id:
            if not self._whole_units:
                self._whole_units.append(self._reader.of_units((unit,)))
            return self._whole_units[0]
        for area in self._units:
            if unit in area.units:
                return area
        area = self._reader.of_units(self._block_of(unit) or (unit,))
        self._units = [area, *self._units][:BLOCKS]
        return area

    def targets(self, kpi: str) -> dict[str, list[rows.Target]]:
        """Return the targets of a KPI, among those of others."""
        if kpi not in self._targets:
            kpis, _ = self._planned
            together = _block(kpis, kpis.index(kpi), KPIS) if kpi in kpis else (kpi,)
            found = self._reader.targets(together)
            self._targets = {each: found.get(each, []) for each in together}
        return self._targets

    def _around(self, kpi: str, unit: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        kpis, units = self._planned
        if kpi in kpis and unit in units:
            return self._planned
        return (
            _block(self.order.kpis, self._kpi_at.get(kpi), KPIS) or (kpi,),
            self._block_of(unit) or (unit,),
        )

    def _block_of(self, unit: str) -> tuple[str, ...]:
        """Return the units that are read together with one."""
        return _block(self.order.units, self._unit_at.get(unit), UNITS)


def _block(found: Sequence[str], at: int | None, size: int) -> tuple[str, ...]:
    """Return the ids of one size around a place; none where there is no place."""
    first = 0 if at is None else at - at % size
    return () if at is None else tuple(found[first : first + size])


class Looked(Mapping[Key, Found]):
    """Rows by key, found in the area that holds them. They cannot be walked through: nobody holds them all."""

    def __init__(self, find: Callable[[Key], Mapping[Key, Found]]) -> None:
        self._find = find

    def __getitem__(self, key: Key) -> Found:
        """Return what is found under a key."""
        return self._find(key)[key]

    def get(self, key: Key, default: Any = None) -> Any:
        """Return what is found under a key, or else the default; asked often enough to be spared an exception."""
        return self._find(key).get(key, default)

    def __iter__(self) -> Iterator[Key]:
        """Refuse."""
        raise TypeError("These rows are held a part at a time: ask for those of a KPI or a unit.")

    def __len__(self) -> int:
        """Refuse."""
        raise TypeError("These rows are held a part at a time: they are not counted.")


class Kept(Mapping[str, Found]):
    """What is read by name when it is asked for; the last few stay."""

    def __init__(self, names: Sequence[str], read: Callable[[str], Found], *, keep: int) -> None:
        self._names = dict.fromkeys(names)
        self._read = read
        self._keep = keep
        self._held: dict[str, Found] = {}

    def __getitem__(self, key: str) -> Found:
        """Return what has a name."""
        if key not in self._names:
            raise KeyError(key)
        if key not in self._held:
            while len(self._held) >= self._keep:
                del self._held[next(iter(self._held))]
            self._held[key] = self._read(key)
        return self._held[key]

    def __contains__(self, key: object) -> bool:
        """Whether there is something of a name; nothing is read for it."""
        return key in self._names

    def __iter__(self) -> Iterator[str]:
        """Walk through the names."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._names)
