"""Releases: built aside, renamed into place, named by one pointer whose every move is logged.

A move is logged before the pointer moves, and logged as completed after. If the machine stops between the two, the next
start finds a move without an end, asks the pointer whether it happened, and logs that. So the log is append-only, never
claims a publication that nobody saw, and tells what was reported even where releases and pointer have been lost.

Not here: what a release contains, and what was reported (`transforms.ledger`).
"""

import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Literal

from pipelines.state import State, sync_folder, sync_tree, write_durably
from scorecard.base import Part
from scorecard.company import Retention
from scorecard.sealed import DocumentDamaged, DocumentNewer, sealed, unsealed
from transforms.ledger import PointerMove


class ReleaseError(Exception):
    """A release that cannot be reached, or a log of moves that cannot be trusted."""


class NothingPublished(Exception):
    """There is no published release that could be asked: what to do."""


_WRITTEN_DURABLY = (".", "runs", "ledger/moves", "kept", "verified", "verified/lake")
"""Folders in which `write_durably` writes: one that was killed leaves a file under a leading dot."""

Kind = Literal["publish", "rollback", "completed", "not_completed"]


class Move(Part):
    """One entry in the log of the pointer: a move that begins (`publish`, `rollback`), or how move number `of` ended."""

    format: Literal[1, 2] = 2
    """2 is sealed."""
    number: int
    kind: Kind
    run_id: str
    """Where the pointer goes."""
    at: datetime
    of: int | None = None


def current_run_id(state: State) -> str | None:
    """Give the run id of the published release; None before the first, and where the pointer is lost."""
    return state.current.readlink().name if state.current.is_symlink() else None


def finish_build(state: State, run_id: str) -> None:
    """Bring a built release to the disk and rename it into place, whole."""
    sync_tree(state.building(run_id))
    state.building(run_id).rename(state.release(run_id))
    sync_folder(state.releases)


def set_build_aside(state: State, run_id: str) -> None:
    """Keep a release that failed its audit for people to look into; only the newest such one stays."""
    for older in state.releases.glob(".failed-*"):
        shutil.rmtree(older)
    state.building(run_id).rename(state.releases / f".failed-{run_id}")


def move_pointer(
    state: State, run_id: str, *, kind: Literal["publish", "rollback"], at: datetime
) -> Move:
    """Log the move, then switch the pointer to the release of `run_id` atomically.

    Raises:
        ReleaseError: if that release is not there.

    """
    if not state.release(run_id).is_dir():
        raise ReleaseError(f"releases/{run_id} is not there: it was pruned, or never finished.")
    move = _log(state, kind=kind, run_id=run_id, at=at)
    _switch(state, run_id)
    return _log(state, kind="completed", run_id=run_id, at=at, of=move.number)


def _switch(state: State, run_id: str) -> None:
    unfinished = state.root / ".current.writing"
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(state.release(run_id).relative_to(state.root))
    unfinished.replace(state.current)
    sync_folder(state.root)


def heal_moves(state: State, *, at: datetime) -> Move | None:
    """Log how a move ended whose end was not logged. Call it with the lock held, before any other move."""
    moves = logged_moves(state)
    if not moves or moves[-1].of is not None:
        return None
    return _log(
        state,
        kind="completed" if _happened(moves[-1], state) else "not_completed",
        run_id=moves[-1].run_id,
        at=at,
        of=moves[-1].number,
    )


def heal_pointer(state: State) -> str | None:
    """Have the pointer go to the release that stands reported, where that is there; say what was wrong, if anything was.

    Call it with the lock held, after heal_moves. The log already tells of the move, so none is logged.
    """
    wrong = pointer_fault(state)
    if wrong is None:
        return None
    if state.current.exists() and not state.current.is_symlink():
        aside = state.current.rename(_free(state.root / "current.aside"))
        wrong += f"; what was there in its place is kept as {aside.name}"
    stands = reported_run_id(state)
    if stands is None or not state.release(stands).is_dir():
        return f"{wrong}; that release is not there, so that this run builds one."
    _switch(state, stands)
    return f"{wrong}; it goes there again."


def pointer_fault(state: State) -> str | None:
    """Say what is wrong with the pointer; None where it goes to the release that stands reported, or where none does."""
    stands, found = reported_run_id(state), current_run_id(state)
    if stands is None or found == stands:
        return None
    where = f"goes to {found}" if found else "is lost"
    return (
        f"The pointer {state.current.name} {where}, and the release of run {stands} stands reported"
    )


def _free(path: Path) -> Path:
    """Give a name that nothing has yet."""
    names = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return path if not path.exists() else next(each for each in names if not each.exists())


def logged_moves(state: State) -> list[Move]:
    """Read the log of moves, oldest first.

    Raises:
        ReleaseError: where an entry cannot be read or one is missing.

    """
    moves = []
    for number, path in enumerate(sorted(state.moves.glob("[0-9]*.json")), start=1):
        try:
            move = unsealed(Move, path.read_bytes())
        except DocumentDamaged as error:
            raise ReleaseError(
                f"ledger/moves/{path.name} cannot be read ({error}): "
                "restore it from a backup; the log of moves is append-only."
            ) from error
        except DocumentNewer as error:
            raise ReleaseError(f"ledger/moves/{path.name}: {error}") from error
        if move.number != number:
            raise ReleaseError(
                f"ledger/moves: number {number} is missing before {path.name}: restore it from a backup."
            )
        moves.append(move)
    return moves


