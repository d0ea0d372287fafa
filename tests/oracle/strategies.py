"""Random organisations for hypothesis: trees with moves, strategies, points and rows, small enough to score in a moment.

Not here: what is asserted of them.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from scorecard.company import Company
from scorecard.plans import Target
from scorecard.strategy import Strategy
from tests.oracle.measured import Measured, Organisation, Row
from tests.oracle.periods import LENGTH, Calendar, first_day, last_day, month_of

FIRST = month_of(date(2023, 1, 1))
"""No row is older."""

POOLS: dict[str, list[str]] = {
    "small": ["0", "1", "2", "3", "5", "8", "13", "21"],
    "plain": ["100", "120", "80", "95.5", "110.25", "60", "140"],
    "signed": ["-40", "-3", "0", "2", "7", "55", "-0.5"],
    "huge": ["1000000000000000", "999999999999999.5", "2500000000000000", "0", "100000000000000"],
    "tiny": ["0.000001", "0.0000025", "0", "0.000004", "0.000000001"],
}
TYPICAL = {
    "small": "6",
    "plain": "100",
    "signed": "5",
    "huge": "1000000000000000",
    "tiny": "0.000002",
}
"""The size that points of a KPI over rows of a pool are drawn around."""

AGGREGATIONS = ("sum", "ratio", "last", "mean", "distinct")
RULES = ("linear", "min_max", "progress", "ratio", "range", "steps", "curve", "binary")
UNDIRECTED = ("range", "steps", "curve")
WEIGHTS = (0.0, 1.0, 2.0, 0.5, 10.0, 33.3)


@dataclass(frozen=True)
class Case:
    """One random organisation with everything that is needed to score it."""

    company: Company
    strategy: Strategy
    targets: tuple[Target, ...]
    measures: dict[str, Measured]
    as_of: date
    facts: dict[str, Any] = field(default_factory=dict)


# ---------------------------------------------------------------------------------------------------------------- units


@st.composite
def trees(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """Draw a tree of one to five units, each below an earlier one or at the top, and up to two moves."""
    count = draw(st.integers(1, 5), label="units")
    units = [f"u{number}{index}" for index in range(count)]
    above = [draw(st.integers(-1, index - 1)) for index in range(count)]
    return {
        "id": f"tree{number}",
        "name": f"Tree {number}",
        "units": _nested(units, above, parent=-1),
        "moves": draw(_moves(units, above)),
    }


def _nested(units: list[str], above: list[int], *, parent: int) -> list[dict[str, Any]]:
    return [
        {"id": unit, "name": unit, "units": _nested(units, above, parent=index)}
        for index, unit in enumerate(units)
        if above[index] == parent
    ]


@st.composite
def _moves(draw: st.DrawFn, units: list[str], above: list[int]) -> list[dict[str, Any]]:
    """Draw moves under an earlier unit or the organisation: as every unit stands below an earlier one, no ring can come."""
    moves: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(0, 2), label="moves")):
        index = draw(st.integers(0, len(units) - 1))
        parent = draw(st.sampled_from(["all", *units[:index]]))
        month = draw(st.integers(FIRST, FIRST + 24))
        day = first_day(month) + timedelta(days=draw(st.sampled_from([0, 0, 14])))
        if all((move["unit"], move["valid_from"]) != (units[index], day) for move in moves):
            moves.append({"unit": units[index], "parent": parent, "valid_from": day})
    return sorted(moves, key=lambda move: move["valid_from"])


@st.composite
def companies(draw: st.DrawFn) -> Company:
    """Draw an organisation with one or two trees."""
    return Company.model_validate(
        {
            "organisation": {"id": "all", "name": "All"},
            "currency": "EUR",
            "fiscal_year_start_month": draw(st.sampled_from([1, 1, 4, 7, 10, 12, 2])),
            "trees": [draw(trees(number)) for number in range(draw(st.integers(1, 2)))],
        }
    )


# ----------------------------------------------------------------------------------------------------------------- rows


@dataclass(frozen=True)
class Shape:
    """How the rows of a measure are drawn."""

    kind: str
    pool: str
    frequency: str
    months: range
    units: tuple[str, ...]
    gaps: float
    seed: int


@st.composite
def _shapes(
    draw: st.DrawFn, *, kind: str, frequency: str, units: list[str], months: range
) -> Shape:
    late = draw(st.sampled_from([0, 0, 0, 1, 5]))
    early = draw(st.sampled_from([0, 0, 0, 1, 3]))
    chosen = draw(st.lists(st.sampled_from(units), min_size=1, max_size=4, unique=True))
    return Shape(
        kind=kind,
        pool=draw(st.sampled_from(sorted(POOLS))),
        frequency=frequency,
        months=months[late : max(late + 1, len(months) - early)],
        units=tuple(chosen),
        gaps=draw(st.sampled_from([0.0, 0.0, 0.0, 0.05, 0.5])),
        seed=draw(st.integers(0, 2**16)),
    )


def _rows(shape: Shape, calendar: Calendar) -> list[Row]:
    chance = random.Random(shape.seed)  # noqa: S311 - no secret
    rows = []
    for unit in shape.units:
        for month in shape.months:
            # A KPI that is measured by quarters has its rows in the first month of each.
            is_first = calendar.period(shape.frequency, month).months[0] == month
            if is_first and chance.random() >= shape.gaps:
                rows += _month_rows(shape, unit, first_day(month), chance)
    return rows


def _month_rows(shape: Shape, unit: str, month: date, chance: random.Random) -> list[Row]:
    pool = POOLS[shape.pool]
    if shape.kind == "keys":
        return [Row(unit, month, key=key) for key in chance.sample("abcde", chance.randint(1, 4))]
    if shape.kind == "answers":
        answers = [Decimal(chance.randint(1, 5)) for _ in range(chance.randint(1, 3))]
        return [
            Row(unit, month, answer=answer, observations=chance.randint(1, 30))
            for answer in sorted(set(answers))
        ]
    numerator = Decimal(chance.choice(pool))
    if shape.kind == "amounts":
        return [Row(unit, month, numerator)]
    denominator = abs(Decimal(chance.choice(pool)))
    return [Row(unit, month, numerator, denominator, chance.randint(1, 50))]


# --------------------------------------------------------------------------------------------------------------- points


def _in_order(direction: str | None, values: list[Decimal]) -> list[Decimal]:
    rising = sorted(values)
    return rising[::-1] if direction == "lower_is_better" else rising


Cells = dict[str, Any]
Places = tuple[Decimal, Decimal, Decimal, Decimal]
"""Four places, the worst first; where no direction is better, rising."""


def _linear(places: Places, _: Decimal, has_more: bool) -> Cells:
    worst, red, target, best = places
    ends = {"worst": worst, "best": best} if has_more else {}
    return {"red": red, "target": target, **ends}


def _range(places: Places, width: Decimal, has_more: bool) -> Cells:
    widths = {"tolerance_below": width, "tolerance_above": width * 3}
    return {
        "low": min(places),
        "high": max(places),
        **(widths if has_more else {"tolerance": width}),
    }


def _ratio(places: Places, width: Decimal, has_more: bool) -> Cells:
    return {"basis": places[0], "target": places[2]} if has_more else {"target": width}


def _pairs(places: Places, scores: tuple[int, ...]) -> Cells:
    return {"points": tuple(zip(places, map(Decimal, scores), strict=False))}


CELLS: dict[str, Callable[[Places, Decimal, bool], Cells]] = {
    "linear": _linear,
    "min_max": lambda places, _, __: {"min": min(places), "max": max(places)},
    "progress": lambda places, _, __: {"baseline": places[0], "target": places[2]},
    "ratio": _ratio,
    "range": _range,
    "steps": lambda places, _, __: _pairs(places, (10, 40, 90)),
    "curve": lambda places, _, __: _pairs(places, (0, 80, 30, 100)),
    "binary": lambda places, _, __: {"target": places[1]},
}


@st.composite
def _cells(draw: st.DrawFn, *, kpi: dict[str, Any], size: Decimal, has_basis: bool) -> Cells:
    """Draw the points of one row, in the order that the rule asks for."""
    eighths = draw(
        st.lists(st.integers(-8, 16), min_size=4, max_size=4, unique=True).map(sorted),
        label="points",
    )
    a, b, c, d = _in_order(kpi.get("direction"), [size * eighth / 8 for eighth in eighths])
    width = abs(size) * draw(st.integers(1, 9)) / 4
    has_more = has_basis if kpi["rule"] == "ratio" else draw(st.booleans())
    return CELLS[kpi["rule"]]((a, b, c, d), width, has_more)


@st.composite
def _targets(
    draw: st.DrawFn, *, kpi: dict[str, Any], size: Decimal, units: list[str]
) -> list[dict[str, Any]]:
    rows: dict[tuple[str, str, date], dict[str, Any]] = {}
    # Whether ratio has a basis is one for all rows of a KPI: months with and without one do not add up.
    has_basis = kpi.get("form") == "plain" and draw(st.booleans())
    lengths = [per for per in LENGTH if LENGTH[per] >= LENGTH[kpi["frequency"]]]
    for place in range(draw(st.integers(0, 4), label="target rows")):
        unit = "all" if place == 0 else draw(st.sampled_from(["all", *units]))
        per = draw(st.sampled_from(lengths))
        month = draw(st.sampled_from([FIRST - 12, FIRST - 12, FIRST + 7, FIRST + 15]))
        valid_from = first_day(month) + timedelta(days=draw(st.sampled_from([0, 0, 9])))
        cells = draw(_cells(kpi=kpi, size=size * LENGTH[per], has_basis=has_basis))
        rows[unit, per, valid_from] = {
            "kpi": kpi["id"], "unit": unit, "per": per, "valid_from": valid_from, **cells,
        }  # fmt: skip
    return list(rows.values())


# ----------------------------------------------------------------------------------------------------------------- KPIs


@st.composite
def _weights(draw: st.DrawFn) -> Any:
    weight = st.sampled_from(WEIGHTS)
    if draw(st.integers(0, 3)):
        return draw(weight)
    months = sorted(
        draw(st.lists(st.integers(FIRST, FIRST + 24), min_size=1, max_size=3, unique=True))
    )
    return [{"valid_from": first_day(month), "weight": draw(weight)} for month in months]


@st.composite
def _scoring(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a rule, and what belongs to it."""
    rule = draw(st.sampled_from(RULES), label="rule")
    way = draw(st.sampled_from(["higher_is_better", "lower_is_better"]))
    scoring: dict[str, Any] = {"rule": rule, "direction": None if rule in UNDIRECTED else way}
    if rule != "ratio":
        return scoring
    scoring["form"] = (
        draw(st.sampled_from(["plain", "inverse"])) if way.startswith("lower") else "plain"
    )
    cap = st.sampled_from([None, 150, 100] if scoring["form"] == "inverse" else [None, 150, "none"])
    scoring["cap"] = draw(cap)
    if scoring["form"] == "inverse" and scoring["cap"] is None:
        scoring["cap"] = 120
    return scoring


