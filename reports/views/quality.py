"""Data quality: how each source stands, its loads, what their contracts said, and the rows that were held back.

Not here: which KPI is stale for it (the KPI's page says so).
"""

from dataclasses import dataclass
from datetime import date

from reports import rows
from reports.edition import Edition, Frame
from reports.language import NONE
from reports.status import Mark, Status
from reports.text import Part
from reports.views.manual import ManualRow, manual_rows
from reports.views.sources import (
    STATES,
    SourcesSection,
    sources_in_words,
    sources_section,
    state_of,
)
from scorecard.base import MONTHS

SHOWN_LOADS = 3
SHOWN_ROWS = 100
SHOWN_WARNINGS = 50
WARNING_WORDS = {
    "no_points": "No points to score with",
    "phased_evenly": "Divided evenly, not by season",
}
GRAIN_WORDS = {"ytd": "year to date", "ttm": "12 months"}
LONG_ROW = 300


@dataclass(frozen=True)
class TableRow:
    """How a table of a source stands."""

    table: str
    state: Status
    data_to: str
    load: str
    checks: str
    note: str


@dataclass(frozen=True)
class LoadItem:
    """A load, used or not."""

    table: str
    load: str
    row_count: str
    size: str
    data_to: str
    kind: str
    verdict: Status
    use: str
    quarantined: str


@dataclass(frozen=True)
class CheckItem:
    """A check that did not pass."""

    table: str
    load: str
    name: str
    severity: str
    outcome: Status
    told: str


@dataclass(frozen=True)
class HeldGroup:
    """Rows of a table held back for one reason."""

    table: str
    rule: str
    reason: str
    count: str


@dataclass(frozen=True)
class HeldRow:
    """A row that was held back."""

    table: str
    load: str
    number: str
    reason: str
    row: str


@dataclass(frozen=True)
class UnplacedItem:
    """Rows whose unit is in no tree."""

    measure: str
    unit: str
    month: str
    count: str


@dataclass(frozen=True)
class WarningItem:
    """What a reader should know of how numbers were made."""

    kind: str
    kpi: Part
    unit: str
    periods: str
    message: str


@dataclass(frozen=True)
class QualityPage:
    """The data quality page."""

    frame: Frame
    lede: tuple[Part, ...]
    sources: SourcesSection
    tables: tuple[TableRow, ...]
    has_notes: bool
    checks_heading: str
    checks: tuple[CheckItem, ...]
    checks_note: str
    loads: tuple[LoadItem, ...]
    loads_note: str
    warnings_heading: str
    warnings: tuple[WarningItem, ...]
    warnings_note: str
    manual_heading: str
    manual: tuple[ManualRow, ...]
    held_heading: str
    groups: tuple[HeldGroup, ...]
    held: tuple[HeldRow, ...]
    held_note: str
    unplaced_heading: str
    unplaced: tuple[UnplacedItem, ...]


VERDICTS = {
    "passed": Mark("on_track", "Passed"),
    "failed": Mark("off_track", "Failed"),
    "unchecked": Mark("no_target", "No contract"),
    "crashed": Mark("unverified", "Checker crashed"),
}
WARNED = Mark("at_risk", "Warned")


def quality_page(edition: Edition) -> QualityPage:
    """Return the data quality page."""
    evidence = edition.published.evidence
    sources = sources_section(edition)
    bad = [check for check in evidence.checks if check.outcome != "passed"]
    loads, hidden = _loads(edition)
    held = sum(row.row_count for row in evidence.held)
    warned, manual = evidence.warnings, manual_rows(edition)
    return QualityPage(
        frame=edition.frame(
            title=f"Data quality: {_finding(sources)}",
            finding=_finding(sources),
            page="quality.html",
        ),
        lede=(
            Part(
                f"{_count(len(bad), 'check')} did not pass, {_count(held, 'row')} held back, {_count(len(evidence.unplaced), 'group')} of rows without a place."
            ),
        ),
        sources=sources,
        tables=tuple(_table(edition, row) for row in evidence.sources),
        has_notes=any(row.message for row in evidence.sources),
        checks_heading=f"{_count(len(bad), 'check')} of {len(evidence.checks)} did not pass"
        if bad
        else f"All {len(evidence.checks)} checks passed",
        checks=tuple(_check(check) for check in sorted(bad, key=_check_order)),
        checks_note="A load that fails a check of severity fail is not used: the last good load is. A crash of the checker says nothing of the data.",
        loads=loads,
        loads_note=f"{hidden} older loads are in the table quality.load." if hidden else "",
        warnings_heading=f"{_count(len(warned), 'warning')} on how numbers were made"
        if warned
        else "No warning on how numbers were made",
        warnings=tuple(_warning(edition, row) for row in warned[:SHOWN_WARNINGS]),
        warnings_note=f"{len(warned) - SHOWN_WARNINGS} more are in the table quality.warning."
        if len(warned) > SHOWN_WARNINGS
        else "",
        manual_heading=f"{_count(len(manual), 'measure')} entered by hand",
        manual=manual,
        held_heading=f"{_count(held, 'row')} held back" if held else "No row is held back",
        groups=_groups(edition),
        held=tuple(_held(row, edition) for row in evidence.quarantined[:SHOWN_ROWS]),
        held_note=f"The first {min(held, SHOWN_ROWS)} of {edition.language.number(held)} rows; all are in the table quality.quarantined_row."
        if held > SHOWN_ROWS
        else "",
        unplaced_heading=f"{_count(len(evidence.unplaced), 'group')} of rows whose unit is in no tree"
        if evidence.unplaced
        else "Every row has its place in the organisation",
        unplaced=tuple(
            UnplacedItem(
                row.measure_id,
                row.unit_id,
                edition.language.month(row.period_start_date),
                edition.language.number(row.row_count),
            )
            for row in evidence.unplaced
        ),
    )


