"""Tables of the strategy, the organisation, the calendar and the plans.

Not here: what the organisation is (organisation).
"""

from datetime import date
from typing import Any

from tests.reports.warehouse.organisation import (
    ALWAYS,
    AS_OF,
    AT_RISK,
    FOR_EVER,
    GRAINS,
    HEADLINE,
    KPIS,
    MIN_COVERAGE,
    MONTHS,
    MOVED_ON,
    OBJECTIVES,
    ON_TRACK,
    PERSPECTIVES,
    TREES,
    UNITS,
    Rows,
    add_months,
)
from tests.reports.warehouse.scoring import last_date, period_months


def strategy_rows(rows: Rows) -> None:
    """Add the scorecard, the perspectives, the objectives and their weights."""
    rows["scorecard.dim_scorecard"].append(
        {
            "scorecard_id": "balanced",
            "scorecard_name": "Balanced scorecard",
            "organisation_id": "kettle",
            "mission": "Good coffee.",
            "vision": "A cup worth the walk, in every town.",
            "strategy": "Fewer blends, better roasts.",
            "currency_code": "EUR",
            "locale": "en_GB",
            "min_coverage": MIN_COVERAGE,
            "on_track_edge": ON_TRACK,
            "at_risk_edge": AT_RISK,
            "headline_period_start_date": HEADLINE,
        }
    )
    for order, (node, name, weight) in enumerate(PERSPECTIVES, 1):
        rows["scorecard.dim_perspective"].append(
            {
                "perspective_id": node,
                "perspective_name": name,
                "question": f"How do we look, {name.lower()}?",
                "roll_up": "weighted_mean",
                "sort_order": order,
            }
        )
        rows["scorecard.weight"].append(
            {
                "level": "perspective",
                "node_id": node,
                "valid_from_date": date(1, 1, 1),
                "weight": weight,
            }
        )
    for order, (node, name, parent, weight) in enumerate(OBJECTIVES, 1):
        rows["scorecard.dim_objective"].append(
            {
                "objective_id": node,
                "objective_name": name,
                "description": f"{name}, in a sentence.",
                "perspective_id": parent,
                "owner_name": "Operations lead",
                "roll_up": "weighted_mean",
                "sort_order": order,
            }
        )
        rows["scorecard.weight"].append(
            {
                "level": "objective",
                "node_id": node,
                "valid_from_date": date(1, 1, 1),
                "weight": weight,
            }
        )


def kpi_dimension_rows(rows: Rows) -> None:
    """Add the KPIs, what they are computed from, their weights and targets."""
    perspective_of = {node: parent for node, _, parent, _ in OBJECTIVES}
    for order, spec in enumerate(KPIS, 1):
        rows["scorecard.dim_kpi"].append(
            {
                "kpi_id": spec.id,
                "kpi_name": spec.name,
                "description": f"What {spec.id} counts.",
                "objective_id": spec.objective,
                "perspective_id": perspective_of[spec.objective],
                "owner_name": "O'Neil & Sons",
                "measure_id": spec.measure,
                "aggregation": spec.aggregation,
                "frequency": spec.frequency,
                "direction": spec.direction,
                "measured_in": spec.measured_in,
                "decimals": spec.decimals,
                "rule": spec.rule,
                "score_cap": spec.cap,
                "phasing": "even",
                "signal_on": "actual",
                "on_track_edge": spec.on_track,
                "at_risk_edge": spec.at_risk,
                "gate_score": spec.gate,
                "is_leading": order % 2 == 0,
                "empty_means": "no_data",
                "min_observations_count": 5 if spec.aggregation == "score" else 0,
                "max_age": 2,
                "definition_id": f"d{order:07x}",
                "sort_order": order,
            }
            | spec.extra
        )
        for place, (term, measure) in enumerate(spec.terms or (("value", spec.id),), 1):
            rows["scorecard.kpi_term"].append(
                {
                    "kpi_id": spec.id,
                    "term_id": term,
                    "measure_id": measure,
                    "aggregation": "sum" if spec.terms else spec.aggregation,
                    "component": "value",
                    "of_unit": "unit",
                    "empty_means": "no_data",
                    "sort_order": place,
                }
            )
        rows["scorecard.weight"].append(
            {
                "level": "kpi",
                "node_id": spec.id,
                "valid_from_date": date(1, 1, 1),
                "weight": spec.weight,
            }
        )
        if spec.target is not None or spec.points:
            listed = spec.rule in {"steps", "curve"}
            named = {name: value for name, value, _ in spec.points if not listed}
            rows["scorecard.target"].append(
                {
                    "kpi_id": spec.id,
                    "unit_id": "kettle",
                    "per": spec.frequency,
                    "valid_from_date": spec.target_from,
                    "red": spec.red,
                    "target": spec.target,
                    "points": [
                        {"value": value, "score": score}
                        for _, value, score in spec.points
                        if listed
                    ],
                }
                | named
            )


