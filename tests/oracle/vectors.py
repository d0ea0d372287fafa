"""The worked values of the scoring method, and a workspace of files alone that holds them all.

Every number stands here as the method's text gives it, or is worked out by hand beside it. Not here: what is asserted
(test_vectors).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml

AS_OF = date(2026, 10, 5)
MONTH = "2026-09"
LOWER = "lower_is_better"
PARTS = {"on_track": 90, "at_risk": 70}
"""Bands, for the rules that must state theirs."""


@dataclass(frozen=True)
class Vector:
    """One worked value of a rule."""

    id: str
    rule: str
    points: dict[str, Any]
    actual: float | str
    score: float
    direction: str | None = "higher_is_better"
    cap: float | Literal["none"] | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """What strategy.yaml says of it."""
        words: dict[str, Any] = {
            key: self.points[key] for key in ("form", "at_zero_target") if key in self.points
        }
        given: dict[str, Any] = {
            "rule": self.rule,
            "direction": self.direction,
            "cap": self.cap,
            **words,
        }
        if self.rule in ("ratio", "progress", "min_max"):
            given["bands"] = PARTS
        return {key: value for key, value in given.items() if value is not None}

    @property
    def cells(self) -> dict[str, str]:
        """What targets.csv says of it."""
        cells = {key: str(value) for key, value in self.points.items() if key != "points"}
        if "points" in self.points:
            cells["points"] = " ".join(f"{value}:{score}" for value, score in self.points["points"])
        return {key: value for key, value in cells.items() if key not in ("form", "at_zero_target")}


GOAL = {"red": 500, "target": 700}
GRADES: dict[str, Any] = {"points": [(0, 1), (66666, 2), (133333, 3)]}
BEND: dict[str, Any] = {"points": [(0, 0), (10, 80), (20, 100)]}
BETWEEN = {"low": 95, "high": 105, "tolerance": 10}
UNEVEN = {"low": 95, "high": 105, "tolerance_below": 5, "tolerance_above": 20}
AT_ZERO: dict[str, Any] = {"target": 0, "at_zero_target": "full_if_met"}
INVERSE: dict[str, Any] = {"target": 3, "form": "inverse"}

RULES = [
    Vector("linear_300", "linear", GOAL, 300, 0),
    Vector("linear_500", "linear", GOAL, 500, 33.33),
    Vector("linear_600", "linear", GOAL, 600, 50),
    Vector("linear_700", "linear", GOAL, 700, 66.67),
    Vector("linear_900", "linear", GOAL, 900, 100),
    Vector("linear_beyond", "linear", GOAL, 100000, 100),
    Vector("linear_below", "linear", GOAL, -100000, 0),
    Vector("linear_lower_500", "linear", {"red": 700, "target": 500}, 500, 66.67, LOWER),
    Vector("linear_lower_600", "linear", {"red": 700, "target": 500}, 600, 50, LOWER),
    Vector("linear_lower_900", "linear", {"red": 700, "target": 500}, 900, 0, LOWER),
    Vector("linear_ends_250", "linear", {**GOAL, "worst": 0, "best": 800}, 250, 16.67),
    Vector("linear_ends_750", "linear", {**GOAL, "worst": 0, "best": 800}, 750, 83.33),
    Vector("min_max", "min_max", {"min": 0, "max": 200}, 50, 25),
    Vector("min_max_lower", "min_max", {"min": 0, "max": 200}, 50, 75, LOWER),
    Vector("min_max_above", "min_max", {"min": 0, "max": 200}, 250, 100),
    Vector("progress", "progress", {"baseline": 15, "target": 45}, 16, 3.33),
    Vector("progress_lower", "progress", {"baseline": 45, "target": 15}, 44, 3.33, LOWER),
    Vector("progress_back", "progress", {"baseline": 15, "target": 45}, 10, 0),
    Vector("ratio_90", "ratio", {"target": 100}, 90, 90),
    Vector("ratio_3_of_6", "ratio", {"target": 6}, 3, 50),
    Vector("ratio_clamped", "ratio", {"target": 100}, 130, 100),
    Vector("ratio_cap_120", "ratio", {"target": 100}, 130, 120, cap=120),
    Vector("ratio_no_cap", "ratio", {"target": 100}, 250, 250, cap="none"),
    Vector("ratio_negative", "ratio", {"target": 100}, -5, 0),
    Vector("ratio_lower_110", "ratio", {"target": 100}, 110, 90, LOWER),
    Vector("ratio_lower_cap", "ratio", {"target": 100}, 80, 115, LOWER, cap=115),
    Vector("ratio_inverse_6", "ratio", INVERSE, 6, 50, LOWER, cap=150),
    Vector("ratio_inverse_0", "ratio", INVERSE, 0, 150, LOWER, cap=150),
    Vector("ratio_basis", "ratio", {"target": 2, "basis": 10}, 4, 75, LOWER),
    # -8 is a quarter of the way from a loss of 10 to one of 2.
    Vector("ratio_basis_negative", "ratio", {"target": -2, "basis": -10}, -8, 25),
    Vector("ratio_zero_met", "ratio", AT_ZERO, 0, 100, LOWER),
    Vector("ratio_zero_missed", "ratio", AT_ZERO, 1, 0, LOWER),
    Vector("range_100", "range", BETWEEN, 100, 100, None),
    Vector("range_90", "range", BETWEEN, 90, 50, None),
    Vector("range_115", "range", BETWEEN, 115, 0, None),
    Vector("range_edge", "range", BETWEEN, 105, 100, None),
    Vector("range_uneven_94", "range", UNEVEN, 94, 80, None),
    Vector("range_uneven_110", "range", UNEVEN, 110, 75, None),
    Vector("steps_66665", "steps", GRADES, 66665, 1, None),
    Vector("steps_66666", "steps", GRADES, 66666, 2, None),
    Vector("steps_133333", "steps", GRADES, 133333, 3, None),
    Vector("steps_below", "steps", GRADES, -1, 0, None),
    Vector("curve_5", "curve", BEND, 5, 40, None),
    Vector("curve_15", "curve", BEND, 15, 90, None),
    Vector("curve_beyond", "curve", BEND, 99, 100, None),
    Vector("curve_hill", "curve", {"points": [(0, 0), (50, 100), (100, 20)]}, 75, 60, None),
    Vector("binary_met", "binary", {"target": 95}, 95, 100),
    Vector("binary_missed", "binary", {"target": 95}, "94.999", 0),
    Vector("binary_lower", "binary", {"target": 0}, 0, 100, LOWER),
]  # fmt: skip

EDGES = {
    "edge_on_track": ("66.665", "on_track"),
    "edge_below": ("66.664", "at_risk"),
    "edge_at_risk": ("33.325", "at_risk"),
    "edge_off": ("33.324", "off_track"),
    "edge_exact": ("66.67", "on_track"),
}
"""Score of a KPI, and its band after rounding to two decimals."""

CONTROL = ["10", "12", "11", "13", "12", "11.075", "12.125", "10.6", "12.6", "10.6", "12.6", "11.6"]
"""The XmR vector's five values, and seven more that leave mean (11.6) and mean moving range (1.5) as they are."""


