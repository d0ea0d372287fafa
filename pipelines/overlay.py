"""A workspace with the files of another folder laid over it, in a copy that does not stay.

Not here: what is made of it (`simulation`).
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from scorecard.check import READ


@contextmanager
def overlaid(root: Path, overlay: Path | None) -> Iterator[Path]:
    """Give a workspace's folder as it is, or a copy of it on which the files of `overlay` are laid."""
    if overlay is None:
        yield root
        return
    with TemporaryDirectory(prefix="steelyard-workspace-") as made:
        target = Path(made) / "workspace"
        for folder in (root, overlay):
            _copy(folder, target)
        yield target


def has_files(folder: Path) -> bool:
    """Tell whether a folder holds anything of a workspace."""
    return any((folder / name).exists() for name in READ)


def unread(root: Path, overlay: Path) -> list[Path]:
    """List what is entered by hand otherwise in `overlay` than in the workspace: loads that were stored count, not these files."""
    files = sorted(path for path in (overlay / "manual").rglob("*") if path.is_file())
    found = [path.relative_to(overlay) for path in files]
    return [path for path in found if not _is_same(root / path, overlay / path)]


def _is_same(one: Path, other: Path) -> bool:
    return one.is_file() and one.read_bytes() == other.read_bytes()


def _copy(folder: Path, target: Path) -> None:
    """Copy what is read of a workspace, and nothing else that lies there, be it ever so large."""
    target.mkdir(exist_ok=True)
    for name in READ:
        if (folder / name).is_dir():
            shutil.copytree(folder / name, target / name, dirs_exist_ok=True)
        elif (folder / name).is_file():
            shutil.copy2(folder / name, target / name)