def unit_and_period_rows(rows: Rows, below: dict[str, set[str]]) -> None:
    """Add the units, with the one that moved, and the periods, with the open one."""
    for order, (unit, name, tree, parent, level) in enumerate(UNITS, 1):
        rows["scorecard.dim_unit"].append(
            {
                "unit_id": unit,
                "unit_name": name,
                "tree_id": tree,
                "tree_name": TREES.get(tree or ""),
                "parent_unit_id": parent,
                "level": level,
                "sort_order": order,
            }
        )
        rows["scorecard.unit_closure"].extend(
            closure_row(unit, child) for child in sorted(below[unit])
        )
    rows["scorecard.unit_closure"].append(
        closure_row("south", "north_harbour")
        | {"valid_to_date": date.fromordinal(MOVED_ON.toordinal() - 1)}
    )
    rows["scorecard.signal_baseline"].append(
        {
            "kpi_id": "net_sales",
            "valid_from_date": date(2026, 2, 1),
            "reason": "A <second> shop opened.",
        }
    )
    for grain in GRAINS:
        closed = [month for month in MONTHS if period_months(month, grain)]
        for month in closed:
            inside = period_months(month, grain) or ()
            rows["scorecard.dim_period"].append(
                {
                    "grain": grain,
                    "period_start_date": month,
                    "first_date": inside[0],
                    "last_date": last_date(inside[-1]),
                    "is_closed": True,
                    "is_headline": month == closed[-1],
                }
            )
    open_month = add_months(HEADLINE, 1)
    rows["scorecard.dim_period"].append(
        {
            "grain": "month",
            "period_start_date": open_month,
            "first_date": open_month,
            "last_date": last_date(open_month),
            "is_closed": False,
            "is_headline": False,
        }
    )
    rows["scorecard.kpi_value"].append(
        {
            "kpi_id": "net_sales",
            "unit_id": "kettle",
            "period_start_date": open_month,
            "grain": "month",
            "numerator": 8000,
            "denominator": 1,
            "observations_count": 12,
            "actual": 8000.0,
            "is_provisional": True,
            "is_suppressed": False,
            "data_as_of_date": AS_OF,
        }
    )


def closure_row(ancestor: str, unit: str) -> dict[str, Any]:
    """Return a unit's place under another; the harbour shop came to North on a day."""
    levels = {name: level for name, _, _, _, level in UNITS}
    moved = (ancestor, unit) == ("north", "north_harbour")
    return {
        "ancestor_unit_id": ancestor,
        "unit_id": unit,
        "distance": 1
        if (ancestor, unit) == ("south", "north_harbour")
        else levels[unit] - levels[ancestor],
        "valid_from_date": MOVED_ON if moved else ALWAYS,
        "valid_to_date": FOR_EVER,
    }


EVIDENCE = {
    ("deliver", "promises"): ("supported", 34, 0.52, 0.31, 0.68, "on_time", "complaints"),
    ("promises", "grow"): ("not_supported", 33, -0.04, -0.36, 0.29, "complaints", "net_sales"),
    ("roast", "serve"): ("supported", 35, 0.41, 0.12, 0.63, "downtime", "nps"),
}