# -------------------------------------------------------------------------------------------------------- the workspace


@dataclass
class Files:
    """Gathers what stands in the files of a workspace."""

    targets: list[dict[str, str]] = field(default_factory=list)
    manual: dict[str, list[str]] = field(default_factory=dict)

    def kpi(
        self,
        kpi: str,
        values: dict[str, Any],
        *,
        month: str = MONTH,
        per: str = "month",
        cells: dict[str, str] | None = None,
        **settings: Any,
    ) -> dict[str, Any]:
        """Add a KPI's rows and points for some units, and give what strategy.yaml says of it.

        Left out, its points make the score equal the actual.
        """
        rows = ["period,unit,value,who,when"]
        for unit, value in values.items():
            if value is not None:
                rows.append(f"{month},{unit},{value},Ada,2026-10-01")
            cell = cells or {"points": "0:0 100:100"}
            self.targets.append(
                {"kpi": kpi, "unit": unit, "per": per, "valid_from": "2020-01-01", **cell}
            )
        if len(rows) == 1:  # a measure that has only ever been entered for another time
            rows.append(f"2025-01,{next(iter(values))},1,Ada,2025-02-01")
        score_is_actual = {} if cells else {"rule": "curve"}
        same = (measure for measure, others in self.manual.items() if others == rows)
        measure = next(same, kpi)  # each measure is a source of its own, which takes its time
        self.manual[measure] = rows
        return {
            "id": kpi, "name": kpi, "owner": "Ada", "measure": measure, "aggregation": "last",
            "applies_to": list(values), **score_is_actual, **settings,
        }  # fmt: skip

    def objective(
        self, name: str, kpis: Iterable[dict[str, Any]], **settings: Any
    ) -> dict[str, Any]:
        """Give an objective."""
        return {"id": name, "name": name, "owner": "Ada", "kpis": list(kpis), **settings}

    def write(self, folder: Path, *, company: dict[str, Any], strategy: dict[str, Any]) -> None:
        """Write company.yaml, strategy.yaml, targets.csv and manual/: nothing else."""
        (folder / "manual").mkdir(parents=True)
        for name, value in (("company", company), ("strategy", strategy)):
            text = yaml.safe_dump(value, sort_keys=False)
            (folder / f"{name}.yaml").write_text(text, "utf-8")
        columns = ["kpi", "unit", "per", "valid_from"]
        columns += sorted({name for row in self.targets for name in row} - set(columns))
        lines = [",".join(columns)]
        lines += [",".join(row.get(name, "") for name in columns) for row in self.targets]
        (folder / "targets.csv").write_text("\n".join(lines) + "\n", "utf-8")
        for measure, rows in self.manual.items():
            (folder / "manual" / f"{measure}.csv").write_text("\n".join(rows) + "\n", "utf-8")


COMPANY: dict[str, Any] = {
    "organisation": {"id": "acme", "name": "Acme"},
    "currency": "EUR",
    "trees": [
        {
            "id": "cases",
            "name": "Cases",
            "units": [
                {"id": name, "name": name}
                for name in (
                    "rules",
                    "parents",
                    "half",
                    "even",
                    "mixed",
                    "lone",
                    "control",
                    "late",
                    "sums",
                )
            ],
        }
    ],
}

