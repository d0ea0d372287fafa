"""A small but complete published warehouse, made from the catalogue alone, with everything that pages must survive.

Hostile and right-to-left names, long names, zero, negative, missing, stale, unverified, no target, suppressed, a gate, a
restated month, a rejected load, a KPI that is too young to judge. Every scoring rule, KPIs that are measured by the
quarter and the half-year, a survey with intervals, an expression, a measure entered by hand, a unit that moved. Scores are
computed here by the simplest reading of the method; the pages only have to show what the tables say.

Run it to look at pages without an engine: `python tests/reports/make_warehouse.py <warehouse.duckdb>`.
"""

import itertools
import json
import math
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

CATALOGUE = Path(__file__).parents[2] / "transforms" / "catalogue.yaml"
HEADLINE = date(2026, 10, 1)
AS_OF = date(2026, 11, 2)
ON_TRACK, AT_RISK, MIN_COVERAGE = 66.67, 33.33, 0.5
HOSTILE_NAME = '<script>alert("1")</script> & =cmd|x'
LONG_NAME = "Orders of the wholesale customers that were picked, packed and handed over without a single error in the same working week"
RTL_NAME = "متجر المحطة"
GRAINS = ("month", "quarter", "half", "year", "ytd", "ttm")
LENGTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
ALWAYS, FOR_EVER = date(1, 1, 1), date(9999, 12, 31)
MOVED_ON = date(2026, 7, 1)
"""The harbour shop came from South to North."""

Rows = dict[str, list[dict[str, Any]]]


def add_months(month: date, count: int) -> date:
    """Return the first day of the month that lies `count` months away."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


MONTHS = tuple(add_months(HEADLINE, -offset) for offset in range(35, -1, -1))

# unit, name, tree, parent, level
UNITS = (
    ("kettle", "Kettle & Sons <Coffee>", None, None, 0),
    ("north", "North", "territory", "kettle", 1),
    ("north_station", RTL_NAME, "territory", "north", 2),
    ("north_harbour", 'Harbour "Quay" O\'Neil', "territory", "north", 2),
    ("south", "South", "territory", "kettle", 1),
    ("roastery", "Roastery", "department", "kettle", 1),
    ("people", "People & culture", "department", "kettle", 1),
)
TREES = {"territory": "Territory", "department": "Department"}
LEAVES = {
    "territory": ("north_station", "north_harbour", "south"),
    "department": ("roastery", "people"),
}


@dataclass(frozen=True)
class Spec:
    """What a KPI of the synthetic organisation looks like."""

    id: str
    name: str
    objective: str
    level: float
    noise: float = 0.02
    last: float | None = None
    """The value of the headline month, where it breaks away."""
    aggregation: str = "ratio"
    direction: str | None = "higher_is_better"
    measured_in: str = "percent"
    decimals: int = 1
    red: float | None = None
    target: float | None = None
    tree: str = "territory"
    scale: float = 1000
    """Denominator of a leaf unit's month; for a sum, ignored."""
    missing_from: date | None = None
    state_after: str = "no_data"
    first: date = MONTHS[0]
    gate: float | None = None
    weight: float = 1.0
    suppressed_units: tuple[str, ...] = ()
    target_from: date = date(2023, 1, 1)
    rule: str = "linear"
    points: tuple[tuple[str, float, float | None], ...] = ()
    """Name, value and score of each point, where the rule is another than linear."""
    cap: float | None = 100.0
    frequency: str = "month"
    terms: tuple[tuple[str, str], ...] = ()
    """Names and measures of an expression."""
    is_manual: bool = False
    has_interval: bool = False
    on_track: float = 66.67
    at_risk: float = 33.33
    extra: dict[str, Any] = field(default_factory=dict)
    """Further columns of `scorecard.dim_kpi`."""

    @property
    def measure(self) -> str | None:
        """Its measure; none where it is an expression."""
        return None if self.terms else self.id


