"""A small organisation, and the warehouse that a night would have made of it, to be reported night after night.

Not here: reporting it, and why two nights differ (test_reasons).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb

from transforms.catalogue import create_tables
from transforms.strategy_tables import insert_rows, value_definition_id

ALWAYS, FOR_EVER = date(1, 1, 1), date(9999, 12, 31)
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
PERIODS = (MARCH, APRIL)


@dataclass(frozen=True)
class World:
    """A small organisation: a top, two regions and shops that sell, scored by one objective with two KPIs."""

    sold: dict[tuple[str, date], int] = field(
        default_factory=lambda: {
            (shop, month): 10 for shop in ("s1", "s2", "s3") for month in PERIODS
        }
    )
    parents: dict[str, str] = field(
        default_factory=lambda: {
            "north": "top",
            "south": "top",
            "s1": "north",
            "s2": "north",
            "s3": "south",
        }
    )
    moves: tuple[tuple[str, str, date], ...] = ()
    """Unit, new parent, from when."""
    definition: str = "d1"
    scoring: str | None = None
    """How the value is scored, where it matters that this is another part of the definition than what makes the value."""
    max_age: int = 2
    target: float = 20
    points: Mapping[str, float] = field(default_factory=dict)
    """Points of a unit that are not the target as given: inherited from another parent, or shaped by a season."""
    phasing: str = "even"
    is_intensive: bool = False
    weights: tuple[float, float] = (1, 1)
    gate: float | None = None
    as_of: date = date(2026, 5, 5)
    provisional: frozenset[date] = frozenset()
    stale: bool = False
    suppressed: frozenset[str] = frozenset()
    """Units whose sales are held back."""
    gone: bool = False
    """Of the sales of April nothing is said."""

    def parent(self, unit: str, month: date) -> str | None:
        """Give the unit above at a month's end."""
        moved = [parent for who, parent, since in self.moves if who == unit and since <= month]
        return moved[-1] if moved else self.parents.get(unit)

    def above(self, unit: str, month: date) -> list[str]:
        """Give the unit and all above it at a month's end."""
        found = [unit]
        while (parent := self.parent(found[-1], month)) is not None:
            found.append(parent)
        return found

    @property
    def definition_text(self) -> str:
        """Give the definition of sales, as the program writes it down."""
        return json.dumps(
            {"is": self.definition, "kpi": {"bands": self.scoring, "max_age": self.max_age}}
        )

    @property
    def definition_id(self) -> str:
        return self.definition + (self.scoring or "")

    @property
    def units(self) -> list[str]:
        return ["top", *self.parents]


def warehouse(world: World) -> duckdb.DuckDBPyConnection:
    """Lay the world into the published tables, values added up as the tree says."""
    connection = duckdb.connect()
    create_tables(connection)
    tables: dict[str, list[dict[str, object]]] = {
        "scorecard.dim_scorecard": [
            {"scorecard_id": "card", "organisation_id": "top", "min_coverage": 0.5,
             "on_track_edge": 66.67, "at_risk_edge": 33.33, "roll_up": "weighted_mean"}
        ],
        "scorecard.dim_perspective": [{"perspective_id": "p", "roll_up": "weighted_mean"}],
        "scorecard.dim_objective": [{"objective_id": "o", "perspective_id": "p", "roll_up": "weighted_mean"}],
        "scorecard.dim_kpi": [
            {"kpi_id": kpi, "objective_id": "o", "perspective_id": "p", "definition_id": definition,
             "gate_score": world.gate, "frequency": "month", "value_definition_id": made, "max_age": world.max_age,
             "phasing": world.phasing, "is_intensive": world.is_intensive}
            for kpi, definition, made in (
                ("sales", world.definition_id, value_definition_id(world.definition_text)), ("other", "d0", None)
            )
        ],
        "scorecard.kpi_term": [
            {"kpi_id": kpi, "term_id": "value", "measure_id": "sold", "aggregation": "sum", "of_unit": "unit"}
            for kpi in ("sales", "other")
        ],
        "measure.dim_measure": [{"measure_id": "sold", "kind": "amounts"}],
        "measure.component": [
            {"measure_id": "sold", "unit_id": unit, "period_start_date": month, "numerator": value, "denominator": 1}
            for (unit, month), value in world.sold.items()
        ],
        "scorecard.dim_unit": [{"unit_id": unit} for unit in world.units],
        "scorecard.dim_period": [
            {"grain": "month", "period_start_date": month, "first_date": month,
             "last_date": date(2026, month.month, 30), "is_closed": True} for month in PERIODS
        ],
        "scorecard.unit_closure": _closure(world),
        "scorecard.weight": [
            {"level": "kpi", "node_id": kpi, "valid_from_date": ALWAYS, "weight": weight}
            for kpi, weight in zip(("sales", "other"), world.weights, strict=True)
        ],
        "scorecard.target": [
            {"kpi_id": "sales", "unit_id": "top", "per": "month", "valid_from_date": ALWAYS, "target": world.target}
        ],
    }  # fmt: skip
    tables |= _scored(world)
    for table, rows in tables.items():
        insert_rows(connection, table, rows)
    return connection


