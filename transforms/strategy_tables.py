"""The workspace's strategy as tables: dimensions, weights, targets, initiatives, commentary.

Not here: anything that depends on data.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from scorecard.plans import Target
from scorecard.strategy import Bands, Kpi, Weight
from scorecard.workspace import Workspace
from transforms.engine import quoted

ALWAYS = date(1, 1, 1)
"""From when a weight counts that has no date."""
_VALUE_KEYS: Mapping[str, Any] = {
    "measure": None, "aggregation": None, "derived": None, "change": None, "index": None, "survey": None,
    "frequency": "month", "empty": "no_data", "min_observations": 0, "applies_to": [],
}  # fmt: skip
"""What of a KPI's definition makes its value, with what it is where a strategy, or an older version, does not say; the rest
makes the score of it."""
_FIRST_MONTH = 1
"""In which month the fiscal year starts where an older version's definition does not say."""
HIGHEST = 100.0
"""The highest score where the KPI sets no cap."""

SINGLE_POINTS = (
    "red", "target", "worst", "best", "min", "max", "baseline", "basis", "low", "high",
)  # fmt: skip
"""Points of `scorecard.target` that are one value."""

Row = dict[str, Any]


def insert_rows(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]]
) -> int:
    """Insert rows by column name; the number of rows inserted."""
    listed = [dict(row) for row in rows]
    if not listed:
        return 0
    connection.register("incoming_rows", pa.Table.from_pylist(listed))
    connection.execute(f"insert into {quoted(table)} by name select * from incoming_rows")
    connection.unregister("incoming_rows")
    return len(listed)


def fill_strategy_tables(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    *,
    definitions: Mapping[str, tuple[str, str]],
    as_of: date,
    headline: date,
) -> None:
    """Fill every table that the workspace's files alone decide.

    `definitions` gives each KPI's definition id and the id of the part that makes its value, `headline` the first day of the
    last closed month.
    """
    edges = workspace.strategy.bands
    tables: dict[str, list[Row]] = {
        "scorecard.dim_scorecard": [_scorecard(workspace, headline)],
        "scorecard.dim_unit": _units(workspace, headline),
        "scorecard.unit_closure": _closure(workspace),
        "scorecard.dim_perspective": [
            {
                "perspective_id": perspective.id,
                "perspective_name": perspective.name,
                "question": perspective.question,
                "roll_up": perspective.roll_up,
                "sort_order": order,
            }
            for order, perspective in enumerate(workspace.strategy.perspectives, 1)
        ],
        "scorecard.dim_objective": [
            {
                "objective_id": objective.id,
                "objective_name": objective.name,
                "description": objective.description,
                "perspective_id": perspective.id,
                "owner_name": objective.owner,
                "roll_up": objective.roll_up,
                "gate_score": objective.gate,
                "sort_order": order,
            }
            for order, (perspective, objective) in enumerate(workspace.strategy.objectives(), 1)
        ],
        "scorecard.dim_kpi": [
            {
                **_kpi(kpi),
                "objective_id": objective.id,
                "perspective_id": perspective.id,
                "on_track_edge": (kpi.bands or edges).on_track,
                "at_risk_edge": (kpi.bands or edges).at_risk,
                "definition_id": definitions[kpi.id][0],
                "value_definition_id": definitions[kpi.id][1],
                "sort_order": order,
            }
            for order, (perspective, objective, kpi) in enumerate(workspace.strategy.kpis(), 1)
        ],
        "scorecard.kpi_term": [
            {
                "kpi_id": kpi.id,
                "term_id": name,
                "measure_id": term.measure,
                "aggregation": term.aggregation,
                "component": term.component,
                "of_unit": term.of,
                "empty_means": term.empty,
                "sort_order": order,
            }
            for _, _, kpi in workspace.strategy.kpis()
            for order, (name, term) in enumerate(kpi.terms().items(), 1)
        ],
        "scorecard.signal_baseline": [
            {
                "kpi_id": kpi.id,
                "valid_from_date": baseline.valid_from,
                "reason": baseline.reason,
            }
            for _, _, kpi in workspace.strategy.kpis()
            for baseline in kpi.baselines
        ],
        "scorecard.weight": _weights(workspace),
        "scorecard.target": [_target(target) for target in workspace.targets],
        "scorecard.strategy_link": [
            {
                "cause_objective_id": link.cause,
                "effect_objective_id": link.effect,
                "lag_months": link.lag_months,
                "hypothesis": link.hypothesis,
                "cause_kpi_id": link.cause_kpi,
                "effect_kpi_id": link.effect_kpi,
            }
            for link in workspace.strategy.links
        ],
        "scorecard.comment": [
            {
                "kpi_id": comment.kpi,
                "unit_id": comment.unit or workspace.company.organisation.id,
                "period_start_date": comment.period,
                "author_name": comment.author,
                "comment_text": comment.text,
            }
            for comment in workspace.comments
        ],
        **_initiatives(workspace, as_of),
    }
    for table, rows in tables.items():
        insert_rows(connection, table, rows)


