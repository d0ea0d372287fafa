"""Data quality: how each source stands, its loads, what their contracts said, and the rows that were held back.

Not here: which KPI is stale for it (the KPI's page says so).
"""

from dataclasses import dataclass
from datetime import date

from reports.downloads import DATA, page_downloads
from reports.edition import Edition, Frame
from reports.views.manual import ManualRow, manual_rows
from reports.views.sources import (
    Source,
    SourcesSection,
    sources_in_words,
    sources_section,
    state_mark,
    state_of,
)
from reports.warehouse import rows
from reports.words.language import NONE
from reports.words.status import Mark, Status
from reports.words.text import Part, later, say, say_count, say_count_parts, say_parts
from scorecard.terms import MONTHS

SHOWN_LOADS = 3
SHOWN_ROWS = 100
SHOWN_WARNINGS = 50
WARNING_WORDS = {
    "no_points": later("No points to score with"),
    "phased_evenly": later("Divided evenly, not by season"),
}
LENGTHS = {
    "ytd": later("year to date, {month}"),
    "ttm": later("12 months, {month}"),
}
SEVERITIES = {"fail": later("fail"), "warn": later("warn")}
LONG_ROW = 300
SHOWN_SOURCES = 4


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
    "passed": Mark("on_track", later("Passed")),
    "failed": Mark("off_track", later("Failed")),
    "unchecked": Mark("no_target", later("No contract")),
    "crashed": Mark("unverified", later("Checker crashed")),
    "warned": Mark("at_risk", later("Warned")),
}


