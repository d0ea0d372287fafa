"""Runs, releases and history in words, for the terminal.

Not here: reading them, and printing.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from pathlib import Path

from pipelines.manifest import Manifest
from pipelines.plural import counted
from pipelines.runs import HeadlineRecord, Holder, RunRecord, SourceRecord
from transforms.ledger import LedgerPart
from transforms.summary import ReportedOnce, Standing, Warned


def closing(record: RunRecord, *, release: Path) -> Iterator[str]:
    """Sum up a finished run; `release` is the folder in which its site and warehouse can be opened."""
    yield _outcome(record)
    if record.status != "failed":
        yield f"Scorecard   {score(record.headline)}"
    yield f"Came in     {_came_in(record.sources)}"
    yield f"Validated   {_validated(record)}"
    yield f"Took        {_took(record)}"
    if record.status != "failed":
        yield f"Front page  {release / 'site' / 'index.html'}"
        yield f"Warehouse   {release / 'warehouse.duckdb'}"


def warned(found: Sequence[Warned]) -> Iterator[str]:
    """List what a reader should know of how numbers were made; none of it makes the night a bad one."""
    if found:
        yield f"{counted(len(found), 'warning')}:"
        yield from (f"  - {each.message}{_more_units(each)}" for each in found)


def _more_units(each: Warned) -> str:
    more = len(each.unit_ids) - 1
    return f" The same is true of {counted(more, 'more unit')}." if more else ""


def score(headline: HeadlineRecord) -> str:
    """Say how the organisation stands."""
    month = (
        f"{headline.period_start_date:%B %Y}" if headline.period_start_date else "no closed month"
    )
    if headline.score is None:
        return f"no score, {month}"
    band = (headline.band or "").replace("_", " ")
    return f"{headline.score:.1f}, {band}, {month}, coverage {headline.coverage or 0:.0%}"


def problems(record: RunRecord) -> Iterator[str]:
    """List what makes the night no good one."""
    if record.problems:
        yield f"{counted(len(record.problems), 'problem')}:"
        yield from (f"  - {problem}" for problem in record.problems)


def standing(
    manifest: Manifest | None,
    records: Sequence[RunRecord],
    *,
    release: Path,
    holder: Holder | None,
) -> Iterator[str]:
    """Say what is published and how the last run went; `holder` has the lock."""
    if manifest is None:
        yield "Current     nothing is published yet"
    else:
        yield f"Current     {manifest.release_id}, as of {manifest.as_of_date}, published {manifest.reported_at:%Y-%m-%d %H:%M} UTC by run {manifest.run_id}"
        yield f"Scorecard   {score(manifest.headline)}"
        yield f"Front page  {release / 'site' / 'index.html'}"
    nights = [record for record in records if record.kind == "nightly"]
    if nights:
        yield from _last_night(nights[-1], holder)


def _last_night(record: RunRecord, holder: Holder | None) -> Iterator[str]:
    yield f"Last run    {record.run_id}, {_state(record, holder)}, began {record.started_at:%Y-%m-%d %H:%M} UTC"
    for each in record.sources:
        day = each.data_as_of.isoformat() if each.data_as_of else "no good load"
        yield f"  {each.source + '.' + each.table:<34} {each.outcome:<10} complete up to {day}"
    yield from problems(record)


def _state(record: RunRecord, holder: Holder | None) -> str:
    """Say how a run stands; one that is not at its end must hold the lock, else it is no more."""
    if record.status == "running" and (holder is None or holder.run_id != record.run_id):
        return "did not end (it was killed or crashed; the next run clears up what it left)"
    code = "" if record.exit_code is None else f", exit code {record.exit_code}"
    return f"{record.status}{code}"


def release_line(part: LedgerPart, *, marks: Sequence[str]) -> str:
    """Say which release a run made."""
    period = f"{part.period_start_date:%Y-%m}" if part.period_start_date else "-"
    marked = f"  {', '.join(marks)}" if marks else ""
    return f"{part.reported_at:%Y-%m-%d %H:%M} UTC  {part.release_id}  as of {part.as_of_date}  month {period}  {part.run_id}{marked}"


def kpi_lines(rows: Iterable[ReportedOnce]) -> Iterator[str]:
    """Say what was reported of a KPI and when, one line per change of its value or its score."""
    for row in rows:
        value = "withdrawn" if row.is_withdrawn else _value(row.actual)
        rolled_back = "" if row.is_current_line else "  (rolled back)"
        why = f": {', '.join(row.reasons).replace('_', ' ')}" if row.reasons else ""
        yield f"{row.period_start_date:%Y-%m-%d}  {value:>20}  {_scored(row.score, row.band, row.target)}  reported {row.reported_at:%Y-%m-%d %H:%M} UTC in {row.release_id}{why}{rolled_back}"


def standing_lines(rows: Iterable[Standing]) -> Iterator[str]:
    """Say how a KPI stood reported on a day, one line per period."""
    for row in rows:
        said = [_scored(row.score, row.band, row.target)]
        said += [f"weight {row.weight:g}"] if row.weight is not None else []
        said += [f"definition {row.definition_id}"] if row.definition_id else []
        said += (
            [row.data_state.replace("_", " ")]
            if row.data_state and row.data_state != "current"
            else []
        )
        yield f"{row.period_start_date:%Y-%m-%d}  {_value(row.actual):>20}  {', '.join(said)}"


def _value(actual: float | None) -> str:
    return "no value" if actual is None else f"{actual:,.4f}"


def _scored(score: float | None, band: str | None, target: float | None) -> str:
    scored = "no score" if score is None else f"score {score:.1f}"
    judged = f" {band.replace('_', ' ')}" if band else ""
    aim = f", target {target:,.4f}" if target is not None else ""
    return f"{scored}{judged}{aim}"


def _outcome(record: RunRecord) -> str:
    outcomes = {
        "published": f"Release {record.release_id} is published.",
        "unchanged": f"Nothing changed; release {record.release_id} stays.",
        "built": f"Release {record.release_id} is built for {record.as_of} and not published: {_other_date(record)}.",
    }
    return outcomes.get(record.status, "The run failed; nothing was published.")


def _other_date(record: RunRecord) -> str:
    """Say why a run is for another date: it counts what was known then, or its business date is not the present one."""
    if record.known_at and record.known_at < record.started_at:
        return (
            f"it counts only what was known at {record.known_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        )
    return "its business date is not the present one"


def _came_in(sources: Iterable[SourceRecord]) -> str:
    by_source: dict[str, list[SourceRecord]] = {}
    for each in sources:
        by_source.setdefault(each.source, []).append(each)
    return (
        "; ".join(f"{source} {_of_source(tables)}" for source, tables in by_source.items())
        or "nothing"
    )


def _of_source(tables: list[SourceRecord]) -> str:
    rows = sum(table.row_count for table in tables)
    bad = [
        f"{table.table} {table.outcome}"
        for table in tables
        if table.outcome in ("failed", "rejected")
    ]
    if not rows and not bad:
        return "skipped" if all(table.outcome == "skipped" for table in tables) else "unchanged"
    return ", ".join([counted(rows, "row"), *bad])


def _validated(record: RunRecord) -> str:
    checks = record.checks
    said = [f"{counted(checks.passed, 'check')} passed", f"{checks.failed} failed"]
    said += [f"{checks.warned} warned"] if checks.warned else []
    said += [f"{checks.crashed} could not be checked"] if checks.crashed else []
    return ", ".join(said)


def _took(record: RunRecord) -> str:
    parts = ", ".join(f"{part} {seconds:.1f}" for part, seconds in record.seconds.items())
    total = (record.finished_at - record.started_at).total_seconds() if record.finished_at else 0.0
    return f"{total:.1f} s: {parts}"
