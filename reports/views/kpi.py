"""A KPI's page, for the organisation or for a unit: the chart, every period, the comment and the whole way from source to score.

Not here: its heading (kpi_heading), the figures at its head (kpi_facts), the chart and its table (kpi_chart, kpi_months), the
bullet graph (own_units), longer periods (lengths), the units below (multiples, contribution, moved), what was said
(comments), what stands around it (related), what it is (definition), who entered it (manual), and where the number comes
from (derivation).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.card import is_linear
from reports.downloads import kpi_downloads
from reports.edition import Choice, Crumb, Edition, Frame, Switch
from reports.figures.chart import Chart
from reports.figures.unit_bullet import UnitBullet
from reports.standing import Standing, standing
from reports.views.around import before
from reports.views.comments import CommentItem, comments, comments_heading, comments_note
from reports.views.contribution import Contribution, contributions
from reports.views.course import course_of
from reports.views.definition import definition, stood_under, warnings
from reports.views.derivation import Derivation, derivation
from reports.views.drilldown import DrillTable, drill_tables
from reports.views.initiatives import InitiativeItem, initiative_item
from reports.views.kpi_chart import drawn, target_word, unit_name
from reports.views.kpi_facts import Fact, facts, lede
from reports.views.kpi_heading import heading, in_words, title
from reports.views.kpi_months import MonthRow, month_rows
from reports.views.lengths import GrainRow, grain_rows
from reports.views.manual import entered
from reports.views.moved import Moved, unit_moves
from reports.views.multiples import Multiples, multiples
from reports.views.own_units import own_units
from reports.views.related import related
from reports.views.restated import RestatedRow, restated_rows
from reports.views.targets import Targets, targets
from reports.warehouse import rows
from reports.words.language import NONE, spanned
from reports.words.text import Part, later, say, say_count, say_parts

PERIOD = {
    "month": later("Month"),
    "quarter": later("Quarter"),
    "half": later("Half-year"),
    "year": later("Year"),
}


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
    chart_heading: tuple[Part, ...]
    chart_sentence: tuple[Part, ...]
    """What the chart shows."""
    chart_anew: tuple[tuple[Part, ...], ...]
    """With which periods a person began the usual range anew, and why."""
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
    grains_heading: tuple[Part, ...]
    grains_ticks: str
    bullet: UnitBullet | None
    bullet_target: str
    """The word for the bullet graph's upright marks."""
    comments_heading: str
    comments: tuple[CommentItem, ...]
    comments_note: tuple[Part, ...]
    initiatives: tuple[InitiativeItem, ...]
    contributions: tuple[Contribution, ...]
    multiples: tuple[Multiples, ...]
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
    months = month_rows(edition, item, first)
    course = course_of(edition, item)
    chart = drawn(edition, item, course, first=first)
    parts = contributions(edition, item)
    lengths = grain_rows(edition, item)
    return KpiPage(
        frame=_frame(edition, item, unit, heading(edition, item, course, unit)),
        lede=lede(item),
        facts=facts(edition, item),
        unit=item.scale.unit,
        notes=tuple(note for note in (entered(edition, item), stood_under(edition, unit)) if note),
        chart=chart.figure,
        chart_heading=chart.heading,
        chart_sentence=chart.sentence,
        chart_anew=chart.anew,
        chart_note=chart.note,
        chart_missing=chart.missing,
        chart_target=chart.target,
        table_heading=say("The {span} as a table", span=item.span),
        period_head=say(PERIOD[item.grain]),
        months=months,
        has_red=kpi.rule == "linear",
        has_components=any(row.numerator != NONE for row in months),
        has_ratio=kpi.aggregation in {"ratio", "score"} and kpi.change_against is None,
        has_observations=any(row.observations not in {NONE, ""} for row in months),
        grains=lengths,
        grains_heading=_grains_heading(item, lengths),
        grains_ticks=say("Red flag, target") if is_linear([kpi]) else say("At risk, on track"),
        bullet=own_units(edition, item),
        bullet_target=target_word(kpi),
        comments_heading=comments_heading(edition, item),
        comments=comments(edition, item),
        comments_note=comments_note(edition, item),
        initiatives=edition.once(_initiatives, kpi),
        contributions=parts,
        multiples=multiples(edition, item, parts),
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


def _initiatives(edition: Edition, kpi: rows.Kpi) -> tuple[InitiativeItem, ...]:
    """Return what is done for the KPI's objective."""
    return tuple(
        initiative_item(edition, row)
        for row in edition.strategy.initiatives
        if row.objective_id == kpi.objective_id
    )


def _grains_heading(item: Standing, lengths: Sequence[GrainRow]) -> tuple[Part, ...]:
    """Say how the year to date stands; every other length is in the table."""
    unit = unit_name(item)
    so_far = next((row for row in lengths if row.is_year_to_date), None)
    if so_far is None or so_far.actual == NONE:
        plain = say_parts("Every period")
        return plain if unit is None else say_parts("Every period, {unit}", unit=unit)
    found = {"value": so_far.actual, "status": in_words(so_far.status)}
    if unit is None:
        return say_parts("Every period: {value} in the year to date, {status}", **found)
    return say_parts(
        "Every period, {unit}: {value} in the year to date, {status}", unit=unit, **found
    )


def _frame(edition: Edition, item: Standing, unit: rows.Unit, finding: Sequence[Part]) -> Frame:
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
    return edition.frame(
        title=title(edition, item, unit),
        finding="",
        heading=finding,
        crumbs=crumbs,
        switches=_switches(edition, item, unit),
        previous=before(edition, f"k-{kpi.kpi_id}", unit.unit_id),
        downloads=kpi_downloads(edition, kpi.kpi_id),
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

    above = [choice(strategy.organisation, say("All units"))]
    above += [choice(step) for step in strategy.path(unit.unit_id)[1:]]
    below = [
        choice(child)
        for child in strategy.children(unit.unit_id)
        if kpi_id in strategy.kpis_of_unit.get(child.unit_id, frozenset())
    ]
    found = [Switch(say("Unit"), (*above, *below))] if below or len(above) > 1 else []
    if unit.unit_id != edition.organisation_id:
        href = edition.unit_href(unit.unit_id)
        whole = Choice(say("All KPIs of {unit}", unit=unit.unit_name), href)
        found.append(Switch(say("Scorecard"), (whole,)))
    return tuple(found)


def _restated_heading(item: Standing, restated: Sequence[RestatedRow]) -> str:
    count = len(restated)
    if not count:
        return say("Never restated in the {span} shown", span=item.span)
    if count > 1:
        return say("{span} restated", span=spanned(count, item.grain))
    times = restated[0].times
    if times == 1:
        return say("Restated once")
    return say_count(
        "{span} restated {count} time",
        "{span} restated {count} times",
        times,
        span=spanned(1, item.grain),
    )
