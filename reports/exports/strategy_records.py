"""The rows of initiatives, of links of cause and effect, and of the heat map that a reader takes away.

Not here: scores (scorecard_records), KPIs (kpi_records).
"""

from collections.abc import Iterable

from reports.edition import Edition
from reports.exports.columns import Column, Record, must, ordered, plain
from reports.exports.scorecard_records import JUDGED, judged, state_of
from reports.periods import months_until
from reports.views.links import declared_of
from reports.warehouse import rows
from reports.words.text import later

INITIATIVES = (
    must("initiative_id", "text", later("Identifier.")),
    must("initiative_name", "text", later("Name.")),
    Column("description", "text", later("What it is.")),
    must("objective_id", "text", later("The objective that it is to move.")),
    must("owner_name", "text", later("Who answers for it.")),
    must("start_date", "day", later("First day.")),
    must("end_date", "day", later("Day on which it is due.")),
    Column("budget_amount", "number", later("Budget, in the release's currency.")),
    must("status", "text", later("planned, running, done or stopped.")),
    must("is_late", "flag", later("It, or one of its milestones, is overdue.")),
)
MILESTONES = (
    must("initiative_id", "text", later("The initiative that it is of.")),
    must("milestone_name", "text", later("Name.")),
    must("due_date", "day", later("Day on which it is due.")),
    Column("done_date", "day", later("Day on which it was done.")),
    must("is_late", "flag", later("It is overdue.")),
)
PAIR = (
    must("cause_objective_id", "text", later("The objective that should raise the other.")),
    must("effect_objective_id", "text", later("The objective that should be raised.")),
)
FOUND = (
    Column("pair_count", "integer", later("Pairs of changes that were compared.")),
    Column("correlation", "number", later("Rank correlation (Spearman) of the changes.")),
    Column("interval_low", "number", later("Lower end of its 95 % interval.")),
    Column("interval_high", "number", later("Upper end of that interval.")),
)
LINKS = (
    *PAIR,
    must("lag_months", "integer", later("Months from cause to effect, as the strategy says.")),
    Column("hypothesis", "text", later("Why the strategy expects it.")),
    Column("cause_kpi_id", "text", later("The KPI that stands for the cause.")),
    Column("effect_kpi_id", "text", later("The KPI that stands for the effect.")),
    must("evidence", "text", later("supported, not_supported or not_enough_data.")),
    *FOUND,
)
LAGS = (
    *PAIR,
    must("lag_months", "integer", later("Months from cause to effect that were tried.")),
    must("is_declared", "flag", later("It is the lag that the strategy names.")),
    *FOUND,
)
HEAT = (
    must("kpi_id", "text", later("Identifier of the KPI.")),
    must("kpi_name", "text", later("Its name.")),
    must("perspective_id", "text", later("Its perspective.")),
    must("period_start_date", "day", later("First day of the month.")),
    Column("actual", "number", later("The value; empty where there is none or it is held back.")),
    *JUDGED,
)


def initiative_records(found: Iterable[rows.Initiative]) -> list[Record]:
    """Return initiatives."""
    return [plain(INITIATIVES, row) for row in found]


def milestone_records(edition: Edition, found: Iterable[rows.Initiative]) -> list[Record]:
    """Return the milestones of initiatives."""
    return [
        {"initiative_id": row.initiative_id, **plain(MILESTONES[1:], step)}
        for row in found
        for step in edition.strategy.milestones.get(row.initiative_id, [])
    ]


def link_records(edition: Edition, objective_id: str | None = None) -> list[Record]:
    """Return the links with what the data say of them: all, or those to and from one objective."""
    found = []
    for link in edition.strategy.links:
        ends = (link.cause_objective_id, link.effect_objective_id)
        if objective_id is None or objective_id in ends:
            row = declared_of(edition, link)
            known = plain(FOUND, row) if row is not None else {}
            told: Record = {"evidence": link.evidence or "not_enough_data"}
            found.append(ordered(LINKS, plain(LINKS[:6], link) | told | known))
    return found


def lag_records(edition: Edition) -> list[Record]:
    """Return what the data say of every link at every lag that was tried."""
    found = edition.results.link_evidence
    return [
        plain(LAGS, row)
        for link in edition.strategy.links
        for row in found.get((link.cause_objective_id, link.effect_objective_id), [])
    ]


def heat_records(edition: Edition) -> list[Record]:
    """Return how every KPI of the organisation stood in each month shown."""
    whole = edition.organisation_id
    applies = edition.strategy.kpis_of_unit.get(whole, frozenset())
    found = []
    for kpi in edition.strategy.kpis.values():
        if kpi.kpi_id in applies:
            values = edition.results.values.get((kpi.kpi_id, whole, "month"), {})
            scores = edition.results.scores.get((kpi.kpi_id, whole, "month"), {})
            for month in months_until(edition.month):
                told = _month(values.get(month), scores.get(month))
                named = plain(HEAT[:3], kpi) | {"period_start_date": month.isoformat()}
                found.append(ordered(HEAT, named | told))
    return found


def _month(value: rows.Value | None, score: rows.Score | None) -> Record:
    state = state_of(score, value)
    found: Record = {"data_state": state}
    if state == "suppressed" or score is None:
        return found
    if state != "unverified":
        found["actual"] = score.actual
    return found | judged(score)