def evidence_rows(rows: Rows) -> None:
    """Add what the data say of each link, and the warnings on how numbers were made."""
    for link in rows["scorecard.strategy_link"]:
        pair = (link["cause_objective_id"], link["effect_objective_id"])
        evidence, count, correlation, low, high, cause, effect = EVIDENCE.get(
            pair, ("not_enough_data", 14, None, None, None, None, None)
        )
        link |= {"cause_kpi_id": cause, "effect_kpi_id": effect, "evidence": evidence}
        rows["scorecard.link_evidence"].extend(
            {
                "cause_objective_id": pair[0],
                "effect_objective_id": pair[1],
                "lag_months": lag,
                "is_declared": lag == link["lag_months"],
                "pair_count": count - lag,
                "correlation": None
                if correlation is None
                else correlation / (1 + abs(lag - link["lag_months"])),
                "interval_low": low,
                "interval_high": high,
            }
            for lag in range(7)
        )
    rows["quality.warning"].extend(
        [
            {
                "kind": "no_points",
                "kpi_id": "research",
                "unit_id": "kettle",
                "grain": "month",
                "first_period_start_date": MONTHS[0],
                "last_period_start_date": HEADLINE,
                "message": "targets.csv: research has a value and no points for <kettle>; add a row.",
            },
            {
                "kind": "phased_evenly",
                "kpi_id": "net_sales",
                "unit_id": "south",
                "grain": "quarter",
                "first_period_start_date": date(2026, 1, 1),
                "last_period_start_date": date(2026, 1, 1),
                "message": "No whole last year: the target was divided evenly.",
            },
        ]
    )


def plan_rows(rows: Rows) -> None:
    """Add links, initiatives, comments and the release."""
    links = (
        ("deliver", "promises", 1, "Late parcels are what people complain of."),
        ("promises", "grow", 2, ""),
        ("roast", "serve", 0, "A better cup."),
        ("train", "roast", 2, "Practice."),
        ("people", "deliver", 3, ""),
        ("earn", "grow", 0, ""),
        ("train", "earn", 6, ""),
    )
    rows["scorecard.strategy_link"].extend(
        {
            "cause_objective_id": cause,
            "effect_objective_id": effect,
            "lag_months": lag,
            "hypothesis": why,
        }
        for cause, effect, lag, why in links
    )
    rows["scorecard.initiative"].extend(
        [
            {
                "initiative_id": "second_carrier",
                "initiative_name": "Second carrier for the East",
                "description": "A second contract <b>soon</b>.",
                "objective_id": "deliver",
                "owner_name": "Operations lead",
                "start_date": date(2026, 3, 1),
                "end_date": date(2026, 9, 30),
                "budget_amount": 45000,
                "status": "running",
                "is_late": True,
            },
            {
                "initiative_id": "barista_school",
                "initiative_name": "Barista school",
                "description": "",
                "objective_id": "train",
                "owner_name": "People lead",
                "start_date": date(2026, 1, 1),
                "end_date": date(2027, 3, 31),
                "budget_amount": 120000.5,
                "status": "running",
                "is_late": False,
            },
            {
                "initiative_id": "old_tills",
                "initiative_name": "Tills replaced",
                "description": "",
                "objective_id": "serve",
                "owner_name": "IT lead",
                "start_date": date(2025, 1, 1),
                "end_date": date(2025, 6, 30),
                "budget_amount": 0,
                "status": "done",
                "is_late": False,
            },
        ]
    )
    rows["scorecard.milestone"].extend(
        [
            {
                "initiative_id": "second_carrier",
                "sort_order": 1,
                "milestone_name": "Contract signed",
                "due_date": date(2026, 5, 31),
                "done_date": date(2026, 6, 4),
                "is_late": False,
            },
            {
                "initiative_id": "second_carrier",
                "sort_order": 2,
                "milestone_name": "First run",
                "due_date": date(2026, 9, 15),
                "done_date": None,
                "is_late": True,
            },
            {
                "initiative_id": "barista_school",
                "sort_order": 1,
                "milestone_name": "Room <rented>",
                "due_date": date(2026, 12, 1),
                "done_date": None,
                "is_late": False,
            },
        ]
    )
    rows["scorecard.comment"].extend(
        [
            {
                "kpi_id": "on_time",
                "unit_id": "kettle",
                "period_start_date": HEADLINE,
                "author_name": "Operations lead",
                "comment_text": "Our carrier stopped on 6 October.\n\nThe second carrier starts on <9> November.",
            },
            {
                "kpi_id": "complaints",
                "unit_id": "kettle",
                "period_start_date": HEADLINE,
                "author_name": "",
                "comment_text": "انخفضت المبيعات بسبب الطقس.",
            },
            {
                "kpi_id": "on_time",
                "unit_id": "kettle",
                "period_start_date": add_months(HEADLINE, -1),
                "author_name": "Operations lead",
                "comment_text": "As planned.",
            },
        ]
    )
    rows["scorecard.release"].append(
        {"release_id": "r-0123456789", "as_of_date": AS_OF, "period_start_date": HEADLINE}
    )
