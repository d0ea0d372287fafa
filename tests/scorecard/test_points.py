"""Rules, their settings and their points, as the check of a workspace finds them wrong."""

from pathlib import Path

import pytest

from scorecard.check import check_workspace
from scorecard.points import RULES, Scoring, point_problems, setting_problems
from scorecard.strategy import UNDIRECTED
from scorecard.workspace import read_workspace
from tests.scorecard.small import write

HEADER = "kpi,unit,per,valid_from,red,target,worst,best,min,max,baseline,basis,low,high,tolerance,tolerance_below,tolerance_above,points"
BANDS = "bands: {on_track: 90, at_risk: 70}"
DIRECTED = "direction: higher_is_better"


def findings(root: Path, *, kpi: str, points: str, direction: str = DIRECTED) -> list[str]:
    """Check the small workspace with lines put to its KPI revenue (from line 18 on), and one row of points for it."""
    cells = dict(pair.split("=") for pair in points.split())
    row = {"kpi": "revenue", "unit": "acme", "per": "year", "valid_from": "2026-01-01"} | cells
    targets = HEADER + "\n" + ",".join(row.get(name, "") for name in HEADER.split(",")) + "\n"
    targets += "complaints,acme,month,2026-01-01,0.05,0.02\ndelay,acme,month,2026-01-01,5,3\n"
    written = write(
        root,
        ("targets.csv", "", targets),
        ("strategy.yaml", "is_leading: true", f"is_leading: true\n            {kpi}"),
        ("strategy.yaml", DIRECTED, direction),
    )
    return [str(finding) for finding in check_workspace(read_workspace(written))]


LOWER = "direction: lower_is_better"
GOOD = [
    ("rule: linear", "red=1 target=2 worst=0 best=9", DIRECTED),
    (f"rule: min_max\n            {BANDS}", "min=1 max=2", LOWER),
    (f"rule: progress\n            {BANDS}", "baseline=1 target=2", DIRECTED),
    (f"rule: ratio\n            {BANDS}", "target=2", DIRECTED),
    (f"rule: ratio\n            {BANDS}\n            cap: none", "target=2", DIRECTED),
    (f"rule: ratio\n            {BANDS}", "target=-2 basis=-5", DIRECTED),
    (
        f"rule: ratio\n            {BANDS}\n            at_zero_target: full_if_met",
        "target=0",
        DIRECTED,
    ),
    (
        f"rule: ratio\n            {BANDS}\n            form: inverse\n            cap: 120",
        "target=2",
        LOWER,
    ),
    ("rule: range", "low=1 high=2 tolerance=1", "decimals: 0"),
    ("rule: range", "low=2 high=2 tolerance_below=1 tolerance_above=2", DIRECTED),
    ("rule: steps", "points=0:100;5:20", "decimals: 0"),
    ("rule: curve", "points=0:100;5:20;6:70", "decimals: 0"),
    ("rule: binary", "target=2", LOWER),
    ("phasing: seasonal", "red=1 target=2", DIRECTED),
]


@pytest.mark.parametrize(("kpi", "points", "direction"), GOOD)
def test_every_rule_can_be_written_down(
    tmp_path: Path, kpi: str, points: str, direction: str
) -> None:
    assert findings(tmp_path, kpi=kpi, points=points, direction=direction) == []