KPIS = (
    Spec(
        "net_sales",
        "Net sales",
        "grow",
        98_000,
        0.03,
        aggregation="sum",
        measured_in="currency",
        decimals=0,
        red=240_000,
        target=290_000,
    ),
    Spec("roi", "Return on investment", "grow", -0.021, 0.2, last=-0.034, red=-0.05, target=0.02),
    Spec(
        "green_cost",
        "Green coffee cost",
        "earn",
        6.4,
        0.02,
        last=7.92,
        direction="lower_is_better",
        measured_in="€ per kg",
        decimals=2,
        red=7.4,
        target=6.8,
        tree="department",
    ),
    Spec(
        "cash_flow",
        "Operating cash flow",
        "earn",
        20_000,
        0.2,
        aggregation="sum",
        measured_in="currency",
        decimals=0,
        red=30_000,
        target=55_000,
    ),
    Spec(
        "nps",
        "Net promoter score",
        "serve",
        0.58,
        0.05,
        aggregation="score",
        measured_in="points",
        decimals=0,
        red=0.4,
        target=0.55,
        scale=60,
        suppressed_units=("north_station",),
    ),
    Spec(
        "customers",
        "Customers who bought",
        "serve",
        4200,
        0.03,
        aggregation="distinct",
        measured_in="number",
        decimals=0,
        red=10_000,
        target=12_000,
    ),
    Spec(
        "complaints",
        HOSTILE_NAME,
        "promises",
        6.2,
        0.06,
        last=9.6,
        direction="lower_is_better",
        measured_in="per 1,000",
        red=8.0,
        target=6.0,
    ),
    Spec(
        "first_reply",
        "First reply within 4 hours",
        "promises",
        0.89,
        0.01,
        red=0.8,
        target=0.88,
        missing_from=add_months(HEADLINE, -1),
    ),
    Spec(
        "on_time",
        "Deliveries on time",
        "deliver",
        0.948,
        0.004,
        last=0.912,
        red=0.92,
        target=0.95,
        gate=33.33,
        weight=60,
    ),
    Spec(
        "picked",
        LONG_NAME,
        "deliver",
        0.995,
        0.001,
        red=0.98,
        target=0.992,
        weight=40,
        target_from=date(2026, 1, 1),
    ),
    Spec(
        "downtime",
        "Machine downtime",
        "roast",
        0.0,
        0.0,
        direction="lower_is_better",
        measured_in="hours per shop",
        red=5,
        target=2,
        tree="department",
    ),
    Spec(
        "nan_bread",
        "Nan bread: None burnt, Infinite care",
        "roast",
        41,
        0.1,
        aggregation="sum",
        measured_in="number",
        decimals=0,
        red=80,
        target=100,
        tree="department",
    ),
    Spec(
        "training",
        "Training hours",
        "train",
        4.6,
        0.05,
        measured_in="hours per head",
        red=3,
        target=4,
        tree="department",
        scale=40,
        missing_from=HEADLINE,
        state_after="stale",
    ),
    Spec(
        "certified",
        "Baristas certified",
        "train",
        0.86,
        0.02,
        decimals=0,
        red=0.7,
        target=0.8,
        missing_from=add_months(HEADLINE, -4),
        state_after="unverified",
    ),
    Spec(
        "enps",
        "Employee net promoter score",
        "people",
        0.24,
        0.2,
        aggregation="score",
        measured_in="points",
        decimals=0,
        red=0.2,
        target=0.3,
        tree="department",
        first=add_months(HEADLINE, -7),
        scale=12,
    ),
    Spec("research", "Research share of sales", "people", 0.018, 0.1, tree="department"),
    Spec(
        "stock_count",
        "Shelves counted",
        "supply",
        50,
        0.01,
        measured_in="number",
        decimals=0,
        rule="min_max",
        points=(("min", 0, 0.0), ("max", 200, 100.0)),
        on_track=60,
        at_risk=20,
    ),
    Spec(
        "refills",
        "Refills sold",
        "supply",
        0.16,
        0.01,
        decimals=0,
        rule="progress",
        points=(("baseline", 0.15, 0.0), ("target", 0.45, 100.0)),
        on_track=90,
        at_risk=50,
    ),
    Spec(
        "sales_to_plan",
        "Sales to plan",
        "supply",
        118,
        0.02,
        measured_in="number",
        decimals=0,
        rule="ratio",
        points=(("target", 100, 100.0),),
        cap=150,
        on_track=100,
        at_risk=90,
    ),
    Spec(
        "waste",
        "Grounds wasted",
        "supply",
        6,
        0.02,
        direction="lower_is_better",
        measured_in="kg per sack",
        rule="ratio",
        points=(("target", 3, 100.0),),
        on_track=95,
        at_risk=80,
        extra={"ratio_form": "inverse"},
    ),
    Spec(
        "moisture",
        "Bean moisture",
        "supply",
        10.4,
        0.03,
        last=12.1,
        direction=None,
        rule="range",
        measured_in="percent",
        decimals=1,
        points=(
            ("low", 0.095, 100.0),
            ("high", 0.105, 100.0),
            ("tolerance_below", 0.01, None),
            ("tolerance_above", 0.02, None),
        ),
    ),
    Spec(
        "cups",
        "Cups sold",
        "supply",
        24_000,
        0.01,
        aggregation="sum",
        direction=None,
        measured_in="number",
        decimals=0,
        rule="steps",
        points=(("step", 0, 0.0), ("step", 66_667, 100.0)),
    ),
    Spec(
        "blends",
        "Blends on the board",
        "supply",
        15,
        0.04,
        direction=None,
        measured_in="number",
        decimals=0,
        rule="curve",
        points=(("point", 0, 0.0), ("point", 10, 80.0), ("point", 20, 100.0), ("point", 30, 40.0)),
    ),
    Spec(
        "certificate",
        "Organic certificates held",
        "supply",
        1,
        0.0,
        measured_in="number",
        decimals=0,
        rule="binary",
        points=(("target", 1, 100.0),),
        is_manual=True,
    ),
    Spec(
        "guest_survey",
        "Guests who would come again",
        "serve",
        0.72,
        0.05,
        aggregation="score",
        decimals=0,
        red=0.6,
        target=0.7,
        scale=40,
        frequency="quarter",
        has_interval=True,
        suppressed_units=("north_station", "north_harbour"),
        extra={"survey": "csat"},
    ),
    Spec(
        "carbon",
        "Carbon per cup",
        "roast",
        41,
        0.04,
        direction="lower_is_better",
        measured_in="g",
        red=50,
        target=40,
        frequency="half",
        tree="department",
    ),
    Spec(
        "per_head",
        "Sales per head and hour, less what the cleaning costs",
        "earn",
        23.1,
        0.03,
        aggregation="derived",
        measured_in="currency",
        decimals=2,
        red=20,
        target=24,
        terms=(("sales", "net_sales"), ("cost", "green_cost"), ("hours", "training")),
        extra={"expression": "(sales - cost) / hours"},
    ),
)
OBJECTIVES = (
    ("grow", "Grow profitable sales", "financial", 60),
    ("earn", "Earn more from each cup", "financial", 40),
    ("serve", "Serve a cup worth the walk", "customer", 50),
    ("promises", "Keep promises online", "customer", 50),
    ("supply", "Waste nothing", "process", 0),
    ("deliver", "Deliver on time", "process", 50),
    ("roast", "Roast it right first time", "process", 50),
    ("train", "Train every barista", "learning", 50),
    ("people", "Keep good people", "learning", 50),
)
PERSPECTIVES = (
    ("financial", "Financial", 30),
    ("customer", "Customer", 30),
    ("process", "Internal process", 25),
    ("learning", "Learning and growth", 15),
)


def closure() -> dict[str, set[str]]:
    """Return every unit with itself and all below it."""
    parents = {unit: parent for unit, _, _, parent, _ in UNITS}
    below: dict[str, set[str]] = defaultdict(set)
    for unit in parents:
        node: str | None = unit
        while node is not None:
            below[node].add(unit)
            node = parents[node]
    return below


