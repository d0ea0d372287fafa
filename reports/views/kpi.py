"""A KPI's page, for the organisation or for a unit: the chart, every period, the comment and the whole way from source to score.

Not here: longer periods (lengths), the parts of the units below (contribution, moved), what was said (comments), what stands
around it (related), what it is (definition), who entered it (manual), and where the number comes from (derivation).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports import points, rows
from reports.card import Standing, change_of, is_linear, standing
from reports.chart import Chart, Judged, Month, Reading, chart
from reports.edition import Choice, Crumb, Edition, Frame, Switch
from reports.exports.addresses import kpi_downloads
from reports.language import NONE
from reports.movement import Change
from reports.periods import WORDS, add_months
from reports.status import Status, kpi_status
from reports.text import Part
from reports.views.comments import CommentItem, comments, comments_heading, comments_note
from reports.views.contribution import Contribution, contributions
from reports.views.definition import definition, stood_under, warnings
from reports.views.derivation import Derivation, derivation
from reports.views.drilldown import DrillTable, component, drill_tables
from reports.views.initiatives import InitiativeItem, initiative_item
from reports.views.lengths import GrainRow, grain_rows
from reports.views.manual import entered
from reports.views.moved import Moved, unit_moves
from reports.views.related import related
from reports.views.restated import RestatedRow, restated_rows
from reports.views.targets import Targets, targets
from scorecard.base import MONTHS


@dataclass(frozen=True)
class Fact:
    """A figure at the head of the page."""

    label: str
    value: str
    note: str = ""
    status: Status | None = None
    is_text: bool = False
    """Words, not a figure."""


@dataclass(frozen=True)
class MonthRow:
    """A period of the table behind the chart."""

    month: str
    actual: str
    interval: str
    target: str
    is_words: bool
    red: str
    score: str
    status: Status
    change: Change
    first_reported: str
    numerator: str
    denominator: str
    observations: str


@dataclass(frozen=True)
class KpiPage:
    """A KPI's page."""

    frame: Frame
    lede: tuple[Part, ...]
    facts: tuple[Fact, ...]
    unit: str
    notes: tuple[tuple[Part, ...], ...]
    """What else must be known of the number: who entered it, where the unit stood before."""
    chart: Chart | None
    chart_heading: str
    chart_note: str
    chart_missing: str
    """What stands instead of a chart that has nothing to draw."""
    chart_target: str
    """The word for the upright marks of the target; nothing where the chart has none."""
    table_heading: str
    period_head: str
    months: tuple[MonthRow, ...]
    has_red: bool
    has_components: bool
    has_ratio: bool
    has_observations: bool
    grains: tuple[GrainRow, ...]
    grains_heading: str
    grains_ticks: str
    comments_heading: str
    comments: tuple[CommentItem, ...]
    comments_note: str
    initiatives: tuple[InitiativeItem, ...]
    contributions: tuple[Contribution, ...]
    moves: tuple[Moved, ...]
    drills: tuple[DrillTable, ...]
    drill_note: str
    restated_heading: str
    restated: tuple[RestatedRow, ...]
    targets: Targets
    warnings: tuple[str, ...]
    definition: tuple[tuple[str, str], ...]
    derivation: Derivation
    related: tuple[tuple[Part, ...], ...]


