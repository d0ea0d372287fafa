"""The door to the connectors: read one table from its source, and land it in the lake.

Columns land under normalised names: snake_case as dlt has it (`companyName` is company_name, `Order Date` order_date), and
nested objects flattened with two underscores (`address.postalCode` is address__postal_code). Workspace files use these
names. Lists land as JSON text, keys unchanged. Duplicate keys in a snapshot land as they are: contracts judge them.

Not here: retries, and which of the lake's loads is used (pipelines); how each kind of source is read (its own module).
"""

import errno
import importlib
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from connectors import lake as lakes
from connectors.environment import Secrets
from connectors.errors import LakeDamaged, SourceBroken, SourceError, SourceUnavailable
from scorecard.load import LoadManifest
from scorecard.sources import AnySource, AnyTable

if TYPE_CHECKING:
    import pyarrow as pa

    from connectors.reading import Reading, Request


_OF_THE_MACHINE = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EROFS,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
    }
)
"""Disk full or read-only, no file descriptors, no memory."""


@dataclass(frozen=True)
class Extraction:
    """What came of reading a table. `unchanged` means that nothing was landed: `manifest` is the load that still stands."""

    outcome: Literal["loaded", "unchanged"]
    manifest: LoadManifest


def extract_table(
    source_id: str,
    table_id: str,
    *,
    source: AnySource,
    root: Path,
    lake: Path,
    environment: Mapping[str, str],
    since: LoadManifest | None,
    now: datetime,
    time_zone: str = "UTC",
    today: date | None = None,
) -> Extraction:
    """Read a table, and land what came as a new load, unless nothing has changed.

    `since` is the last accepted load: a table with a cursor is asked for rows from that load's greatest value on. `root` is
    the workspace, `now` the moment of extraction, `time_zone` the zone whose days data-as-of is given in, `today`
    the business date where the workspace fixes one.

    A snapshot is unchanged when rows and data-as-of equal those of the newest load in the lake; an increment, when it
    brings no new row and data-as-of has not moved on either.

    Raises `SourceUnavailable` (asking again may help), `SourceBroken` (it does not) or `LakeDamaged`. The first two carry no
    secret, neither in their text nor in a chained exception.
    """
    secrets = Secrets()
    try:
        return _extract(
            _request(
                source_id,
                table_id,
                source=source,
                root=root,
                environment=environment,
                secrets=secrets,
                since=since,
            ),
            source=source,
            lake=lake,
            now=now,
            zone=ZoneInfo(time_zone),
            today=today,
        )
    except (SourceError, LakeDamaged) as error:
        failure = _without_secrets(error, secrets)
    raise failure


def _without_secrets(error: Exception, secrets: Secrets) -> Exception:
    """Make the exception anew, so that no chained one carries an address or a header along."""
    if not isinstance(error, SourceError):
        return error
    clean = type(error)(secrets.redact(error.problem), secrets.redact(error.mend))
    for note in getattr(error, "__notes__", ()):
        clean.add_note(secrets.redact(note))
    return clean


def _request(
    source_id: str,
    table_id: str,
    *,
    source: AnySource,
    root: Path,
    environment: Mapping[str, str],
    secrets: Secrets,
    since: LoadManifest | None,
) -> "Request":
    from connectors.dlt_pipeline import column_name  # noqa: PLC0415 - imports dlt, which is slow
    from connectors.personal import personal_columns  # noqa: PLC0415
    from connectors.reading import Request  # noqa: PLC0415

    table = source.tables[table_id]
    return Request(
        source_id=source_id,
        table_id=table_id,
        root=root,
        environment=environment,
        secrets=secrets,
        personal=personal_columns(
            f"{source_id}.{table_id}",
            table,
            source=source,
            environment=environment,
            name=column_name,
        ),
        since=since,
    )


def _extract(
    request: "Request",
    *,
    source: AnySource,
    lake: Path,
    now: datetime,
    zone: ZoneInfo,
    today: date | None,
) -> Extraction:
    from connectors.draft import Moment, draft, standing  # noqa: PLC0415 - imports Arrow

    table = source.tables[request.table_id]
    with lakes.working_folder(lake, request.source_id, request.table_id) as folder:
        reading, rows = _read(request, source, table, folder=folder)
        load_id = lakes.new_load_id(lake, request.source_id, request.table_id, now=now)
        drafted = draft(
            request,
            table,
            reading=reading,
            rows=rows,
            at=Moment(load_id, now, zone, today, table.data_as_of or source.data_as_of),
            folder=folder / load_id,
        )
        stands = standing(drafted, lake=lake)
        if stands is not None:
            return Extraction("unchanged", stands)
        lakes.place(folder / load_id, lake, drafted.manifest)
        return Extraction("loaded", drafted.manifest)


def _module(kind: str) -> ModuleType:
    """Import the module of a kind of source when it is first needed: SQLAlchemy and requests take their time."""
    return importlib.import_module(f"connectors.{kind}")


def _read(
    request: "Request", source: AnySource, table: AnyTable, *, folder: Path
) -> "tuple[Reading, pa.Table]":
    """Read the table through dlt; whatever goes wrong comes out as a `SourceError`."""
    from connectors import dlt_pipeline  # noqa: PLC0415
    from connectors.landing import gather  # noqa: PLC0415

    module = _module(source.kind)
    try:
        reading: Reading = module.read(request, source, table)
        passed = dlt_pipeline.through_dlt(reading.rows, folder)
        rows = gather(passed.files, reading.types())
    except SourceError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError) or getattr(error, "errno", None) in _OF_THE_MACHINE:
            raise  # no fault of the source: the last good load would be used, and the source blamed
        raise module.explain(error, request) or _unexpected(error, request) from error
    if len(rows) != passed.rows_read:
        raise SourceBroken(
            f"{request.place}: {passed.rows_read} row(s) were read, but {len(rows)} came through dlt.",
            "this is a fault of Steelyard or of dlt: report it.",
        )
    return reading, rows


def _unexpected(error: Exception, request: "Request") -> SourceError:
    if isinstance(error, OSError):
        # The file's name alone: messages are published, and pages are the same on every machine.
        file = f": {Path(str(error.filename)).name}" if error.filename else ""
        return SourceUnavailable(
            f"{request.place}: {error.strerror or error}{file}.",
            "make the source reachable, then run again.",
        )
    broken = SourceBroken(
        f"{request.place}: unexpected {type(error).__name__}: {error}.",
        "this is a fault of Steelyard or of a driver: report it with the notes that come with this error.",
    )
    broken.add_note("".join(traceback.format_exception(error)))
    return broken
