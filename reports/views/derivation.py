"""Where a number comes from: the score's arithmetic, the components, the SQL, the tables and the loads behind it.

Not here: the drawing of it (templates).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reports.edition import Edition
from reports.hierarchy import coverage_text, name_of, node_of, points_lost, weight_shares
from reports.standing import Standing
from reports.views.drilldown import component
from reports.warehouse import rows
from reports.words import points
from reports.words.arithmetic import told
from reports.words.language import NONE
from reports.words.lists import in_a_row
from reports.words.status import Status, node_status
from reports.words.text import Part, later, say, say_count, say_parts

SHOWN_LOADS = 3
Shares = dict[tuple[str, str], float]
"""Of the weight of its siblings, by level and child."""
ABOVE = {
    "objective": later("Objective"),
    "perspective": later("Perspective"),
    "scorecard": later("Scorecard"),
}
"""What a score counts in, from below."""
TERMS = {
    ("value", "unit"): later("value"),
    ("value", "parent"): later("value of the unit above"),
    ("value", "organisation"): later("value of the organisation"),
    ("numerator", "unit"): later("numerator"),
    ("numerator", "parent"): later("numerator of the unit above"),
    ("numerator", "organisation"): later("numerator of the organisation"),
    ("denominator", "unit"): later("denominator"),
    ("denominator", "parent"): later("denominator of the unit above"),
    ("denominator", "organisation"): later("denominator of the organisation"),
}
"""What a term takes of its measure, and of which unit."""
ADDS_UP = {
    "sum": later("sum"),
    "ratio": later("ratio of sums"),
    "last": later("last month"),
    "mean": later("mean of months"),
    "distinct": later("counted once"),
    "score": later("counts of answers"),
}
"""How a term adds up over periods and units."""
MEASURED = {
    "month": later("Nothing was measured in the month."),
    "quarter": later("Nothing was measured in the quarter."),
    "half": later("Nothing was measured in the half-year."),
    "year": later("Nothing was measured in the year."),
}
UNTRUSTED = {
    "month": later("What came in for the month cannot be trusted, so nothing of it is shown."),
    "quarter": later("What came in for the quarter cannot be trusted, so nothing of it is shown."),
    "half": later("What came in for the half-year cannot be trusted, so nothing of it is shown."),
    "year": later("What came in for the year cannot be trusted, so nothing of it is shown."),
}
CHANGES = {
    ("last_year", "month"): later("The change of the measure against the same month last year."),
    ("last_year", "quarter"): later(
        "The change of the measure against the same quarter last year."
    ),
    ("last_year", "half"): later("The change of the measure against the same half-year last year."),
    ("last_year", "year"): later("The change of the measure against the year before."),
    ("previous", "month"): later("The change of the measure against the month before."),
    ("previous", "quarter"): later("The change of the measure against the quarter before."),
    ("previous", "half"): later("The change of the measure against the half-year before."),
    ("previous", "year"): later("The change of the measure against the year before."),
}
"""Each by the length of the KPI's own periods."""
MADE = {
    "ratio": later("{up} / {down}: sums over all units below, not a mean of their rates."),
    "score": later(
        "{up} / {down}: over all answers of all units below, not a mean of their scores."
    ),
    "distinct": later("{up} different keys, each counted once."),
    "last": later("{value}: the last month’s value, over all units below."),
    "mean": later("{value}: the mean of the months, over all units below."),
    "sum": later("{up}: the sum over all units below."),
}
"""How the components became the value, of a unit with others below it."""
MADE_ALONE = {
    "ratio": later("{up} / {down}: the unit’s own sums."),
    "score": later("{up} / {down}: over all answers."),
    "distinct": later("{up} different keys, each counted once."),
    "last": later("{value}: the last month’s value."),
    "mean": later("{value}: the mean of the months."),
    "sum": later("{up}: the unit’s own sum."),
}
"""The same where no unit is below."""
CONTRACTS = {
    "passed": later("passed"),
    "failed": later("failed"),
    "unchecked": later("none declared"),
    "crashed": later("could not be checked"),
}
"""Whether a load kept its contract."""


@dataclass(frozen=True)
class Sql:
    """A SELECT of the workspace."""

    table: str
    description: str
    text: str
    rows: str


