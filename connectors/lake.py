"""The lake: `lake/<source>/<table>/<load_id>/`, append-only, one immutable folder per load.

A load is written in a hidden folder beside, its manifest last, and renamed into place: it is there whole, or not at all.

Not here: making the Parquet file (landing), judging loads (transforms).
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.errors import LakeDamaged
from scorecard.load import LoadManifest
from scorecard.sealed import DocumentDamaged, DocumentNewer, sealed, unsealed

MANIFEST = "manifest.json"
_LOAD_ID = re.compile(r"\d{8}T\d{12}Z")
_LOAD_ID_FORM = "%Y%m%dT%H%M%S%fZ"


def loads(lake: Path, source: str, table: str) -> list[LoadManifest]:
    """List a table's finished loads, oldest first. Folders of unfinished loads are left out.

    Raises `LakeDamaged` where a finished load's manifest cannot be read, or its files are missing or of another size.
    """
    return [
        _manifest(folder)
        for folder in _folders(lake / source / table)
        if (folder / MANIFEST).exists()
    ]


def _folders(table: Path) -> list[Path]:
    if not table.is_dir():
        return []
    return sorted(folder for folder in table.iterdir() if _LOAD_ID.fullmatch(folder.name))


def _manifest(folder: Path) -> LoadManifest:
    try:
        manifest = unsealed(LoadManifest, (folder / MANIFEST).read_bytes())
        byte_count = sum((folder / name).stat().st_size for name in manifest.files)
    except DocumentDamaged as error:
        raise damaged(folder, f"its manifest cannot be read ({error})") from None
    except DocumentNewer as error:
        raise LakeDamaged(f"{folder / MANIFEST}: {error}") from None
    except FileNotFoundError as error:
        raise damaged(folder, f"{error.filename} is missing") from None
    if byte_count != manifest.byte_count:
        raise damaged(folder, f"{byte_count} bytes, {manifest.byte_count} in its manifest")
    return manifest


def damaged(folder: Path, problem: str) -> LakeDamaged:
    """Name a damaged load, what is wrong with it, and the mend."""
    return LakeDamaged(
        f"{folder}: the load is damaged: {problem}. "
        "Mend: restore the folder from a backup, or move it away if its rows can be read from the source again."
    )


def new_load_id(lake: Path, source: str, table: str, *, now: datetime) -> str:
    """Name a load after its moment of extraction; later than every load of the table that is there."""
    moment = now.astimezone(UTC)
    if folders := _folders(lake / source / table):
        newest = datetime.strptime(folders[-1].name, _LOAD_ID_FORM).replace(tzinfo=UTC)
        moment = max(moment, newest + timedelta(microseconds=1))
    return moment.strftime(_LOAD_ID_FORM)


@contextmanager
def working_folder(lake: Path, source: str, table: str) -> Iterator[Path]:
    """Give a hidden folder to work in beside the table's loads; it is gone afterwards, whatever happens.

    What a killed process left behind is cleared first: a table has one writer, the run that holds the lock.
    """
    home = lake / source / table
    home.mkdir(parents=True, exist_ok=True)
    for left_behind in home.glob(".working-*"):
        shutil.rmtree(left_behind)
    folder = home / f".working-{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def place(built: Path, lake: Path, manifest: LoadManifest) -> None:
    """Finish a load: write its manifest into `built`, which holds its files, and rename that into place."""
    path = built / MANIFEST
    path.write_text(sealed(manifest), "utf-8")
    for name in (*manifest.files, MANIFEST, "."):
        _sync(built / name)
    target = lake / manifest.folder
    built.rename(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    """Have the operating system write a file or folder to disk, so that a power cut does not leave half a load."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
