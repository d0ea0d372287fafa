"""What steps report to Dagster: materializations with their metadata, and checks with their verdicts.

A check with severity `fail` is an ERROR, one with `warn` a WARN; none is blocking, since a failed blocking check would skip
all that comes after, and nothing would be published.

Not here: the assets (`assets`) and the verdicts themselves (transforms).
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

import dagster as dg

from pipelines.measured import is_measure, unplaced_message
from pipelines.night import Night
from pipelines.plural import counted
from pipelines.quality import Arrival, TableNight
from scorecard.contracts import Contract
from transforms.audit import AuditResult
from transforms.contracts import checks
from transforms.measures import Built
from transforms.summary import Unplaced

ANSWERED = "source_answered"
FRESH = "data_is_fresh"
BUILT = "is_built"
PLACED = "units_are_known"
AUDITED = "passes_audit"

_SEVERITY = {"fail": dg.AssetCheckSeverity.ERROR, "warn": dg.AssetCheckSeverity.WARN}


def answered_check(key: dg.AssetKey, source_name: str) -> dg.AssetCheckSpec:
    """Specify the check that a source could be read."""
    return dg.AssetCheckSpec(
        ANSWERED, asset=key, description=f"{source_name} could be read tonight, where it was asked."
    )


def definition_checks(key: dg.AssetKey) -> Iterator[dg.AssetCheckSpec]:
    """Specify what is checked of a staging table or measure: its SQL ran; a measure's units are known."""
    yield dg.AssetCheckSpec(BUILT, asset=key, description="Its SQL ran, on tables that have data.")
    if key.path[0] == "measure":
        yield dg.AssetCheckSpec(
            PLACED,
            asset=key,
            description="Every row is of a unit of company.yaml, or of its catch_all.",
        )


def audit_check(key: dg.AssetKey) -> dg.AssetCheckSpec:
    """Specify the audit of a published table."""
    return dg.AssetCheckSpec(
        AUDITED,
        asset=key,
        description="Keys, ranges, references: what holds before it is published.",
    )


def table_checks(
    key: dg.AssetKey, contract: Contract | None, *, max_age_days: int | None
) -> Iterator[dg.AssetCheckSpec]:
    """Specify what is checked of a raw table: its contract, and that what is used of it is fresh."""
    for check in checks(contract) if contract else ():
        yield dg.AssetCheckSpec(check.name, asset=key, description=check.description)
    limit = "of any age" if max_age_days is None else f"at most {counted(max_age_days, 'day')} old"
    yield dg.AssetCheckSpec(
        FRESH, asset=key, description=f"The newest load that is used is there, and {limit}."
    )


def arrival(key: dg.AssetKey, came: Arrival) -> dg.MaterializeResult[Any]:
    """Report what came of asking for a raw table. A source that was down is reported by its check, and by `outcome`."""
    return dg.MaterializeResult(
        asset_key=key,
        metadata=metadata(came.row_count, outcome=came.outcome),
        check_results=[
            dg.AssetCheckResult(
                asset_key=key,
                check_name=ANSWERED,
                passed=came.outcome != "failed",
                description=came.message or came.outcome,
            )
        ],
    )


def table(
    night: TableNight, wanted: AbstractSet[dg.AssetCheckKey]
) -> Iterator[dg.AssetCheckResult]:
    """Report what was found of a raw table, as far as it is wanted."""
    key = _key(f"raw.{night.verdict.name}")
    names = {check.name for check in wanted if check.asset_key == key}
    yield from (found for found in _found(key, night) if found.check_name in names)


def _found(key: dg.AssetKey, night: TableNight) -> Iterator[dg.AssetCheckResult]:
    for result in night.results:
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=result.check_name,
            passed=result.outcome == "passed",
            severity=_SEVERITY[result.severity],
            description=result.message,
            metadata=metadata(None, outcome=result.outcome, unexpected=result.unexpected_count),
        )
    yield dg.AssetCheckResult(
        asset_key=key,
        check_name=FRESH,
        passed=night.is_fresh,
        description=f"Complete up to {night.data_as_of}."
        if night.used
        else "There is no load to use.",
    )