def kpi_page(edition: Edition, kpi: rows.Kpi, unit_id: str) -> KpiPage:
    """Return a KPI's page for a unit; `edition` is seen from the folder in which the page lies."""
    item = standing(edition, kpi, unit_id)
    unit = edition.strategy.units[unit_id]
    restated = restated_rows(edition, kpi, unit_id)
    first = {row.month: row.first for row in restated if row.is_value}
    drills, drill_note = drill_tables(edition, item)
    months = _months(edition, item, first)
    drawn = _chart(edition, item, first)
    return KpiPage(
        frame=_frame(edition, item, unit),
        lede=_lede(edition, item),
        facts=_facts(edition, item),
        unit=item.scale.unit,
        notes=tuple(note for note in (entered(edition, item), stood_under(edition, unit)) if note),
        chart=drawn,
        chart_heading=f"Actual against target, {item.span}{_in_unit(item)}",
        chart_note="" if item.grain == "month" else _measured(item),
        chart_missing=_missing(item),
        chart_target=_reading(kpi).target.capitalize() if drawn and drawn.targets else "",
        table_heading=f"The {item.span} as a table",
        period_head=WORDS[item.grain][0].capitalize(),
        months=months,
        has_red=kpi.rule == "linear",
        has_components=any(row.numerator != NONE for row in months),
        has_ratio=kpi.aggregation in {"ratio", "score"} and kpi.change_against is None,
        has_observations=any(row.observations not in {NONE, ""} for row in months),
        grains=grain_rows(edition, item),
        grains_heading=f"Every period{_in_unit(item)}",
        grains_ticks="Red flag, target" if is_linear([kpi]) else "At risk, on track",
        comments_heading=comments_heading(edition, item),
        comments=comments(edition, item),
        comments_note=comments_note(edition, item),
        initiatives=tuple(
            initiative_item(edition, row)
            for row in edition.strategy.initiatives
            if row.objective_id == kpi.objective_id
        ),
        contributions=contributions(edition, item),
        moves=unit_moves(edition, item),
        drills=drills,
        drill_note=drill_note,
        restated_heading=_restated_heading(item, restated),
        restated=restated,
        targets=targets(edition, item),
        warnings=warnings(edition, item),
        definition=definition(edition, item),
        derivation=derivation(edition, item),
        related=related(edition, item),
    )


def _in_unit(item: Standing) -> str:
    unit = {"%": "per cent"}.get(item.scale.unit, item.scale.unit)
    return f", {unit}" if unit else ""


def _frame(edition: Edition, item: Standing, unit: rows.Unit) -> Frame:
    kpi, whole = item.kpi, unit.unit_id == edition.organisation_id
    perspective = edition.strategy.perspectives[kpi.perspective_id]
    objective = edition.strategy.objectives[kpi.objective_id]
    crumbs = [
        edition.front_crumb(),
        Crumb(perspective.perspective_name, edition.perspective_href(perspective.perspective_id)),
        Crumb(objective.objective_name, edition.objective_href(objective.objective_id)),
        Crumb(
            kpi.kpi_name, None if whole else edition.kpi_href(kpi.kpi_id, edition.organisation_id)
        ),
    ]
    if not whole:
        crumbs.append(Crumb(unit.unit_name, None))
    of_unit = "" if whole else f" in {unit.unit_name}"
    return edition.frame(
        title=f"{kpi.kpi_name}{of_unit}, {edition.calendar.period(item.grain, item.value_start)}: "
        f"{item.said}, {item.status.words.lower()}",
        subject=kpi.kpi_name if whole else f"{unit.unit_name}: {kpi.kpi_name}",
        finding=_finding(edition, item),
        crumbs=crumbs,
        switches=_switches(edition, item, unit),
        downloads=kpi_downloads(edition, kpi.kpi_id) if whole else (),
    )


def _switches(edition: Edition, item: Standing, unit: rows.Unit) -> tuple[Switch, ...]:
    """Offer the unit's scorecard, the units above and those directly below."""
    strategy, kpi_id = edition.strategy, item.kpi.kpi_id

    def choice(other: rows.Unit, name: str = "") -> Choice:
        return Choice(
            name or other.unit_name,
            edition.kpi_href(kpi_id, other.unit_id),
            other.unit_id == unit.unit_id,
        )

    above = [choice(strategy.organisation, "All units")]
    above += [choice(step) for step in strategy.path(unit.unit_id)[1:]]
    below = [
        choice(child)
        for child in strategy.children(unit.unit_id)
        if kpi_id in strategy.kpis_of_unit.get(child.unit_id, frozenset())
    ]
    found = [Switch("Unit", (*above, *below))] if below or len(above) > 1 else []
    if unit.unit_id != edition.organisation_id:
        href = edition.unit_href(unit.unit_id)
        found.append(Switch("Scorecard", (Choice(f"All KPIs of {unit.unit_name}", href),)))
    return tuple(found)