def _warning(edition: Edition, row: rows.Warned) -> WarningItem:
    kpi = edition.strategy.kpis[row.kpi_id]
    ends = dict.fromkeys(
        _period(edition, row.grain, start)
        for start in (row.first_period_start_date, row.last_period_start_date)
    )
    return WarningItem(
        kind=WARNING_WORDS.get(row.kind, row.kind.replace("_", " ")),
        kpi=Part(kpi.kpi_name, edition.kpi_href(kpi.kpi_id, row.unit_id)),
        unit=edition.strategy.units[row.unit_id].unit_name,
        periods=" to ".join(ends),
        message=row.message,
    )


def _period(edition: Edition, grain: str, start: date) -> str:
    if grain in MONTHS:
        return edition.calendar.period(grain, start)
    return f"{GRAIN_WORDS.get(grain, grain)}, {edition.language.month(start)}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _finding(sources: SourcesSection) -> str:
    troubled = [source for source in sources.sources if source.is_troubled]
    if not sources.sources:
        return "No source is known"
    if not troubled:
        words = sources_in_words(sources.sources)
        return f"{words[0].upper()}{words[1:]}, and none of what is used broke its contract"
    names = ", ".join(f"{source.name} {source.status.words.lower()}" for source in troubled[:4])
    more = f" and {len(troubled) - 4} more" if len(troubled) > 4 else ""  # noqa: PLR2004 - as listed above
    verb = "needs" if len(troubled) == 1 else "need"
    return f"{len(troubled)} of {len(sources.sources)} sources {verb} a look: {names}{more}"


def _table(edition: Edition, row: rows.SourceTable) -> TableRow:
    checks = [
        check
        for check in edition.published.evidence.checks
        if (check.source_id, check.table_id, check.load_id)
        == (row.source_id, row.table_id, row.selected_load_id)
    ]
    passed = sum(check.outcome == "passed" for check in checks)
    return TableRow(
        table=f"raw.{row.source_id}__{row.table_id}",
        state=Status((STATES[state_of(row)],)),
        data_to=edition.language.short_day(row.data_as_of_date),
        load=row.selected_load_id or NONE,
        checks=f"{passed} of {len(checks)} passed" if checks else "no contract",
        note=row.message or "",
    )


def _check_order(check: rows.Check) -> tuple[bool, str, str, str]:
    return (check.severity != "fail", check.source_id, check.table_id, check.load_id)


def _check(check: rows.Check) -> CheckItem:
    warned = check.severity == "warn" and check.outcome == "failed"
    verdict = WARNED if warned else VERDICTS.get(check.outcome, Mark("no_data", check.outcome))
    seen = (
        f" Seen: {check.observed_value}."
        if check.observed_value and not check.unexpected_count
        else ""
    )
    return CheckItem(
        table=f"raw.{check.source_id}__{check.table_id}",
        load=check.load_id,
        name=check.check_name,
        severity=check.severity,
        outcome=Status((verdict,)),
        told=f"{check.message or check.expectation}{seen}",
    )


def _loads(edition: Edition) -> tuple[tuple[LoadItem, ...], int]:
    found, hidden = [], 0
    for loads in edition.published.evidence.loads.values():
        hidden += max(0, len(loads) - SHOWN_LOADS)
        found += [_load(edition, load) for load in loads[:SHOWN_LOADS]]
    return tuple(found), hidden


def _load(edition: Edition, load: rows.Load) -> LoadItem:
    number = edition.language.number
    return LoadItem(
        table=f"raw.{load.source_id}__{load.table_id}",
        load=load.load_id,
        row_count=number(load.row_count),
        size=f"{number(load.byte_count / 1024, 0)} KiB",
        data_to=edition.language.short_day(load.data_as_of_date),
        kind="whole table" if load.is_snapshot else "increment",
        verdict=Status((VERDICTS.get(load.verdict, Mark("no_data", load.verdict)),)),
        use="used" if load.is_selected else "not used",
        quarantined=number(load.quarantined_count or 0),
    )


def _groups(edition: Edition) -> tuple[HeldGroup, ...]:
    return tuple(
        HeldGroup(
            table=f"raw.{row.source_id}__{row.table_id}",
            rule=row.rule_name,
            reason=row.reason,
            count=edition.language.number(row.row_count),
        )
        for row in edition.published.evidence.held
    )


def _held(row: rows.Quarantined, edition: Edition) -> HeldRow:
    text = row.row_json
    return HeldRow(
        table=f"raw.{row.source_id}__{row.table_id}",
        load=row.load_id,
        number=edition.language.number(row.row_number),
        reason=row.reason,
        row=text if len(text) <= LONG_ROW else f"{text[:LONG_ROW]}… ({len(text):,} characters)",
    )
