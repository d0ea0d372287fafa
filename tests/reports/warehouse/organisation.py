"""The organisation that the pages of the tests are about: its units, objectives and KPIs, each with what it is there to show.

Not here: what is computed of it (scoring, results) and told of it (strategy).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

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