def _finding(edition: Edition, item: Standing) -> str:
    period = edition.calendar.period(item.grain, item.start)
    match item.status.marks[-1].key:
        case "suppressed":
            return f": held back for {period}, it would reveal few answers"
        case "no_data":
            return f": no data for {period}"
        case "unverified":
            return f": nothing that can be trusted for {period}"
        case "stale":
            of = edition.calendar.period(item.grain, item.value_start)
            return f": {item.said} in {of}, the last good value"
        case _:
            return _finding_of_value(edition, item, period)


def _finding_of_value(edition: Edition, item: Standing, period: str) -> str:
    value, moved = item.said, item.moved
    if moved.kind == "new" and moved.signal in {"high", "low"}:
        verb = "rose" if moved.is_up else "fell"
        return f" {verb} to {value}, outside the usual range{_first_time(edition, item)}"
    status = item.status.words.lower()
    if moved.kind in {"new", "kept"} and moved.since is not None:
        start = edition.calendar.period(item.grain, moved.since)
        since = "" if moved.kind == "new" else f" since {start}"
        return f": {value}, {status} and {moved.word} than usual{since}"
    if item.status.key == "no_target":
        return f": {value} in {period}, without a target"
    quiet = (
        "no change beyond the usual"
        if moved.kind == "none"
        else f"too few {WORDS[item.grain][1]} to tell signal from noise"
    )
    return f": {value} in {period}, {status}, {quiet}"


def _missing(item: Standing) -> str:
    if any(value.is_suppressed for value in item.values.values()):
        return "What was measured is held back: it would reveal few answers."
    return "Nothing was measured in the periods shown."


def _measured(item: Standing) -> str:
    every = {"quarter": "quarter", "half": "half-year", "year": "year"}[item.grain]
    return f"Measured once a {every}: until the next one has closed, every month shows the last."


def _first_time(edition: Edition, item: Standing) -> str:
    """Say how rare a point outside the usual range is, as far as the shown periods tell."""
    tested = [
        at for at in item.periods if at in item.scores and item.scores[at].usual_low is not None
    ]
    outside = [
        at for at in tested if item.scores[at].signal in {"high", "low"} and at != item.start
    ]
    if outside:
        return f" for the first time since {edition.calendar.period(item.grain, outside[-1])}"
    many = WORDS[item.grain][1]
    return f" for the first time in {len(tested)} {many}" if len(tested) > 1 else ""


def _lede(edition: Edition, item: Standing) -> tuple[Part, ...]:
    goal = points.goal(item.kpi, item.score, item.scale)
    described = (Part(item.kpi.description, style="outside"),) if item.kpi.description else ()
    if goal is None:
        return described
    gap = points.gap(item.kpi, item.score, item.scale, prose=True)
    said = f"{goal.sentence}; the gap is {gap}. " if gap else f"{goal.sentence}. "
    return (Part(said), *described)


def _facts(edition: Edition, item: Standing) -> tuple[Fact, ...]:
    scale, calendar = item.scale, edition.calendar
    previous, year = (add_months(item.start, -back) for back in (MONTHS[item.grain], 12))
    edges = edition.edges_of(item.kpi)
    before = item.scores.get(previous)
    was = (
        f", was {edges.write(before.score)}"
        if before is not None and before.score is not None
        else ""
    )
    return (
        Fact("Status", "", status=item.status),
        Fact(
            calendar.period(item.grain, item.value_start), scale.prose(item.actual), _beside(item)
        ),
        Fact(
            calendar.period(item.grain, previous),
            scale.prose(_actual(item, previous)),
            _compared(item, previous),
        ),
        *(
            ()
            if year == previous
            else (
                Fact(
                    calendar.period(item.grain, year),
                    scale.prose(_actual(item, year)),
                    ""
                    if _actual(item, year) is None or item.actual is None
                    else scale.gap_prose(item.actual, _actual(item, year)),
                ),
            )
        ),
        Fact(
            "Score",
            edges.write(item.points),
            f"{points.of_most(item.kpi, edges)}{was}" if item.points is not None else "",
        ),
        Fact("Owner", item.kpi.owner_name, is_text=True),
    )


def _beside(item: Standing) -> str:
    """Say beside a value how sure it is, and what it is held against."""
    against = points.summary(item.kpi, item.score, item.scale)
    interval = item.interval(item.value_start) if item.actual is not None else ""
    return f"95% interval {interval.strip('()')}; {against}" if interval else against


