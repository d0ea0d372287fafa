"""The organisation's scorecard of a quarter, a fiscal year or the year to date, as known now, with its parts beside it.

A quarter is scored from its own values, never from its months' scores; what the warehouse does not score stays unscored.

Not here: months (period), the rows of the full scorecard (span_card), which periods have a page (spans).
"""

from dataclasses import dataclass

from reports.downloads import page_downloads
from reports.edition import Choice, Crumb, Edition, Frame, Switch
from reports.figures.small import Beam
from reports.hierarchy import coverage_text, points_lost
from reports.longer import Longer, Slot
from reports.periods import add_months
from reports.roll import weakest
from reports.spans import (
    QUARTER,
    TO_DATE,
    YEAR,
    Span,
    address_of,
    choice_of,
    crumbs_above,
    href_of,
    months_in,
    name_of,
    quarters_in,
    span_around,
    spans_of,
)
from reports.standing import restated_months
from reports.views.balance import beam_note, beam_of
from reports.views.legend import legend
from reports.views.period import Told, told
from reports.views.span_card import (
    Cell,
    Column,
    KpiLine,
    SpanCard,
    kpi_line,
    node_cell,
    span_card,
)
from reports.warehouse import rows
from reports.words.status import Status, node_status
from reports.words.text import Part, say, say_count
from scorecard.terms import MONTHS


@dataclass(frozen=True)
class ScoreLine:
    """The score of the scorecard or a perspective, with those of the parts."""

    name: str
    href: str
    score: str
    status: Status
    change: str
    cells: tuple[Cell, ...]
    weakest: tuple[Part, ...]
    coverage: str


@dataclass(frozen=True)
class SpanNeed:
    """A KPI off track, with the last that its owner said of it in the period."""

    line: KpiLine
    lost: str
    said_of: str
    """The month of the comment."""
    comment: str
    """Empty where there is none."""


@dataclass(frozen=True)
class SpanPage:
    """A quarter, a fiscal year or the year to date."""

    frame: Frame
    lede: str
    notes: tuple[str, ...]
    restated: tuple[Part, ...]
    before: str
    """The period to which the scores are compared; empty where there is none."""
    columns: tuple[Column, ...]
    scores: tuple[ScoreLine, ...]
    beam: Beam | None
    beam_note: tuple[Part, ...]
    needs_heading: str
    needs: tuple[SpanNeed, ...]
    needs_note: str
    card: SpanCard
    words: tuple[tuple[str, str], ...]


def span_page(edition: Edition, longer: Longer, span: Span) -> SpanPage:
    """Return the organisation's scorecard of a quarter, a year or the year to date."""
    whole = edition.organisation_id
    slot = longer.slot(span.stored, span.key)
    seen = longer.seen_in(edition, span)
    columns = columns_of(edition, longer, span)
    before = _before(edition, longer, span)
    scorecard = edition.strategy.scorecard.scorecard_id
    node = slot.node("scorecard", scorecard)
    finding = told(
        edition,
        Told(name_of(edition, span), node),
        Told(before[0], before[1].node("scorecard", scorecard)) if before is not None else None,
    )
    lost = points_lost(seen, whole)
    needs = _needs(edition, span, slot, columns, lost)
    return SpanPage(
        frame=edition.frame(
            title=say(
                "{unit} scorecard, {finding}",
                unit=edition.strategy.organisation.unit_name,
                finding=finding,
            ),
            finding=finding,
            crumbs=_crumbs(edition, span),
            switches=_switches(edition, span),
            previous=_beside(edition, span, -1),
            next_=_beside(edition, span, 1),
            period=name_of(edition, span),
            downloads=page_downloads(edition, address_of(edition, span).removesuffix(".html")),
        ),
        lede=_lede(edition, span),
        notes=_notes(edition, span, node),
        restated=_restated(edition, span),
        before=before[0] if before is not None else "",
        columns=columns,
        scores=tuple(
            _line(edition, seen, slot, before, columns, part) for part in _parts(edition, slot)
        ),
        beam=beam_of(seen, whole) if node is not None and node.score is not None else None,
        beam_note=beam_note(seen, whole),
        needs_heading=say_count("{count} KPI off track", "{count} KPIs off track", len(needs))
        if needs
        else say("No KPI off track"),
        needs=needs,
        needs_note=_unscored(edition, slot),
        card=span_card(edition, seen, slot, span, columns),
        words=legend(edition),
    )


