"""The rows of the organisation's scorecard of a quarter, a fiscal year or the year to date that a reader takes away.

Not here: months (scorecard_records).
"""

from collections.abc import Iterator

from reports.edition import Edition
from reports.exports.columns import Column, Record, must
from reports.exports.scorecard_records import judged, nodes_of, state_of, weighed
from reports.hierarchy import name_of, points_lost, weight_shares
from reports.longer import Longer, Slot
from reports.periods import add_months
from reports.spans import QUARTER, YEAR, Span, months_of, spans_of
from reports.warehouse import rows
from reports.words.text import later
from scorecard.terms import MONTHS

PERIODS = (
    must("grain", "text", later("Length of the period: month, quarter, half, year, ytd, ttm.")),
    must(
        "period_start_date",
        "day",
        later("First day of the period; of ytd and ttm the first day of their last month."),
    ),
    must("level", "text", later("scorecard, perspective or objective.")),
    must("id", "text", later("Identifier within its level.")),
    Column("score", "number", later("0 to 100.")),
    Column("band", "text", later("on_track, at_risk or off_track; empty without a score.")),
    must("data_state", "text", later("current, stale, unverified, no_data or no_target.")),
    must("coverage", "number", later("Share of the weight below that has a score.")),
)


def span_of_record(edition: Edition, span: Span) -> Record:
    """Return whose scorecard it is, and of which period."""
    unit = edition.strategy.organisation
    return {
        "unit_id": unit.unit_id,
        "unit_name": unit.unit_name,
        "tree_name": unit.tree_name,
        "grain": span.stored,
        "period_start_date": span.key.isoformat(),
    }


def span_records(edition: Edition, longer: Longer, span: Span) -> list[Record]:
    """Return the scorecard of a period: the whole, perspectives, objectives, KPIs, in the strategy's order."""
    whole, seen = edition.organisation_id, longer.seen_in(edition, span)
    slot = longer.slot(span.stored, span.key)
    months = 12 if span.is_open else MONTHS[span.grain]
    before = longer.slot(span.stored, add_months(span.key, -months))
    shares, lost = weight_shares(seen, whole), points_lost(seen, whole)
    costs = seen.results.costs.get((whole, seen.month), [])
    above = {(cost.child_level, cost.child_id): cost.points_lost for cost in costs}
    found = [*_nodes(edition, slot, before), *_kpis(edition, slot, lost)]
    at: Record = {"grain": span.stored, "period_start_date": span.key.isoformat()}
    return weighed((at | row for row in found), shares, above)


def _nodes(edition: Edition, slot: Slot, before: Slot) -> Iterator[Record]:
    strategy = edition.strategy
    for level, node_id in nodes_of(edition):
        node, earlier = slot.node(level, node_id), before.node(level, node_id)
        found: Record = {
            "level": level,
            "id": node_id,
            "name": name_of(edition, level, node_id, edition.organisation_id)[0],
            "data_state": node.data_state if node is not None else "no_data",
            "score_before": earlier.score if earlier is not None else None,
        }
        if level == "perspective":
            found["parent_id"] = strategy.scorecard.scorecard_id
        if level == "objective":
            objective = strategy.objectives[node_id]
            found |= {"parent_id": objective.perspective_id, "owner_name": objective.owner_name}
        if node is not None:
            found |= {"score": node.score, "band": node.band, "coverage": node.coverage}
            found["weakest_id"] = node.weakest_child_id
        yield found


def _kpis(edition: Edition, slot: Slot, lost: dict[str, float]) -> Iterator[Record]:
    applies = edition.strategy.kpis_of_unit.get(slot.unit_id, frozenset())
    for kpi in edition.strategy.kpis.values():
        if kpi.kpi_id in applies:
            named: Record = {
                "level": "kpi",
                "id": kpi.kpi_id,
                "name": kpi.kpi_name,
                "parent_id": kpi.objective_id,
                "owner_name": kpi.owner_name,
                "measured_in": kpi.measured_in,
                "points_lost": lost.get(kpi.kpi_id),
            }
            yield named | _stood(slot.value(kpi.kpi_id), slot.score(kpi.kpi_id))


def _stood(value: rows.Value | None, score: rows.Score | None) -> Record:
    state = state_of(score, value)
    if state == "suppressed":
        return {"data_state": state}
    found: Record = {"data_state": state, **judged(score)}
    if score is None:
        found["actual"] = value.actual if value is not None else None
    elif state == "stale" or (value is not None and state != "unverified"):
        # A score without a value of its own period is of an earlier one, or of nothing that can be shown.
        found["actual"] = score.actual
    return found


def period_records(edition: Edition, longer: Longer) -> list[Record]:
    """Return the scores of the whole and of its perspectives and objectives in every period that has a page."""
    slots = [longer.slot("month", month) for month in months_of(edition)]
    spans = (*spans_of(edition, QUARTER), *spans_of(edition, YEAR))
    slots += [longer.slot(span.stored, span.key) for span in spans]
    found = []
    for slot in slots:
        for level, node_id in nodes_of(edition):
            node = slot.node(level, node_id)
            if node is not None:
                found.append(
                    {
                        "grain": slot.grain,
                        "period_start_date": slot.key.isoformat(),
                        "level": level,
                        "id": node_id,
                        "score": node.score,
                        "band": node.band,
                        "data_state": node.data_state,
                        "coverage": node.coverage,
                    }
                )
    return found
