"""The table of what was measured: each row with both sides, the ratio, what was to be reached, and whether it was.

Not here: measuring (measurements, timing).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.timing import Sample, median


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    work: str
    beside: str
    ours: Sequence[Sample]
    theirs: Sequence[Sample] = ()
    at_most: float = 0.0
    """The ratio to reach; of seconds where there is nothing beside it."""
    less_ours: Sequence[Sample] = ()
    """What is taken off our side, such as imports."""
    less_theirs: Sequence[Sample] = ()
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours by theirs, on the clock, of medians."""
        return self._by(lambda each: each.seconds)

    @property
    def processor_ratio(self) -> float:
        """The same in seconds of the processors: what else the machine does is not in it."""
        return self._by(lambda each: each.processor)

    @property
    def is_reached(self) -> bool:
        """It took no more than it was to."""
        return self.ratio <= self.at_most

    def _by(self, of: Callable[[Sample], float]) -> float:
        ours = self._less(self.ours, self.less_ours, of)
        return ours / self._less(self.theirs, self.less_theirs, of) if self.theirs else ours

    @staticmethod
    def _less(
        samples: Sequence[Sample], less: Sequence[Sample], of: Callable[[Sample], float]
    ) -> float:
        taken = median(samples, of)
        return max(taken - median(less, of), 0.001) if less else taken


HEAD = (
    "| work | beside | ours, s | theirs, s | ratio | to reach | | processor ratio | ours, MB | theirs, MB |",
    "|---|---|---|---|---|---|---|---|---|---|",
)


def lines(rows: Sequence[Row]) -> Iterator[str]:
    """Give the table as Markdown."""
    yield from HEAD
    for row in rows:
        unit = "" if row.theirs else " s"
        yield (
            f"| {row.work} | {row.beside} | {spread(row.ours, row.less_ours)} | {spread(row.theirs, row.less_theirs)} "
            f"| {row.ratio:.2f}{unit} | {row.at_most:.3g}{unit} | {'reached' if row.is_reached else '**missed**'} "
            f"| {row.processor_ratio:.2f}{unit}{_over(row)} | {_memory(row.ours)} | {_memory(row.theirs)} |"
        )
    for row in rows:
        if row.note:
            yield f"\n*{row.work}*: {row.note}"


def _over(row: Row) -> str:
    """Say where the processors took more than the target, whatever the clock says."""
    return " (over)" if row.processor_ratio > row.at_most else ""


def spread(samples: Sequence[Sample], less: Sequence[Sample] = ()) -> str:
    """Give median, least and greatest seconds, and what is taken off them."""
    if not samples:
        return ""
    seconds = [each.seconds for each in samples]
    taken = f" less {median(less):.2f}" if less else ""
    return f"{median(samples):.2f} ({min(seconds):.2f} to {max(seconds):.2f}){taken}"


def _memory(samples: Sequence[Sample]) -> str:
    return f"{max(each.megabytes for each in samples):.0f}" if samples else ""
