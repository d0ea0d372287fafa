"""`company.yaml`: the organisation, its units, its calendar and its nightly schedule.

Not here: what is measured (strategy) and where it comes from (sources).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field

from scorecard.base import Day, Id, Part, Text


class Unit(Part):
    """A part of the organisation: a region, a shop, a department. Units nest to any depth."""

    id: Id
    """Its identifier; unique in the whole workspace. Measures yield it in their column `unit`."""
    name: Text
    """As it is shown."""
    units: tuple["Unit", ...] = ()
    """The units below it."""

    def walk(self) -> Iterator["Unit"]:
        """Yield this unit and all below it, parents first."""
        yield self
        for child in self.units:
            yield from child.walk()


class Move(Part):
    """A unit of a tree, with all below it, comes under another parent on a date."""

    unit: Id
    """The unit that moves."""
    parent: Id
    """The unit that it comes under, or the organisation."""
    valid_from: Day
    """From when. A month belongs to the parent under which the unit stands on the month's last day."""


class Tree(Part):
    """One way to divide the organisation (by territory, by department). Its top units stand under the organisation."""

    id: Id
    """Its identifier; a KPI may apply to a whole tree."""
    name: Text
    """As it is shown."""
    units: Annotated[tuple[Unit, ...], Field(min_length=1)]
    """Its top units."""
    moves: tuple[Move, ...] = ()
    """Units that came, or will come, under another parent; before its first move a unit stands where it is written."""


class Organisation(Part):
    """The whole: the one unit that is the root of every tree."""

    id: Id
    """Its identifier: the unit that rows of the whole organisation carry."""
    name: Text
    """As it is shown."""


@dataclass(frozen=True)
class Above:
    """A unit, and one above it or itself, for a time."""

    ancestor: str
    """The upper unit."""
    unit: str
    """The unit itself, or one below."""
    distance: int
    """0 for the unit itself, 1 for its parent."""
    first: date
    """First day; `date.min` where it always was so."""
    last: date
    """Last day; `date.max` where it has no end."""


class Retention(Part):
    """How many published releases are kept, by number and by age; the current one always stays."""

    releases: Annotated[int, Field(ge=1)] = 30
    """How many releases are kept."""
    days: Annotated[int, Field(ge=1)] | None = None
    """Releases older than this many days go, too."""
    tables: bool = True
    """Whether staging tables and measures are kept from night to night, so that a night makes only those that changed."""


Size = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}(MB|GB|TB)$")]
"""An amount of memory or disk: `500MB`, `4GB`."""


class Limits(Part):
    """What SQL of the workspace may take of the machine. What takes more is stopped, and fails by itself."""

    memory: Size = "4GB"
    """Memory of the database that builds a release."""
    seconds: Annotated[int, Field(ge=1, le=86_400)] = 900
    """Time for one staging table, measure or row rule."""
    disk: Size = "100GB"
    """Room for what does not fit into memory, and again for the working files of a run."""


class SparkSettings(Part):
    """A Spark cluster, for `engine: spark`. `${NAME}` stands for an environment variable, as in sources.yaml."""

    master: Text
    """Its master: spark://host:7077, k8s://…, yarn, local-cluster[2,1,1024], or ${SPARK_MASTER}."""
    lake: Text | None = None
    """Where Spark finds the lake, if not under the path that it has here: file:///mnt/lake."""
    options: dict[str, str] = {}
    """Settings of Spark by their names: spark.executor.memory: 4g. Secrets come from the environment."""


class Company(Part):
    """The organisation that owns the workspace.

    `today` fixes the business date of workspaces whose data have an end (examples, demonstrations); a living
    organisation leaves it out. `catch_all` is the unit that takes rows whose unit is in no tree; without one such rows
    fail a check.
    """

    organisation: Organisation
    """The whole."""
    trees: tuple[Tree, ...] = ()
    """The ways in which it is divided; none where only the whole is scored."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """Currency of all amounts, as ISO 4217 has it: EUR, USD."""
    locale: str = "en"
    """Language and region of the pages' numbers and dates: en, en_GB, de."""
    time_zone: str = "UTC"
    """Where the organisation's day begins and ends: Europe/Berlin."""
    fiscal_year_start_month: Annotated[int, Field(ge=1, le=12)] = 1
    """First month of the fiscal year, 1 to 12."""
    schedule: str = "0 3 * * *"
    """When the nightly job runs, as a cron expression in the organisation's time zone."""
    catch_all: Id | None = None
    """The unit that takes rows whose unit is in no tree."""
    today: Day | None = None
    """Fixes the business date; for data that have an end."""
    keep: Retention = Retention()
    """How many releases are kept."""
    limits: Limits = Limits()
    """What SQL of the workspace may take of the machine."""
    publish_staging: tuple[str, ...] | Literal["all"] = ()
    """Staging tables that are published in the warehouse, or `all`."""
    engine: Literal["duckdb", "spark"] = "duckdb"
    """What computes staging and measures: DuckDB on this machine, or a Spark cluster."""
    spark: SparkSettings | None = None
    """The cluster, for `engine: spark`."""

    def units(self) -> Iterator[tuple[Tree | None, Unit | Organisation, str | None, int]]:
        """Yield (tree, unit, parent id, level) for the organisation (level 0, no tree) and each unit, parents first."""
        yield None, self.organisation, None, 0
        for tree in self.trees:
            yield from self._below(tree, tree.units, self.organisation.id, 1)

    def moves(self) -> list[Move]:
        """Give every move of every tree, by date; of one date in the file's order."""
        moves = [move for tree in self.trees for move in tree.moves]
        return sorted(moves, key=lambda move: move.valid_from)

    def parents(self, day: date) -> dict[str, str | None]:
        """Give each unit's parent on a day, in the order of `units()`; the organisation has none."""
        parents = {unit.id: parent for _, unit, parent, _ in self.units()}
        for move in self.moves():
            if move.valid_from <= day:
                parents[move.unit] = move.parent
        return parents

    def closure(self) -> Iterator[Above]:
        """Yield each unit with itself and each unit above it, for each time that it stood there.

        The moves must be sound, as `check_company` says: no unit ever stands below itself.
        """
        first_days = [date.min, *sorted({move.valid_from for move in self.moves()})]
        chains = [_chains(self.parents(day)) for day in first_days]
        for _, unit, _, _ in self.units():
            since: dict[tuple[str, int], date] = {}
            for number, day in enumerate(first_days):
                now = {(name, far) for far, name in enumerate(chains[number][unit.id])}
                for gone in [pair for pair in since if pair not in now]:
                    yield Above(gone[0], unit.id, gone[1], since.pop(gone), day - timedelta(days=1))
                for pair in sorted(now - since.keys(), key=lambda pair: pair[1]):
                    since[pair] = day
            for (name, far), first in since.items():
                yield Above(name, unit.id, far, first, date.max)

    def _below(
        self, tree: Tree, units: tuple[Unit, ...], parent: str, level: int
    ) -> Iterator[tuple[Tree, Unit, str, int]]:
        for unit in units:
            yield tree, unit, parent, level
            yield from self._below(tree, unit.units, unit.id, level + 1)


def _chains(parents: dict[str, str | None]) -> dict[str, list[str]]:
    """Give each unit's way up, itself first."""
    chains: dict[str, list[str]] = {}
    for unit, parent in parents.items():
        chain, above = [unit], parent
        while above is not None:
            if above in chains:
                chain += chains[above]
                break
            chain.append(above)
            above = parents[above]
        chains[unit] = chain
    return chains