@st.composite
def _kinds(draw: st.DrawFn, number: int, calendar: Calendar) -> dict[str, Any]:
    """Draw what a KPI is computed from: a measure, its change, an index, answers, or an expression."""
    kind = draw(
        st.sampled_from(["plain", "plain", "plain", "change", "index", "survey", "derived"]),
        label="kind",
    )
    measure = f"m{number}"
    if kind == "survey":
        survey = draw(st.sampled_from(["csat", "likert_mean", "nps"]))
        return {"measure": measure, "aggregation": "score", "survey": survey}
    if kind == "derived":
        return {"derived": draw(_derivations(number))}
    found: dict[str, Any] = {"measure": measure, "aggregation": draw(st.sampled_from(AGGREGATIONS))}
    found["empty"] = draw(st.sampled_from(["no_data", "no_data", "zero"]))
    if kind == "change":
        against = draw(st.sampled_from(["previous", "last_year"]))
        found["change"] = {
            "against": against,
            "form": draw(st.sampled_from(["absolute", "relative"])),
        }
    if kind == "index":
        per = draw(st.sampled_from(["month", "quarter", "year"]))
        base = calendar.period(per, FIRST + draw(st.integers(0, 12)))
        found["index"] = {"per": per, "base": base.key}
    return found


EXPRESSIONS = ("a / b", "a - b", "(a - b) / a", "100 * a - b / 2", "a * b", "-(a + b) / (b - 1)")


