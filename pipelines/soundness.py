"""Whether what was written is still what it was: the bytes of loads, ledger parts and the published release, by their hashes.

A file is hashed when its size, its times or its place on the disk are others than when its hash was last found right: so a
night asks the disk for what files look like, and reads only those that are new. What was found right is remembered in
`verified/`, which can be deleted.

Not here: documents that seal themselves (scorecard.sealed), and what a damaged release is replaced by (releases, night).
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from connectors import lake
from pipelines import releases
from pipelines.manifest import Manifest, ManifestUnreadable, read_manifest
from pipelines.releases import ReleaseError
from pipelines.state import State
from scorecard.load import LoadManifest
from transforms import ledger
from transforms.ledger import LedgerPart

SUMS = "SHA256SUMS"
"""In a release: the hash of each of its files, as `sha256sum --check` reads it."""

_Look = list[int]


def require_sound_loads(state: State, loads: Sequence[LoadManifest]) -> None:
    """Compare the bytes of a table's loads with their manifests.

    Raises:
        LakeDamaged: for the first load that is not as it was written.

    """
    if not loads:
        return
    single = [load for load in loads if len(load.files) == 1]  # as connectors write them
    hashes = {state.lake / load.folder / load.files[0]: load.content_hash for load in single}
    memory = state.verified / "lake" / f"{loads[0].source}__{loads[0].table}.json"
    for path in _changed(memory, hashes, below=state.lake):
        raise lake.damaged(path.parent, f"the bytes of {path.name} are not those that were written")


def require_sound_parts(state: State, parts: Mapping[str, LedgerPart]) -> None:
    """Compare the bytes of ledger parts with what they say of their files; parts before format 4 say nothing.

    Raises:
        LedgerError: for the first file that is not as it was written.

    """
    hashes = {
        state.parts / run_id / file.name: file.sha256
        for run_id, part in parts.items()
        for file in part.files
        if file.sha256
    }
    for path in _changed(state.verified / "ledger.json", hashes, below=state.parts):
        raise ledger.damaged(path, "its bytes are not those that were written")


def write_sums(state: State, run_id: str) -> str:
    """Write the hashes of all files of a run's build beside them; give the hash of that list."""
    built = state.building(run_id)
    hashes = {name: (_hash(path), path) for name, path in _files(built)}
    text = "".join(f"{digest}  {name}\n" for name, (digest, _) in hashes.items())
    (built / SUMS).write_text(text, "utf-8")
    _remember(
        state.verified / "release.json",
        {f"{run_id}/{name}": [digest, *_look(path)] for name, (digest, path) in hashes.items()},
    )
    return _hash(built / SUMS)


def standing(state: State) -> tuple[Manifest | None, list[str]]:
    """Give what is published, and what is wrong with it: with the pointer, or with what it goes to."""
    run_id = releases.current_run_id(state)
    wrong = releases.pointer_fault(state)
    damage = [
        *filter(None, [wrong]),
        *(release_damage(state, run_id, keeps=False) if run_id else []),
    ]
    try:
        return read_manifest(state, run_id), damage
    except ManifestUnreadable:
        return None, damage


def require_sound_release(state: State, run_id: str) -> None:
    """Refuse a release that is damaged.

    Raises:
        ReleaseError: with what is damaged.

    """
    if damage := release_damage(state, run_id):
        raise ReleaseError(
            f"The pointer stays where it is: {'; '.join(damage)}. "
            "Mend: name another release, or let `steelyard run` build one anew."
        )


def release_damage(state: State, run_id: str, *, keeps: bool = True) -> list[str]:
    """Say what of a release is not as it was published; releases of older versions have no hashes, and only a manifest.

    With `keeps`, what is found right is remembered: the caller holds the lock.
    """
    folder = state.release(run_id)
    try:
        manifest = read_manifest(state, run_id)
    except ManifestUnreadable as error:
        return [str(error).removesuffix(".")]
    if manifest is None:
        return [f"releases/{run_id}/manifest.json is missing"]
    if manifest.sums_sha256 is None:
        return []
    if not (folder / SUMS).exists() or _hash(folder / SUMS) != manifest.sums_sha256:
        return [f"releases/{run_id}/{SUMS} is missing, or not as it was written"]
    hashes = {folder / name: digest for digest, name in _sums(folder)}
    missing = [path for path in hashes if not path.exists()]
    there = {path: digest for path, digest in hashes.items() if path not in missing}
    return [
        *(f"releases/{run_id}/{path.relative_to(folder).as_posix()} is missing" for path in missing),
        *(
            f"releases/{run_id}/{path.relative_to(folder).as_posix()} is not as it was published"
            for path in _changed(
                state.verified / "release.json", there, below=state.releases, keeps=keeps
            )
        ),
    ]  # fmt: skip


def _sums(folder: Path) -> Iterator[tuple[str, str]]:
    for line in (folder / SUMS).read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        yield digest, name


def _files(release: Path) -> Iterable[tuple[str, Path]]:
    own = {"manifest.json", SUMS}
    found = ((path.relative_to(release).as_posix(), path) for path in release.rglob("*"))
    return sorted((name, path) for name, path in found if path.is_file() and name not in own)


def _changed(
    memory: Path, hashes: Mapping[Path, str], *, below: Path, keeps: bool = True
) -> list[Path]:
    """Give the files whose hash is another one, and remember how the others look, by their places `below` a folder."""
    known = _remembered(memory)
    looks = {path: _look(path) for path in hashes}
    keys = {path: path.relative_to(below).as_posix() for path in hashes}
    unknown = [path for path in hashes if known.get(keys[path]) != [hashes[path], *looks[path]]]
    changed = [path for path in unknown if _hash(path) != hashes[path]]
    if unknown and keeps:
        sound = {keys[path]: [hashes[path], *looks[path]] for path in hashes if path not in changed}
        _remember(memory, {**known, **sound})
    return changed


def _remember(memory: Path, sound: Mapping[str, Sequence[object]]) -> None:
    """Write what was found right. Not durably, for it can be found out anew; and a simulation may do the same beside a night."""
    memory.parent.mkdir(parents=True, exist_ok=True)
    fresh = memory.with_name(f".{memory.name}.{os.getpid()}.writing")
    fresh.write_text(json.dumps(sound), "utf-8")
    with contextlib.suppress(
        FileNotFoundError
    ):  # a night that began meanwhile took it for a leftover
        fresh.replace(memory)


def _remembered(memory: Path) -> dict[str, Sequence[object]]:
    """Read what was found right; what cannot be read is found out anew."""
    try:
        found = json.loads(memory.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _look(path: Path) -> _Look:
    """Give what changes when a file is written: also where somebody puts the time of its last change back."""
    seen = path.stat()
    return [seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
