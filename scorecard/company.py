"""`company.yaml`: the organisation, its units, its calendar and its nightly schedule.

Not here: what is measured (strategy) and where it comes from (sources).
"""

from collections.abc import Iterator
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


class Tree(Part):
    """One way to divide the organisation (by territory, by department). Its top units stand under the organisation."""

    id: Id
    """Its identifier; a KPI may apply to a whole tree."""
    name: Text
    """As it is shown."""
    units: Annotated[tuple[Unit, ...], Field(min_length=1)]
    """Its top units."""


class Organisation(Part):
    """The whole: the one unit that is the root of every tree."""

    id: Id
    """Its identifier: the unit that rows of the whole organisation carry."""
    name: Text
    """As it is shown."""


class Retention(Part):
    """How many published releases are kept, by number and by age; the current one always stays."""

    releases: Annotated[int, Field(ge=1)] = 30
    """How many releases are kept."""
    days: Annotated[int, Field(ge=1)] | None = None
    """Releases older than this many days go, too."""


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
    publish_staging: tuple[str, ...] | Literal["all"] = ()
    """Staging tables that are published in the warehouse, or `all`."""

    def units(self) -> Iterator[tuple[Tree | None, Unit | Organisation, str | None, int]]:
        """Yield (tree, unit, parent id, level) for the organisation (level 0, no tree) and each unit, parents first."""
        yield None, self.organisation, None, 0
        for tree in self.trees:
            yield from self._below(tree, tree.units, self.organisation.id, 1)

    def _below(
        self, tree: Tree, units: tuple[Unit, ...], parent: str, level: int
    ) -> Iterator[tuple[Tree, Unit, str, int]]:
        for unit in units:
            yield tree, unit, parent, level
            yield from self._below(tree, unit.units, unit.id, level + 1)
