"""What stands around a KPI in the strategy: its objective, what should move it and be moved by it, its other KPIs.

Not here: the evidence for that (links).
"""

from collections.abc import Sequence

from reports.card import Standing, node_of, points_lost
from reports.edition import Edition
from reports.text import Part


def related(edition: Edition, item: Standing) -> tuple[tuple[Part, ...], ...]:
    """Say what the objective should move, what should move it, and its other KPIs."""
    strategy, kpi = edition.strategy, item.kpi
    objective = strategy.objectives[kpi.objective_id]
    node = node_of(edition, "objective", objective.objective_id, item.unit_id)
    found: list[tuple[Part, ...]] = []
    lost = points_lost(edition, item.unit_id).get(kpi.kpi_id)
    score = edition.edges.write(node.score if node is not None else None)
    cost = (
        f"; this KPI cost the scorecard {edition.language.number(lost, 1)} points"
        if lost is not None
        else ""
    )
    found.append(
        (
            Part("It stands under "),
            Part(objective.objective_name, edition.objective_href(objective.objective_id)),
            Part(f" (score {score}){cost}."),
        )
    )
    effects = [link for link in strategy.links if link.cause_objective_id == objective.objective_id]
    causes = [link for link in strategy.links if link.effect_objective_id == objective.objective_id]
    for lead, ids in (
        ("The objective should move", [link.effect_objective_id for link in effects]),
        ("It should be moved by", [link.cause_objective_id for link in causes]),
    ):
        if ids:
            found.append(
                _named(
                    lead,
                    [
                        (
                            strategy.objectives[node_id].objective_name,
                            edition.objective_href(node_id),
                        )
                        for node_id in ids
                    ],
                )
            )
    others = [
        (other.kpi_name, edition.kpi_href(other.kpi_id, item.unit_id))
        for other in strategy.kpis.values()
        if other.objective_id == kpi.objective_id and other.kpi_id != kpi.kpi_id
    ]
    if others:
        found.append(
            _named("Its other KPI is" if len(others) == 1 else "Its other KPIs are", others)
        )
    return tuple(found)


def _named(lead: str, names: Sequence[tuple[str, str]]) -> tuple[Part, ...]:
    """Return a sentence that lists names with their addresses."""
    parts = [Part(f"{lead} ")]
    for index, (name, href) in enumerate(names):
        joint = "" if index == 0 else (" and " if index == len(names) - 1 else ", ")
        parts += [Part(joint), Part(name, href)]
    return (*parts, Part("."))