def quality_page(edition: Edition) -> QualityPage:
    """Return the data quality page."""
    evidence = edition.published.evidence
    sources = sources_section(edition)
    bad = [check for check in evidence.checks if check.outcome != "passed"]
    loads, hidden = _loads(edition)
    held = sum(row.row_count for row in evidence.held)
    manual = manual_rows(edition)
    heading = _finding(sources)
    finding = "".join(part.text for part in heading)
    return QualityPage(
        frame=edition.frame(
            title=say("Data quality: {finding}", finding=finding),
            finding=finding,
            heading=heading,
            page="quality.html",
            downloads=page_downloads(edition, DATA["quality"]),
        ),
        lede=(Part(_lede(bad=len(bad), held=held, unplaced=len(evidence.unplaced))),),
        sources=sources,
        tables=tuple(_table(edition, row) for row in evidence.sources),
        has_notes=any(row.message for row in evidence.sources),
        checks_heading=_checks_heading(edition, len(bad)),
        checks=tuple(_check(check) for check in sorted(bad, key=_check_order)),
        checks_note=say(
            "A load that fails a check of severity fail is not used: the last good load is. A crash of the checker says nothing of the data."
        ),
        loads=loads,
        loads_note=_older_loads(hidden),
        warnings_heading=_warnings_heading(len(evidence.warnings)),
        warnings=tuple(_warning(edition, row) for row in evidence.warnings[:SHOWN_WARNINGS]),
        warnings_note=_more_warnings(len(evidence.warnings) - SHOWN_WARNINGS),
        manual_heading=say_count(
            "{count} measure entered by hand", "{count} measures entered by hand", len(manual)
        ),
        manual=manual,
        held_heading=_held_back(held),
        groups=_groups(edition),
        held=tuple(_held(row, edition) for row in evidence.quarantined[:SHOWN_ROWS]),
        held_note=_held_note(edition, held),
        unplaced_heading=_unplaced(len(evidence.unplaced)),
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


def _lede(*, bad: int, held: int, unplaced: int) -> str:
    """Return three sentences of their own: what the checks found, what was held back, what has no place."""
    checks = (
        say_count("{count} check did not pass.", "{count} checks did not pass.", bad)
        if bad
        else say("Every check passed.")
    )
    rows_held = say("{heading}.", heading=_held_back(held))
    return " ".join((checks, rows_held, say("{heading}.", heading=_unplaced(unplaced))))


def _checks_heading(edition: Edition, bad: int) -> str:
    count = len(edition.published.evidence.checks)
    if not bad:
        return say_count("The one check passed", "All {count} checks passed", count)
    return say_count(
        "{bad} of {count} check did not pass",
        "{bad} of {count} checks did not pass",
        count,
        bad=bad,
    )


def _warnings_heading(count: int) -> str:
    if not count:
        return say("No warning on how numbers were made")
    return say_count(
        "{count} warning on how numbers were made",
        "{count} warnings on how numbers were made",
        count,
    )


def _held_back(count: int) -> str:
    if not count:
        return say("No row is held back")
    return say_count("{count} row is held back", "{count} rows are held back", count)


def _held_note(edition: Edition, held: int) -> str:
    if held <= SHOWN_ROWS:
        return ""
    return say(
        "The first {shown} of {count} rows; all are in the table quality.quarantined_row.",
        shown=SHOWN_ROWS,
        count=edition.language.number(held),
    )


def _unplaced(count: int) -> str:
    if not count:
        return say("Every row has its place in the organisation")
    return say_count(
        "{count} group of rows has a unit that is in no tree",
        "{count} groups of rows have a unit that is in no tree",
        count,
    )


def _older_loads(count: int) -> str:
    if count < 1:
        return ""
    return say_count(
        "{count} older load is in the table quality.load.",
        "{count} older loads are in the table quality.load.",
        count,
    )


def _more_warnings(count: int) -> str:
    if count < 1:
        return ""
    return say_count(
        "{count} more is in the table quality.warning.",
        "{count} more are in the table quality.warning.",
        count,
    )


def _warning(edition: Edition, row: rows.Warned) -> WarningItem:
    kpi = edition.strategy.kpis[row.kpi_id]
    first = _period(edition, row.grain, row.first_period_start_date)
    last = _period(edition, row.grain, row.last_period_start_date)
    kind = WARNING_WORDS.get(row.kind)
    return WarningItem(
        kind=row.kind.replace("_", " ") if kind is None else say(kind),
        kpi=Part(kpi.kpi_name, edition.kpi_href(kpi.kpi_id, row.unit_id)),
        unit=edition.strategy.units[row.unit_id].unit_name,
        periods=first if first == last else say("{first} to {last}", first=first, last=last),
        message=row.message,
    )


def _period(edition: Edition, grain: str, start: date) -> str:
    if grain in MONTHS:
        return edition.calendar.period(grain, start)
    month = edition.language.month(start)
    return say(LENGTHS[grain], month=month) if grain in LENGTHS else f"{grain}, {month}"


def _finding(sources: SourcesSection) -> tuple[Part, ...]:
    troubled = [source for source in sources.sources if source.is_troubled]
    if not sources.sources:
        return (Part(say("No source is known")),)
    if not troubled:
        clause = sources_in_words(sources.sources)
        return (Part(say("No source needs a look: {clause}", clause=clause)),)
    names: tuple[Part, ...] = ()
    for source in troubled[:SHOWN_SOURCES]:
        said = _troubled(source)
        names = say_parts("{before}, {next}", before=names, next=said) if names else said
    more = len(troubled) - SHOWN_SOURCES
    if more > 0:
        names = say_count_parts(
            "{names} and {count} more", "{names} and {count} more", more, names=names
        )
    return say_count_parts(
        "{count} of {all} sources needs a look: {names}",
        "{count} of {all} sources need a look: {names}",
        len(troubled),
        all=str(len(sources.sources)),
        names=names,
    )


def _troubled(source: Source) -> tuple[Part, ...]:
    return say_parts(
        "{source} {state}",
        source=Part(source.name, style="outside"),
        state=source.status.within,
    )


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
        state=Status((state_mark(state_of(row)),)),
        data_to=edition.language.short_day(row.data_as_of_date),
        load=row.selected_load_id or NONE,
        checks=say_count(
            "{passed} of {count} passed", "{passed} of {count} passed", len(checks), passed=passed
        )
        if checks
        else say("no contract"),
        note=row.message or "",
    )


def _check_order(check: rows.Check) -> tuple[bool, str, str, str]:
    return (check.severity != "fail", check.source_id, check.table_id, check.load_id)


def _check(check: rows.Check) -> CheckItem:
    warned = check.severity == "warn" and check.outcome == "failed"
    severity = SEVERITIES.get(check.severity)
    told = check.message or check.expectation
    if check.observed_value and not check.unexpected_count:
        told = say("{told}. Seen: {value}.", told=told.rstrip("."), value=check.observed_value)
    return CheckItem(
        table=f"raw.{check.source_id}__{check.table_id}",
        load=check.load_id,
        name=check.check_name,
        severity=check.severity if severity is None else say(severity),
        outcome=Status((_verdict("warned" if warned else check.outcome),)),
        told=told,
    )


def _verdict(key: str) -> Mark:
    found = VERDICTS.get(key)
    return Mark("no_data", key) if found is None else Mark(found.key, say(found.word))


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
        size=say("{size} KiB", size=number(load.byte_count / 1024, 0)),
        data_to=edition.language.short_day(load.data_as_of_date),
        kind=say("whole table") if load.is_snapshot else say("increment"),
        verdict=Status((_verdict(load.verdict),)),
        use=say("used") if load.is_selected else say("not used"),
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
        row=text
        if len(text) <= LONG_ROW
        else say(
            "{start}… ({count} characters)",
            start=text[:LONG_ROW],
            count=edition.language.number(len(text)),
        ),
    )