BALANCED = {
    "financial": {"even": 50, "mixed": 80, "lone": 100},
    "customer": {"even": 50, "mixed": 60, "lone": 0},
    "internal": {"even": 50, "mixed": 70, "lone": 0},
    "learning": {"even": 50, "mixed": 65, "lone": 0},
}
"""Scores of perspectives, by unit."""
WEIGHTS = {"financial": 60, "customer": 10, "internal": 10, "learning": 20}
"""Weights from September 2026 on; before, all are equal."""


def write_workspace(folder: Path) -> None:
    """Write the workspace of all vectors."""
    files = Files()
    objectives: dict[str, list[dict[str, Any]]] = {name: [] for name in BALANCED}
    for name, scores in BALANCED.items():
        kpis = [
            files.kpi(f"level_{name}", scores),
            *_halves(files, name),
        ]
        objectives[name].append(files.objective(f"o_{name}", kpis))
    objectives["financial"] += _rule_objectives(files)
    objectives["customer"] += _parent_objectives(files)
    objectives["internal"] += _other_objectives(files)
    perspectives = [
        {
            "id": name,
            "name": name,
            "weight": [
                {"valid_from": "2020-01-01", "weight": 25},
                {"valid_from": "2026-09-01", "weight": WEIGHTS[name]},
            ],
            "objectives": found,
        }
        for name, found in objectives.items()
    ]
    strategy = {"id": "card", "name": "Card", "perspectives": perspectives}
    files.write(folder, company=COMPANY, strategy=strategy)


def _halves(files: Files, name: str) -> list[dict[str, Any]]:
    """Give two KPIs of the unit `half` in every objective: one has a value, one has none."""
    return [files.kpi(f"known_{name}", {"half": 80}), files.kpi(f"unknown_{name}", {"half": None})]


def _rule_objectives(files: Files) -> list[dict[str, Any]]:
    rules = [
        files.kpi(vector.id, {"rules": vector.actual}, cells=vector.cells, **vector.settings)
        for vector in RULES
    ]
    edges = [files.kpi(name, {"rules": score}) for name, (score, _) in EDGES.items()]
    return [files.objective("all_rules", rules), files.objective("all_edges", edges)]


def _pair(files: Files, name: str, scores: tuple[Any, Any], **more: Any) -> dict[str, Any]:
    """Give an objective of the unit `parents` with two KPIs; `weights` and `gate` are those of the KPIs."""
    weights, gate = more.pop("weights", (1, 1)), more.pop("gate", None)
    kpis = [
        files.kpi(f"{name}_{place}", {"parents": score}, weight=weight)
        for place, score, weight in zip("ab", scores, weights, strict=True)
    ]
    if gate is not None:
        kpis[0]["gate"] = gate
    return files.objective(name, kpis, **more)


def _parent_objectives(files: Files) -> list[dict[str, Any]]:
    return [
        _pair(files, "half_half", (90, 50), weights=(50, 50)),
        _pair(files, "ninety_ten", (90, 50), weights=(90, 10)),
        _pair(files, "scaled", (90, 50), weights=(0.009, 0.001)),
        _pair(files, "weightless", (90, 50), weights=(1, 0)),
        _pair(files, "covered_half", (80, None)),
        _pair(files, "covered_third", (80, None), weights=(1, 2)),
        _pair(files, "gated", (30, 100), weights=(1, 9), gate=40),
        _pair(files, "gate_held", (40, 100), weights=(1, 9), gate=40),
        _pair(files, "gate_unknown", (None, 100), weights=(1, 9), gate=40),
        _pair(files, "green_over_red", (0, 100), weights=(1, 9)),
        _pair(files, "worst", (90, 40), roll_up="worst"),
        _pair(files, "best", (90, 40), roll_up="best"),
        _pair(files, "geometric", (90, 40), roll_up="geometric"),
        _pair(files, "geometric_zero", (90, 0), roll_up="geometric"),
    ]


def _other_objectives(files: Files) -> list[dict[str, Any]]:
    """Ratios of sums, the usual range, and a KPI that is measured by quarters."""
    control = files.kpi("control_chart", {"control": 1})
    files.manual["control_chart"] = ["period,unit,value,who,when"] + [
        f"{2025 + (9 + n) // 12}-{(9 + n) % 12 + 1:02},control,{value},Ada,2026-10-01"
        for n, value in enumerate(CONTROL)
    ]
    share = files.kpi("share", {"sums": None}, aggregation="ratio")
    files.manual["share"] = [
        "period,unit,numerator,denominator,who,when",
        "2026-07,sums,0,0,Ada,2026-10-01",
        "2026-08,sums,5,10,Ada,2026-10-01",
        "2026-09,sums,400,1000,Ada,2026-10-01",
    ]
    quarterly = files.kpi(
        "quarterly", {"late": 70}, month="2026-06", per="quarter", frequency="quarter"
    )
    return [files.objective("others", [control, share, quarterly])]
