"""What a KPI is computed from: measure or expression, change or index, and how often it is measured."""

from pathlib import Path

import pytest

from scorecard.check import check_workspace
from scorecard.expression import divides, is_linear
from scorecard.strategy import Kpi
from scorecard.workspace import read_workspace
from tests.scorecard.small import Edit, write

MEASURE = "            measure: revenue\n            aggregation: sum\n"


def derived(expression: str, *terms: str, more: str = "") -> Edit:
    """Replace the measure of the KPI revenue by an expression over terms; it starts in line 14 of strategy.yaml."""
    listed = "".join(f"                {term}\n" for term in terms)
    text = (
        f'            derived:\n              expression: "{expression}"\n'
        f"              terms:\n{listed}{more}"
    )
    return ("strategy.yaml", MEASURE, text)


REVENUE = "revenue: {measure: revenue, aggregation: sum}"
DELAY = "delay: {measure: delay, aggregation: ratio}"


def keep(key: str) -> Edit:
    """Add a key to the KPI revenue, which is not derived."""
    return ("strategy.yaml", MEASURE, f"{MEASURE}            {key}\n")


FINDINGS = [
    (derived("revenue / delay", REVENUE, DELAY), None),
    (("strategy.yaml", MEASURE, ""), "strategy.yaml:11: error: The KPI revenue says neither `measure` nor `derived`."),
    (("strategy.yaml", "            aggregation: sum\n", ""), "strategy.yaml:11: error: The KPI revenue does not say how its measure adds up."),
    (derived("revenue", REVENUE, more="            measure: revenue\n"), "strategy.yaml:18: error: The KPI revenue is derived, so that `measure` has no meaning"),
    (derived("revenue", REVENUE, more="            aggregation: sum\n"), "strategy.yaml:18: error: The KPI revenue is derived, so that `aggregation` has no meaning"),
    (derived("revenue", REVENUE, more="            empty: zero\n"), "strategy.yaml:18: error: The KPI revenue is derived, so that `empty` has no meaning"),
    (derived("revenue / dely", REVENUE, DELAY), "strategy.yaml:15: error: The expression of the KPI revenue uses dely, which is none of its terms. Mend: Did you mean delay?"),
    (derived("revenue", REVENUE, DELAY), "strategy.yaml:18: warning: The expression of the KPI revenue does not use its term delay."),
    (derived("revenue **", REVENUE), "strategy.yaml:15: error: The expression of the KPI revenue: 'revenue **' cannot be read as an expression."),
    (derived("max(revenue)", REVENUE), "strategy.yaml:15: error: The expression of the KPI revenue: Call has no place in an expression"),
    (derived("revenue", "revenue: {measure: revenu, aggregation: sum}"), "strategy.yaml:17: error: The KPI revenue has no measure: there is no measures/revenu.sql"),
    (derived("revenue", "revenue: {measure: revenue, aggregation: distinct, component: denominator}"), "strategy.yaml:17: error: The term revenue of the KPI revenue counts distinct things, which have no denominator."),
    (derived("revenue", "revenue: {measure: revenue, aggregation: sum, of: organisation}"), "strategy.yaml:14: warning: Every term of the KPI revenue is the organisation's"),
    (keep("index: {base: 2025-04-01, per: quarter}"), None),
    (keep("index: {base: 2025-04-01, per: half}"), "strategy.yaml:16: error: No half begins on 2025-04-01, the base of the KPI revenue."),
    (keep("index: {base: 2025-04-02, per: month}"), "strategy.yaml:16: error: No month begins on 2025-04-02, the base of the KPI revenue."),
    (keep("index: {base: 2025-04-01, per: quarter}\n            frequency: half"), "strategy.yaml:16: error: The KPI revenue is measured per half, so that no quarter can be its base."),
    (keep("index: {base: 2025-04-01, per: quarter}\n            change: {against: previous}"), "strategy.yaml:16: error: The KPI revenue is a change and an index; it can be only one of them."),
    (("targets.csv", "revenue,acme,year", "revenue,acme,month"), None),
    (keep("frequency: year"), None),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "said"), FINDINGS)
def test_a_flaw_is_found_with_its_line(tmp_path: Path, edit: Edit, said: str | None) -> None:
    findings = [str(each) for each in check_workspace(read_workspace(write(tmp_path, edit)))]
    if said is None:
        # a measure that nothing uses any more is none of this test's
        assert not [line for line in findings if "No KPI uses" not in line], findings
    else:
        assert any(line.startswith(said) for line in findings), "\n".join(findings)


def test_a_measure_that_only_a_term_uses_is_used(tmp_path: Path) -> None:
    root = write(tmp_path, derived("revenue / delay", REVENUE, DELAY))
    assert [str(each) for each in check_workspace(read_workspace(root))] == []


def test_no_target_is_for_a_shorter_period_than_the_kpi_is_measured_in(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        keep("frequency: quarter"),
        ("targets.csv", "revenue,acme,year", "revenue,acme,month"),
    )
    findings = [str(each) for each in check_workspace(read_workspace(root))]
    assert findings == [
        "targets.csv:2: error: The KPI revenue is measured per quarter: no month of it is scored. "
        "Mend: Write per quarter, or a longer period."
    ]


@pytest.mark.parametrize(
    ("expression", "linear", "quotient"),
    [
        ("a - b", True, False),
        ("2 * (a - b / 4)", True, False),
        ("a * b", False, False),
        ("a + 5", False, False),
        ("a / b", False, True),
        ("1 - a / (b + 1)", False, True),
        ("5", False, False),
        ("a +", False, False),
    ],
)
def test_what_adds_up_and_what_is_a_rate_is_read_from_the_expression(
    expression: str, linear: bool, quotient: bool
) -> None:
    assert (is_linear(expression), divides(expression)) == (linear, quotient)


@pytest.mark.parametrize(
    ("expression", "aggregation", "more", "is_flow", "is_additive", "is_intensive"),
    [
        ("a - b", "sum", {}, True, True, False),
        ("a - b", "mean", {}, False, False, False),
        ("a / b", "sum", {}, False, False, True),
        ("a - b", "sum", {"index": {"base": "2025-01-01", "per": "year"}}, True, False, True),
        ("a - b", "sum", {"change": {"against": "previous", "form": "absolute"}}, True, False, False),
    ],
)  # fmt: skip
def test_a_derived_kpi_adds_up_where_its_terms_do(
    expression: str, aggregation: str, more: dict[str, object], is_flow: bool, is_additive: bool,
    is_intensive: bool,
) -> None:  # fmt: skip
    terms = {name: {"measure": name, "aggregation": aggregation} for name in "ab"}
    kpi = Kpi.model_validate(
        {"id": "k", "name": "K", "owner": "Jo", "direction": "higher_is_better",
         "derived": {"expression": expression, "terms": terms}} | more
    )  # fmt: skip
    assert (kpi.is_flow, kpi.is_additive, kpi.is_intensive) == (is_flow, is_additive, is_intensive)