def components(spec: Spec) -> dict[tuple[str, date], tuple[float, float, int]]:
    """Return numerator, denominator and observations by leaf unit and month, from a seed of the KPI's own."""
    source = random.Random(spec.id)  # noqa: S311 - invented numbers
    found = {}
    for month in MONTHS:
        if month < spec.first or (spec.missing_from and month >= spec.missing_from):
            continue
        for unit in LEAVES[spec.tree]:
            value = spec.level * (1 + source.gauss(0, spec.noise))
            if month == HEADLINE and spec.last is not None:
                value = spec.last
            if spec.rule == "range":
                value /= 100
            observed = 4 if unit in spec.suppressed_units else 120
            if spec.aggregation in {"sum", "distinct"}:
                found[unit, month] = (round(value), 1.0, observed)
            else:
                scale = spec.scale * (2 if unit == "south" else 1)
                found[unit, month] = (round(value * scale, 3), scale, observed)
    return found


def period_months(month: date, grain: str) -> tuple[date, ...] | None:
    """Return the months of the period that is named by `month`, or None where no period of the grain is."""
    match grain:
        case "month":
            count = 1
        case "quarter":
            count = 3
        case "half":
            count = 6
        case "year":
            count = 12
        case "ytd":
            return tuple(date(month.year, number, 1) for number in range(1, month.month + 1))
        case _:
            return tuple(add_months(month, -offset) for offset in range(11, -1, -1))
    if (month.month - 1) % count:
        return None
    months = tuple(add_months(month, offset) for offset in range(count))
    return months if months[-1] <= HEADLINE else None


def last_date(month: date) -> date:
    """Return the last day of the month."""
    return date.fromordinal(add_months(month, 1).toordinal() - 1)


def rolled(
    spec: Spec,
    leaf: dict[tuple[str, date], tuple[float, float, int]],
    units: set[str],
    months: Sequence[date],
) -> tuple[float, float, int] | None:
    """Return the components of a unit and period, or None where nothing was measured."""
    parts = [
        leaf[unit, month] for unit in sorted(units) for month in months if (unit, month) in leaf
    ]
    if not parts:
        return None
    denominator = 1.0 if spec.aggregation in {"sum", "distinct"} else sum(part[1] for part in parts)
    return sum(part[0] for part in parts), denominator, sum(part[2] for part in parts)


def before_of(month: date, grain: str) -> date:
    """Return the first day of the period before."""
    return add_months(month, -LENGTHS.get(grain, 12))


def line(value: float, bottom: float, top: float) -> float:
    """Return how far a value lies on the way from where it scores 0 to where it scores 100."""
    return max(0.0, min(100.0, (value - bottom) / (top - bottom) * 100))


def score_of(spec: Spec, actual: float, points: Sequence[dict[str, Any]]) -> float:
    """Return the score by the KPI's rule, after the simplest reading of the method."""
    at = {row["point"]: row["value"] for row in points}
    listed = [(row["value"], row["score"]) for row in points]
    rules: dict[str, Callable[[], float]] = {
        "linear": lambda: linear(actual, at["red"], at["target"]),
        "min_max": lambda: line(actual, at["min"], at["max"]),
        "progress": lambda: line(actual, at["baseline"], at["target"]),
        "ratio": lambda: ratio(spec, actual, at["target"]),
        "binary": lambda: 100.0 if actual >= at["target"] else 0.0,
        "range": lambda: min(
            line(actual, at["low"] - at["tolerance_below"], at["low"]),
            line(actual, at["high"] + at["tolerance_above"], at["high"]),
        ),
        "steps": lambda: max((score for value, score in listed if value <= actual), default=0.0),
        "curve": lambda: curve(actual, listed),
    }
    return rules[spec.rule]()


def ratio(spec: Spec, actual: float, target: float) -> float:
    """Return the score of the ratio rule, plain or inverse, up to its cap."""
    part = target / actual if spec.extra.get("ratio_form") == "inverse" else actual / target
    return min(math.inf if spec.cap is None else spec.cap, max(0.0, part * 100))


def curve(actual: float, listed: Sequence[tuple[float, float]]) -> float:
    """Return the score of the curve rule."""
    for (left, low), (right, high) in itertools.pairwise(listed):
        if left <= actual <= right:
            return low + (actual - left) / (right - left) * (high - low)
    return listed[0][1] if actual < listed[0][0] else listed[-1][1]


def points_at(spec: Spec, end: date, scale: float) -> list[dict[str, Any]]:
    """Return the points valid on a day, for a period and unit so large."""
    if spec.points:
        return [
            {"point": name, "value": value * scale, "score": score}
            for name, value, score in spec.points
        ]
    if spec.red is None or spec.target is None or end < spec.target_from:
        return []
    red, target = spec.red * scale, spec.target * scale
    return [
        {"point": "worst", "value": red - (target - red), "score": 0.0},
        {"point": "red", "value": red, "score": 100 / 3},
        {"point": "target", "value": target, "score": 200 / 3},
        {"point": "best", "value": target + (target - red), "score": 100.0},
    ]


def linear(actual: float, red: float, target: float) -> float:
    """Return the score of the linear rule."""
    return max(0.0, min(100.0, 33.333333333 + (actual - red) / (target - red) * 33.333333333))


def band(score: float | None, on_track: float = ON_TRACK, at_risk: float = AT_RISK) -> str | None:
    """Return the band of a score."""
    if score is None:
        return None
    if round(score, 2) >= on_track:
        return "on_track"
    return "at_risk" if round(score, 2) >= at_risk else "off_track"


def limits(series: Sequence[float]) -> tuple[float, float, float] | None:
    """Return the XmR limits and mean of the first twelve values."""
    if len(series) < 12:
        return None
    base = series[:12]
    mean = math.fsum(base) / 12
    moving = math.fsum(abs(b - a) for a, b in itertools.pairwise(base)) / 11
    return mean - 2.66 * moving, mean + 2.66 * moving, mean


def signal(series: Sequence[float], usual: tuple[float, float, float] | None) -> str | None:
    """Return the signal of the last value of a series."""
    if usual is None or not series:
        return None
    low, high, mean = usual
    if series[-1] > high:
        return "high"
    if series[-1] < low:
        return "low"
    tail = series[-8:]
    if len(tail) == 8 and all(value > mean for value in tail):
        return "shift_up"
    if len(tail) == 8 and all(value < mean for value in tail):
        return "shift_down"
    return None