def _closure(world: World) -> list[dict[str, object]]:
    dates = sorted({ALWAYS, *(since for *_, since in world.moves)})
    spans = [
        (start, date.fromordinal(after.toordinal() - 1) if after else FOR_EVER)
        for start, after in zip(dates, [*dates[1:], None], strict=True)
    ]
    found: dict[tuple[str, str, int], list[tuple[date, date]]] = {}
    for start, end in spans:
        for unit in world.units:
            for distance, ancestor in enumerate(world.above(unit, start)):
                times = found.setdefault((ancestor, unit, distance), [])
                if times and times[-1][1].toordinal() + 1 == start.toordinal():
                    times[-1] = (times[-1][0], end)
                else:
                    times.append((start, end))
    return [
        {"ancestor_unit_id": ancestor, "unit_id": unit, "distance": distance,
         "valid_from_date": start, "valid_to_date": end}
        for (ancestor, unit, distance), times in found.items() for start, end in times
    ]  # fmt: skip


def _scored(world: World) -> dict[str, list[dict[str, object]]]:
    values, scores, costs, parents = [], [], [], []
    for month in PERIODS:
        totals = dict.fromkeys(world.units, 0)
        for (unit, sold_in), value in world.sold.items():
            if sold_in == month:
                for above in world.above(unit, month):
                    totals[above] += value
        for unit, total in totals.items():
            key = {"unit_id": unit, "period_start_date": month, "grain": "month"}
            is_held = unit in world.suppressed
            shown = {
                "numerator": None if is_held else total,
                "denominator": None if is_held else 1,
                "actual": None if is_held else float(total),
                "is_suppressed": is_held,
            }
            values.append(
                key | {"kpi_id": "sales", "is_provisional": month in world.provisional} | shown
            )
            score = total / world.target * 100
            is_stale = world.stale and month == APRIL
            is_gone = world.gone and month == APRIL
            scores += [
                key
                | {
                    "kpi_id": kpi,
                    "actual": 1.0,
                    "value_grain": "month",
                    "score": mark,
                    "band": "on_track",
                    "value_period_start_date": MARCH if is_stale else month,
                    "points": [{"point": "target", "value": points, "score": 100.0}],
                    "data_state": "no_data" if is_gone else "stale" if is_stale else "current",
                    "coverage": 1.0,
                }
                for kpi, mark, points in (
                    ("sales", score, world.points.get(unit, world.target)),
                    ("other", 50.0, 1.0),
                )
            ]
            costs += [
                key
                | {
                    "parent_level": "objective",
                    "parent_id": "o",
                    "child_level": "kpi",
                    "child_id": kpi,
                    "weight": weight,
                }
                for kpi, weight in zip(("sales", "other"), world.weights, strict=True)
            ]
            costs += [
                key
                | {
                    "parent_level": parent,
                    "parent_id": node,
                    "child_level": level,
                    "child_id": child,
                    "weight": 1.0,
                }
                for parent, node, level, child in (
                    ("perspective", "p", "objective", "o"),
                    ("scorecard", "card", "perspective", "p"),
                )
            ]
            mean = (score * world.weights[0] + 50 * world.weights[1]) / sum(world.weights)
            band = "at_risk" if world.gate and score < world.gate else "on_track"
            parents.append(
                key | {"score": mean, "band": band, "data_state": "current", "coverage": 1.0}
            )
    return {
        "scorecard.kpi_value": values, "scorecard.kpi_score": scores, "scorecard.child_cost": costs,
        **{f"scorecard.{level}_score": [row | {f"{level}_id": node} for row in parents]
           for level, node in (("objective", "o"), ("perspective", "p"), ("scorecard", "card"))},
    }  # fmt: skip
