"""Builds the published site: every page of one release, from its warehouse alone.

Not here: which pages and files there are (groups, files), what they say (views), whether they are sound (audit), which release is live
(pipelines).
"""

import gc
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reports.edition import Edition, edition_of
from reports.files import FILES
from reports.groups import PAGES, Page, Work
from reports.render import render
from reports.styles import write_lean
from reports.warehouse.published import read
from reports.words.text import speaking
from reports.workers import available, shared_out

STATIC = Path(__file__).parent / "static"
SHARED_FROM = 100
"""From how many KPI pages on several processes build a site, unless it is said how many: each takes a second or two to start, as long as a hundred pages."""
FINE = 4
"""So many of the last pieces are divided further."""
COLLECTED_AT = 5_000_000
"""How many objects may be made before the collector of cycles looks for those that nobody uses.

It walks through all rows that are held, which took a quarter of the time; pages make no cycles.
"""
FILE_GROUPS: tuple[str, ...] = tuple(FILES)
GROUPS: tuple[str, ...] = (*PAGES, *FILES)
"""The groups of pages, then those of files, in the order in which they are built."""


Built = tuple[int, float]
"""How many pages or files a piece has, and the seconds that it took."""


class PageFailed(Exception):
    """A page that could not be made: which, and why."""


def build(
    warehouse: Path,
    out: Path,
    *,
    groups: Sequence[str] | None = None,
    workers: int | None = None,
    spent: dict[str, float] | None = None,
) -> dict[str, int]:
    """Write the pages and files of the given groups (all, where none are given); return how many each group has.

    The seconds that each group took, all processes together, are added to `spent`.

    The same warehouse gives the same bytes, however many processes (`workers`) build it: by default as many as there are
    processors, and this one alone where there are few pages. Pages of one group link to those of the others, so a site is
    whole only with all of them.

    Raises:
        ValueError: for a group that does not exist.
        FileNotFoundError: where there is no warehouse.
        PageFailed: for a page that cannot be made.

    """
    wanted = GROUPS if groups is None else tuple(groups)
    unknown = sorted(set(wanted) - set(GROUPS))
    if unknown:
        raise ValueError(
            f"There is no page group {', '.join(unknown)}; there are {', '.join(GROUPS)}."
        )
    with closing(read(warehouse)) as published:
        edition = edition_of(published)
        out.mkdir(parents=True, exist_ok=True)
        shutil.copytree(STATIC, out / "static", dirs_exist_ok=True, copy_function=shutil.copyfile)
        write_lean(out / "static")
        works = _works(edition, wanted)
        count = min(workers or _workers(edition), len(works))
        done = _built(edition, works, warehouse=warehouse, out=out, workers=count)
        counts = Counter(dict.fromkeys(wanted, 0))
        spent = {} if spent is None else spent
        for work, (number, seconds) in zip(works, done, strict=True):
            counts[work.group] += number
            spent[work.group] = spent.get(work.group, 0.0) + seconds
        return dict(counts)


def _built(
    edition: Edition, works: Sequence[Work], *, warehouse: Path, out: Path, workers: int
) -> Iterator[Built]:
    """Build all pieces, in this process, in which others go on afterwards, and in further ones where there are several workers."""
    here = Builder(edition, out).build
    thresholds = gc.get_threshold()
    gc.set_threshold(COLLECTED_AT)
    try:
        if workers <= 1:
            yield from map(here, works)
        else:
            there = partial(begin, warehouse, out)
            yield from shared_out(there, works, here=here, workers=workers)
    finally:
        gc.set_threshold(*thresholds)


def _workers(edition: Edition) -> int:
    pages = sum(len(kpis) for kpis in edition.strategy.kpis_of_unit.values())
    return available() if pages >= SHARED_FROM else 1


def _works(edition: Edition, groups: Sequence[str]) -> list[Work]:
    """Divide the groups; what cannot be divided comes first and small pieces last, so that no process waits for another in the end."""
    found = [
        work
        for group in groups
        for work in (PAGES[group] if group in PAGES else FILES[group]).divided(edition, group)
    ]
    found.sort(key=lambda work: bool(work.kpis or work.units))
    return [*found[:-FINE], *(small for work in found[-FINE:] for small in work.by_one())]


def begin(warehouse: Path, out: Path) -> Callable[[Work], Built]:
    """Return what builds pieces of a site in a process of its own."""
    gc.set_threshold(COLLECTED_AT)
    return Builder(edition_of(read(warehouse)), out).build


@dataclass(frozen=True)
class Builder:
    """Builds pieces of a site."""

    edition: Edition
    out: Path

    def build(self, work: Work) -> Built:
        """Write the pages or files of a piece; return how many they are, and the seconds that it took."""
        start = time.perf_counter()
        with speaking(self.edition.spoken):
            count = (
                FILES[work.group].write(self.edition, self.out, work)
                if work.group in FILES
                else self._write(PAGES[work.group].pages(self.edition, work))
            )
        return count, time.perf_counter() - start

    def _write(self, pages: Iterator[Page]) -> int:
        count = 0
        folders: set[Path] = set()
        for page in pages:
            target = self.out / page.address
            if target.parent not in folders:
                target.parent.mkdir(parents=True, exist_ok=True)
                folders.add(target.parent)
            target.write_bytes(_drawn(page))
            count += 1
        return count


def _drawn(page: Page) -> bytes:
    try:
        return render(page.template, page.make()).encode()
    except Exception as error:
        # A message alone: not every exception survives the way from another process.
        raise PageFailed(
            f"The page {page.address} cannot be made: {type(error).__name__}: {error}"
        ) from error