def units_of(spec: Spec) -> list[str]:
    """Return the units that a KPI applies to: the organisation and those of its tree."""
    return [unit for unit, _, tree, _, _ in UNITS if tree in {None, spec.tree}]


def kpi_rows(spec: Spec, rows: Rows, below: dict[str, set[str]]) -> None:
    """Add the values and scores of one KPI."""
    leaf = components(spec)
    for (unit, month), (numerator, denominator, observed) in leaf.items():
        if spec.measure is None:
            continue
        rows["measure.component"].append(
            {
                "measure_id": spec.id,
                "unit_id": unit,
                "period_start_date": month,
                "numerator": numerator,
                "denominator": denominator,
                "observations_count": observed,
            }
        )
    for unit in units_of(spec):
        rows["scorecard.kpi_unit"].append({"kpi_id": spec.id, "unit_id": unit})
        own = GRAINS.index(spec.frequency)
        for grain in GRAINS[own:]:
            unit_rows(spec, rows, leaf, below[unit], unit, grain)
        for grain in GRAINS[:own]:
            slower_rows(spec, rows, unit, grain)


def slower_rows(spec: Spec, rows: Rows, unit: str, grain: str) -> None:
    """Add the scores of a shorter period: it shows the last one of the KPI's own that has closed."""
    own = {
        row["period_start_date"]: row
        for row in rows["scorecard.kpi_score"]
        if (row["kpi_id"], row["unit_id"], row["grain"]) == (spec.id, unit, spec.frequency)
    }
    for month in MONTHS:
        inside = period_months(month, grain)
        if not inside:
            continue
        closed = [
            start for start in own if add_months(start, LENGTHS[spec.frequency] - 1) <= inside[-1]
        ]
        if closed:
            row = own[max(closed)]
            quiet = ("signal", "usual_low", "usual_high", "usual_mean")
            rows["scorecard.kpi_score"].append(
                row
                | {"period_start_date": month, "grain": grain, "value_grain": spec.frequency}
                | dict.fromkeys(quiet)
            )


def ends_of(spec: Spec, grain: str) -> dict[date, date]:
    """Return the months that name a period of the grain, each with the one whose value it shows.

    The year to date and the twelve months of a KPI that is measured less often end where a period of its own does.
    """
    step = LENGTHS[spec.frequency] if grain in {"ytd", "ttm"} else 1
    found = {}
    for month in MONTHS:
        of = add_months(month, -(month.month % step))
        if period_months(month, grain) and of in MONTHS:
            found[month] = of
    return found


def unit_rows(
    spec: Spec,
    rows: Rows,
    leaf: dict[tuple[str, date], tuple[float, float, int]],
    units: set[str],
    unit: str,
    grain: str,
) -> None:
    """Add values and scores of one KPI, unit and grain."""
    history: dict[date, float] = {}
    suppressed = unit in spec.suppressed_units
    for month, of in ends_of(spec, grain).items():
        inside = period_months(of, grain) or ()
        parts = rolled(spec, leaf, units, inside)
        actual = None if parts is None or suppressed or not parts[1] else parts[0] / parts[1]
        keys = {
            "kpi_id": spec.id,
            "unit_id": unit,
            "period_start_date": month,
            "grain": grain,
        }
        if parts is not None and of == month:
            rows["scorecard.kpi_value"].append(value_row(spec, keys, parts, actual, suppressed))
        if actual is not None:
            history[month] = actual
        rows["scorecard.kpi_score"].append(
            score_row(spec, keys, actual, history, inside=inside, suppressed=suppressed)
            | ({} if actual is None else {"value_period_start_date": of})
        )


def value_row(
    spec: Spec,
    keys: dict[str, Any],
    parts: tuple[float, float, int],
    actual: float | None,
    suppressed: bool,
) -> dict[str, Any]:
    """Return a value; what is held back has no components either."""
    shown = not suppressed and not spec.terms
    has_interval = spec.has_interval and actual is not None
    return keys | {
        "numerator": parts[0] if shown else None,
        "denominator": parts[1] if shown else None,
        "observations_count": None if suppressed else parts[2],
        "actual": actual,
        "interval_low": (actual or 0.0) - 0.06 if has_interval else None,
        "interval_high": (actual or 0.0) + 0.05 if has_interval else None,
        "is_provisional": False,
        "is_suppressed": suppressed,
        "data_as_of_date": last_date(HEADLINE),
    }


def score_row(
    spec: Spec,
    keys: dict[str, Any],
    actual: float | None,
    history: dict[date, float],
    *,
    inside: Sequence[date],
    suppressed: bool,
) -> dict[str, Any]:
    """Return how a KPI stands; `history` holds its actuals up to the period."""
    month, grain = keys["period_start_date"], keys["grain"]
    share = {"kettle": 1.0, "south": 0.34, "north": 0.67}.get(keys["unit_id"], 0.33)
    grows = spec.aggregation in {"sum", "distinct"}
    points = points_at(spec, last_date(inside[-1]), share * len(inside) if grows else 1)
    at = {row["point"]: row["value"] for row in points}
    usual = limits(list(history.values())) if grain == spec.frequency else None
    state, value, value_month = state_of(spec, actual, history, month=month, suppressed=suppressed)
    if value is not None and not points:
        state = "no_target"
    is_scored = value is not None and points and state in {"current", "stale"}
    score = score_of(spec, value, points) if is_scored and value is not None else None
    previous, last_year = history.get(before_of(month, grain)), history.get(add_months(month, -12))
    return keys | {
        "actual": value,
        "value_grain": grain if value is not None else None,
        "value_period_start_date": value_month if value is not None else None,
        "points": points,
        **{name: at.get(name) for name in ("red", "target", "worst", "best")},
        "rule": spec.rule,
        "score": score,
        "band": band(score, spec.on_track, spec.at_risk),
        "data_state": state,
        "coverage": 0.0 if score is None else 1.0,
        "signal": signal(list(history.values()), usual) if actual is not None else None,
        "usual_low": usual[0] if usual else None,
        "usual_high": usual[1] if usual else None,
        "usual_mean": usual[2] if usual else None,
        "change_previous": difference(actual, previous),
        "change_last_year": difference(actual, last_year),
    }


