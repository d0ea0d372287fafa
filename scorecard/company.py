"""`company.yaml`: the organisation, its units, its calendar and its nightly schedule.

Not here: what is measured (strategy) and where it comes from (sources).
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from scorecard.base import Id, Part, Text


class Unit(Part):
    """A part of the organisation: a region, a shop, a department. Units nest to any depth."""

    id: Id
    name: Text
    units: tuple["Unit", ...] = ()

    def walk(self) -> Iterator["Unit"]:
        """Yield this unit and all below it, parents first."""
        yield self
        for child in self.units:
            yield from child.walk()


class Tree(Part):
    """One way to divide the organisation (by territory, by department). Its top units stand under the organisation."""

    id: Id
    name: Text
    units: Annotated[tuple[Unit, ...], Field(min_length=1)]


class Organisation(Part):
    """The whole: the one unit that is the root of every tree."""

    id: Id
    name: Text


class Retention(Part):
    """How many published releases are kept, by number and by age; the current one always stays."""

    releases: Annotated[int, Field(ge=1)] = 30
    days: Annotated[int, Field(ge=1)] | None = None


class Company(Part):
    """The organisation that owns the workspace.

    `today` fixes the business date of workspaces whose data have an end (examples, demonstrations); a living
    organisation leaves it out. `catch_all` is the unit that takes rows whose unit is in no tree; without one such rows
    fail a check.
    """

    organisation: Organisation
    trees: tuple[Tree, ...] = ()
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    locale: str = "en"
    time_zone: str = "UTC"
    fiscal_year_start_month: Annotated[int, Field(ge=1, le=12)] = 1
    schedule: str = "0 3 * * *"
    catch_all: Id | None = None
    today: date | None = None
    keep: Retention = Retention()
    publish_staging: tuple[str, ...] | Literal["all"] = ()

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
