"""What a night says of staging tables and measures: whether their SQL ran, and whether it gave rows of known units only.

Not here: running them (`transforms.measures`), and what came from sources (`quality`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.plural import counted
from pipelines.runs import CheckRecord, TableRecord
from transforms.measures import Built
from transforms.summary import Unplaced

_NAMED = 5
"""Unknown units that a message names at most."""


@dataclass(frozen=True)
class Measured:
    """All staging tables and measures tonight."""

    built: Mapping[str, Built]
    unplaced: Mapping[str, Unplaced]
    """By measure, `measure.<name>`: what is in no tree. Measures without such rows are left out."""

    @property
    def problems(self) -> Iterator[str]:
        """Say why the night is not a good one."""
        yield from (
            f"{each.name} failed: {each.error}" for each in self.built.values() if each.error
        )
        yield from (unplaced_message(each) for each in self.unplaced.values())

    @property
    def checks(self) -> CheckRecord:
        """How many came out how: that the SQL ran, and of measures with rows, that their units are known."""
        ran = [each for each in self.built.values() if each.row_count is not None]
        measures = sum(is_measure(each) for each in ran)
        failed = sum(each.error is not None for each in self.built.values())
        return CheckRecord(
            passed=len(ran) + measures - len(self.unplaced),
            failed=failed + len(self.unplaced),
            warned=len(self.built) - len(ran) - failed,
        )

    @property
    def records(self) -> tuple[TableRecord, ...]:
        """Say of each how it came about, for the run's record."""
        return tuple(
            TableRecord(
                name=each.name,
                row_count=each.row_count,
                seconds=round(each.seconds, 3),
                is_reused=each.is_reused,
                why_made=each.why_made,
                failure=each.error or (f"{each.missing} has no data" if each.missing else None),
            )
            for each in self.built.values()
        )

    @property
    def summary(self) -> str:
        """Say in a few words how it went."""
        failed = sum(each.error is not None for each in self.built.values())
        reused = sum(each.is_reused for each in self.built.values())
        said = [counted(len(self.built), "table")]
        said += [f"{reused} reused"] if reused else []
        said += [f"{failed} failed"] if failed else []
        said += [f"{len(self.unplaced)} with rows of unknown units"] if self.unplaced else []
        return ", ".join(said)


def is_measure(built: Built) -> bool:
    """Tell measures from staging tables."""
    return built.name.startswith("measure.")


def unplaced_message(found: Unplaced) -> str:
    """Say which rows of a measure are in no tree, what that means and what to do."""
    named = [repr(unit) if unit else "no unit at all" for unit in found.unit_ids[:_NAMED]]
    more = len(found.unit_ids) - len(named)
    named += [f"and {more} more"] if more else []
    rows, months = counted(found.row_count, "row"), counted(found.month_count, "month")
    return (
        f"measure {found.measure_id} has {rows} in {months} whose unit is in no tree: {', '.join(named)}; "
        "add the unit to company.yaml, mend the measure, or name a catch_all unit; "
        "the KPIs concerned are unverified in those months"
    )
