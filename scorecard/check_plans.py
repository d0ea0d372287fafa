"""Checks of targets, initiatives and commentary against the strategy and the units.

Not here: the form of those files (`workspace`).
"""

from collections.abc import Iterator

from scorecard.check_strategy import FILE as STRATEGY
from scorecard.check_strategy import kpi_places, objective_places
from scorecard.findings import Finding
from scorecard.plans import Target
from scorecard.points import point_problems, points_of, scoring
from scorecard.shape import did_you_mean
from scorecard.strategy import Kpi
from scorecard.targets_csv import FILE as TARGETS
from scorecard.terms import MONTHS
from scorecard.workspace import Workspace

INITIATIVES = "initiatives.yaml"


def check_plans(workspace: Workspace) -> Iterator[Finding]:
    """Check that targets, initiatives and comments speak of what exists, and that points are in order."""
    yield from _targets(workspace)
    yield from _hidden_targets(workspace)
    yield from _without_target(workspace)
    yield from _units_without_target(workspace)
    yield from _initiatives(workspace)
    yield from _comments(workspace)


def _unknown(file: str, line: int, *, kind: str, name: str, known: list[str]) -> Finding:
    where = "company.yaml" if kind == "unit" else "strategy.yaml"
    mend = did_you_mean(name, known) or f"Use the id of a {kind} in {where}."
    return Finding(file, line, "error", f"There is no {kind} {name}.", mend)


def _units(workspace: Workspace) -> list[str]:
    return [unit.id for _, unit, _, _ in workspace.company.units()]


def _targets(workspace: Workspace) -> Iterator[Finding]:
    kpis = {kpi.id: kpi for _, kpi in kpi_places(workspace)}
    units = _units(workspace)
    seen: dict[tuple[object, ...], int] = {}
    for target in workspace.targets:
        if target.kpi not in kpis:
            yield _unknown(TARGETS, target.line, kind="KPI", name=target.kpi, known=list(kpis))
        if target.unit not in units:
            yield _unknown(TARGETS, target.line, kind="unit", name=target.unit, known=units)
        key = (target.kpi, target.unit, target.per, target.valid_from)
        if key in seen:
            yield Finding(
                TARGETS,
                target.line,
                "error",
                f"The target of {target.kpi} for {target.unit} per {target.per} from {target.valid_from} is here twice; the first is in line {seen[key]}.",
                "Keep one of the two, or change valid_from.",
            )
        seen.setdefault(key, target.line)
        if target.kpi in kpis:
            yield from _points(target, kpis[target.kpi])


def _points(target: Target, kpi: Kpi) -> Iterator[Finding]:
    if MONTHS[target.per] < MONTHS[kpi.frequency]:
        yield Finding(
            TARGETS,
            target.line,
            "error",
            f"The KPI {kpi.id} is measured per {kpi.frequency}: no {target.per} of it is scored.",
            f"Write per {kpi.frequency}, or a longer period.",
        )
    for problem in point_problems(scoring(kpi), points_of(target)):
        yield Finding(TARGETS, target.line, "error", problem.message, problem.mend)


def _hidden_targets(workspace: Workspace) -> Iterator[Finding]:
    """Warn of rows for longer periods that no month takes: an older row of a shorter length still stands.

    The shorter length counts first. Who divides a newer year into months as well has written those from its start or later.
    """
    kpis = {kpi.id: kpi for _, kpi in kpi_places(workspace)}
    rows: dict[tuple[str, str], list[Target]] = {}
    for target in workspace.targets:
        if target.kpi in kpis and kpis[target.kpi].is_additive:
            rows.setdefault((target.kpi, target.unit), []).append(target)
    for given in rows.values():
        for target in given:
            shorter = [row for row in given if MONTHS[row.per] < MONTHS[target.per]]
            if not shorter or any(row.valid_from >= target.valid_from for row in shorter):
                continue
            standing = min(shorter, key=lambda row: (MONTHS[row.per], -row.valid_from.toordinal()))
            yield Finding(
                TARGETS,
                target.line,
                "warning",
                f"No {kpis[target.kpi].frequency} takes the target of {target.kpi} for {target.unit} per {target.per} from {target.valid_from}: the older one per {standing.per} from {standing.valid_from} in line {standing.line} still stands.",
                f"Write rows per {standing.per} from {target.valid_from}, or remove the older row.",
            )


