"""Derived KPIs: terms are added up first, each in its own way, then the expression is computed."""

import ast
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.expression import ExpressionError
from tests.transforms.small_scorecard import REGIONS, SmallScorecard, actual, found, kpi, months
from transforms.derived import compile_expression

YEAR = months(date(2025, 1, 1), 21)
"""January 2025 to September 2026."""


def derived(kpi_id: str, expression: str, terms: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Write a derived KPI; a term may be given by its aggregation alone, and then is its own measure."""
    written = {
        name: {"measure": name, "aggregation": term} if isinstance(term, str) else term
        for name, term in terms.items()
    }
    made = kpi(kpi_id, derived={"expression": expression, "terms": written}, **changes)
    return {key: value for key, value in made.items() if key not in {"measure", "aggregation"}}


PER_HEAD = derived("per_head", "revenue / heads", {"revenue": "sum", "heads": "mean"})


def per_head(*more: dict[str, Any], **changes: Any) -> SmallScorecard:
    """Give revenue per head: 100 and 300 a month of two units with 10 and 20 heads, who are twice as many from July 2025."""
    targets = [{"kpi": "per_head", "unit": "all", "red": 5, "target": 10}]
    card = SmallScorecard(kpis=[PER_HEAD, *more], targets=targets, **changes)
    for unit, revenue, heads in (("n1", 100, 10), ("south", 300, 20)):
        card.add("revenue", [(unit, month, revenue) for month in YEAR])
        card.add(
            "heads", [(unit, month, heads * (1 if i < 6 else 2)) for i, month in enumerate(YEAR)]
        )
    return card


@pytest.mark.parametrize(
    ("unit", "grain", "first", "expected"),
    [
        ("n1", "month", "2025-03-01", 100 / 10),
        ("n1", "month", "2025-08-01", 100 / 20),
        # a year's revenue over the mean heads of the year: not over their sum
        ("n1", "year", "2025-01-01", 1200 / 15),
        ("all", "year", "2025-01-01", 4800 / 45),
        ("all", "half", "2025-01-01", 2400 / 30),
        ("all", "quarter", "2026-07-01", 1200 / 60),
        ("all", "ttm", "2025-12-01", 4800 / 45),
        ("all", "ytd", "2025-08-01", 3200 / 37.5),
    ],
)
def test_revenue_per_head_is_the_sum_over_the_mean(
    tmp_path: Path, unit: str, grain: str, first: str, expected: float
) -> None:
    with per_head().scored(tmp_path) as warehouse:
        assert actual(warehouse, "per_head", unit, grain, first) == pytest.approx(
            expected, rel=1e-12
        )


def test_the_two_sides_of_a_division_are_its_components(tmp_path: Path) -> None:
    profit = derived("profit", "revenue - 2 * heads", {"revenue": "sum", "heads": "mean"})
    with per_head(profit).scored(tmp_path) as warehouse:
        keys = {"unit_id": "n1", "grain": "year", "period_start_date": date(2025, 1, 1)}
        value = found(warehouse, "scorecard.kpi_value", kpi_id="per_head", **keys)
        assert value is not None
        assert (value["numerator"], value["denominator"]) == (1200, 15)
        value = found(warehouse, "scorecard.kpi_value", kpi_id="profit", **keys)
        assert value is not None
        assert (value["numerator"], value["denominator"], value["actual"]) == (1170, 1, 1170)


class TestShareOfAWhole:
    """`of: organisation` and `of: parent`."""

    SHARE = derived("share", "part / whole", {
        "part": {"measure": "m", "aggregation": "sum"},
        "whole": {"measure": "m", "aggregation": "sum", "of": "organisation"}})  # fmt: skip
    OF_PARENT = derived("of_parent", "part / whole", {
        "part": {"measure": "m", "aggregation": "sum"},
        "whole": {"measure": "m", "aggregation": "sum", "of": "parent"}})  # fmt: skip

    def card(self, **changes: Any) -> SmallScorecard:
        card = SmallScorecard(kpis=[self.SHARE, self.OF_PARENT], **changes)
        for unit, amount in (("n1", 10), ("n2", 30), ("south", 60)):
            card.add("m", [(unit, month, amount) for month in YEAR])
        return card

    def test_is_taken_of_the_organisation_and_of_the_unit_above(self, tmp_path: Path) -> None:
        with self.card().scored(tmp_path) as warehouse:
            quarter = ("quarter", "2026-07-01")
            shares = {u: actual(warehouse, "share", u, *quarter) for u in ("n1", "north", "all")}
            assert shares == {"n1": 0.1, "north": 0.4, "all": 1}
            above = {u: actual(warehouse, "of_parent", u, *quarter) for u in ("n1", "north", "all")}
            assert above == {"n1": 0.25, "north": 0.4, "all": 1}

    def test_of_a_parent_is_of_the_one_on_the_periods_last_day(self, tmp_path: Path) -> None:
        moves = [{"unit": "n1", "parent": "south", "valid_from": date(2026, 8, 15)}]
        card = self.card(company={"trees": [{**REGIONS, "moves": moves}]})
        with card.scored(tmp_path) as warehouse:
            assert actual(warehouse, "of_parent", "n1", "month", "2026-07-01") == 10 / 40
            assert actual(warehouse, "of_parent", "n1", "month", "2026-08-01") == 10 / 70
            # south holds n1 in August and September alone
            quarter = actual(warehouse, "of_parent", "n1", "quarter", "2026-07-01")
            assert quarter == 30 / (60 + 70 + 70)

    def test_needs_the_whole_even_where_the_kpi_does_not_apply_to_it(self, tmp_path: Path) -> None:
        share = self.SHARE | {"applies_to": ["n1"]}
        whole = {"measure": "n", "aggregation": "sum", "of": "organisation", "empty": "zero"}
        share["derived"] = {"expression": "part - whole", "terms": {
            "part": {"measure": "m", "aggregation": "sum"}, "whole": whole}}  # fmt: skip
        card = SmallScorecard(kpis=[share])
        card.add("m", [("n1", month, 10) for month in YEAR])
        card.add("n", [("south", YEAR[0], 4)])
        with card.scored(tmp_path) as warehouse:
            assert actual(warehouse, "share", "n1", "month", "2025-01-01") == 6
            assert actual(warehouse, "share", "n1", "month", "2025-02-01") == 10


class TestComponents:
    """A term may be one side of a ratio."""

    @pytest.mark.parametrize(
        ("aggregation", "component", "expected"),
        [
            ("ratio", "value", 6 / 30),
            ("ratio", "numerator", 6),
            ("ratio", "denominator", 30),
            ("sum", "denominator", 30),
            ("mean", "denominator", 10),
            ("last", "denominator", 10),
            ("last", "value", 3 / 10),
        ],
    )
    def test_is_picked_before_it_is_added_up(
        self, tmp_path: Path, aggregation: str, component: str, expected: float
    ) -> None:
        term = {"measure": "won", "aggregation": aggregation, "component": component}
        card = SmallScorecard(kpis=[derived("x", "0 + won", {"won": term})])
        card.add("won", [("n1", date(2026, month, 1), (month - 6, 8)) for month in (7, 8, 9)])
        card.add("won", [("south", date(2026, month, 1), (0, 2)) for month in (7, 8, 9)])
        with card.scored(tmp_path) as warehouse:
            assert actual(warehouse, "x", "all", "quarter", "2026-07-01") == pytest.approx(
                expected, rel=1e-12
            )


class TestMissing:
    """What lacks a term, or divides by zero, has no value."""

    def test_a_unit_without_one_term_has_no_value(self, tmp_path: Path) -> None:
        card = per_head()
        card.components = [row for row in card.components if row[:2] != ("heads", "south")]
        with card.scored(tmp_path) as warehouse:
            assert actual(warehouse, "per_head", "south", "month", "2026-09-01") is None
            assert actual(warehouse, "per_head", "n1", "month", "2026-09-01") == 100 / 20
            score = found(
                warehouse, "scorecard.kpi_score", kpi_id="per_head", unit_id="south", grain="month",
                period_start_date=date(2026, 9, 1),
            )  # fmt: skip
            assert score is not None
            assert score["data_state"] == "no_data"

    def test_a_zero_divisor_gives_no_value(self, tmp_path: Path) -> None:
        card = per_head()
        card.components = [row for row in card.components if row[:2] != ("heads", "n1")]
        card.add("heads", [("n1", month, 0) for month in YEAR])
        with card.scored(tmp_path) as warehouse:
            assert actual(warehouse, "per_head", "n1", "month", "2026-09-01") is None

    def test_each_term_says_what_its_empty_months_mean(self, tmp_path: Path) -> None:
        terms = {
            "sold": {"measure": "sold", "aggregation": "sum"},
            "back": {"measure": "back", "aggregation": "sum", "empty": "zero"},
        }
        card = SmallScorecard(kpis=[derived("net", "sold - back", terms)])
        card.add("sold", [("n1", date(2026, 7, 1), 10), ("n1", date(2026, 8, 1), 20)])
        card.add("back", [("n1", date(2026, 7, 1), 1)])
        with card.scored(tmp_path) as warehouse:
            values = [actual(warehouse, "net", "n1", "month", f"2026-{m:02}-01") for m in (7, 8, 9)]
            assert values == [9, 20, None]

    def test_a_kpi_applies_where_all_its_terms_have_rows(self, tmp_path: Path) -> None:
        """Heads are known by region, revenue by shop: a shop has no revenue per head, and lacks none."""
        card = SmallScorecard(kpis=[PER_HEAD])
        card.add("revenue", [("n1", month, 100) for month in YEAR])
        card.add("heads", [("north", month, 10) for month in YEAR])
        with card.scored(tmp_path) as warehouse:
            units = warehouse.execute(
                "select unit_id from scorecard.kpi_unit order by 1"
            ).fetchall()
            assert [unit for (unit,) in units] == ["all", "north", "south"]


class TestOfManySources:
    """The worst of the terms' data counts."""

    def test_the_earliest_day_of_the_terms_is_the_values(self, tmp_path: Path) -> None:
        card = per_head(data_as_of_by_measure={"heads": date(2026, 8, 31)})
        with card.scored(tmp_path) as warehouse:
            keys = {"kpi_id": "per_head", "unit_id": "all", "grain": "month"}
            september = date(2026, 9, 1)
            value = found(warehouse, "scorecard.kpi_value", period_start_date=september, **keys)
            assert value is not None
            assert value["data_as_of_date"] == date(2026, 8, 31)
            assert value["is_provisional"]
            score = found(warehouse, "scorecard.kpi_score", period_start_date=september, **keys)
            assert score is not None
            assert (score["data_state"], score["actual"]) == ("stale", 400 / 60)

    @pytest.mark.parametrize(
        ("changes", "state"),
        [
            ({"failed": frozenset({"heads"})}, "unverified"),
            ({"unplaced": [("heads", "nowhere", date(2026, 9, 1))]}, "unverified"),
            ({"broken": frozenset({"heads"})}, "current"),
            ({"broken": frozenset({"heads"}), "data_as_of_by_measure": {"heads": date(2026, 3, 31)}},
             "unverified"),
        ],
    )  # fmt: skip
    def test_a_fault_of_one_term_is_a_fault_of_the_kpi(
        self, tmp_path: Path, changes: dict[str, Any], state: str
    ) -> None:
        with per_head(**changes).scored(tmp_path) as warehouse:
            score = found(
                warehouse, "scorecard.kpi_score", kpi_id="per_head", unit_id="all", grain="month",
                period_start_date=date(2026, 9, 1),
            )  # fmt: skip
            assert score is not None
            assert score["data_state"] == state

    def test_the_fewest_observations_are_the_values(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[PER_HEAD])
        card.add("revenue", [("n1", month, 100) for month in YEAR], observations=50)
        card.add("heads", [("n1", month, 10) for month in YEAR], observations=7)
        with card.scored(tmp_path) as warehouse:
            value = found(
                warehouse, "scorecard.kpi_value", kpi_id="per_head", unit_id="n1", grain="month",
                period_start_date=date(2026, 9, 1),
            )  # fmt: skip
            assert value is not None
            assert value["observations_count"] == 7


class TestOnTop:
    """A change or an index of a derived value."""

    def test_a_change_is_taken_of_the_value_itself(self, tmp_path: Path) -> None:
        growth = PER_HEAD | {"id": "growth", "change": {"against": "last_year"}}
        with per_head(growth).scored(tmp_path) as warehouse:
            # 400 / 30 in March 2025, 400 / 60 in March 2026
            assert actual(warehouse, "growth", "all", "month", "2026-03-01") == pytest.approx(-0.5)

    def test_an_index_takes_a_rate_as_it_is_and_a_sum_of_amounts_per_month(
        self, tmp_path: Path
    ) -> None:
        base = {"base": date(2025, 1, 1), "per": "quarter"}
        rate = derived("rate", "revenue / heads", {"revenue": "sum", "heads": "sum"}, index=base)
        total = derived(
            "total", "revenue + 2 * heads", {"revenue": "sum", "heads": "sum"}, index=base
        )
        with per_head(rate, total).scored(tmp_path) as warehouse:
            # the first quarter of 2025: 1200 / 90, and (1200 + 180) / 3 a month
            assert actual(warehouse, "rate", "all", "year", "2025-01-01") == pytest.approx(
                100 * (4800 / 540) / (1200 / 90), rel=1e-12
            )
            assert actual(warehouse, "total", "all", "year", "2025-01-01") == pytest.approx(
                100 * ((4800 + 1080) / 12) / ((1200 + 180) / 3), rel=1e-12
            )


@pytest.mark.parametrize(
    ("text", "value", "upper", "lower"),
    [
        ("a / b", '("a" / nullif("b", 0))', '"a"', '"b"'),
        ("(a - b) / (a + 1)", '(("a" - "b") / nullif(("a" + 1.0::double), 0))',
         '("a" - "b")', '("a" + 1.0::double)'),
        ("a - b * -2", '("a" - ("b" * (-2.0::double)))', '("a" - ("b" * (-2.0::double)))', "1::double"),
        ("100 * a / b", '((100.0::double * "a") / nullif("b", 0))', '(100.0::double * "a")', '"b"'),
    ],
)  # fmt: skip
def test_an_expression_is_compiled_to_sql(text: str, value: str, upper: str, lower: str) -> None:
    compiled = compile_expression(text)
    assert (compiled.value, compiled.upper, compiled.lower) == (value, upper, lower)


@pytest.mark.parametrize(
    "text",
    ["a.b", "f(a)", "a ** 2", "a if b else c", "'x'", "a[0]", "a % b", "a // b", "True + a", "a;b", "",
     "1e400 * a", "1e30 * a", "a or b", "a == b", "__import__('os')", "+".join(["a"] * 400)],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(text)


def _expressions() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["a", "b", "c", "0", "1", "2.5", "100"])
    return st.recursive(
        leaves,
        lambda inner: (
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(
                lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
            )
            | inner.map(lambda part: f"-{part}")
        ),
        max_leaves=8,
    )


@given(_expressions(), st.tuples(*[st.floats(-1e6, 1e6, width=32)] * 3))
def test_sql_computes_what_python_computes(text: str, values: tuple[float, float, float]) -> None:
    terms = dict(zip("abc", values, strict=True))
    try:
        expected: float | None = _evaluate(ast.parse(text, mode="eval").body, terms)
    except ZeroDivisionError:
        expected = None
    with duckdb.connect() as connection:
        row = connection.execute(
            f"select {compile_expression(text).value} from (select $a::double as a, $b::double as b, "
            "$c::double as c)",
            terms,
        ).fetchone()
    assert row is not None
    assert row[0] == expected


def _evaluate(node: ast.expr, terms: dict[str, float]) -> float:
    if isinstance(node, ast.Name):
        return terms[node.id]
    if isinstance(node, ast.Constant):
        return float(str(node.value))
    if isinstance(node, ast.UnaryOp):
        return -_evaluate(node.operand, terms)
    assert isinstance(node, ast.BinOp)
    left, right = _evaluate(node.left, terms), _evaluate(node.right, terms)
    operators = {ast.Add: left.__add__, ast.Sub: left.__sub__, ast.Mult: left.__mul__,
                 ast.Div: left.__truediv__}  # fmt: skip
    return float(operators[type(node.op)](right))