def completed_moves(state: State) -> list[Move]:
    """Give the moves that really happened, oldest first."""
    moves = logged_moves(state)
    completed = {move.of for move in moves if move.kind == "completed"}
    if moves and moves[-1].of is None and _happened(moves[-1], state):
        completed.add(moves[-1].number)
    return [move for move in moves if move.number in completed]


def reported_run_id(state: State) -> str | None:
    """Give the run whose numbers stand reported: the last completed move's, also where pointer and releases were lost."""
    moves = completed_moves(state)
    return moves[-1].run_id if moves else None


def pointer_moves(state: State) -> list[PointerMove]:
    """Give the moves that really happened as the ledger's tables hold them, oldest first."""
    return [PointerMove(move.run_id, move.kind, move.at) for move in completed_moves(state)]


def published_run_ids(state: State) -> tuple[str, ...]:
    """Give every run whose release ever got the pointer, in the order of first publication."""
    return tuple(dict.fromkeys(move.run_id for move in completed_moves(state)))


def finished_run_ids(state: State) -> list[str]:
    """Give the releases on the disk, published or not, oldest first."""
    folders = state.releases.iterdir() if state.releases.is_dir() else ()
    return sorted(path.name for path in folders if path.is_dir() and not path.name.startswith("."))


def prune(state: State, *, keep: Retention, now: datetime) -> list[str]:
    """Remove releases beyond the number or age to keep, never the current one and never a ledger part; give what went.

    Releases that were published and those built for the past are counted apart, so that looking back costs no release.
    """
    published = set(published_run_ids(state))
    finished = finished_run_ids(state)
    outdated = [
        run_id
        for group in (published, set(finished) - published)
        for run_id in _outdated([f for f in finished if f in group], keep=keep, now=now)
        if run_id != current_run_id(state)
    ]
    for run_id in outdated:
        leaving = state.releases / f".removing-{run_id}"
        state.release(run_id).rename(leaving)
        shutil.rmtree(leaving)
    return sorted(outdated)


def remove_leftovers(state: State) -> list[str]:
    """Remove what killed runs left half written or half removed; give the names. Call it with the lock held."""
    folders = [
        *state.releases.glob(".building-*"),
        *state.releases.glob(".removing-*"),
        *state.parts.glob(".writing-*"),
        *state.parts.glob(".removing-*"),
    ]
    for path in sorted(folders):
        shutil.rmtree(_out_of_the_way(path))
    files = [
        path for folder in _WRITTEN_DURABLY for path in state.root.glob(f"{folder}/.*.writing")
    ]
    for path in files:
        path.unlink()
    return [path.name for path in sorted((*folders, *files))]


def _out_of_the_way(folder: Path) -> Path:
    """Rename a folder before it is removed: what a killed run started may still write into it, by its name."""
    if folder.name.startswith(".removing-"):
        return folder
    return folder.rename(folder.with_name(f".removing-{folder.name.removeprefix('.')}"))


def rollback_target(
    state: State, *, bases: Mapping[str, str | None], named: str | None = None
) -> str:
    """Give the release to go back to: the one named, or the nearest before on the reported line that is still there.

    Args:
        state: The state folder.
        bases: Each published run's base run: what it was reported after.
        named: The run id that a person asks for; it must have been published.

    Raises:
        ReleaseError: if there is no such release.

    """
    present = [run_id for run_id in finished_run_ids(state) if run_id in bases]
    current = current_run_id(state)
    candidates = [named] if named else list(_before(current, bases))
    for run_id in candidates:
        if run_id in present and run_id != current:
            return run_id
    asked = f"{named} is not a published release that is still here" if named else (
        "there is no release before the current one on the reported line that is still here"
    )  # fmt: skip
    raise ReleaseError(f"Cannot roll back: {asked}. Published and here: {', '.join(present)}.")


def _before(run_id: str | None, bases: Mapping[str, str | None]) -> Iterable[str]:
    while run_id is not None and (run_id := bases.get(run_id)) is not None:
        yield run_id


def _outdated(run_ids: list[str], *, keep: Retention, now: datetime) -> list[str]:
    beyond = set(run_ids[: -keep.releases])
    if keep.days is not None:
        oldest = (now - timedelta(days=keep.days)).strftime("%Y%m%dT%H%M%SZ")
        beyond |= {run_id for run_id in run_ids if run_id < oldest}
    return sorted(beyond)


def _happened(move: Move, state: State) -> bool:
    return move.run_id == current_run_id(state)


def _log(state: State, *, kind: Kind, run_id: str, at: datetime, of: int | None = None) -> Move:
    move = Move(number=len(logged_moves(state)) + 1, kind=kind, run_id=run_id, at=at, of=of)
    write_durably(state.moves / f"{move.number:08d}.json", sealed(move))
    return move