@st.composite
def _derivations(draw: st.DrawFn, number: int) -> dict[str, Any]:
    expression = draw(st.sampled_from(EXPRESSIONS))
    terms = {}
    for name in ("a", "b"):
        aggregation = draw(st.sampled_from(["sum", "sum", "ratio", "last"]))
        parts = ["value", "numerator", "denominator"] if aggregation == "ratio" else ["value"]
        terms[name] = {
            "measure": f"m{number}{name}",
            "aggregation": aggregation,
            "component": draw(st.sampled_from(parts)),
            "of": draw(st.sampled_from(["unit", "unit", "parent", "organisation"])),
            "empty": draw(st.sampled_from(["no_data", "no_data", "zero"])),
        }
    return {"expression": expression, "terms": terms}


@st.composite
def _kpis(draw: st.DrawFn, number: int, *, places: list[str], calendar: Calendar) -> dict[str, Any]:
    name = f"k{number}"
    chosen = draw(st.lists(st.sampled_from(places), max_size=2, unique=True))
    return _with_a_base_that_is_measured(
        {
            "id": name,
            "name": name,
            "owner": "Owner",
            "weight": draw(_weights()),
            "frequency": draw(
                st.sampled_from(["month", "month", "month", "quarter", "half", "year"])
            ),
            "bands": draw(st.sampled_from([None, None, {"on_track": 90, "at_risk": 80}])),
            "gate": draw(st.sampled_from([None, None, 50])),
            "max_age": draw(st.sampled_from([0, 1, 2, 2, 3, 12])),
            "phasing": draw(st.sampled_from(["even", "even", "seasonal"])),
            "applies_to": draw(st.sampled_from([[], [], chosen])),
            **draw(_kinds(number, calendar)),
            **draw(_scoring()),
        },
        calendar,
    )


