"""What stands above KPIs for a unit: scores of objectives, perspectives and the scorecard, shares of weight, points lost.

Not here: KPIs themselves (standing), the computing of scores (transforms).
"""

from collections.abc import Sequence
from datetime import date

from reports.edition import Edition
from reports.warehouse import rows


def node_of(
    edition: Edition, level: str, node_id: str, unit_id: str, month: date | None = None
) -> rows.Node | None:
    """Return a score of an objective, a perspective or the scorecard."""
    nodes = edition.results.nodes.get((level, node_id, unit_id), {})
    return nodes.get(month or edition.month)


def coverage_text(edition: Edition, node: rows.Node | None) -> str:
    """Write a coverage."""
    return edition.language.percent(node.coverage if node is not None else 0.0)


def weight_shares(
    edition: Edition, unit_id: str, month: date | None = None
) -> dict[tuple[str, str], float]:
    """Return each child's share of its siblings' weight, missing ones included."""
    costs = edition.results.costs.get((unit_id, month or edition.month))
    return edition.once(_weight_shares, costs) if costs else {}


def _weight_shares(_: Edition, costs: Sequence[rows.Cost]) -> dict[tuple[str, str], float]:
    totals: dict[tuple[str, str], float] = {}
    for cost in costs:
        parent = (cost.parent_level, cost.parent_id)
        totals[parent] = totals.get(parent, 0.0) + cost.weight
    return {
        (cost.child_level, cost.child_id): cost.weight / totals[cost.parent_level, cost.parent_id]
        for cost in costs
        if totals[cost.parent_level, cost.parent_id]
    }


def points_lost(edition: Edition, unit_id: str, month: date | None = None) -> dict[str, float]:
    """Return what each scored KPI costs the scorecard of 100: its shares up the tree times its missing points."""
    costs = edition.results.costs.get((unit_id, month or edition.month))
    return edition.once(_points_lost, costs) if costs else {}


def _points_lost(edition: Edition, costs: Sequence[rows.Cost]) -> dict[str, float]:
    share = {
        (cost.child_level, cost.child_id): cost.weight_share
        for cost in costs
        if cost.weight_share is not None
    }
    found = {}
    for cost in costs:
        if cost.child_level == "kpi" and cost.points_lost is not None:
            objective = share.get(("objective", cost.parent_id))
            perspective_id = edition.strategy.objectives[cost.parent_id].perspective_id
            perspective = share.get(("perspective", perspective_id))
            if objective is not None and perspective is not None:
                found[cost.child_id] = cost.points_lost * objective * perspective
    return found


def name_of(edition: Edition, level: str, node_id: str, unit_id: str) -> tuple[str, str]:
    """Return the name and address of a node of the strategy."""
    strategy = edition.strategy
    match level:
        case "kpi":
            return strategy.kpis[node_id].kpi_name, edition.kpi_href(node_id, unit_id)
        case "objective":
            return strategy.objectives[node_id].objective_name, edition.objective_href(node_id)
        case "perspective":
            name = strategy.perspectives[node_id].perspective_name
            return name, edition.perspective_href(node_id)
        case _:
            return strategy.scorecard.scorecard_name, edition.unit_href(unit_id)
