"""What must never be lost, whatever happens: loads, ledger parts, moves of the pointer, and a release behind the pointer.

Not here: what readers see while it happens (reader).
"""

import hashlib
from pathlib import Path

from pipelines import releases
from pipelines.state import State

LEFTOVERS = (
    "releases/.building-*",
    "releases/.removing-*",
    "ledger/parts/.writing-*",
    "lake/*/*/.working-*",
    "**/.*.writing",
)
"""What only a run at work may have lying about."""


class Kept:
    """Remembers what was there, and says what has gone or changed."""

    def __init__(self, state: State) -> None:
        """Remember nothing yet."""
        self._state = state
        self._files: dict[str, str] = {}
        self._published: tuple[str, ...] = ()

    def faults(self) -> list[str]:
        """Compare with what was there at the last look, and remember what there is now."""
        now = {
            **_digests(self._state.root / "lake", self._state.root),
            **_digests(self._state.root / "ledger", self._state.root),
        }
        gone = [f"{path} is gone" for path in self._files if path not in now]
        changed = [
            f"{path} has changed"
            for path, digest in self._files.items()
            if now.get(path, digest) != digest
        ]
        self._files = now
        return [*gone, *changed, *self._reported(), *self._pointer()]

    def _reported(self) -> list[str]:
        published = releases.published_run_ids(self._state)
        lost = [
            f"{run_id} counts as reported no more"
            for run_id in self._published
            if run_id not in published
        ]
        partless = [f"{run_id} was published without a part" for run_id in published if not (self._state.parts / run_id / "part.json").exists()]  # fmt: skip
        self._published = published
        return lost + partless

    def _pointer(self) -> list[str]:
        if not self._published:
            return []
        current = self._state.current.resolve()
        if not (current / "manifest.json").exists():
            return [f"the pointer goes to {current.name}, which is no whole release"]
        if current.name not in self._published:
            return [f"the pointer goes to {current.name}, which was never published"]
        return []


def leftovers(state: State) -> list[str]:
    """Give what a run at work may have lying about, and nobody else."""
    found = {path for pattern in LEFTOVERS for path in state.root.glob(pattern)}
    return sorted(path.relative_to(state.root).as_posix() for path in found)


def _digests(folder: Path, root: Path) -> dict[str, str]:
    """Give every finished file of an append-only folder with its digest."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    }
