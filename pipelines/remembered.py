"""What the last night's release follows from, so that a night with nothing new is known for one before anything is computed.

The key covers all that the release's name is made of: the workspace, the business date, every load with its verdict and held
rows, what came of asking the sources as far as it is published, this program, and the libraries under it. Equal keys mean equal
releases; unequal ones may all the same: then the release's name tells, when it is known.

A night in which a definition failed is not remembered: what failed for want of memory is tried again.

Not here: tables that are kept where something is new (`transforms.kept`).
"""

import dataclasses
import importlib.metadata
import platform
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import duckdb
from pydantic import BaseModel, TypeAdapter, ValidationError

from pipelines import nightly, releases
from pipelines.manifest import Manifest, program_hash, read_manifest
from pipelines.measured import Measured
from pipelines.nightly import RunContext
from pipelines.quality import Judged
from pipelines.state import write_durably
from scorecard.base import Part
from scorecard.workspace import Workspace
from transforms.keys import digest, raw_keys
from transforms.measures import Built
from transforms.summary import Unplaced

FILE = "night.json"
_NOT_CONTENT = frozenset({"root", "lines"})
"""Fields of the workspace that say where it lies, and where in its files."""


class _Remembered(Part):
    """A night that ended with the release of `run_id` as the current one."""

    format: Literal[1] = 1
    key: str
    run_id: str
    built: tuple[Built, ...]
    unplaced: dict[str, Unplaced]
    mart_rows: dict[str, int]


@dataclasses.dataclass(frozen=True)
class Unchanged:
    """The current release, which tonight's would equal, and what was found when it was made."""

    manifest: Manifest
    measured: Measured
    mart_rows: Mapping[str, int]
    """Rows of every published table."""


def recall(context: RunContext, judged: Judged) -> Unchanged | None:
    """Give the current release where tonight's would equal it; None where it may differ, or nothing is known."""
    path = context.state.kept / FILE
    keeps = context.workspace.company.keep.tables
    if not (keeps and context.publishes and path.exists()) or context.is_fresh:
        return None
    try:
        found = _READER.validate_json(path.read_bytes())
    except ValidationError:
        return None  # damaged, or of another version: computed anew, and written over
    manifest = read_manifest(context.state, releases.current_run_id(context.state))
    if manifest is None or manifest.run_id != found.run_id:
        return None
    if found.key != night_key(context, judged):
        return None
    built = {
        each.name: dataclasses.replace(each, seconds=0.0, is_reused=True, why_made=None)
        for each in found.built
    }
    return Unchanged(manifest, Measured(built, found.unplaced), found.mart_rows)


def remember(context: RunContext, judged: Judged, measured: Measured) -> None:
    """Remember tonight; call it when the current release is what came of it."""
    path = context.state.kept / FILE
    run_id = releases.current_run_id(context.state)
    if not context.workspace.company.keep.tables:
        return
    if run_id is None or any(each.error for each in measured.built.values()):
        path.unlink(missing_ok=True)
        return
    try:
        mart_rows = nightly.mart_rows(context.state.current.resolve())
    except duckdb.Error:  # a release that cannot be read is nothing to rest on
        path.unlink(missing_ok=True)
        return
    tonight = _Remembered(
        key=night_key(context, judged),
        run_id=run_id,
        built=tuple(measured.built.values()),
        unplaced=dict(measured.unplaced),
        mart_rows=mart_rows,
    )
    write_durably(path, tonight.model_dump_json(indent=1) + "\n")


def night_key(context: RunContext, judged: Judged) -> str:
    """Hash all that the name of tonight's release follows from."""
    return digest(
        {
            "program": program_hash(),
            "libraries": _libraries(),
            "machine": [platform.machine(), platform.python_version()],
            "workspace": _content(context.workspace),
            "as_of": context.as_of,
            "raw": raw_keys(judged.raw_tables),
            "states": [dataclasses.asdict(state) for state in judged.states],
            "quality": judged.quality,
        }
    )


@cache
def _libraries() -> tuple[str, ...]:
    """Give the versions of the libraries that Steelyard names; another one may draw or round otherwise."""
    wanted = importlib.metadata.requires("steelyard") or []
    names = sorted(
        {re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in wanted if "extra ==" not in line}
    )
    return tuple(f"{name} {importlib.metadata.version(name)}" for name in names)


def _content(workspace: Workspace) -> dict[str, Any]:
    """Give what the workspace says, in its own order, which counts."""
    return {
        field.name: _plain(getattr(workspace, field.name))
        for field in dataclasses.fields(workspace)
        if field.name not in _NOT_CONTENT
    }


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


_READER = TypeAdapter(_Remembered)