def difference(actual: float | None, before: float | None) -> float | None:
    """Return a change, where both are known."""
    return None if actual is None or before is None else actual - before


def state_of(
    spec: Spec, actual: float | None, history: dict[date, float], *, month: date, suppressed: bool
) -> tuple[str, float | None, date]:
    """Return the state of the data, the value that counts and the period that it is of."""
    if actual is not None:
        return "current", actual, month
    state = "no_data" if suppressed else spec.state_after
    if state == "stale" and history:
        last = max(history)
        return state, history[last], last
    return state, None, month


@dataclass(frozen=True)
class Child:
    """A child of a roll-up."""

    level: str
    id: str
    weight: float
    row: dict[str, Any]
    gate: float | None = None


def roll_up(
    level: str, node: str, children: Sequence[Child], keys: dict[str, Any], rows: Rows
) -> dict[str, Any]:
    """Add one parent's score and its children's costs; return the score's row."""
    scored = [child for child in children if child.row["score"] is not None]
    total = sum(child.weight for child in scored)
    weights = sum(child.weight for child in children)
    coverage = (
        sum(child.weight * child.row["coverage"] for child in children) / weights
        if weights
        else 0.0
    )
    score = (
        sum(child.weight * child.row["score"] for child in scored) / total
        if total and coverage >= MIN_COVERAGE
        else None
    )
    gated = any(
        child.gate is not None and (child.row["score"] is None or child.row["score"] < child.gate)
        for child in children
    )
    costs = []
    for child in children:
        share = child.weight / total if total and child.row["score"] is not None else None
        lost = share * (100 - child.row["score"]) if share is not None else None
        costs.append((lost or 0.0, child.id))
        rows["scorecard.child_cost"].append(
            {
                "parent_level": level,
                "parent_id": node,
                "child_level": child.level,
                "child_id": child.id,
                **keys,
                "weight": child.weight,
                "weight_share": share,
                "score": child.row["score"],
                "points_lost": lost,
            }
        )
    found = band(score)
    states = {child.row["data_state"] for child in children}
    state = (
        "no_data"
        if score is None
        else next((state for state in ("unverified", "stale") if state in states), "current")
    )
    row = {
        f"{level}_id": node,
        **keys,
        "score": score,
        "band": "at_risk" if found == "on_track" and gated else found,
        "data_state": state,
        "coverage": coverage,
        "weakest_child_id": max(costs)[1] if scored else None,
        "points_lost": None if score is None else 100 - score,
        "off_track_below_count": sum(
            child.row.get("off_track_below_count", int(child.row["band"] == "off_track"))
            for child in children
        ),
        "is_gated": gated,
    }
    rows[f"scorecard.{level}_score"].append(row)
    return row