def _actual(item: Standing, start: date) -> float | None:
    value = item.trusted(start)
    return value.actual if value is not None else None


def _compared(item: Standing, start: date) -> str:
    """Say how the headline compares with the period before: a change is a signal, or it is no change."""
    before = _actual(item, start)
    if before is None or item.actual is None or item.value_start != item.start:
        return ""
    difference = item.scale.gap_prose(item.actual, before)
    match item.moved.kind:
        case "new":
            return f"{difference}, a signal"
        case "kept":
            return f"{difference}, an earlier change goes on"
        case "none":
            return "no change"
        case _:
            return f"{difference}, too few {WORDS[item.grain][1]} to tell"


def _reading(kpi: rows.Kpi) -> Reading:
    """Return what the lines of a KPI's chart are, by its rule."""
    rising = kpi.direction == "higher_is_better"
    match kpi.rule:
        case "min_max":
            return Reading("scores 100", "scores 0", is_banded=False)
        case "steps":
            return Reading("on track from", is_banded=False)
        case _:
            return Reading(is_rising=rising)


def _chart(edition: Edition, item: Standing, first: dict[date, float | None]) -> Chart | None:
    begun = {
        next((at for at in item.periods if at >= row.valid_from_date), None): row.reason or ""
        for row in edition.strategy.baselines.get(item.kpi.kpi_id, ())
        if row.valid_from_date > item.periods[0]
    }
    months = [_month(item, at, first.get(at), begun.get(at, "")) for at in item.periods]
    return chart(
        months,
        scale=item.scale,
        calendar=edition.calendar,
        name=item.kpi.kpi_name,
        reading=_reading(item.kpi),
        grain=item.grain,
        judged=Judged(
            is_signal=item.moved.kind == "new",
            is_off_track=item.score is not None and item.score.band == "off_track",
        ),
    )


def _month(item: Standing, at: date, first: float | None, begun: str) -> Month:
    score, value = item.scores.get(at), item.trusted(at)
    guides = points.guides(item.kpi, score)
    low, high = (None, None) if value is None else (value.interval_low, value.interval_high)
    return Month(
        at,
        actual=_actual(item, at),
        target=guides.target,
        red=guides.red,
        first_reported=first,
        low=score.usual_low if score is not None else None,
        mean=score.usual_mean if score is not None else None,
        high=score.usual_high if score is not None else None,
        good=guides.good,
        fair=guides.fair,
        interval=(low, high) if low is not None and high is not None else None,
        baseline=begun,
    )


def _months(
    edition: Edition, item: Standing, first: dict[date, float | None]
) -> tuple[MonthRow, ...]:
    return tuple(_month_row(edition, item, at, first) for at in reversed(item.periods))


def _month_row(
    edition: Edition, item: Standing, at: date, first: dict[date, float | None]
) -> MonthRow:
    score, value, scale = item.scores.get(at), item.trusted(at), item.scale
    goal = points.goal(item.kpi, score, scale)
    return MonthRow(
        month=edition.calendar.period(item.grain, at),
        actual=scale.bare(_actual(item, at)),
        interval=item.interval(at),
        target=goal.short if goal is not None else NONE,
        is_words=goal is not None and not goal.is_number,
        red=scale.bare(score.red if score is not None else None),
        score=edition.edges_of(item.kpi).write(score.score if score is not None else None),
        status=kpi_status(score, item.values.get(at)),
        change=change_of(edition, item, at),
        first_reported=f"first reported {scale.bare(first[at])}" if at in first else "",
        numerator=NONE if value is None else component(edition, value.numerator),
        denominator=NONE if value is None else component(edition, value.denominator),
        observations=NONE if value is None else edition.language.number(value.observations_count),
    )


def _restated_heading(item: Standing, restated: Sequence[RestatedRow]) -> str:
    one, many = WORDS[item.grain]
    match len(restated):
        case 0:
            return f"Never restated in the {many} shown"
        case 1:
            times = restated[0].times
            return "Restated once" if times == 1 else f"One {one} restated {times} times"
        case count:
            return f"{count} {many} restated"
