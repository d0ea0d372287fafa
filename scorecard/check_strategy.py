"""Checks of `strategy.yaml`: that it holds together, and that it follows the method.

Not here: targets, initiatives and commentary (`check_plans`), and what is in the SQL of measures (transforms).
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from scorecard.findings import Finding
from scorecard.points import scoring, setting_problems
from scorecard.shape import did_you_mean
from scorecard.strategy import OWN_BANDS, Bands, Kpi, Objective, Perspective, Weight
from scorecard.workspace import Workspace
from scorecard.yaml_lines import Place

FILE = "strategy.yaml"
Child = Perspective | Objective | Kpi


def check_strategy(workspace: Workspace) -> Iterator[Finding]:
    """Check ids, measures, units, weights, bands and links, and give the method's warnings."""
    yield from _ids(workspace)
    yield from _measures(workspace)
    yield from _surveys(workspace)
    yield from _applies_to(workspace)
    yield from _weights(workspace)
    yield from _bands(workspace)
    yield from _baselines(workspace)
    yield from _scoring(workspace)
    yield from _links(workspace)
    yield from _balance(workspace)
    yield from _method(workspace)


def _finding(workspace: Workspace, place: Place, message: str, mend: str) -> Finding:
    return Finding(FILE, workspace.line(FILE, *place), "error", message, mend)


def _warning(workspace: Workspace, place: Place, message: str, mend: str) -> Finding:
    return Finding(FILE, workspace.line(FILE, *place), "warning", message, mend)


def perspective_places(workspace: Workspace) -> Iterator[tuple[Place, Perspective]]:
    """Yield each perspective with its place."""
    for number, perspective in enumerate(workspace.strategy.perspectives):
        yield ("perspectives", number), perspective


def objective_places(workspace: Workspace) -> Iterator[tuple[Place, Objective]]:
    """Yield each objective with its place."""
    for place, perspective in perspective_places(workspace):
        for number, objective in enumerate(perspective.objectives):
            yield (*place, "objectives", number), objective


def kpi_places(workspace: Workspace) -> Iterator[tuple[Place, Kpi]]:
    """Yield each KPI with its place."""
    for place, objective in objective_places(workspace):
        for number, kpi in enumerate(objective.kpis):
            yield (*place, "kpis", number), kpi


def _parts(workspace: Workspace) -> Iterator[tuple[Place, str, Child]]:
    for place, perspective in perspective_places(workspace):
        yield place, "perspective", perspective
    for place, objective in objective_places(workspace):
        yield place, "objective", objective
    for place, kpi in kpi_places(workspace):
        yield place, "KPI", kpi


def _ids(workspace: Workspace) -> Iterator[Finding]:
    first: dict[str, tuple[str, int]] = {
        workspace.strategy.id: ("scorecard", workspace.line(FILE, "id"))
    }
    for place, kind, part in _parts(workspace):
        if part.id in first:
            other, line = first[part.id]
            yield _finding(
                workspace,
                (*place, "id"),
                f"The {kind} {part.id} has the id of the {other} in line {line}.",
                "Give each perspective, objective and KPI an id of its own.",
            )
        first.setdefault(part.id, (kind, workspace.line(FILE, *place, "id")))


def _measures(workspace: Workspace) -> Iterator[Finding]:
    used = {term.measure for _, kpi in kpi_places(workspace) for term in kpi.terms().values()}
    for place, kpi in kpi_places(workspace):
        for name, term in kpi.terms().items():
            if term.measure in workspace.measures:
                continue
            below = ("derived", "terms", name) if kpi.derived else ()
            yield _finding(
                workspace,
                (*place, *below, "measure"),
                f"The KPI {kpi.id} has no measure: there is no measures/{term.measure}.sql and no manual/{term.measure}.csv.",
                did_you_mean(term.measure, list(workspace.measures))
                or f"Write measures/{term.measure}.sql, or enter values in manual/{term.measure}.csv.",
            )
    for name, file in workspace.measures.items():
        others = (other.text for other in workspace.measures.values() if other.name != name)
        if name not in used and not any(
            re.search(rf"\bmeasure\.{name}\b", text, re.I) for text in others
        ):
            yield Finding(
                file.path,
                1,
                "warning",
                f"No KPI uses the measure {name}.",
                "Add a KPI to strategy.yaml with it, or remove the file.",
            )


def _surveys(workspace: Workspace) -> Iterator[Finding]:
    """See that answers are added up as such."""
    for place, kpi in kpi_places(workspace):
        if kpi.survey and kpi.aggregation != "score":
            yield _finding(
                workspace,
                (*place, "survey"),
                f"The KPI {kpi.id} is a survey, and its aggregation is {kpi.aggregation or 'that of its terms'}.",
                "Write `aggregation: score`, or remove `survey`.",
            )


