"""Where a number comes from: the score's arithmetic, the components, the SQL, the tables and the loads behind it.

Not here: the drawing of it (templates).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from reports import points, rows
from reports.arithmetic import told
from reports.card import (
    Standing,
    coverage_text,
    name_of,
    node_of,
    points_lost,
    weight_shares,
)
from reports.edition import Edition
from reports.language import NONE
from reports.periods import WORDS
from reports.status import Status, node_status
from reports.text import Part, later, say

SHOWN_LOADS = 3
ABOVE = {
    "objective": later("Objective"),
    "perspective": later("Perspective"),
    "scorecard": later("Scorecard"),
}
"""What a score counts in, from below."""


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
class Derivation:
    """The steps from source to score, last step first."""

    score: tuple[Part, ...]
    effects: tuple[EffectRow, ...]
    actual: str
    expression: str
    terms: tuple[TermRow, ...]
    measures: tuple[MeasureItem, ...]
    definition: str
    sql: tuple[Sql, ...]
    loads: tuple[LoadRow, ...]
    loads_note: str


def derivation(edition: Edition, item: Standing) -> Derivation:
    """Return where a KPI's headline number comes from."""
    measures = measures_of(edition, item.kpi)
    names = [f"measure.{measure}" for measure in measures]
    upstream = tuple(
        dict.fromkeys(table for name in names for table in tables_behind(edition, name))
    )
    loads, loads_note = _loads(edition, upstream)
    terms = edition.strategy.terms.get(item.kpi.kpi_id, ()) if item.kpi.expression else ()
    return Derivation(
        score=_score(edition, item),
        effects=tuple(_effects(edition, item)),
        actual=_actual(edition, item),
        expression=item.kpi.expression or "",
        terms=tuple(_term(row) for row in terms),
        measures=tuple(_measure(edition, measure) for measure in measures),
        definition=item.kpi.definition_id[:12],
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
        notes.append("entered by hand")
    if measure is not None and measure.data_as_of_date is not None:
        notes.append(f"data complete to {edition.language.day(measure.data_as_of_date)}")
    if measure is not None and measure.error_message:
        notes.append(f"its SQL failed: {measure.error_message}")
    return MeasureItem(f"measure.{measure_id}", ", ".join(notes))


OF_WORDS = {"unit": "", "parent": " of the unit above", "organisation": " of the organisation"}


def _term(row: rows.Term) -> TermRow:
    what = "numerator / denominator" if row.component == "value" else row.component
    return TermRow(
        name=row.term_id,
        what=f"{what}{OF_WORDS.get(row.of_unit, '')}",
        measure=f"measure.{row.measure_id}",
        adds_up=row.aggregation,
    )


def _score(edition: Edition, item: Standing) -> tuple[Part, ...]:
    kpi, score = item.kpi, item.score
    if score is None or score.score is None or score.actual is None:
        return (Part("No score", style="strong"), Part(f": {item.status.words.lower()}."))
    how = told(
        kpi, points.points_of(score), actual=score.actual, score=score.score, scale=item.scale
    )
    edges = edition.edges_of(kpi)
    objective = edition.strategy.objectives[kpi.objective_id]
    share = weight_shares(edition, item.unit_id).get(("kpi", kpi.kpi_id))
    lost = points_lost(edition, item.unit_id).get(kpi.kpi_id)
    weight = (
        f"Weight {edition.language.percent(share)} in " if share is not None else "Weight none in "
    )
    cost = (
        f"; it cost the scorecard {edition.language.number(lost, 1)} points"
        if lost is not None
        else ""
    )
    return (
        Part(f"Score {edges.write(score.score)}.", style="strong"),
        Part(f" {how}{points.at_most(kpi, score, edges)}. {weight}"),
        Part(objective.objective_name, edition.objective_href(objective.objective_id)),
        Part(f"{cost}."),
    )


def _effects(edition: Edition, item: Standing) -> Iterator[EffectRow]:
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
        (cost.child_level, cost.child_id): cost
        for cost in edition.results.costs.get((item.unit_id, edition.month), [])
    }
    for child, (level, node_id) in pairwise(way_up):
        node, cost = node_of(edition, level, node_id, item.unit_id), costs.get(child)
        if node is not None and cost is not None:
            yield _effect(edition, level, node, cost)


