"""The groups of files that are taken away, and into which pieces of work each is divided.

Not here: the pages (groups), what the files hold (exports), writing them all (site).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reports.edition import Edition
from reports.exports.data import write_data, write_kpi_data, write_period_data, write_unit_data
from reports.exports.pack import write_pack
from reports.exports.workbook import write_workbook
from reports.groups import Work, by_kpi, by_period, by_unit, whole
from reports.print_sheet import write_print_sheet
from reports.search import write_search


@dataclass(frozen=True)
class Files:
    """Files of one kind."""

    write: Callable[[Edition, Path, Work], int]
    """Writes those of a piece and returns how many they are."""
    divided: Callable[[Edition, str], Iterator[Work]]


def _one(write: Callable[[Edition, Path], int]) -> Files:
    return Files(lambda edition, out, _: write(edition, out), whole)


def _data(edition: Edition, out: Path, work: Work) -> int:
    if work.units:
        return write_unit_data(edition, out, work.units)
    return write_data(edition, out)


def _by_data(edition: Edition, group: str) -> Iterator[Work]:
    yield from whole(edition, group)
    yield from by_unit(edition, group)


def _kpi_data(edition: Edition, out: Path, work: Work) -> int:
    return write_kpi_data(edition, out, work.kpis)


def _period_data(edition: Edition, out: Path, work: Work) -> int:
    return write_period_data(edition, out, work.units)


FILES: dict[str, Files] = {
    "board_pack": _one(write_pack),
    "workbook": _one(write_workbook),
    "data": Files(_data, _by_data),
    "kpi_data": Files(_kpi_data, by_kpi),
    "period_data": Files(_period_data, by_period),
    "search": _one(write_search),
    "print_sheet": _one(write_print_sheet),
}
"""In the order in which they are built."""