def _with_a_base_that_is_measured(kpi: dict[str, Any], calendar: Calendar) -> dict[str, Any]:
    """Lengthen an index's base to the KPI's own frequency: the check refuses a shorter one."""
    index, frequency = kpi.get("index"), kpi["frequency"]
    if index is None or LENGTH[index["per"]] >= LENGTH[frequency]:
        return kpi
    base: date = index["base"]
    month = base.year * 12 + base.month - 1
    return kpi | {"index": {"per": frequency, "base": calendar.period(frequency, month).key}}


def _needed(kpi: dict[str, Any]) -> dict[str, str]:
    """Give the kind of each measure that a KPI is computed from."""
    kinds = {
        "sum": "amounts",
        "last": "amounts",
        "mean": "amounts",
        "ratio": "components",
        "distinct": "keys",
    }
    if "derived" in kpi:
        return {
            term["measure"]: kinds[term["aggregation"]] for term in kpi["derived"]["terms"].values()
        }
    if "survey" in kpi:
        return {kpi["measure"]: "answers"}
    return {kpi["measure"]: kinds[kpi["aggregation"]]}


@st.composite
def _strategies(draw: st.DrawFn, kpis: list[dict[str, Any]]) -> Strategy:
    """Draw perspectives and objectives around the KPIs."""
    homes = [(draw(st.integers(0, 3)), draw(st.integers(0, 1))) for _ in kpis]
    how = st.sampled_from(["weighted_mean", "weighted_mean", "worst", "best", "geometric"])
    perspectives = []
    for p in sorted({home[0] for home in homes}):
        objectives = [
            {
                "id": f"o{p}{o}", "name": "O", "owner": "Owner", "roll_up": draw(how),
                "weight": draw(_weights()), "gate": draw(st.sampled_from([None, None, 40])),
                "kpis": [kpi for kpi, home in zip(kpis, homes, strict=True) if home == (p, o)],
            }
            for o in sorted({home[1] for home in homes if home[0] == p})
        ]  # fmt: skip
        perspectives.append(
            {
                "id": f"p{p}",
                "name": "P",
                "roll_up": draw(how),
                "weight": draw(_weights()),
                "objectives": objectives,
            }
        )
    return Strategy.model_validate(
        {
            "id": "card",
            "name": "Card",
            "roll_up": draw(how),
            "min_coverage": draw(st.sampled_from([0.5, 0.5, 0.0, 0.9])),
            "bands": draw(st.sampled_from([{}, {"on_track": 70, "at_risk": 40}])),
            "perspectives": perspectives,
        }
    )


