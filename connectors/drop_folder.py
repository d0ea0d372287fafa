"""Files in a folder: which ones belong to a table, and whether they stayed as they were while being read.

Not here: what is in them (delimited, workbooks, columnar).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath

from connectors.environment import expand
from connectors.errors import SourceBroken, SourceUnavailable
from connectors.reading import Request


@dataclass(frozen=True)
class Dropped:
    """The files of a table, sorted by name, as they were found."""

    folder: Path
    files: tuple[Path, ...]
    seen: dict[Path, tuple[int, int]]
    place: str

    def name(self, path: Path) -> str:
        """Name a file in messages: its path below the folder."""
        return path.relative_to(self.folder).as_posix()

    def newest(self) -> datetime:
        """Tell when the newest file was modified."""
        return datetime.fromtimestamp(
            max(modified for _, modified in self.seen.values()) / 1e9, UTC
        )

    def each(self) -> Iterator[Path]:
        """Yield the files; refuse one that somebody changed in the meantime."""
        for path in self.files:
            yield path
            if _state(path) != self.seen[path]:
                raise SourceUnavailable(
                    f"{self.place}: the file {self.name(path)} changed while it was being read.",
                    "run again once it is written; let writers write under another name and rename.",
                )

    def require_same(self, path: Path, columns: Iterable[str], *, first: Iterable[str]) -> None:
        """Refuse a file whose columns are not those of the first one, in whatever order."""
        here, there = set(columns), set(first)
        if here == there:
            return
        parts = [
            f"{word} {', '.join(sorted(names))}"
            for word, names in (("lacks", there - here), ("has besides", here - there))
            if names
        ]
        raise SourceBroken(
            f"{self.place}: the file {self.name(path)} {' and '.join(parts)}, compared with {self.name(self.files[0])}.",
            "give all files the same columns, or declare the file as a table of its own.",
        )


def dropped_files(request: Request, folder: str, pattern: str) -> Dropped:
    """Find a table's files; temporary and hidden ones are passed over.

    Messages name the folder as sources.yaml has it: they are published, and pages are the same on every machine.
    """
    where = request.root / expand(folder, request.environment, place=f"{request.source_id}: folder")
    if not where.is_dir():
        raise SourceUnavailable(
            f"{request.place}: there is no folder {folder}.",
            "correct `folder` in sources.yaml, or make the folder reachable, then run again.",
        )
    if ".." in PurePath(pattern).parts:
        raise _leads_out(request.place, pattern)
    try:
        found = sorted(
            path
            for path in where.glob(pattern)
            if path.is_file() and not path.name.startswith((".", "~$"))
        )
    except (ValueError, NotImplementedError) as error:
        raise SourceBroken(
            f"{request.place}: `files: {pattern}` is no pattern below the folder ({error}).",
            "write it relative to the folder: `employees_*.csv`.",
        ) from error
    if not found:
        raise SourceUnavailable(
            f"{request.place}: no file in {folder} matches {pattern}.",
            "put the file there, or correct `files` in sources.yaml, then run again.",
        )
    for path in found:
        if not path.resolve().is_relative_to(where.resolve()):
            raise _leads_out(request.place, path.relative_to(where).as_posix())
    return Dropped(where, tuple(found), {path: _state(path) for path in found}, request.place)


def _leads_out(place: str, name: str) -> SourceBroken:
    """Who may drop a file must not have another one read: a link is followed within the folder only."""
    return SourceBroken(
        f"{place}: {name} leads out of the folder.",
        "put the file itself into the folder, or name the folder in which it is.",
    )


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
