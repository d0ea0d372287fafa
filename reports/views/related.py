"""What stands around a KPI in the strategy: its objective, what should move it and be moved by it, its other KPIs.

Not here: the evidence for that (links).
"""

from collections.abc import Iterable, Iterator

from reports.edition import Edition
from reports.hierarchy import node_of, points_lost
from reports.standing import Standing
from reports.warehouse import rows
from reports.words.lists import all_of
from reports.words.text import Part, say_parts


def related(edition: Edition, item: Standing) -> tuple[tuple[Part, ...], ...]:
    """Say what the objective should move, what should move it, and its other KPIs."""
    return (_under(edition, item), *edition.once(_linked, item.kpi), *_beside(edition, item))


def _under(edition: Edition, item: Standing) -> tuple[Part, ...]:
    """Name the objective with its score, and what the KPI cost the scorecard where that shows."""
    objective = edition.strategy.objectives[item.kpi.objective_id]
    node = node_of(edition, "objective", objective.objective_id, item.unit_id)
    named = _objective(edition, objective.objective_id)
    if node is None or node.score is None:
        return say_parts("It stands under {objective}, which has no score.", objective=named)
    score = edition.edges.write(node.score)
    lost = points_lost(edition, item.unit_id).get(item.kpi.kpi_id)
    if lost is None:
        return say_parts(
            "It stands under {objective} (score {score}).", objective=named, score=score
        )
    if not lost:
        return say_parts(
            "It stands under {objective} (score {score}); this KPI cost the scorecard nothing.",
            objective=named,
            score=score,
        )
    return say_parts(
        "It stands under {objective} (score {score}); this KPI cost the scorecard {points} points.",
        objective=named,
        score=score,
        points=edition.language.number(lost, 1),
    )


def _linked(edition: Edition, kpi: rows.Kpi) -> tuple[tuple[Part, ...], ...]:
    """Name what the objective should move, and what should move it."""
    found = []
    own, links = kpi.objective_id, edition.strategy.links
    effects = [row.effect_objective_id for row in links if row.cause_objective_id == own]
    causes = [row.cause_objective_id for row in links if row.effect_objective_id == own]
    if effects:
        found.append(
            say_parts(
                "The objective should move {objectives}.", objectives=_objectives(edition, effects)
            )
        )
    if causes:
        found.append(
            say_parts(
                "The objective should be moved by {objectives}.",
                objectives=_objectives(edition, causes),
            )
        )
    return tuple(found)


def _objectives(edition: Edition, ids: Iterable[str]) -> tuple[Part, ...]:
    return all_of([_objective(edition, objective_id) for objective_id in ids])


def _objective(edition: Edition, objective_id: str) -> Part:
    row = edition.strategy.objectives[objective_id]
    return Part(row.objective_name, edition.objective_href(objective_id))


def _beside(edition: Edition, item: Standing) -> Iterator[tuple[Part, ...]]:
    """Name the objective's other KPIs."""
    others = [
        Part(other.kpi_name, edition.kpi_href(other.kpi_id, item.unit_id))
        for other in edition.once(_others, item.kpi)
    ]
    if len(others) == 1:
        yield say_parts("The objective’s other KPI is {kpi}.", kpi=others[0])
    elif others:
        yield say_parts("The objective’s other KPIs are {kpis}.", kpis=all_of(others))


def _others(edition: Edition, kpi: rows.Kpi) -> tuple[rows.Kpi, ...]:
    return tuple(
        other
        for other in edition.strategy.kpis.values()
        if other.objective_id == kpi.objective_id and other.kpi_id != kpi.kpi_id
    )
