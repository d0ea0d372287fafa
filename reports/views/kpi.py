"""A KPI's page, for the organisation or for a unit: the chart, every period, the comment and the whole way from source to score.

Not here: the parts of the units below (contribution) and where the number comes from (derivation).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports import rows
from reports.card import Standing, node_of, points_lost, standing
from reports.chart import Chart, Judged, Month, chart
from reports.edition import Choice, Crumb, Edition, Frame, Part, Switch
from reports.figures import Bullet, bullet
from reports.language import NONE
from reports.movement import Change, change, movement
from reports.periods import SHOWN_MONTHS, add_months, months_between, months_until
from reports.status import Mark, Status, kpi_status
from reports.views.contribution import Contribution, contributions
from reports.views.derivation import Derivation, derivation
from reports.views.drilldown import DrillTable, component, drill_tables
from reports.views.initiatives import InitiativeItem, initiative_item
from reports.views.restated import RestatedRow, restated_rows
from reports.views.targets import TargetRow, split, target_rows, targets_note

SHOWN_COMMENTS = 3


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
class GrainRow:
    """A length of period: the month, the quarter, the year so far."""

    name: str
    note: str
    actual: str
    target: str
    gap: str
    bullet: Bullet | None
    score: str
    status: Status
    last_year: str


@dataclass(frozen=True)
class MonthRow:
    """A month of the table behind the chart."""

    month: str
    actual: str
    target: str
    red: str
    score: str
    status: Status
    change: Change
    first_reported: str
    numerator: str
    denominator: str
    observations: str


@dataclass(frozen=True)
class CommentItem:
    """What somebody said about a month."""

    month: str
    author: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class KpiPage:
    """A KPI's page."""

    frame: Frame
    lede: tuple[Part, ...]
    facts: tuple[Fact, ...]
    unit: str
    chart: Chart | None
    chart_heading: str
    months: tuple[MonthRow, ...]
    has_ratio: bool
    has_observations: bool
    grains: tuple[GrainRow, ...]
    grains_heading: str
    comments_heading: str
    comments: tuple[CommentItem, ...]
    comments_note: str
    initiatives: tuple[InitiativeItem, ...]
    contributions: tuple[Contribution, ...]
    drills: tuple[DrillTable, ...]
    drill_note: str
    restated_heading: str
    restated: tuple[RestatedRow, ...]
    targets: tuple[TargetRow, ...]
    older_targets: tuple[TargetRow, ...]
    targets_note: str
    definition: tuple[tuple[str, str], ...]
    derivation: Derivation
    related: tuple[tuple[Part, ...], ...]