def columns_of(edition: Edition, longer: Longer, span: Span) -> tuple[Column, ...]:
    """Return the parts of a span: the months of a quarter; of a year its quarters, then the months after the last."""
    quarters = quarters_in(edition, span) if span.grain == YEAR else ()
    inside = {month for quarter in quarters for month in quarter.months}
    parts = [
        Column(
            edition.calendar.tick(QUARTER, quarter.start),
            href_of(edition, quarter),
            longer.slot(QUARTER, quarter.start),
        )
        for quarter in quarters
    ]
    parts += [
        Column(
            edition.language.month_name(month, short=True),
            edition.period_href(month, edition.organisation_id),
            longer.slot("month", month),
        )
        for month in months_in(edition, span)
        if month not in inside
    ]
    return tuple(parts)


def _before(edition: Edition, longer: Longer, span: Span) -> tuple[str, Slot] | None:
    """Return the period to compare with, by its name: the one before; of a year to date, the same of the year before."""
    if span.is_open:
        month = add_months(span.key, -12)
        name = say("the same months of {year}", year=edition.calendar.year(month))
        return name, longer.slot(TO_DATE, month)
    start = add_months(span.start, -MONTHS[span.grain])
    slot = longer.slot(span.grain, start)
    known = slot.node("scorecard", edition.strategy.scorecard.scorecard_id) is not None
    return (edition.calendar.short(span.grain, start), slot) if known else None


def _lede(edition: Edition, span: Span) -> str:
    day = edition.language.day(edition.strategy.release.as_of_date)
    if span.is_open:
        return say(
            "As known now, on {day}. The year has not ended: it is scored from its own values so far, not from the scores of its quarters and months.",
            day=day,
        )
    if span.grain == YEAR:
        return say(
            "As known now, on {day}: with everything that came late or was corrected since. A year is scored from its own values, not from the scores of its quarters.",
            day=day,
        )
    return say(
        "As known now, on {day}: with everything that came late or was corrected since. A quarter is scored from its own values, not from the scores of its months.",
        day=day,
    )


def _notes(edition: Edition, span: Span, node: rows.Node | None) -> tuple[str, ...]:
    found = []
    if node is None:
        found.append(
            say(
                "As a whole it is not scored in this release: the values of its KPIs stand beside the scores of its parts."
            )
        )
    count = len(months_in(edition, span))
    if count < len(span.months):
        first = edition.language.month(months_in(edition, span)[0])
        found.append(
            say_count(
                "Of its {months} months, {count} has a scorecard: the first score is that of {first}.",
                "Of its {months} months, {count} have a scorecard: the first score is that of {first}.",
                count,
                months=len(span.months),
                first=first,
            )
        )
    if node is not None and node.score is None:
        coverage, least = (
            edition.language.percent(share)
            for share in (node.coverage, edition.strategy.scorecard.min_coverage)
        )
        found.append(
            say(
                "Its coverage is {coverage}; a score needs {least}.", coverage=coverage, least=least
            )
        )
    return tuple(found)


def _restated(edition: Edition, span: Span) -> tuple[Part, ...]:
    """Name the KPIs with a value of the period that was reported otherwise at some time."""
    found: list[Part] = []
    whole, end = edition.organisation_id, add_months(span.start, MONTHS[span.grain])
    for kpi in _kpis(edition):
        if any(span.start <= at < end for at in restated_months(edition, kpi.kpi_id, whole)):
            joint = [Part(", ")] if found else []
            href = f"{edition.kpi_href(kpi.kpi_id, whole)}#restated"
            found += [*joint, Part(kpi.kpi_name, href)]
    return tuple(found)


def _kpis(edition: Edition) -> list[rows.Kpi]:
    applies = edition.strategy.kpis_of_unit.get(edition.organisation_id, frozenset())
    return [kpi for kpi in edition.strategy.kpis.values() if kpi.kpi_id in applies]