def _applies_to(workspace: Workspace) -> Iterator[Finding]:
    units = {unit.id for _, unit, _, _ in workspace.company.units()}
    known = sorted(units | {tree.id for tree in workspace.company.trees})
    for place, kpi in kpi_places(workspace):
        for number, name in enumerate(kpi.applies_to):
            if name not in known:
                yield _finding(
                    workspace,
                    (*place, "applies_to", number),
                    f"The KPI {kpi.id} applies to {name}, which is no unit and no tree.",
                    did_you_mean(name, known) or "Name units or trees of company.yaml.",
                )


def weight_at(weight: Weight, day: date) -> float:
    """Give the weight valid on a day; before its first date nothing counts."""
    if isinstance(weight, int | float):
        return float(weight)
    valid = [dated.weight for dated in weight if dated.valid_from <= day]
    return valid[-1] if valid else 0.0


def _dates(children: Sequence[Child]) -> list[date]:
    dated = [child.weight for child in children if isinstance(child.weight, tuple)]
    return sorted({entry.valid_from for weight in dated for entry in weight}) or [date.max]


def _weights(workspace: Workspace) -> Iterator[Finding]:
    for place, _, part in _parts(workspace):
        if isinstance(part.weight, tuple):
            yield from _dated(workspace, (*place, "weight"), part)
    yield from _nothing_counts(workspace, (), "scorecard", workspace.strategy.perspectives)
    for place, perspective in perspective_places(workspace):
        yield from _nothing_counts(
            workspace, place, f"perspective {perspective.id}", perspective.objectives
        )
    for place, objective in objective_places(workspace):
        yield from _nothing_counts(workspace, place, f"objective {objective.id}", objective.kpis)


def _dated(workspace: Workspace, place: Place, part: Child) -> Iterator[Finding]:
    weights = part.weight if isinstance(part.weight, tuple) else ()
    for number, (before, after) in enumerate(pairwise(weights), 1):
        if after.valid_from <= before.valid_from:
            yield _finding(
                workspace,
                (*place, number),
                f"The weight of {part.id} from {after.valid_from} comes after the one from {before.valid_from}.",
                "Write dated weights in the order of their dates, each date once.",
            )


def _nothing_counts(
    workspace: Workspace, place: Place, parent: str, children: Sequence[Child]
) -> Iterator[Finding]:
    for day in _dates(children) if children else ():
        if sum(weight_at(child.weight, day) for child in children) == 0:
            since = "" if day == date.max else f" from {day} on"
            yield _finding(
                workspace,
                place,
                f"Nothing counts in the {parent}{since}: every weight below it is 0.",
                "Give at least one of them a weight above 0.",
            )
            return


def _bands(workspace: Workspace) -> Iterator[Finding]:
    sets: list[tuple[Place, Bands | None]] = [(("bands",), workspace.strategy.bands)]
    sets += [((*place, "bands"), kpi.bands) for place, kpi in kpi_places(workspace)]
    for place, bands in sets:
        if bands and bands.on_track <= bands.at_risk:
            yield _finding(
                workspace,
                place,
                f"on_track ({bands.on_track:g}) must be above at_risk ({bands.at_risk:g}).",
                "Put the higher edge at on_track.",
            )


def _scoring(workspace: Workspace) -> Iterator[Finding]:
    """See that each KPI's settings suit its rule and its aggregation."""
    for place, kpi in kpi_places(workspace):
        for problem in setting_problems(scoring(kpi)):
            yield _finding(workspace, (*place, problem.about), problem.message, problem.mend)
        if kpi.rule in OWN_BANDS and kpi.bands is None:
            yield _finding(
                workspace,
                (*place, "rule"),
                f"The KPI {kpi.id} must state its bands: by the rule {kpi.rule}, 66.67 is no sign of being on track.",
                "Add, for instance, `bands: {on_track: 95, at_risk: 80}`.",
            )
        if "phasing" in kpi.model_fields_set and not kpi.is_additive:
            yield _finding(
                workspace,
                (*place, "phasing"),
                f"The KPI {kpi.id} has nothing to phase: only amounts that add up over months are divided into them.",
                "Remove `phasing`.",
            )


def _baselines(workspace: Workspace) -> Iterator[Finding]:
    for place, kpi in kpi_places(workspace):
        for number, (before, after) in enumerate(pairwise(kpi.baselines), 1):
            if after.valid_from <= before.valid_from:
                yield _finding(
                    workspace,
                    (*place, "baselines", number),
                    f"The baseline of {kpi.id} from {after.valid_from} comes after the one from {before.valid_from}.",
                    "Write baselines in the order of their dates, each date once.",
                )


def _links(workspace: Workspace) -> Iterator[Finding]:
    objectives = [objective.id for _, objective in objective_places(workspace)]
    seen: set[tuple[str, str]] = set()
    for number, link in enumerate(workspace.strategy.links):
        place: Place = ("links", number)
        for end in ("cause", "effect"):
            name = getattr(link, end)
            if name not in objectives:
                yield _finding(
                    workspace,
                    (*place, end),
                    f"The link's {end} {name} is no objective.",
                    did_you_mean(name, objectives) or "Name the id of an objective.",
                )
        if link.cause == link.effect:
            yield _finding(
                workspace,
                place,
                f"The objective {link.cause} is linked to itself.",
                "Link it to another objective.",
            )
        if (link.cause, link.effect) in seen:
            yield _finding(
                workspace,
                place,
                f"The link from {link.cause} to {link.effect} is here twice.",
                "Keep one of the two.",
            )
        seen.add((link.cause, link.effect))
    yield from _link_kpis(workspace)
    yield from _ring(workspace)