FLAWS = [
    # points, in targets.csv
    ("rule: binary", "target=2 red=1", DIRECTED, "targets.csv:2: error: The rule binary of revenue knows no point red. Mend: Its points are: target."),
    ("rule: linear", "red=1", DIRECTED, "targets.csv:2: error: The rule linear of revenue needs target. Mend: Give target."),
    ("rule: linear", "red=1 target=2 worst=1", DIRECTED, "targets.csv:2: error: worst and red of revenue are both 1: there is no gap to score in."),
    (f"rule: min_max\n            {BANDS}", "min=3 max=2", LOWER, "targets.csv:2: error: min (3) of revenue must be below max (2). Mend: Put the lower value at min"),
    (f"rule: progress\n            {BANDS}", "baseline=1 target=2", LOWER, "targets.csv:2: error: baseline (1) of revenue must be above target (2), since lower is better."),
    (f"rule: ratio\n            {BANDS}", "target=-2", DIRECTED, "targets.csv:2: error: target (-2) of revenue is below 0"),
    (f"rule: ratio\n            {BANDS}", "target=0", DIRECTED, "targets.csv:2: error: target of revenue is 0: nothing can be a share of it. Mend: Give a basis (the value that scores 0), or write `at_zero_target: full_if_met`."),
    (f"rule: ratio\n            {BANDS}", "target=3 basis=4", DIRECTED, "targets.csv:2: error: basis (4) of revenue must be below target (3), since higher is better."),
    ("rule: range", "low=1 high=2", DIRECTED, "targets.csv:2: error: The rule range of revenue needs tolerance, or tolerance_below and tolerance_above."),
    ("rule: range", "low=3 high=2 tolerance=1", DIRECTED, "targets.csv:2: error: low (3) of revenue must not be above high (2)."),
    ("rule: steps", "points=5:20;0:100", DIRECTED, "targets.csv:2: error: The values of the points of revenue must rise: 0 comes after 5."),
    ("rule: steps", "", DIRECTED, "targets.csv:2: error: The rule steps of revenue needs points. Mend: Write pairs of value and score, such as 0:0 10:80 20:100."),
    ("rule: curve", "points=5:20", DIRECTED, "targets.csv:2: error: The rule curve of revenue needs at least 2 pairs of value and score, and has 1."),
    ("rule: curve", "points=5:20;6:101", DIRECTED, "targets.csv:2: error: The score 101 at 6 of revenue is not within 0 and 100."),
    # settings, in strategy.yaml
    ("rule: binary", "target=2", "decimals: 0", "strategy.yaml:11: error: The rule binary of revenue needs a direction: which way is better. Mend: Add `direction: higher_is_better`"),
    ("rule: linear\n            cap: 120", "red=1 target=2", DIRECTED, "strategy.yaml:19: error: `cap` of revenue is for the rule ratio; the rule is linear."),
    ("rule: linear\n            form: inverse", "red=1 target=2", DIRECTED, "strategy.yaml:19: error: `form` of revenue is for the rule ratio"),
    ("rule: linear\n            at_zero_target: full_if_met", "red=1 target=2", DIRECTED, "strategy.yaml:19: error: `at_zero_target` of revenue is for the rule ratio"),
    (f"rule: ratio\n            {BANDS}\n            form: inverse\n            cap: 120", "target=2", DIRECTED, "strategy.yaml:20: error: `form: inverse` of revenue divides the target by the actual, which is for lower is better alone."),
    (f"rule: ratio\n            {BANDS}\n            form: inverse", "target=2", LOWER, "strategy.yaml:20: error: `form: inverse` of revenue gives the cap where the actual is 0, so the cap must be a number. Mend: Add `cap: 100`, or a higher one."),
    (f"rule: ratio\n            {BANDS}\n            form: inverse\n            cap: none", "target=2", LOWER, "strategy.yaml:21: error: `form: inverse` of revenue gives the cap"),
    ("rule: ratio", "target=2", DIRECTED, "strategy.yaml:18: error: The KPI revenue must state its bands: by the rule ratio, 66.67 is no sign of being on track. Mend: Add, for instance, `bands:"),
    ("rule: progress", "baseline=1 target=2", DIRECTED, "strategy.yaml:18: error: The KPI revenue must state its bands"),
    ("rule: min_max", "min=1 max=2", DIRECTED, "strategy.yaml:18: error: The KPI revenue must state its bands"),
    ("change: {against: previous}\n            phasing: seasonal", "red=1 target=2", DIRECTED, "strategy.yaml:19: error: The KPI revenue has nothing to phase"),
]  # fmt: skip


@pytest.mark.parametrize(("kpi", "points", "direction", "said"), FLAWS)
def test_a_flaw_is_found_with_its_line(
    tmp_path: Path, kpi: str, points: str, direction: str, said: str
) -> None:
    found = findings(tmp_path, kpi=kpi, points=points, direction=direction)
    assert len(found) == 1, found
    assert found[0].startswith(said), found


@pytest.mark.parametrize("rule", RULES)
def test_only_rules_whose_points_say_it_need_no_direction(rule: str) -> None:
    assert bool(setting_problems(Scoring(rule))) is (rule not in UNDIRECTED)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_does_without_points(rule: str) -> None:
    assert point_problems(Scoring(rule, "higher_is_better"), {})  # type: ignore[arg-type]
