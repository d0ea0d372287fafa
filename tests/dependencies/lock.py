"""The lock read: each package with its version, the systems that it is for, and the hashes of its files.

Not here: writing it (`make lock`).
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"
_LINE = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==(?P<version>[\w.!+-]+)(?: ; (?P<marker>[^\\]+?))?(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})*)"
)


class LockUnreadable(Exception):
    """A line of a lock that says something else than one package, its version and its hashes."""


@dataclass(frozen=True)
class Locked:
    """One package."""

    name: str
    version: str
    marker: str | None
    """Where it is installed, as in PEP 508; None: everywhere."""
    hashes: tuple[str, ...]
    """SHA-256 of each file that may be installed."""


def read_lock(path: Path) -> tuple[Locked, ...]:
    """Read a lock; raise LockUnreadable for a line without a version or a hash, or with anything else."""
    text = re.sub(r" ?\\\n\s*", " ", path.read_text("utf-8"))
    return tuple(_locked(line, path) for line in text.splitlines() if line.strip())


def _locked(line: str, path: Path) -> Locked:
    found = _LINE.fullmatch(line.strip())
    hashes = tuple(re.findall(r"sha256:([0-9a-f]{64})", found["hashes"])) if found else ()
    if found is None or not hashes:
        raise LockUnreadable(
            f"{path.name}: {line.split(' ', 1)[0]} is not one version with its hashes. Mend: make lock."
        )
    return Locked(found["name"], found["version"], found["marker"], hashes)
