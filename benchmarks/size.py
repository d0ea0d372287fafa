"""How large the benchmark's organisation is. Not here: its files (workspace)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PER_REGION = 10
KINDS = ("sum", "ratio", "sum", "ratio", "last")


@dataclass(frozen=True)
class Size:
    """How large an organisation is."""

    kpis: int
    units: int
    """All of them have every KPI: so many pages are there of each KPI."""
    months: int
    nights: int = 2
    seed: int = 1
    kinds: tuple[str, ...] = KINDS
    """How KPIs add up, in turn."""

    def kind(self, kpi_id: str) -> str:
        """Return how a KPI adds up."""
        return self.kinds[int(kpi_id[-3:]) % len(self.kinds)]

    @property
    def name(self) -> str:
        """The folder that holds all that is made of it."""
        return f"{self.kpis}x{self.units}x{self.months}-{self.nights}-{self.seed}"

    @property
    def pages(self) -> int:
        """How many KPI-and-unit pages there are."""
        return self.kpis * self.units

    @property
    def kpi_ids(self) -> list[str]:
        """Every KPI."""
        return [f"kpi_{number:03}" for number in range(1, self.kpis + 1)]

    @property
    def regions(self) -> dict[str, list[str]]:
        """The units directly below the organisation, with those below them."""
        return regions(self.units - 1)

    @property
    def leaves(self) -> list[str]:
        """The units of which rows come in."""
        return leaves(self.regions)


def regions(units: int) -> dict[str, list[str]]:
    """Give so many units: regions with their branches."""
    names = [f"u{number:03}" for number in range(1, units + 1)]
    return {names[at]: names[at + 1 : at + PER_REGION] for at in range(0, len(names), PER_REGION)}


def leaves(regions: Mapping[str, Sequence[str]]) -> list[str]:
    """Give the branches, and the regions that have none."""
    return [leaf for region, found in regions.items() for leaf in found or [region]]
