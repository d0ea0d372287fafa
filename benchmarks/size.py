"""How large the benchmark's organisation is. Not here: its files (workspace)."""

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
        below = [f"u{number:03}" for number in range(1, self.units)]
        return {
            below[at]: below[at + 1 : at + PER_REGION] for at in range(0, len(below), PER_REGION)
        }

    @property
    def leaves(self) -> list[str]:
        """The units of which rows come in."""
        return [leaf for region, found in self.regions.items() for leaf in found or [region]]