def definition(built: Built, unplaced: Unplaced | None) -> dg.MaterializeResult[Any]:
    """Report a staging table or measure, and which rows of a measure are in no tree."""
    return dg.MaterializeResult(
        asset_key=_key(built.name),
        metadata=metadata(
            built.row_count,
            seconds=round(built.seconds, 3),
            outcome="reused" if built.is_reused else "made",
            why_made=built.why_made,
        ),
        check_results=[_ran(built), *([_placed(built, unplaced)] if is_measure(built) else [])],
    )


def _ran(built: Built) -> dg.AssetCheckResult:
    """Say whether it ran. One without data is a warning, one whose SQL failed an error."""
    missing = f"{built.missing} has no data." if built.missing else "It ran."
    return dg.AssetCheckResult(
        asset_key=_key(built.name),
        check_name=BUILT,
        passed=built.row_count is not None,
        severity=_SEVERITY["fail" if built.error else "warn"],
        description=built.error or missing,
    )


def _placed(built: Built, unplaced: Unplaced | None) -> dg.AssetCheckResult:
    """Say whether a measure's units are known. Of one without a table nothing is known: a warning, for `_ran` has said why."""
    has_table = built.row_count is not None
    known = "Every row is of a known unit." if has_table else "Not checked: there is no table."
    return dg.AssetCheckResult(
        asset_key=_key(built.name),
        check_name=PLACED,
        passed=has_table and unplaced is None,
        severity=_SEVERITY["fail" if has_table else "warn"],
        description=unplaced_message(unplaced) if unplaced else known,
        metadata=metadata(None, unplaced=unplaced.row_count if unplaced else None),
    )


def mart(name: str, rows: int, *, step_seconds: float | None) -> dg.MaterializeResult[Any]:
    """Report a published table; the seconds are those of all scores together, and none where nothing changed."""
    made = (
        {"outcome": "reused"} if step_seconds is None else {"step_seconds": round(step_seconds, 3)}
    )
    return dg.MaterializeResult(asset_key=_key(name), metadata=metadata(rows, **made))


def audited(name: str, found: list[AuditResult]) -> dg.AssetCheckResult:
    """Report the audit of a published table; one that failed keeps the release from being published."""
    failed = [str(each) for each in found if not each.passed]
    return dg.AssetCheckResult(
        asset_key=_key(name),
        check_name=AUDITED,
        passed=not failed,
        description="\n".join(failed) or _passed(found),
    )


def _passed(found: list[AuditResult]) -> str:
    if not found:
        return "Nothing changed: audited when the release was published."
    return f"{counted(len(found), 'check')} passed."


def page_group(
    key: dg.AssetKey, pages: int | None, *, seconds: float | None
) -> dg.MaterializeResult[Any]:
    """Report a group of pages; None where nothing changed, so that those that are published stay."""
    said: dict[str, Any] = {"pages": pages} if pages is not None else {"outcome": "unchanged"}
    if seconds is not None:
        said["seconds"] = round(seconds, 3)
    return dg.MaterializeResult(asset_key=key, metadata=said)


def release(key: dg.AssetKey, night: Night) -> dg.MaterializeResult[Any]:
    """Report what became of the release."""
    return dg.MaterializeResult(
        asset_key=key,
        metadata=metadata(
            None,
            outcome=night.status,
            release_id=night.release_id,
            run_id=night.context.run_id,
            as_of=night.context.as_of.isoformat(),
            score=night.headline.score,
        ),
    )


def selected(
    context: dg.AssetExecutionContext, made: Iterable[dg.MaterializeResult[Any]]
) -> Iterator[dg.MaterializeResult[Any]]:
    """Keep what the step was asked for."""
    checked = {(key.asset_key, key.name) for key in context.selected_asset_check_keys}
    for result in made:
        if result.asset_key in context.selected_asset_keys:
            checks = [
                check
                for check in result.check_results or ()
                if (result.asset_key, check.check_name) in checked
            ]
            yield result._replace(check_results=checks)


def _key(name: str) -> dg.AssetKey:
    return dg.AssetKey(name.split("."))


def metadata(rows: int | None, **more: Any) -> dict[str, Any]:
    """Give metadata, the number of rows under Dagster's own name, without what is not known."""
    counted = {} if rows is None else {"dagster/row_count": rows}
    return counted | {key: value for key, value in more.items() if value is not None}