def _parts(edition: Edition, slot: Slot) -> list[tuple[str, str, str, str]]:
    """Return the scorecard and its perspectives: level, node, name, place on the page."""
    whole = (
        "scorecard",
        edition.strategy.scorecard.scorecard_id,
        say("Scorecard"),
        "#scorecard",
    )
    perspectives = (
        ("perspective", node_id, node.perspective_name, f"#p-{node_id}")
        for node_id, node in edition.strategy.perspectives.items()
        if slot.node("perspective", node_id) is not None
    )
    return [whole, *perspectives]


def _line(
    edition: Edition,
    seen: Edition,
    slot: Slot,
    before: tuple[str, Slot] | None,
    columns: tuple[Column, ...],
    part: tuple[str, str, str, str],
) -> ScoreLine:
    level, node_id, name, href = part
    node = slot.node(level, node_id)
    earlier = before[1].node(level, node_id) if before is not None else None
    score = node.score if node is not None else None
    return ScoreLine(
        name=name,
        href=href,
        score=edition.edges.write(score),
        status=node_status(node),
        change=edition.edges.write_change(score, earlier.score if earlier is not None else None),
        cells=tuple(node_cell(edition, column, level, node_id) for column in columns),
        weakest=weakest(seen, edition.organisation_id, level, node),
        coverage=coverage_text(edition, node),
    )


def _needs(
    edition: Edition,
    span: Span,
    slot: Slot,
    columns: tuple[Column, ...],
    lost: dict[str, float],
) -> tuple[SpanNeed, ...]:
    """Return the KPIs that were off track in the period, those that cost most first."""
    found = []
    for kpi in _kpis(edition):
        score = slot.score(kpi.kpi_id)
        if score is not None and score.band == "off_track":
            found.append(kpi)
    found.sort(key=lambda kpi: -lost.get(kpi.kpi_id, 0.0))
    return tuple(_need(edition, span, slot, columns, kpi, lost.get(kpi.kpi_id)) for kpi in found)


def _unscored(edition: Edition, slot: Slot) -> str:
    """Say how many KPIs had no score, so that none off track is not taken for all well."""
    scores = [slot.score(kpi.kpi_id) for kpi in _kpis(edition)]
    count = sum(score is None or score.score is None for score in scores)
    if not count:
        return ""
    return say_count(
        "{count} of {all} KPIs has no score.",
        "{count} of {all} KPIs have no score.",
        count,
        all=len(scores),
    )


def _need(
    edition: Edition,
    span: Span,
    slot: Slot,
    columns: tuple[Column, ...],
    kpi: rows.Kpi,
    lost: float | None,
) -> SpanNeed:
    comments = edition.strategy.comments.get((kpi.kpi_id, edition.organisation_id), [])
    of_it = [row for row in comments if row.period_start_date in span.months]
    last = max(of_it, key=lambda row: row.period_start_date, default=None)
    return SpanNeed(
        line=kpi_line(edition, slot, span, columns, kpi),
        lost=edition.language.number(lost, 1),
        said_of=edition.language.month(last.period_start_date) if last is not None else "",
        comment=last.comment_text.split("\n\n")[0] if last is not None else "",
    )


def _crumbs(edition: Edition, span: Span) -> tuple[Crumb, ...]:
    name = edition.calendar.year(span.start)
    if span.grain == YEAR:
        return (edition.front_crumb(), Crumb(name, None))
    steps = crumbs_above(edition, span.last)
    return (*steps[:-1], Crumb(edition.calendar.tick(span.grain, span.start), None))


def _switches(edition: Edition, span: Span) -> tuple[Switch, ...]:
    """Offer the parts of the period, and for a quarter the quarters of its year."""
    whole = edition.organisation_id
    months = tuple(
        Choice(edition.language.month_name(month), edition.period_href(month, whole))
        for month in months_in(edition, span)
    )
    year = span_around(edition, YEAR, span.last)
    quarters = tuple(
        choice_of(edition, quarter, is_current=quarter == span)
        for quarter in (quarters_in(edition, year) if year is not None else ())
    )
    found = (Switch(say("Quarters"), quarters), Switch(say("Months"), months))
    return tuple(switch for switch in found if switch.choices)


def _beside(edition: Edition, span: Span, step: int) -> Choice | None:
    found = spans_of(edition, span.grain)
    at = found.index(span) + step
    return choice_of(edition, found[at]) if 0 <= at < len(found) else None