def _link_kpis(workspace: Workspace) -> Iterator[Finding]:
    """See that the KPIs that stand for a link's objectives are theirs."""
    owned = {
        objective.id: [kpi.id for kpi in objective.kpis]
        for _, objective in objective_places(workspace)
    }
    for number, link in enumerate(workspace.strategy.links):
        ends = (("cause", link.cause, link.cause_kpi), ("effect", link.effect, link.effect_kpi))
        for end, objective, kpi in ends:
            own = owned.get(objective)
            if kpi is None or own is None or kpi in own:
                continue
            yield _finding(
                workspace,
                ("links", number, f"{end}_kpi"),
                f"The link's {end}_kpi {kpi} is no KPI of the objective {objective}.",
                did_you_mean(kpi, own)
                or (f"Name one of {', '.join(own)}." if own else "Give the objective a KPI first."),
            )


def _ring(workspace: Workspace) -> Iterator[Finding]:
    links = [link for link in workspace.strategy.links if link.cause != link.effect]
    graph: dict[str, set[str]] = {}
    for link in links:
        graph.setdefault(link.effect, set()).add(link.cause)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        ring: list[str] = error.args[1]
        number = max(
            n
            for n, link in enumerate(workspace.strategy.links)
            if (link.cause, link.effect) in set(pairwise(ring))
        )
        yield _finding(
            workspace,
            ("links", number),
            f"The links form a ring: {' moves '.join(ring)}.",
            "Remove one of them; cause and effect run one way.",
        )


def _balance(workspace: Workspace) -> Iterator[Finding]:
    strategy = workspace.strategy
    limits = strategy.balance
    if limits.lowest_share >= limits.highest_share:
        yield _finding(
            workspace, ("balance",), "lowest_share must be below highest_share.", "Swap them."
        )
    if len(strategy.perspectives) < 2:  # noqa: PLR2004 - one perspective has nothing to balance
        return
    before: dict[str, float] = {}
    for day in _dates(strategy.perspectives):
        shares = _shares(strategy.perspectives, day)
        for place, perspective in perspective_places(workspace):
            share = shares.get(perspective.id)
            if share is not None and share != before.get(perspective.id):
                yield from _share_limits(workspace, (*place, "weight"), share, day=day)
        before = shares


def _shares(perspectives: Sequence[Perspective], day: date) -> dict[str, float]:
    """Give the perspectives' shares of the weight on a day; one whose first weight is of a later date has none yet."""
    weights = {each.id: weight_at(each.weight, day) for each in perspectives if _is_in(each, day)}
    total = sum(weights.values())
    return {each: round(weight / total, 9) for each, weight in weights.items()} if total else {}


def _is_in(perspective: Perspective, day: date) -> bool:
    weight = perspective.weight
    return not isinstance(weight, tuple) or any(dated.valid_from <= day for dated in weight)


def _share_limits(
    workspace: Workspace, place: Place, share: float, *, day: date
) -> Iterator[Finding]:
    perspective = workspace.strategy.perspectives[int(place[1])]
    limits = workspace.strategy.balance
    has = f"The perspective {perspective.id} has {share:.0%} of the weight"
    has += "" if day == date.max else f" from {day}"
    if share > limits.highest_share:
        yield _warning(
            workspace,
            place,
            f"{has}, more than {limits.highest_share:.0%}: it dominates the scorecard.",
            "Lower its weight, or raise balance.highest_share.",
        )
    if share < limits.lowest_share:
        yield _warning(
            workspace,
            place,
            f"{has}, less than {limits.lowest_share:.0%}: it hardly counts.",
            "Raise its weight, or lower balance.lowest_share.",
        )


def _method(workspace: Workspace) -> Iterator[Finding]:
    for place, perspective in perspective_places(workspace):
        kpis = [kpi for objective in perspective.objectives for kpi in objective.kpis]
        if not any(kpi.is_leading for kpi in kpis):
            yield _warning(
                workspace,
                place,
                f"The perspective {perspective.id} has no leading KPI: it tells what was, not what comes.",
                "Mark a KPI that moves early with `is_leading: true`, or add one.",
            )
    linked = {end for link in workspace.strategy.links for end in (link.cause, link.effect)}
    funded = {initiative.objective for initiative in workspace.initiatives.initiatives}
    for place, objective in objective_places(workspace):
        if not objective.kpis:
            yield _warning(
                workspace,
                place,
                f"The objective {objective.id} has no KPI: it cannot be scored.",
                "Add a KPI below it.",
            )
        if objective.id not in linked | funded:
            yield _warning(
                workspace,
                place,
                f"The objective {objective.id} has neither a cause-and-effect link nor an initiative: nothing moves it, and it moves nothing.",
                "Add one of the two.",
            )
