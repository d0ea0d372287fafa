"""Where a number comes from: the score's arithmetic, the components, the SQL, the tables and the loads behind it.

Not here: the drawing of it (templates).
"""

from dataclasses import dataclass

from reports.card import Standing, points_lost, weight_shares
from reports.edition import Edition, Part
from reports.language import NONE

SHOWN_LOADS = 3


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
    data_to: str
    row_count: str
    quarantined: str
    contract: str


@dataclass(frozen=True)
class Derivation:
    """The steps from source to score, last step first."""

    score: tuple[Part, ...]
    actual: str
    measure: str
    measure_note: str
    sql: tuple[Sql, ...]
    loads: tuple[LoadRow, ...]
    loads_note: str


def derivation(edition: Edition, item: Standing) -> Derivation:
    """Return where a KPI's headline number comes from."""
    measure = edition.published.evidence.measures.get(item.kpi.measure_id)
    note = f"definition {item.kpi.definition_id[:12]}"
    if measure is not None and measure.data_as_of_date is not None:
        note += f", data complete to {edition.language.day(measure.data_as_of_date)}"
    if measure is not None and measure.error_message:
        note += f". Its SQL failed: {measure.error_message}"
    upstream = tables_behind(edition, f"measure.{item.kpi.measure_id}")
    loads, loads_note = _loads(edition, upstream)
    return Derivation(
        score=_score(edition, item),
        actual=_actual(edition, item),
        measure=f"measure.{item.kpi.measure_id}",
        measure_note=note,
        sql=_sql(edition, item, upstream),
        loads=loads,
        loads_note=loads_note,
    )


def _score(edition: Edition, item: Standing) -> tuple[Part, ...]:
    kpi, scale, score = item.kpi, item.scale, item.score
    if score is None or score.score is None or score.red is None or score.target is None:
        return (Part("No score", style="strong"), Part(f": {item.status.words.lower()}."))
    edges = edition.edges_of(kpi)
    better = "higher is better" if kpi.direction == "higher_is_better" else "lower is better"
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
        Part(
            f" Linear rule, {better}: red flag {scale.bare(score.red)} scores 33.33, target {scale.bare(score.target)} "
            f"scores 66.67, so {scale.bare(score.actual)} scores {edges.write(score.score)}. {weight}"
        ),
        Part(objective.objective_name, edition.objective_href(objective.objective_id)),
        Part(f"{cost}."),
    )


def _actual(edition: Edition, item: Standing) -> str:
    value, kpi = item.trusted(item.value_month or edition.month), item.kpi
    number = edition.language.number
    not_shown = {
        "suppressed": f"Held back: fewer than {kpi.min_observations_count} observations.",
        "unverified": "What came in for the month cannot be trusted, so nothing of it is shown.",
    }
    if item.status.key in not_shown:
        return not_shown[item.status.key]
    if value is None or value.actual is None or value.numerator is None:
        return "Nothing was measured in the month."
    if kpi.change_against is not None:
        base = (
            "the same month last year" if kpi.change_against == "last_year" else "the month before"
        )
        return f"The change of the measure against {base}."
    places = 0 if value.numerator == value.numerator.to_integral_value() else 2
    up = number(value.numerator, places)
    match kpi.aggregation:
        case "ratio" | "score":
            down = number(
                value.denominator, 0 if value.denominator == int(value.denominator or 0) else 2
            )
            return f"{up} / {down}: sums over all units below, not a mean of their rates."
        case "distinct":
            return f"{up} different keys, each counted once."
        case _:
            return f"{up}: the sum over all units below."


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


def _sql(edition: Edition, item: Standing, upstream: tuple[str, ...]) -> tuple[Sql, ...]:
    evidence = edition.published.evidence
    found = []
    for name in (f"measure.{item.kpi.measure_id}", *upstream):
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