def _without_target(workspace: Workspace) -> Iterator[Finding]:
    with_target = {target.kpi for target in workspace.targets}
    for place, kpi in kpi_places(workspace):
        if kpi.id not in with_target:
            yield Finding(
                STRATEGY,
                workspace.line(STRATEGY, *place),
                "warning",
                f"The KPI {kpi.id} has no target: it is shown, but not scored.",
                f"Add a row for {kpi.id} to targets.csv.",
            )


def _units_without_target(workspace: Workspace) -> Iterator[Finding]:
    """Warn of units that were forgotten: their siblings have a target, which does not pass on where amounts add up."""
    siblings: dict[tuple[str, str], list[str]] = {}
    for tree, unit, parent, _ in workspace.company.units():
        siblings.setdefault((tree.id if tree else "", parent or ""), []).append(unit.id)
    for place, kpi in kpi_places(workspace):
        given = {target.unit for target in workspace.targets if target.kpi == kpi.id}
        lacking = [
            unit
            for units in siblings.values()
            if given & set(units) and not kpi.is_intensive
            for unit in units
            if unit not in given and _applies(workspace, kpi, unit)
        ]
        if lacking:
            yield Finding(
                STRATEGY,
                workspace.line(STRATEGY, *place),
                "warning",
                f"The KPI {kpi.id} has targets for units beside {', '.join(lacking)}, but none for {'it' if len(lacking) == 1 else 'them'}.",
                "Add rows to targets.csv: amounts do not take their parent's target.",
            )


def _applies(workspace: Workspace, kpi: Kpi, unit_id: str) -> bool:
    trees = (
        tree.id for tree, unit, _, _ in workspace.company.units() if tree and unit.id == unit_id
    )
    return not kpi.applies_to or bool({unit_id, *trees} & set(kpi.applies_to))


def _initiatives(workspace: Workspace) -> Iterator[Finding]:
    objectives = [objective.id for _, objective in objective_places(workspace)]
    seen: dict[str, int] = {}
    for number, initiative in enumerate(workspace.initiatives.initiatives):
        line = workspace.line(INITIATIVES, "initiatives", number, "id")
        if initiative.objective not in objectives:
            place = workspace.line(INITIATIVES, "initiatives", number, "objective")
            yield _unknown(
                INITIATIVES, place, kind="objective", name=initiative.objective, known=objectives
            )
        if initiative.id in seen:
            yield Finding(
                INITIATIVES,
                line,
                "error",
                f"Two initiatives are called {initiative.id}; the first is in line {seen[initiative.id]}.",
                "Give each an id of its own.",
            )
        seen.setdefault(initiative.id, line)
        if initiative.end < initiative.start:
            place = workspace.line(INITIATIVES, "initiatives", number, "end")
            yield Finding(
                INITIATIVES,
                place,
                "error",
                f"The initiative {initiative.id} ends on {initiative.end}, before it starts.",
                "Correct `start` or `end`.",
            )


def _comments(workspace: Workspace) -> Iterator[Finding]:
    kpis = [kpi.id for _, kpi in kpi_places(workspace)]
    units = _units(workspace)
    for comment in workspace.comments:
        file = f"commentary/{comment.kpi}/{comment.period:%Y-%m}.md"
        if comment.kpi not in kpis:
            yield _unknown(file, 0, kind="KPI", name=comment.kpi, known=kpis)
        if comment.unit is not None and comment.unit not in units:
            yield _unknown(
                file, workspace.line(file, "unit"), kind="unit", name=comment.unit, known=units
            )