@dataclass(frozen=True)
class LoadRow:
    """A load that the number was read from."""

    table: str
    load: str
    extracted: str
    """The day; the clock is on the release page alone, and in the load's id."""
    data_to: str
    row_count: str
    quarantined: str
    contract: str


@dataclass(frozen=True)
class EffectRow:
    """What the score did to one level above; weight, cost and movement are of the part that lies on the KPI's way up."""

    level: str
    name: str
    href: str
    score: str
    status: Status
    coverage: str
    share: str
    scored_share: str
    """Of the weight of those with a score; empty where it is the same."""
    lost: str
    moved: str


@dataclass(frozen=True)
class TermRow:
    """A term of a derived KPI's expression."""

    name: str
    what: str
    measure: str
    adds_up: str


@dataclass(frozen=True)
class MeasureItem:
    """A measure that the number is made from."""

    table: str
    note: str


@dataclass(frozen=True)
class Origin:
    """What a KPI is made of, for all units alike."""

    expression: str
    terms: tuple[TermRow, ...]
    measures: tuple[MeasureItem, ...]
    definition: str
    sql: tuple[Sql, ...]
    loads: tuple[LoadRow, ...]
    loads_note: str


@dataclass(frozen=True)
class Derivation:
    """The steps from source to score, last step first."""

    score: tuple[Part, ...]
    effects: tuple[EffectRow, ...]
    actual: str
    origin: Origin


def derivation(edition: Edition, item: Standing) -> Derivation:
    """Return where a KPI's headline number comes from."""
    shares = weight_shares(edition, item.unit_id)
    return Derivation(
        score=_score(edition, item, shares),
        effects=tuple(_effects(edition, item, shares)),
        actual=_actual(edition, item),
        origin=edition.once(_origin, item.kpi),
    )


def _origin(edition: Edition, kpi: rows.Kpi) -> Origin:
    measures = measures_of(edition, kpi)
    names = [f"measure.{measure}" for measure in measures]
    upstream = tuple(
        dict.fromkeys(table for name in names for table in tables_behind(edition, name))
    )
    loads, loads_note = _loads(edition, upstream)
    terms = edition.strategy.terms.get(kpi.kpi_id, ()) if kpi.expression else ()
    return Origin(
        expression=kpi.expression or "",
        terms=tuple(_term(row) for row in terms),
        measures=tuple(_measure(edition, measure) for measure in measures),
        definition=kpi.definition_id[:12],
        sql=_sql(edition, (*names, *upstream)),
        loads=loads,
        loads_note=loads_note,
    )


def measures_of(edition: Edition, kpi: rows.Kpi) -> tuple[str, ...]:
    """Return the measures that a KPI is computed from, in the order of its terms."""
    terms = [row.measure_id for row in edition.strategy.terms.get(kpi.kpi_id, ())]
    return tuple(dict.fromkeys([kpi.measure_id, *terms] if kpi.measure_id else terms))


def _measure(edition: Edition, measure_id: str) -> MeasureItem:
    measure = edition.published.evidence.measures.get(measure_id)
    notes = []
    if measure is not None and measure.is_manual:
        notes.append(say("entered by hand"))
    if measure is not None and measure.data_as_of_date is not None:
        day = edition.language.day(measure.data_as_of_date)
        notes.append(say("data complete to {day}", day=day))
    if measure is not None and measure.error_message:
        notes.append(say("its SQL failed: {message}", message=measure.error_message))
    return MeasureItem(f"measure.{measure_id}", in_a_row(notes))


def _term(row: rows.Term) -> TermRow:
    return TermRow(
        name=row.term_id,
        what=say(TERMS[row.component, row.of_unit]),
        measure=f"measure.{row.measure_id}",
        adds_up=say(ADDS_UP[row.aggregation]),
    )