def _target(target: Target) -> Row:
    widths = {
        side: _double(getattr(target, side) or target.tolerance)
        for side in ("tolerance_below", "tolerance_above")
    }
    return {
        "kpi_id": target.kpi,
        "unit_id": target.unit,
        "per": target.per,
        "valid_from_date": target.valid_from,
        **{name: _double(getattr(target, name)) for name in SINGLE_POINTS},
        **widths,
        "points": [
            {"value": float(value), "score": float(score)} for value, score in target.points
        ],
    }


def definition(
    kpi: Kpi, sql: Mapping[str, str], *, bands: Bands, fiscal_year_start_month: int
) -> tuple[str, str]:
    """Give a KPI's definition id and its full text: the SQL that it depends on (by path) and how it is scored.

    Weights, targets and names are not part of it: they are dated data, or do not change the number. `bands` are the
    scorecard's edges, which count where the KPI has none of its own.
    """
    scoring = kpi.model_dump(
        mode="json",
        include={
            "measure", "aggregation", "derived", "direction", "change", "index", "survey", "frequency",
            "rule", "form", "at_zero_target", "cap", "phasing", "bands", "empty",
            "min_observations", "max_age", "applies_to",
        },
    )  # fmt: skip
    scoring["bands"] = (kpi.bands or bands).model_dump(mode="json")
    whole = {"kpi": scoring, "fiscal_year_start_month": fiscal_year_start_month, "sql": dict(sql)}
    text = json.dumps(whole, sort_keys=True)
    return "d-" + hashlib.sha256(text.encode()).hexdigest()[:12], text


def value_definition_id(text: str) -> str:
    """Give the id of what makes the value in a definition's full text: the same, however the value is scored.

    Keys that are left out count as their defaults, so that definitions which an older version kept can be compared.
    """
    whole = json.loads(text)
    kpi = whole.pop("kpi", {})
    whole["value"] = {
        key: kpi[key] for key, default in _VALUE_KEYS.items() if key in kpi and kpi[key] != default
    }
    if whole.get("fiscal_year_start_month") == _FIRST_MONTH:
        del whole["fiscal_year_start_month"]
    made = json.dumps(whole, sort_keys=True)
    return "v-" + hashlib.sha256(made.encode()).hexdigest()[:12]


def _scorecard(workspace: Workspace, headline: date) -> Row:
    company, strategy = workspace.company, workspace.strategy
    return {
        "scorecard_id": strategy.id,
        "scorecard_name": strategy.name,
        "organisation_id": company.organisation.id,
        "mission": strategy.mission,
        "vision": strategy.vision,
        "strategy": strategy.strategy,
        "currency_code": company.currency,
        "locale": company.locale,
        "min_coverage": strategy.min_coverage,
        "on_track_edge": strategy.bands.on_track,
        "at_risk_edge": strategy.bands.at_risk,
        "headline_period_start_date": headline,
        "roll_up": strategy.roll_up,
    }