def kpi_page(edition: Edition, kpi: rows.Kpi, unit_id: str) -> KpiPage:
    """Return a KPI's page for a unit; `edition` is seen from the folder in which the page lies."""
    item = standing(edition, kpi, unit_id)
    unit = edition.strategy.units[unit_id]
    restated = restated_rows(edition, kpi, unit_id)
    first = {row.month: row.first for row in restated}
    drills, drill_note = drill_tables(edition, item)
    months = _months(edition, item, first)
    near, others = split(target_rows(edition, item))
    return KpiPage(
        frame=_frame(edition, item, unit),
        lede=_lede(edition, item),
        facts=_facts(edition, item),
        unit=item.scale.unit,
        chart=_chart(edition, item, first),
        chart_heading=f"Actual against target, {SHOWN_MONTHS} months{_in_unit(item)}",
        months=months,
        has_ratio=kpi.aggregation in {"ratio", "score"} and kpi.change_against is None,
        has_observations=any(row.observations not in {NONE, ""} for row in months),
        grains=_grains(edition, item),
        grains_heading=f"Every period{_in_unit(item)}",
        comments_heading=_comments_heading(edition, item),
        comments=_comments(edition, item),
        comments_note=_comments_note(edition, item),
        initiatives=tuple(
            initiative_item(edition, row)
            for row in edition.strategy.initiatives
            if row.objective_id == kpi.objective_id
        ),
        contributions=contributions(edition, item),
        drills=drills,
        drill_note=drill_note,
        restated_heading=_restated_heading(restated),
        restated=restated,
        targets=near,
        older_targets=others,
        targets_note=targets_note(edition, item),
        definition=_definition(edition, item),
        derivation=derivation(edition, item),
        related=_related(edition, item),
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
        title=f"{kpi.kpi_name}{of_unit}, {edition.language.month(edition.month)}: "
        f"{item.scale.prose(item.actual)}, {item.status.words.lower()}",
        subject=kpi.kpi_name if whole else f"{unit.unit_name}: {kpi.kpi_name}",
        finding=_finding(edition, item),
        crumbs=crumbs,
        switches=_switches(edition, item, unit),
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
    month = edition.language.month(edition.month)
    match item.status.marks[-1].key:
        case "suppressed":
            return f": too few observations to show for {month}"
        case "no_data":
            return f": no data for {month}"
        case "unverified":
            return f": nothing that can be trusted for {month}"
        case "stale":
            of = edition.language.month(item.value_month or edition.month)
            return f": {item.scale.prose(item.actual)} in {of}, the last good value"
        case _:
            return _finding_of_value(edition, item, month)


def _finding_of_value(edition: Edition, item: Standing, month: str) -> str:
    value, moved = item.scale.prose(item.actual), item.moved
    if moved.kind == "new" and moved.signal in {"high", "low"}:
        verb = "rose" if moved.is_up else "fell"
        return f" {verb} to {value}, outside the usual range{_first_time(edition, item)}"
    status = item.status.words.lower()
    if moved.kind in {"new", "kept"} and moved.since is not None:
        word = "better" if moved.is_better else "worse"
        since = "" if moved.kind == "new" else f" since {edition.language.month(moved.since)}"
        return f": {value}, {status} and {word} than usual{since}"
    if item.status.key == "no_target":
        return f": {value} in {month}, without a target"
    quiet = (
        "no change beyond the usual"
        if moved.kind == "none"
        else "too few months to tell signal from noise"
    )
    return f": {value} in {month}, {status}, {quiet}"


def _first_time(edition: Edition, item: Standing) -> str:
    """Say how rare a point outside the usual range is, as far as the shown months tell."""
    tested = [
        at
        for at in months_until(edition.month)
        if at in item.scores and item.scores[at].usual_low is not None
    ]
    outside = [
        at for at in tested if item.scores[at].signal in {"high", "low"} and at != edition.month
    ]
    if outside:
        return f" for the first time since {edition.language.month(outside[-1])}"
    return f" for the first time in {len(tested)} months" if len(tested) > 1 else ""


def _lede(edition: Edition, item: Standing) -> tuple[Part, ...]:
    score = item.score
    if item.kpi.description and (score is None or score.target is None):
        return (Part(item.kpi.description),)
    if score is None or score.target is None:
        return ()
    gap = item.scale.gap_prose(score.actual, score.target)
    target = f"The target is {item.scale.prose(score.target)}"
    said = f"{target}; the gap is {gap}. " if score.actual is not None else f"{target}. "
    return (Part(said), Part(item.kpi.description or "", style=""))


def _facts(edition: Edition, item: Standing) -> tuple[Fact, ...]:
    language, scale, score = edition.language, item.scale, item.score
    previous, year = add_months(edition.month, -1), add_months(edition.month, -12)
    points = (
        f"target {scale.prose(score.target)}, red flag {scale.prose(score.red)}"
        if score is not None and score.target is not None
        else "no target"
    )
    value_month = item.value_month or edition.month
    edges = edition.edges_of(item.kpi)
    before = item.scores.get(previous)
    was = (
        f", was {edges.write(before.score)}"
        if before is not None and before.score is not None
        else ""
    )
    return (
        Fact("Status", "", status=item.status),
        Fact(language.month(value_month), scale.prose(item.actual), points),
        Fact(
            language.month(previous),
            scale.prose(_actual(item, previous)),
            _compared(edition, item, previous),
        ),
        Fact(
            language.month(year),
            scale.prose(_actual(item, year)),
            ""
            if _actual(item, year) is None or item.actual is None
            else scale.gap_prose(item.actual, _actual(item, year)),
        ),
        Fact("Score", edges.write(item.points), f"of 100{was}" if item.points is not None else ""),
        Fact("Owner", item.kpi.owner_name, is_text=True),
    )


def _actual(item: Standing, month: date) -> float | None:
    value = item.trusted(month)
    return value.actual if value is not None else None


def _compared(edition: Edition, item: Standing, month: date) -> str:
    """Say how the headline compares with the month before: a change is a signal, or it is no change."""
    before = _actual(item, month)
    if before is None or item.actual is None or item.value_month not in {None, edition.month}:
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
            return f"{difference}, too few months to tell"


def _chart(edition: Edition, item: Standing, first: dict[date, float | None]) -> Chart | None:
    months = [_month(item, at, first) for at in months_until(edition.month)]
    return chart(
        months,
        scale=item.scale,
        language=edition.language,
        name=item.kpi.kpi_name,
        higher_is_better=item.kpi.direction == "higher_is_better",
        judged=Judged(
            is_signal=item.moved.kind == "new",
            is_off_track=item.score is not None and item.score.band == "off_track",
        ),
    )


def _month(item: Standing, at: date, first: dict[date, float | None]) -> Month:
    score = item.scores.get(at)
    if score is None:
        return Month(at, actual=_actual(item, at), first_reported=first.get(at))
    return Month(
        at,
        actual=_actual(item, at),
        target=score.target,
        red=score.red,
        first_reported=first.get(at),
        low=score.usual_low,
        mean=score.usual_mean,
        high=score.usual_high,
    )


def _months(
    edition: Edition, item: Standing, first: dict[date, float | None]
) -> tuple[MonthRow, ...]:
    return tuple(
        _month_row(edition, item, at, first) for at in reversed(months_until(edition.month))
    )


def _month_row(
    edition: Edition, item: Standing, at: date, first: dict[date, float | None]
) -> MonthRow:
    score, value, scale = item.scores.get(at), item.trusted(at), item.scale
    return MonthRow(
        month=edition.language.month(at),
        actual=scale.bare(_actual(item, at)),
        target=scale.bare(score.target if score is not None else None),
        red=scale.bare(score.red if score is not None else None),
        score=edition.edges_of(item.kpi).write(score.score if score is not None else None),
        status=kpi_status(score, item.values.get(at)),
        change=change(movement(item.kpi, item.scores, at), at, edition.language),
        first_reported=f"first reported {scale.bare(first[at])}" if at in first else "",
        numerator=NONE if value is None else component(edition, value.numerator),
        denominator=NONE if value is None else component(edition, value.denominator),
        observations=NONE if value is None else edition.language.number(value.observations_count),
    )


def _grains(edition: Edition, item: Standing) -> tuple[GrainRow, ...]:
    found = []
    for grain in ("month", "quarter", "ytd", "ttm", "year"):
        period = edition.strategy.headlines.get(grain)
        if period is not None:
            row = _grain_row(edition, item, period)
            found += [] if row is None else [row]
    open_month = max((at for at in item.values if at > edition.month), default=None)
    if open_month is not None:
        found.append(_open_row(edition, item, open_month))
    return tuple(found)


def _grain_row(edition: Edition, item: Standing, period: rows.Period) -> GrainRow | None:
    key = (item.kpi.kpi_id, item.unit_id, period.grain)
    scores, values = edition.results.scores.get(key, {}), edition.results.values.get(key, {})
    start = period.period_start_date
    score, value = scores.get(start), values.get(start)
    if score is None and value is None:
        return None
    actual = score.actual if score is not None else (value.actual if value is not None else None)
    target = score.target if score is not None else None
    points = score.score if score is not None else None
    edges, scale = edition.edges_of(item.kpi), item.scale
    last_year = values.get(add_months(start, -12))
    name, note = _period_name(edition, period)
    return GrainRow(
        name=name,
        note=note,
        actual=scale.bare(actual),
        target=scale.bare(target),
        gap="" if actual is None or target is None else scale.gap(actual, target),
        bullet=bullet(
            points,
            title=f"{name}: score {edges.write(points)} of 100",
            at_risk=item.kpi.at_risk_edge,
            on_track=item.kpi.on_track_edge,
        ),
        score=edges.write(points),
        status=kpi_status(score, value),
        last_year=scale.bare(last_year.actual if last_year is not None else None),
    )


def _period_name(edition: Edition, period: rows.Period) -> tuple[str, str]:
    language = edition.language
    first, last = period.first_date, period.last_date
    if period.grain == "month":
        return language.month(first), ""
    if period.grain == "ttm":
        return "12 months", f"to {language.month(last)}"
    span = f"{language.month_name(first)} to {language.month(last)}"
    if first.year != last.year:
        span = f"{language.month(first)} to {language.month(last)}"
    if months_between(first, last) == 0:
        span = language.month(first)
    return {"quarter": "Quarter", "ytd": "Year to date", "year": "Year"}[period.grain], span


def _open_row(edition: Edition, item: Standing, month: date) -> GrainRow:
    value = item.values[month]
    return GrainRow(
        name=f"{edition.language.month(month)} so far",
        note="not scored",
        actual=item.scale.bare(value.actual),
        target=NONE,
        gap="",
        bullet=None,
        score=NONE,
        status=Status((Mark("no_target", "Provisional"),)),
        last_year=NONE,
    )


def _comments(edition: Edition, item: Standing) -> tuple[CommentItem, ...]:
    found = edition.strategy.comments.get((item.kpi.kpi_id, item.unit_id), [])
    return tuple(
        CommentItem(
            month=edition.language.month(row.period_start_date),
            author=row.author_name or item.kpi.owner_name,
            paragraphs=tuple(
                part.strip() for part in row.comment_text.split("\n\n") if part.strip()
            ),
        )
        for row in reversed(found[-SHOWN_COMMENTS:])
    )


def _comments_heading(edition: Edition, item: Standing) -> str:
    found = edition.strategy.comments.get((item.kpi.kpi_id, item.unit_id), [])
    if any(row.period_start_date == edition.month for row in found):
        return "The comment"
    if not found:
        return "No comment yet"
    last = edition.language.month(found[-1].period_start_date)
    return f"No comment for {edition.language.month_name(edition.month)}; the last is of {last}"


def _comments_note(edition: Edition, item: Standing) -> str:
    found = edition.strategy.comments.get((item.kpi.kpi_id, item.unit_id), [])
    older = len(found) - SHOWN_COMMENTS
    if any(row.period_start_date == edition.month for row in found):
        return f"{older} older comments are in the table scorecard.comment." if older > 0 else ""
    return f"{item.kpi.owner_name} answers for this KPI."


def _restated_heading(restated: Sequence[RestatedRow]) -> str:
    match len(restated):
        case 0:
            return "Never restated in the months shown"
        case 1:
            return "Restated once"
        case count:
            return f"{count} months restated"


AGGREGATION_WORDS = {
    "sum": "adds up over periods and units",
    "ratio": "a ratio of sums over periods and units, never a mean of ratios",
    "last": "the last month of a longer period; adds up over units",
    "mean": "the mean of the months; adds up over units",
    "distinct": "counted anew in every period and unit, never added",
    "score": "from the counts of all answers over periods and units",
}


def _definition(edition: Edition, item: Standing) -> tuple[tuple[str, str], ...]:
    kpi = item.kpi
    against = {"previous": "the period before", "last_year": "the same period last year"}
    better = "higher is better" if kpi.direction == "higher_is_better" else "lower is better"
    facts = [
        ("What it means", kpi.description or "not described"),
        ("Owner", kpi.owner_name),
        ("Direction", better),
        ("Adds up", AGGREGATION_WORDS.get(kpi.aggregation, kpi.aggregation)),
        ("Measured in", item.scale.unit or "a plain number"),
        (
            "Kind",
            "leading: it moves before the result does"
            if kpi.is_leading
            else "lagging: it shows the result",
        ),
        ("A month without rows", "counts as zero" if kpi.empty_means == "zero" else "has no data"),
        ("A missing month", f"the last good value stands in for up to {kpi.max_age_months} months"),
    ]
    if kpi.change_against is not None:
        form = "relative" if kpi.change_form == "relative" else "absolute"
        facts.insert(
            4, ("Change", f"{form}, against {against.get(kpi.change_against, kpi.change_against)}")
        )
    if kpi.min_observations_count:
        facts.append(("Held back", f"below {kpi.min_observations_count} observations"))
    if kpi.gate_score is not None:
        gate = edition.language.number(kpi.gate_score, 2)
        facts.append(("Gate", f"below a score of {gate} its objective is at best at risk"))
    facts.append(("Definition", kpi.definition_id[:12]))
    return tuple(facts)


def _related(edition: Edition, item: Standing) -> tuple[tuple[Part, ...], ...]:
    """Say what the objective should move, what should move it, and its other KPIs."""
    strategy, kpi = edition.strategy, item.kpi
    objective = strategy.objectives[kpi.objective_id]
    node = node_of(edition, "objective", objective.objective_id, item.unit_id)
    found: list[tuple[Part, ...]] = []
    lost = points_lost(edition, item.unit_id).get(kpi.kpi_id)
    score = edition.edges.write(node.score if node is not None else None)
    cost = (
        f"; this KPI cost the scorecard {edition.language.number(lost, 1)} points"
        if lost is not None
        else ""
    )
    found.append(
        (
            Part("It stands under "),
            Part(objective.objective_name, edition.objective_href(objective.objective_id)),
            Part(f" (score {score}){cost}."),
        )
    )
    effects = [link for link in strategy.links if link.cause_objective_id == objective.objective_id]
    causes = [link for link in strategy.links if link.effect_objective_id == objective.objective_id]
    for lead, ids in (
        ("The objective should move", [link.effect_objective_id for link in effects]),
        ("It should be moved by", [link.cause_objective_id for link in causes]),
    ):
        if ids:
            found.append(
                _named(
                    lead,
                    [
                        (
                            strategy.objectives[node_id].objective_name,
                            edition.objective_href(node_id),
                        )
                        for node_id in ids
                    ],
                )
            )
    others = [
        (other.kpi_name, edition.kpi_href(other.kpi_id, item.unit_id))
        for other in strategy.kpis.values()
        if other.objective_id == kpi.objective_id and other.kpi_id != kpi.kpi_id
    ]
    if others:
        found.append(
            _named("Its other KPI is" if len(others) == 1 else "Its other KPIs are", others)
        )
    return tuple(found)


def _named(lead: str, names: Sequence[tuple[str, str]]) -> tuple[Part, ...]:
    """Return a sentence that lists names with their addresses."""
    parts = [Part(f"{lead} ")]
    for index, (name, href) in enumerate(names):
        joint = "" if index == 0 else (" and " if index == len(names) - 1 else ", ")
        parts += [Part(joint), Part(name, href)]
    return (*parts, Part("."))