def _score(edition: Edition, item: Standing, shares: Shares) -> tuple[Part, ...]:
    kpi, score = item.kpi, item.score
    if score is None or score.score is None or score.actual is None:
        none = Part(say("No score"), style="strong")
        return say_parts("{no_score}: {status}.", no_score=none, status=item.status.within)
    how = told(
        kpi, points.points_of(score), actual=score.actual, score=score.score, scale=item.scale
    )
    edges = edition.edges_of(kpi)
    share = shares.get(("kpi", kpi.kpi_id))
    lost = points_lost(edition, item.unit_id).get(kpi.kpi_id)
    lead = say("Score {score}.", score=edges.write(score.score))
    return (
        Part(lead, style="strong"),
        Part(f" {points.said_of_most(how, kpi, score, edges)} "),
        *_weight(edition, kpi, share, lost),
    )


def _weight(
    edition: Edition, kpi: rows.Kpi, share: float | None, lost: float | None
) -> tuple[Part, ...]:
    """Say what the KPI weighs in its objective, and what it cost the scorecard."""
    row = edition.strategy.objectives[kpi.objective_id]
    objective = Part(row.objective_name, edition.objective_href(row.objective_id))
    if share is None:
        return say_parts("It has no weight in {objective}.", objective=objective)
    weight = edition.language.percent(share)
    if lost is None:
        return say_parts("Weight {share} in {objective}.", share=weight, objective=objective)
    if not lost:
        return say_parts(
            "Weight {share} in {objective}; it cost the scorecard nothing.",
            share=weight,
            objective=objective,
        )
    return say_parts(
        "Weight {share} in {objective}; it cost the scorecard {points} points.",
        share=weight,
        objective=objective,
        points=edition.language.number(lost, 1),
    )


def _effects(edition: Edition, item: Standing, shares: Shares) -> Iterator[EffectRow]:
    """Say what the score did to its objective, their perspective and the scorecard, in the headline month."""
    strategy = edition.strategy
    objective = strategy.objectives[item.kpi.objective_id]
    way_up = (
        ("kpi", item.kpi.kpi_id),
        ("objective", objective.objective_id),
        ("perspective", objective.perspective_id),
        ("scorecard", strategy.scorecard.scorecard_id),
    )
    costs = {
        child: cost
        for cost in edition.results.costs.get((item.unit_id, edition.month), [])
        if (child := (cost.child_level, cost.child_id)) in way_up
    }
    for child, (level, node_id) in pairwise(way_up):
        node, cost = node_of(edition, level, node_id, item.unit_id), costs.get(child)
        if node is not None and cost is not None:
            yield _effect(edition, level, node, cost, shares.get(child))


def _effect(
    edition: Edition, level: str, node: rows.Node, cost: rows.Cost, given: float | None
) -> EffectRow:
    """Return a level's row; `given` is the child's share of the weight, missing ones included."""
    language = edition.language
    name, href = name_of(edition, level, node.node_id, node.unit_id)
    share, scored = language.percent(given), language.percent(cost.weight_share)
    differs = cost.weight_share is not None and scored != share
    return EffectRow(
        level=say(ABOVE[level]),
        name=name,
        href=href,
        score=edition.edges.write(node.score),
        # What else is off track below it is no work of this KPI.
        status=node_status(node._replace(off_track_below_count=0)),
        coverage=coverage_text(edition, node),
        share=share,
        scored_share=say("{share} of those with a score", share=scored) if differs else "",
        lost=language.number(cost.points_lost, 2),
        moved=language.signed(_moved_by(edition, node.unit_id, cost), 2),
    )


def _moved_by(edition: Edition, unit_id: str, cost: rows.Cost) -> float | None:
    """Return the points of the parent's change since the month before that a child's score made."""
    key = (cost.parent_level, cost.parent_id, unit_id)
    child = (cost.child_level, cost.child_id)
    moves = edition.results.contributions.get(key, [])
    return next(
        (row.contribution for row in moves if (row.child_level, row.child_id) == child), None
    )


def _actual(edition: Edition, item: Standing) -> str:
    value = item.trusted(item.value_start)
    if item.status.key == "suppressed":
        return held_back(item.kpi, item.value)
    if item.status.key == "unverified":
        return say(UNTRUSTED[item.grain])
    if value is None or value.actual is None:
        return say(MEASURED[item.grain])
    said = [_made(edition, item, value)]
    if value.interval_low is not None and value.interval_high is not None:
        interval = item.scale.between(value.interval_low, value.interval_high)
        said.append(say("Its 95% interval is {interval}.", interval=interval))
    if item.value_start != item.start:
        period = edition.calendar.period(item.grain, item.value_start)
        said.append(say("It is the last good value, of {period}.", period=period))
    return " ".join(said)