def parent_rows(rows: Rows) -> None:
    """Add objective, perspective and scorecard scores for every unit, period and grain."""
    by_key: dict[tuple[str, date, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in rows["scorecard.kpi_score"]:
        by_key[row["unit_id"], row["period_start_date"], row["grain"]][row["kpi_id"]] = row
    for (unit, month, grain), kpis in by_key.items():
        keys = {"unit_id": unit, "period_start_date": month, "grain": grain}
        objectives = {}
        for objective, _, _, _ in OBJECTIVES:
            children = [
                Child("kpi", spec.id, spec.weight, kpis[spec.id], spec.gate)
                for spec in KPIS
                if spec.objective == objective and spec.id in kpis
            ]
            if children:
                objectives[objective] = roll_up("objective", objective, children, keys, rows)
        perspectives = {}
        for perspective, _, _ in PERSPECTIVES:
            below = [
                Child("objective", node, weight, objectives[node])
                for node, _, parent, weight in OBJECTIVES
                if parent == perspective and node in objectives
            ]
            if below:
                perspectives[perspective] = roll_up("perspective", perspective, below, keys, rows)
        top = [
            Child("perspective", node, weight, perspectives[node])
            for node, _, weight in PERSPECTIVES
            if node in perspectives
        ]
        roll_up("scorecard", "balanced", top, keys, rows)
        known = sorted(
            (row["score"], node) for node, row in perspectives.items() if row["score"] is not None
        )
        if len(known) > 1:
            rows["scorecard.balance"].append(
                {
                    **keys,
                    "weight_balance": 96.4,
                    "result_balance": 100 - (known[-1][0] - known[0][0]),
                    "highest_perspective_id": known[-1][1],
                    "lowest_perspective_id": known[0][1],
                }
            )


UP = ("high", "shift_up", "near_high")


def movement_rows(rows: Rows) -> None:
    """Add how each KPI moved in each of its own periods."""
    grains = {spec.id: spec for spec in KPIS}
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows["scorecard.kpi_score"]:
        spec = grains[row["kpi_id"]]
        if row["grain"] != spec.frequency or row["data_state"] not in {"current", "no_target"}:
            continue
        key = (row["kpi_id"], row["unit_id"])
        rows["scorecard.movement"].append(move_row(spec, row, last.get(key)))
        last[key] = rows["scorecard.movement"][-1]


def move_row(spec: Spec, row: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """Return one period's movement; a signal on the side of the period before is kept."""
    found = row["signal"]
    was = before["signal"] if before is not None else None
    is_up = found in UP
    kept = bool(found and was and (was in UP) == is_up)
    quiet = "no_change" if row["usual_mean"] is not None else "too_short"
    score_before = before["score"] if before is not None else None
    better: bool | None = is_up == (spec.direction == "higher_is_better")
    if spec.direction is None:
        known = None not in {score_before, row["score"]} and score_before != row["score"]
        better = row["score"] > score_before if known else None
    return {
        **{name: row[name] for name in ("kpi_id", "unit_id", "period_start_date", "grain")},
        "kind": ("kept_signal" if kept else "new_signal") if found else quiet,
        "signal": found,
        "since_date": (before or {}).get("since_date") if kept else row["period_start_date"],
        "is_better": better if found else None,
        "change_previous": row["change_previous"],
        "score_before": score_before,
        "score": row["score"],
        "band": row["band"],
    }


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


def contribution_rows(rows: Rows) -> None:
    """Add what moved every score and every value in the headline period."""
    costs: dict[tuple[str, ...], dict[date, dict[str, Any]]] = defaultdict(dict)
    for row in rows["scorecard.child_cost"]:
        if row["grain"] == "month":
            key = tuple(
                row[name]
                for name in ("parent_level", "parent_id", "child_level", "child_id", "unit_id")
            )
            costs[key][row["period_start_date"]] = row
    scores = {
        (level, row[f"{level}_id"], row["unit_id"], row["period_start_date"]): row["score"]
        for level in ("objective", "perspective", "scorecard")
        for row in rows[f"scorecard.{level}_score"]
        if row["grain"] == "month"
    }
    before = add_months(HEADLINE, -1)
    for key, months in costs.items():
        now, then = months.get(HEADLINE), months.get(before)
        whole = scores.get((key[0], key[1], key[4], before))
        if now is None:
            continue
        known = whole is not None and scores.get((key[0], key[1], key[4], HEADLINE)) is not None
        rows["scorecard.score_contribution"].append(
            dict(
                zip(
                    ("parent_level", "parent_id", "child_level", "child_id", "unit_id"),
                    key,
                    strict=True,
                )
            )
            | {
                "period_start_date": HEADLINE,
                "grain": "month",
                "score_before": then["score"] if then else None,
                "score": now["score"],
                "contribution": part_of(now, whole) - part_of(then, whole) if known else None,
            }
        )
    for spec in KPIS:
        if spec.aggregation in {"ratio", "sum", "score"}:
            unit_contribution_rows(spec, rows)


def part_of(cost: dict[str, Any] | None, whole: float | None) -> float:
    """Return what a child adds to what its parent lies above another score."""
    if cost is None or cost["score"] is None or cost["weight_share"] is None or whole is None:
        return 0.0
    return float(cost["weight_share"] * (cost["score"] - whole))


def unit_contribution_rows(spec: Spec, rows: Rows) -> None:
    """Add what the units below moved of a KPI's value; what is held back goes to no unit."""
    grain = spec.frequency
    starts = [month for month in MONTHS if period_months(month, grain)][-2:]
    values = {
        (row["unit_id"], row["period_start_date"]): row
        for row in rows["scorecard.kpi_value"]
        if row["kpi_id"] == spec.id and row["grain"] == grain and row["numerator"] is not None
    }
    parents = {unit: (parent, tree) for unit, _, tree, parent, _ in UNITS if tree == spec.tree}
    for upper in {parent for parent, _ in parents.values()}:
        ends = [values.get((upper, start)) for start in starts]
        if None in ends:
            continue
        then, now = ends
        sums = spec.aggregation == "sum"
        against = 0.0 if sums else then["actual"]
        left = now["actual"] - then["actual"]
        parts: list[tuple[str, str, float, Any]] = []
        for unit in (unit for unit, (parent, _) in parents.items() if parent == upper):
            both = [values.get((unit, start)) for start in starts]
            if None in both:
                continue
            share = [
                (own["numerator"] - against * own["denominator"])
                / (1 if sums else end["denominator"])
                for own, end in zip(both, ends, strict=True)
            ]
            parts.append(("unit", unit, share[1] - share[0], both))
            left -= share[1] - share[0]
        parts.append(("other", upper, 0.0 if abs(left) < 1e-9 else left, (None, None)))
        for part, unit, contribution, both in parts:
            rows["scorecard.unit_contribution"].append(
                {
                    "kpi_id": spec.id,
                    "parent_unit_id": upper,
                    "tree_id": spec.tree,
                    "part": part,
                    "unit_id": unit,
                    "period_start_date": starts[1],
                    "grain": grain,
                    "actual_before": both[0]["actual"] if both[0] else None,
                    "actual": both[1]["actual"] if both[1] else None,
                    "contribution": contribution,
                }
            )


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


def measure_rows(rows: Rows) -> None:
    """Add the measures and how their tables hang together."""
    for spec in KPIS:
        if spec.measure is None:
            continue
        rows["measure.dim_measure"].append(
            {
                "measure_id": spec.id,
                "description": f"What {spec.id} is made of.",
                "sql_text": f"-- Source of {spec.id}. </pre><script>alert(2)</script>\nselect unit, period, 1 as numerator\nfrom staging.tills__sale\nwhere amount < 10 and name = 'x'",
                "kind": "keys" if spec.aggregation == "distinct" else "components",
                "is_manual": spec.is_manual,
                "dimensions": [
                    "channel",
                    *(("entered_by", "entered_at") if spec.is_manual else ()),
                ],
                "data_as_of_date": last_date(HEADLINE),
                "first_period_start_date": spec.first,
                "row_count": 144,
                "is_broken": False,
            }
        )
        rows["quality.table_lineage"].append(
            {"table_name": f"measure.{spec.id}", "depends_on": "staging.tills__sale"}
        )
        rows["history.definition"].append(
            {
                "kpi_id": spec.id,
                "definition_id": f"d{KPIS.index(spec) + 1:07x}",
                "run_id": "20261002T020000Z-aaaaaa",
                "definition_json": "{}",
            }
        )
    rows["quality.table_lineage"].extend(
        [
            {"table_name": "staging.tills__sale", "depends_on": "raw.tills__sale"},
            {"table_name": "staging.tills__sale", "depends_on": "staging.hr__person"},
            {"table_name": "staging.hr__person", "depends_on": "raw.hr__person"},
        ]
    )
    rows["quality.staging_table"].extend(
        [
            {
                "staging_id": "tills__sale",
                "description": "Sales, cleaned.",
                "sql_text": "select * from raw.tills__sale",
                "row_count": 1200,
            },
            {
                "staging_id": "hr__person",
                "description": "People.",
                "sql_text": "select * from raw.hr__person",
                "row_count": 80,
            },
        ]
    )
    rows["measure.unplaced"].append(
        {
            "measure_id": "net_sales",
            "unit_id": "<atlantis>",
            "period_start_date": HEADLINE,
            "row_count": 3,
        }
    )


def quality_rows(rows: Rows) -> None:
    """Add sources in every state, their loads, verdicts and quarantined rows."""
    sources = (
        (
            "tills",
            "sale",
            "Tills",
            "operations",
            "good",
            None,
            last_date(HEADLINE),
            True,
            "passed",
        ),
        (
            "hr",
            "person",
            "HR files",
            "hr",
            "rejected",
            "hours_is_not_negative: 12 of 80 rows are below 0",
            date(2026, 9, 30),
            False,
            "failed",
        ),
        (
            "crm",
            "reply",
            'Help desk "Q" <b>',
            "crm",
            "failed",
            "The server at the help desk did not answer (3 tries).",
            date(2026, 9, 27),
            False,
            "passed",
        ),
        (
            "ledger",
            "posting",
            "Finance ledger",
            "finance",
            "good",
            None,
            last_date(HEADLINE),
            True,
            "unchecked",
        ),
    )
    for source, table, name, area, outcome, message, known, fresh, verdict in sources:
        good = f"20261001T0200{len(source):02d}Z"
        rows["quality.source_status"].append(
            {
                "source_id": source,
                "table_id": table,
                "source_name": name,
                "owner_name": "IT lead",
                "area": area,
                "outcome": outcome,
                "message": message,
                "selected_load_id": good,
                "data_as_of_date": known,
                "is_fresh": fresh,
            }
        )
        loads = [(good, "passed" if verdict == "failed" else verdict, True)]
        if verdict == "failed":
            loads.append((f"20261102T0200{len(source):02d}Z", "failed", False))
        for load, said, used in loads:
            rows["quality.load"].append(
                {
                    "source_id": source,
                    "table_id": table,
                    "load_id": load,
                    "row_count": 1240,
                    "byte_count": 20480,
                    "content_hash": "ab" * 32,
                    "columns": json.dumps({"id": "bigint"}),
                    "cursor_value": None,
                    "extracted_at": datetime(2026, 11, 2, 2, 5, tzinfo=UTC),
                    "data_as_of_date": known,
                    "is_snapshot": True,
                    "verdict": said,
                    "is_selected": used,
                    "quarantined_count": 6 if source == "tills" else 0,
                }
            )
            rows["quality.contract_result"].extend(
                [
                    {
                        "source_id": source,
                        "table_id": table,
                        "load_id": load,
                        "check_name": "hours_is_not_negative",
                        "expectation": "expect_column_values_to_be_between",
                        "severity": "fail",
                        "outcome": "failed" if said == "failed" else "passed",
                        "unexpected_count": 12 if said == "failed" else 0,
                        "row_count": 80,
                        "observed_value": None,
                        "message": "hours must lie between 0 and 200",
                    },
                    {
                        "source_id": source,
                        "table_id": table,
                        "load_id": load,
                        "check_name": "row_count_is_usual",
                        "expectation": "expect_table_row_count_to_be_between",
                        "severity": "warn",
                        "outcome": "crashed" if source == "crm" else "passed",
                        "unexpected_count": None,
                        "row_count": 80,
                        "observed_value": "80",
                        "message": "between 10 and 100 rows",
                    },
                ]
            )
    rows["quality.quarantined_row"].extend(
        {
            "source_id": "tills",
            "table_id": "sale",
            "load_id": "20261001T020005Z",
            "row_number": number,
            "rule_name": "amount_is_positive",
            "reason": "A sale of nothing is no sale.",
            "row_json": json.dumps(
                {"id": number, "amount": -1, "note": "<img src=x onerror=alert(3)>"}
            ),
        }
        for number in range(1, 121)
    )


OLD_RUN, NEW_RUN = "20261002T020000Z-aaaaaa", "20261102T020000Z-bbbbbb"
RESTATED = add_months(HEADLINE, -2)


def release_rows(rows: Rows) -> None:
    """Add two releases."""
    old, new = OLD_RUN, NEW_RUN
    rows["history.release"].extend(
        [
            {
                "run_id": old,
                "release_id": "r-aaaaaaaaaa",
                "base_run_id": None,
                "as_of_date": date(2026, 10, 2),
                "period_start_date": add_months(HEADLINE, -1),
                "reported_at": datetime(2026, 10, 2, 2, 31, tzinfo=UTC),
                "is_current_line": True,
            },
            {
                "run_id": new,
                "release_id": "r-0123456789",
                "base_run_id": old,
                "as_of_date": AS_OF,
                "period_start_date": HEADLINE,
                "reported_at": datetime(2026, 11, 2, 4, 12, tzinfo=UTC),
                "is_current_line": True,
            },
        ]
    )


def reported_rows(rows: Rows) -> None:
    """Add what both releases reported of values: the second restates August's deliveries and adds October."""
    old, new, restated = OLD_RUN, NEW_RUN, RESTATED
    definitions = {row["kpi_id"]: row["definition_id"] for row in rows["scorecard.dim_kpi"]}
    grains = {spec.id: spec.frequency for spec in KPIS}
    for row in rows["scorecard.kpi_value"]:
        if row["is_provisional"] or row["grain"] != grains[row["kpi_id"]]:
            continue
        value = {
            key: row[key]
            for key in (
                "kpi_id",
                "unit_id",
                "period_start_date",
                "grain",
                "numerator",
                "denominator",
                "actual",
            )
        } | {"definition_id": definitions[row["kpi_id"]], "reasons": [], "is_withdrawn": False}
        if (row["kpi_id"], row["unit_id"], row["period_start_date"]) == (
            "on_time",
            "kettle",
            restated,
        ):
            rows["history.reported_value"].append(
                value
                | {
                    "run_id": old,
                    "actual": row["actual"] + 0.007,
                    "numerator": row["numerator"] + 28,
                }
            )
            rows["history.reported_value"].append(
                value | {"run_id": new, "reasons": ["late_data", "changed_unit_tree"]}
            )
        else:
            rows["history.reported_value"].append(
                value | {"run_id": new if row["period_start_date"] == HEADLINE else old}
            )


def rescored_rows(rows: Rows) -> None:
    """Add what both releases reported of scores: the second restates two for a new target and a new weight."""
    old, new, restated = OLD_RUN, NEW_RUN, RESTATED
    grains = {spec.id: spec.frequency for spec in KPIS}
    for level, table in (
        ("kpi", "kpi_score"),
        ("objective", "objective_score"),
        ("perspective", "perspective_score"),
        ("scorecard", "scorecard_score"),
    ):
        for row in rows[f"scorecard.{table}"]:
            if row["grain"] in {"month", grains.get(row.get("kpi_id"), "month")}:
                rows["history.reported_score"].extend(
                    told | {"run_id": new if row["period_start_date"] == HEADLINE else old}
                    for told in [
                        {
                            "level": level,
                            "node_id": row[f"{level}_id"],
                            "unit_id": row["unit_id"],
                            "period_start_date": row["period_start_date"],
                            "grain": row["grain"],
                            "reasons": [],
                            "actual": row.get("actual"),
                            "target": row.get("target"),
                            "weight": 1.0,
                            "score": row["score"],
                            "band": row["band"],
                            "data_state": row["data_state"],
                            "coverage": row["coverage"],
                            "is_withdrawn": False,
                        }
                    ]
                )
    rescored = {
        ("kpi", "refills"): "changed_target",
        ("objective", "grow"): "changed_weight",
        ("scorecard", "balanced"): "changed_weight",
    }
    for row in [row for row in rows["history.reported_score"] if row["unit_id"] == "kettle"]:
        reason = rescored.get((row["level"], row["node_id"]))
        if reason and row["period_start_date"] == restated:
            rows["history.reported_score"].append(
                row | {"run_id": new, "reasons": [reason], "score": row["score"]}
            )
            row |= {"score": row["score"] + 9, "band": "on_track"}


def all_rows() -> Rows:
    """Return the rows of every table of the catalogue."""
    rows: Rows = defaultdict(list)
    below = closure()
    for spec in KPIS:
        kpi_rows(spec, rows, below)
    parent_rows(rows)
    strategy_rows(rows)
    kpi_dimension_rows(rows)
    unit_and_period_rows(rows, below)
    movement_rows(rows)
    contribution_rows(rows)
    plan_rows(rows)
    evidence_rows(rows)
    measure_rows(rows)
    quality_rows(rows)
    release_rows(rows)
    reported_rows(rows)
    rescored_rows(rows)
    return rows


def drill_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of the measures with a dimension to drill into, as the engine publishes them."""
    connection.execute(
        "create table channels as select * from (values ('shop', 0.6), ('online <b>', 0.3), (null, 0.1)) as t (channel, share)"
    )
    for spec in KPIS:
        if spec.measure is None:
            continue
        name = f'measure."{spec.id}"'
        if spec.aggregation == "distinct":
            connection.execute(
                f"create table {name} as select c.unit_id, c.period_start_date, d.channel, c.unit_id || '-' || k as key "
                f"from measure.component c cross join channels d cross join generate_series(1, 9) as g (k) where c.measure_id = '{spec.id}'"
            )
        else:
            connection.execute(
                f"create table {name} as select c.unit_id, c.period_start_date, d.channel, cast(c.numerator * d.share as decimal(38, 9)) as numerator, "
                f"cast(case when '{spec.aggregation}' = 'sum' then 1 else c.denominator * d.share end as decimal(38, 9)) as denominator, c.observations_count "
                f"from measure.component c cross join channels d where c.measure_id = '{spec.id}'"
            )
        if spec.is_manual:
            connection.execute(
                f"alter table {name} add column entered_by varchar default 'Ana <b>'"
            )
            connection.execute(
                f"alter table {name} add column entered_at timestamp default timestamp '2026-11-01 09:30:00'"
            )
    connection.execute("drop table channels")


def fill(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    definition: dict[str, Any],
    rows: Iterable[dict[str, Any]],
) -> None:
    """Create one table of the catalogue, with its comments, and fill it."""
    columns = definition["columns"]
    listed = ", ".join(f'"{name}" {kind}' for name, (kind, _) in columns.items())
    connection.execute(f"create table {table} ({listed})")
    connection.execute(f"comment on table {table} is {quoted(definition['comment'])}")
    for name, (_, comment) in columns.items():
        connection.execute(f'comment on column {table}."{name}" is {quoted(comment)}')
    found = list(rows)
    unknown = {name for row in found for name in row} - set(columns)
    if unknown:
        raise ValueError(f"{table}: the catalogue has no column {sorted(unknown)}")
    if found:
        batch = pa.table({name: pa.array([row.get(name) for row in found]) for name in columns})
        connection.register("batch", batch)
        casts = ", ".join(f'cast("{name}" as {kind})' for name, (kind, _) in columns.items())
        connection.execute(f"insert into {table} select {casts} from batch")
        connection.unregister("batch")


def quoted(text: str) -> str:
    """Return the text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def bare_rows() -> Rows:
    """Return the least that a release can hold: one KPI of an organisation without units, and no value at all."""
    full = all_rows()
    kept: Rows = {table: full[table][:1] for table in BARE}
    kept["scorecard.dim_period"] = [
        row
        for row in full["scorecard.dim_period"]
        if row["grain"] == "month" and row["is_headline"]
    ]
    kept["scorecard.unit_closure"] = [closure_row("kettle", "kettle")]
    return kept


BARE = (
    "scorecard.dim_scorecard",
    "scorecard.dim_perspective",
    "scorecard.dim_objective",
    "scorecard.dim_kpi",
    "scorecard.dim_unit",
    "scorecard.release",
)


def make_warehouse(path: Path, rows: Rows | None = None) -> Path:
    """Write the synthetic warehouse, or one of the given rows alone, and return its path."""
    catalogue = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    drills = rows is None
    rows = rows if rows is not None else all_rows()
    with duckdb.connect(str(path)) as connection:
        for schema in sorted({table.split(".")[0] for table in catalogue}):
            connection.execute(f"create schema {schema}")
        for table, definition in catalogue.items():
            fill(connection, table, definition, rows.get(table, ()))
        if drills:
            drill_tables(connection)
    return path


if __name__ == "__main__":
    make_warehouse(Path(sys.argv[1]))