def _kpi(kpi: Kpi) -> Row:
    return {
        "kpi_id": kpi.id,
        "kpi_name": kpi.name,
        "description": kpi.description,
        "owner_name": kpi.owner,
        "measure_id": kpi.measure,
        "aggregation": "derived" if kpi.derived else kpi.aggregation,
        "expression": kpi.derived.expression if kpi.derived else None,
        "survey": kpi.survey,
        "frequency": kpi.frequency,
        "is_additive": kpi.is_additive,
        "is_intensive": kpi.is_intensive,
        "is_quotient_of_sums": kpi.is_quotient_of_sums,
        "change_against": kpi.change.against if kpi.change else None,
        "change_form": kpi.change.form if kpi.change else None,
        "index_base_date": kpi.index.base if kpi.index else None,
        "index_base_grain": kpi.index.per if kpi.index else None,
        "direction": kpi.direction,
        "measured_in": kpi.measured_in,
        "decimals": kpi.decimals,
        "rule": kpi.rule,
        "ratio_form": kpi.form if kpi.rule == "ratio" else None,
        "at_zero_target": kpi.at_zero_target,
        "score_cap": HIGHEST if kpi.cap is None else None if kpi.cap == "none" else kpi.cap,
        "phasing": kpi.phasing,
        "signal_on": kpi.signal_on,
        "gate_score": kpi.gate,
        "is_leading": kpi.is_leading,
        "empty_means": kpi.empty,
        "min_observations_count": kpi.min_observations,
        "max_age": kpi.max_age,
    }


def _units(workspace: Workspace, headline: date) -> list[Row]:
    """Give the units as they stand at the end of the headline month."""
    end = (headline + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    parents = workspace.company.parents(end)
    return [
        {
            "unit_id": unit.id,
            "unit_name": unit.name,
            "tree_id": tree.id if tree else None,
            "tree_name": tree.name if tree else None,
            "parent_unit_id": parents[unit.id],
            "level": _level(unit.id, parents),
            "sort_order": order,
        }
        for order, (tree, unit, _, _) in enumerate(workspace.company.units(), 1)
    ]


def _level(unit: str, parents: Mapping[str, str | None]) -> int:
    above = parents[unit]
    return 0 if above is None else 1 + _level(above, parents)


def _closure(workspace: Workspace) -> list[Row]:
    return [
        {
            "ancestor_unit_id": above.ancestor,
            "unit_id": above.unit,
            "distance": above.distance,
            "valid_from_date": above.first,
            "valid_to_date": above.last,
        }
        for above in workspace.company.closure()
    ]


def _weights(workspace: Workspace) -> list[Row]:
    nodes: list[tuple[str, str, Weight]] = []
    nodes += [("perspective", node.id, node.weight) for node in workspace.strategy.perspectives]
    nodes += [("objective", node.id, node.weight) for _, node in workspace.strategy.objectives()]
    nodes += [("kpi", node.id, node.weight) for _, _, node in workspace.strategy.kpis()]
    return [
        {"level": level, "node_id": node, "valid_from_date": start, "weight": value}
        for level, node, weight in nodes
        for start, value in _dated(weight)
    ]


def _dated(weight: Weight) -> list[tuple[date, float]]:
    if isinstance(weight, tuple):
        return [(dated.valid_from, dated.weight) for dated in weight]
    return [(ALWAYS, weight)]


def _initiatives(workspace: Workspace, as_of: date) -> dict[str, list[Row]]:
    initiatives: list[Row] = []
    milestones: list[Row] = []
    for initiative in workspace.initiatives.initiatives:
        is_open = initiative.status in ("planned", "running")
        steps = [
            {
                "initiative_id": initiative.id,
                "sort_order": order,
                "milestone_name": step.name,
                "due_date": step.due,
                "done_date": step.done,
                "is_late": is_open and step.done is None and step.due < as_of,
            }
            for order, step in enumerate(initiative.milestones, 1)
        ]
        milestones += steps
        initiatives.append(
            {
                "initiative_id": initiative.id,
                "initiative_name": initiative.name,
                "description": initiative.description,
                "objective_id": initiative.objective,
                "owner_name": initiative.owner,
                "start_date": initiative.start,
                "end_date": initiative.end,
                "budget_amount": initiative.budget,
                "status": initiative.status,
                "is_late": is_open
                and (initiative.end < as_of or any(step["is_late"] for step in steps)),
            }
        )
    return {"scorecard.initiative": initiatives, "scorecard.milestone": milestones}


def _double(value: Any) -> float | None:
    return None if value is None else float(value)
