"""The groups of files that are taken away, and into which pieces of work each is divided.

Not here: the pages (groups), what the files hold (exports), writing them all (site).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from reports.edition import Edition
from reports.groups import Work, by_kpi, by_period, by_unit, whole


@dataclass(frozen=True)
class Files:
    """Files of one kind."""

    write: Callable[[Edition, Path, Work], int]
    """Writes those of a piece and returns how many they are."""
    divided: Callable[[Edition, str], Iterator[Work]]


def _writer(module: str, name: str) -> Callable[..., int]:
    """Import what writes when it writes: a process that makes pages alone loads neither Typst nor XlsxWriter."""
    return cast("Callable[..., int]", getattr(import_module(f"reports.{module}"), name))


def _one(module: str, name: str) -> Files:
    return Files(lambda edition, out, _: _writer(module, name)(edition, out), whole)


def _data(edition: Edition, out: Path, work: Work) -> int:
    if work.units:
        return _writer("exports.data", "write_unit_data")(edition, out, work.units)
    return _writer("exports.data", "write_data")(edition, out)


def _by_data(edition: Edition, group: str) -> Iterator[Work]:
    yield from whole(edition, group)
    yield from by_unit(edition, group)


def _kpi_data(edition: Edition, out: Path, work: Work) -> int:
    return _writer("exports.data", "write_kpi_data")(edition, out, work.kpis)


def _period_data(edition: Edition, out: Path, work: Work) -> int:
    return _writer("exports.data", "write_period_data")(edition, out, work.units)


FILES: dict[str, Files] = {
    "board_pack": _one("exports.pack", "write_pack"),
    "workbook": _one("exports.workbook", "write_workbook"),
    "data": Files(_data, _by_data),
    "kpi_data": Files(_kpi_data, by_kpi),
    "period_data": Files(_period_data, by_period),
    "search": _one("search", "write_search"),
    "print_sheet": _one("print_sheet", "write_print_sheet"),
}
"""In the order in which they are built."""
