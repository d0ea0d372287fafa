"""`manifest.json` of a release: the one place, with the release page, where the run and the clock are named.

Not here: what is inside the release.
"""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal

import reports
import scorecard
import transforms
from pipelines.runs import HeadlineRecord
from pipelines.state import State
from scorecard.sealed import DocumentDamaged, DocumentNewer, unsealed
from transforms.ledger import Report


class ManifestUnreadable(Exception):
    """The manifest of a release is damaged, or a newer version of the program wrote it."""


class Manifest(Report):
    """Which release this is, of which run and moment, made by which version of the program."""

    format: Literal[1, 2] = 2
    """2 is sealed, and vouches for the release's files."""
    known_at: datetime | None
    started_at: datetime
    program: str
    """Hash of the program's own files that shape a release."""
    headline: HeadlineRecord
    sums_sha256: str | None = None
    """Hash of SHA256SUMS, which lists those of the release's files; None where a version before format 2 wrote it."""


def read_manifest(state: State, run_id: str | None) -> Manifest | None:
    """Read a release's manifest; None where there is no such release.

    Raises:
        ManifestUnreadable: with the file's name.

    """
    if run_id is None or not (path := state.release(run_id) / "manifest.json").exists():
        return None
    name = path.relative_to(state.root).as_posix()
    try:
        return unsealed(Manifest, path.read_bytes())
    except DocumentDamaged as error:
        raise ManifestUnreadable(
            f"{name} is damaged: {error}. Mend: `steelyard run` builds the release anew."
        ) from error
    except DocumentNewer as error:
        raise ManifestUnreadable(f"{name}: {error}") from error


@cache
def program_hash() -> str:
    """Hash every file that shapes a release, so that a new version of the program makes a new release of the same data."""
    digest = hashlib.sha256()
    for package in (scorecard, transforms, reports):
        folder = Path(package.__path__[0])
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(folder.parent)}\n".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