def _effect(edition: Edition, level: str, node: rows.Node, cost: rows.Cost) -> EffectRow:
    language = edition.language
    name, href = name_of(edition, level, node.node_id, node.unit_id)
    given = weight_shares(edition, node.unit_id).get((cost.child_level, cost.child_id))
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
    parts = {
        (row.child_level, row.child_id): row.contribution
        for row in edition.results.contributions.get(key, [])
    }
    return parts.get((cost.child_level, cost.child_id))


def _actual(edition: Edition, item: Standing) -> str:
    value, kpi = item.trusted(item.value_start), item.kpi
    one = WORDS[item.grain][0]
    not_shown = {
        "suppressed": held_back(kpi, item.value),
        "unverified": f"What came in for the {one} cannot be trusted, so nothing of it is shown.",
    }
    if item.status.key in not_shown:
        return not_shown[item.status.key]
    if value is None or value.actual is None:
        return f"Nothing was measured in the {one}."
    made = _made(edition, item, value)
    interval = item.interval(item.value_start)
    if interval:
        made += f" Its 95% interval is {interval.strip('()')}."
    return made


def held_back(kpi: rows.Kpi, value: rows.Value | None) -> str:
    """Say why a value is held back, as far as the tables tell."""
    few = f"fewer than {kpi.min_observations_count} observations are behind it"
    count = value.observations_count if value is not None else None
    if not kpi.min_observations_count:
        return "Held back: another KPI over the same answers shows none of so few."
    if count is None:
        return f"Held back: it would reveal few answers. Either {few}, or behind a unit that could be worked out from it."
    if count < kpi.min_observations_count:
        return f"Held back: it would reveal few answers, since {few}."
    return f"Held back: it would reveal few answers. From it, a unit could be worked out behind which are fewer than {kpi.min_observations_count}."


def _made(edition: Edition, item: Standing, value: rows.Value) -> str:
    """Say how the components became the value."""
    kpi, one = item.kpi, WORDS[item.grain][0]
    if kpi.change_against is not None:
        last_year, before = f"the same {one} last year", f"the {one} before"
        base = last_year if kpi.change_against == "last_year" else before
        return f"The change of the measure against {base}."
    if kpi.index_base_date is not None:
        base = edition.calendar.period(kpi.index_base_grain or "month", kpi.index_base_date)
        return f"100 × the measure’s value / its value of {base}."
    if kpi.aggregation == "derived" or value.numerator is None:
        return "The expression below, computed from terms that have added up first."
    up = edition.language.number(value.numerator, _places(value.numerator))
    down = edition.language.number(value.denominator, _places(value.denominator))
    whole = item.scale.prose(value.actual)
    said = {
        "ratio": f"{up} / {down}: sums over all units below, not a mean of their rates.",
        "score": f"{up} / {down}: sums over all units below, not a mean of their rates.",
        "distinct": f"{up} different keys, each counted once.",
        "last": f"{whole}: the last month’s value, over all units below.",
        "mean": f"{whole}: the mean of the months, over all units below.",
    }
    return said.get(kpi.aggregation, f"{up}: the sum over all units below.")


def _places(component: Decimal | None) -> int:
    """Return the decimals that a component is shown with: none where it is whole."""
    return 0 if component is None or component == component.to_integral_value() else 2


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
    found, hidden = [], 0
    for (source, table), loads in sorted(edition.published.evidence.loads.items()):
        if f"{source}__{table}" in raw:
            used = [load for load in loads if load.is_selected]
            hidden += max(0, len(used) - SHOWN_LOADS)
            found += [
                LoadRow(
                    table=f"raw.{source}__{table}",
                    load=load.load_id,
                    extracted=edition.language.short_day(load.extracted_at.date()),
                    data_to=edition.language.short_day(load.data_as_of_date),
                    row_count=edition.language.number(load.row_count),
                    quarantined=edition.language.number(load.quarantined_count or 0),
                    contract={"passed": "passed", "unchecked": "none declared"}.get(
                        load.verdict, load.verdict
                    ),
                )
                for load in used[:SHOWN_LOADS]
            ]
    note = f"{hidden} earlier loads count too; quality.load lists them." if hidden else ""
    return tuple(found), note