@st.composite
def _measures(
    draw: st.DrawFn, *, kpi: dict[str, Any], units: list[str], months: range, calendar: Calendar
) -> dict[str, tuple[Measured, str]]:
    """Draw the rows of each measure that a KPI needs, with the pool that they are from."""
    found = {}
    for measure, kind in _needed(kpi).items():
        shape = draw(_shapes(kind=kind, frequency=kpi["frequency"], units=units, months=months))
        reach = months[-1] - draw(st.sampled_from([-1, 0, 0, 0, 1, 2, 4]))
        found[measure] = (
            Measured(
                kind=kind,
                rows=tuple(_rows(shape, calendar)),
                data_as_of=draw(
                    st.sampled_from([last_day(reach), last_day(reach), first_day(reach)])
                ),
                is_broken=draw(st.sampled_from([False, False, True])),
                unplaced=draw(_unplaced(months)),
            ),
            shape.pool if kind in ("amounts", "components") else "small",
        )
    return found


@st.composite
def _unplaced(draw: st.DrawFn, months: range) -> frozenset[tuple[str, date]]:
    if draw(st.integers(0, 7)):
        return frozenset()
    return frozenset({("elsewhere", first_day(draw(st.sampled_from(months))))})


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw an organisation with up to four KPIs, over one to two and a half years."""
    company = draw(companies())
    units = sorted(Organisation.of(company).nested)
    calendar = Calendar(company.fiscal_year_start_month)
    months = range(FIRST, FIRST + draw(st.integers(1, 30), label="months"))
    places = [*units, *(tree.id for tree in company.trees)]
    kpis = [
        draw(_kpis(number, places=places, calendar=calendar))
        for number in range(draw(st.integers(1, 4), label="KPIs"))
    ]
    measures: dict[str, Measured] = {}
    targets: list[dict[str, Any]] = []
    for kpi in kpis:
        drawn = draw(_measures(kpi=kpi, units=units, months=months, calendar=calendar))
        measures |= {name: measured for name, (measured, _) in drawn.items()}
        size = _size(kpi, [pool for _, pool in drawn.values()])
        targets += draw(_targets(kpi=kpi, size=size, units=units))
    return Case(
        company=company,
        strategy=draw(_strategies(kpis)),
        targets=tuple(Target.model_validate(target) for target in targets),
        measures=measures,
        as_of=first_day(months[-1] + 1) + timedelta(days=draw(st.sampled_from([4, 0, -1]))),
    )


def _size(kpi: dict[str, Any], pools: list[str]) -> Decimal:
    """Give the size that a KPI's values have, roughly: rates are about 1, indices about 100."""
    if kpi.get("index"):
        return Decimal(100)
    is_share = kpi.get("change", {}).get("form") == "relative" or kpi.get("aggregation") == "ratio"
    if is_share or "/" in kpi.get("derived", {}).get("expression", ""):
        return Decimal(1)
    if kpi.get("survey"):
        return {"csat": Decimal("0.5"), "nps": Decimal("0.25")}.get(kpi["survey"], Decimal(3))
    return Decimal(TYPICAL[pools[0]])
