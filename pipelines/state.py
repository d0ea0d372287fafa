"""The state folder: where everything that Steelyard writes lies, and how a file is written so that a crash cannot halve it.

Not here: what the files mean.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class State:
    """Paths below the state folder. `lake` and `ledger` are append-only; everything else can be rebuilt from them."""

    root: Path

    @property
    def lake(self) -> Path:
        """Raw loads, written by connectors."""
        return self.root / "lake"

    @property
    def parts(self) -> Path:
        """What each run reported."""
        return self.root / "ledger" / "parts"

    @property
    def moves(self) -> Path:
        """Every move of the pointer, numbered."""
        return self.root / "ledger" / "moves"

    @property
    def releases(self) -> Path:
        """Finished releases by run id, and those being built under a leading dot."""
        return self.root / "releases"

    @property
    def current(self) -> Path:
        """The one pointer: a symbolic link to the published release."""
        return self.root / "current"

    @property
    def runs(self) -> Path:
        """One record per run."""
        return self.root / "runs"

    @property
    def verdicts(self) -> Path:
        """Cached contract verdicts; can be deleted."""
        return self.root / "verdicts"

    @property
    def kept(self) -> Path:
        """Tables that are kept from night to night; can be deleted."""
        return self.root / "kept"

    @property
    def verified(self) -> Path:
        """How files looked when their bytes were last found right; can be deleted."""
        return self.root / "verified"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.root / "dagster"

    @property
    def lock(self) -> Path:
        """Locked by whoever writes."""
        return self.root / "run.lock"

    @property
    def holder(self) -> Path:
        """Who holds the lock, for people to read."""
        return self.root / "run.holder.json"

    def release(self, run_id: str) -> Path:
        """Give a finished release's folder."""
        return self.releases / run_id

    def building(self, run_id: str) -> Path:
        """Give the folder in which a run builds its release."""
        return self.releases / f".building-{run_id}"


def write_durably(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.writing")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        error.filename = error.filename or str(path)  # an error of writing names no file by itself
        raise
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames within a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Bring every file and folder below `folder` to the disk."""
    for path in _files_then_folders(folder):
        sync_folder(path)


def _files_then_folders(folder: Path) -> Iterable[Path]:
    for base, _, files in os.walk(folder, topdown=False):
        yield from (Path(base) / name for name in files)
        yield Path(base)