def held_back(kpi: rows.Kpi, value: rows.Value | None) -> str:
    """Say why a value is held back, as far as the tables tell."""
    least = kpi.min_observations_count
    count = value.observations_count if value is not None else None
    if not least:
        return say("Held back: another KPI over the same answers shows none of so few.")
    if count is None:
        return say(
            "Held back: it would reveal few answers. Either fewer than {least} observations are behind it, or behind a unit that could be worked out from it.",
            least=least,
        )
    if count < least:
        return say(
            "Held back: it would reveal few answers, since fewer than {least} observations are behind it.",
            least=least,
        )
    return say(
        "Held back: it would reveal few answers. From it, a unit could be worked out behind which are fewer than {least}.",
        least=least,
    )


def _made(edition: Edition, item: Standing, value: rows.Value) -> str:
    """Say how the components became the value."""
    kpi = item.kpi
    if kpi.change_against is not None:
        return say(CHANGES[kpi.change_against, item.grain])
    if kpi.index_base_date is not None:
        base = edition.calendar.period(kpi.index_base_grain or "month", kpi.index_base_date)
        return say("100 × the measure’s value / its value of {period}.", period=base)
    if kpi.aggregation == "derived" or value.numerator is None:
        return say("The expression below, computed from terms that have added up first.")
    return say(
        (MADE if _has_units(edition, item) else MADE_ALONE)[kpi.aggregation],
        up=component(edition, value.numerator),
        down=component(edition, value.denominator),
        value=item.scale.prose(value.actual),
    )


def _has_units(edition: Edition, item: Standing) -> bool:
    """Whether the KPI applies to any unit below."""
    below = edition.strategy.below.get(item.unit_id, frozenset()) - {item.unit_id}
    applies = edition.strategy.kpis_of_unit
    return any(item.kpi.kpi_id in applies.get(unit, frozenset()) for unit in below)


def tables_behind(edition: Edition, table: str) -> tuple[str, ...]:
    """Return every table that a table is made from, nearest first."""
    depends_on = edition.published.evidence.depends_on
    found: list[str] = []
    waiting = list(depends_on.get(table, ()))
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += depends_on.get(name, ())
    return tuple(found)


def _sql(edition: Edition, names: Sequence[str]) -> tuple[Sql, ...]:
    evidence = edition.published.evidence
    found = []
    for name in names:
        schema, _, table = name.partition(".")
        known = evidence.measures.get(table) if schema == "measure" else None
        staged = evidence.staging.get(table) if schema == "staging" else None
        row = known or staged
        if row is not None:
            count = edition.language.number(row.row_count) if row.row_count is not None else NONE
            found.append(Sql(name, row.description or "", row.sql_text, count))
    return tuple(found)


def _loads(edition: Edition, upstream: tuple[str, ...]) -> tuple[tuple[LoadRow, ...], str]:
    raw = {
        name.removeprefix("raw.").removesuffix("__loads")
        for name in upstream
        if name.startswith("raw.")
    }
    found: list[LoadRow] = []
    hidden = 0
    loads = edition.published.evidence.loads
    for source, table in sorted(key for key in loads if "__".join(key) in raw):
        used = [load for load in loads[source, table] if load.is_selected]
        hidden += max(0, len(used) - SHOWN_LOADS)
        found += [_load(edition, f"raw.{source}__{table}", load) for load in used[:SHOWN_LOADS]]
    note = say_count(
        "{count} earlier load counts too; quality.load lists it.",
        "{count} earlier loads count too; quality.load lists them.",
        hidden,
    )
    return tuple(found), note if hidden else ""


def _load(edition: Edition, table: str, load: rows.Load) -> LoadRow:
    language = edition.language
    return LoadRow(
        table=table,
        load=load.load_id,
        extracted=language.short_day(load.extracted_at.date()),
        data_to=language.short_day(load.data_as_of_date),
        row_count=language.number(load.row_count),
        quarantined=language.number(load.quarantined_count or 0),
        contract=say(CONTRACTS[load.verdict]),
    )
