"""The rows of scorecards, perspectives and objectives that a reader takes away, and of the release that they are of.

A value that is held back, or that cannot be trusted, is in none of them. Not here: a KPI's history (kpi_records).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from reports.edition import Edition
from reports.exports.columns import Column, Record, must, ordered, plain
from reports.hierarchy import node_of, points_lost, weight_shares
from reports.periods import add_months, months_until
from reports.standing import Standing, standings
from reports.warehouse import rows
from reports.words.text import later

RELEASE = (
    must("release_id", "text", later("The release that the file is of.")),
    must("as_of_date", "day", later("Business day of the release.")),
    must("organisation_id", "text", later("The unit that is the whole.")),
    must("organisation_name", "text", later("Its name.")),
    must("scorecard_name", "text", later("Name of the scorecard.")),
    must("period_start_date", "day", later("First day of the headline month.")),
    must("currency_code", "text", later("Currency of amounts, ISO 4217.")),
)
OF = (
    must("unit_id", "text", later("The unit of the organisation, with all units below it.")),
    must("unit_name", "text", later("Its name.")),
    Column(
        "tree_name", "text", later("The tree of units in which it stands; empty for the whole.")
    ),
    must("grain", "text", later("Length of the period: month, quarter, half, year, ytd, ttm.")),
    must("period_start_date", "day", later("First day of the period that it is of.")),
)
PURPOSE = (
    Column("mission", "text", later("Why the organisation exists.")),
    Column("vision", "text", later("What it wants to become.")),
    Column("strategy", "text", later("How it means to get there.")),
)
JUDGED = (
    Column("target", "number", later("The target, where the rule has one.")),
    Column("red", "number", later("The red flag, where the rule has one.")),
    Column("score", "number", later("0 to 100, or to the KPI's cap.")),
    Column("band", "text", later("on_track, at_risk or off_track; empty without a score.")),
    must(
        "data_state",
        "text",
        later("current, stale, unverified, no_data, no_target or suppressed."),
    ),
    Column("signal", "text", later("What the XmR chart says of the value, if anything.")),
)
"""How a value was scored."""
SCORECARD = (
    must("level", "text", later("scorecard, perspective, objective or kpi.")),
    must("id", "text", later("Identifier within its level.")),
    must("name", "text", later("Name.")),
    Column("parent_id", "text", later("What it counts towards; empty for the scorecard.")),
    Column("owner_name", "text", later("Who answers for it.")),
    Column("measured_in", "text", later("Unit of measure; percent and points are fractions of 1.")),
    must("grain", "text", later("Length of the period: month, quarter, half, year, ytd, ttm.")),
    must("period_start_date", "day", later("First day of the period that the row is of.")),
    Column("actual", "number", later("The value; empty where there is none or it is held back.")),
    *JUDGED,
    Column("score_before", "number", later("The score of the period before.")),
    Column("weight_share", "number", later("Share of its siblings' weight.")),
    Column("points_lost", "number", later("Points that a KPI costs the scorecard of 100.")),
    Column("points_lost_above", "number", later("Points that it costs what it counts towards.")),
    Column("coverage", "number", later("Share of the weight below that has a score.")),
    Column("weakest_id", "text", later("The part that costs it most points.")),
    Column(
        "change",
        "text",
        later("Of a KPI: new or kept (a signal), none, too_few (periods to tell) or unknown."),
    ),
    Column("change_since_date", "day", later("First day of the period in which the signal began.")),
    Column("comment_text", "text", later("What was written on a KPI's period.")),
)
NODE = (
    must("level", "text", later("perspective or objective.")),
    must("id", "text", later("Identifier within its level.")),
    must("name", "text", later("Name.")),
    Column("perspective_id", "text", later("The perspective that an objective is in.")),
    Column("description", "text", later("What it is; of a perspective its question.")),
    Column("owner_name", "text", later("Who answers for it.")),
    must("roll_up", "text", later("How the scores below it become its own.")),
    Column("gate_score", "number", later("A score below it holds what is above back.")),
)
TREND = (
    must("level", "text", later("scorecard, perspective or objective.")),
    must("id", "text", later("Identifier within its level.")),
    must("period_start_date", "day", later("First day of the month.")),
    Column("score", "number", later("0 to 100.")),
    Column("band", "text", later("on_track, at_risk or off_track; empty without a score.")),
    must("data_state", "text", later("current, stale, unverified, no_data or no_target.")),
    must("coverage", "number", later("Share of the weight below that has a score.")),
)
MOVED = (
    must("parent_level", "text", later("Level of what moved.")),
    must("parent_id", "text", later("What moved.")),
    must("child_level", "text", later("Level of the part that moved it.")),
    must("child_id", "text", later("The part that moved it.")),
    Column("score_before", "number", later("The part's score of the month before.")),
    Column("score", "number", later("Its score.")),
    Column("contribution", "number", later("By how much the part moved the whole.")),
)
REPORTED_SCORE = (
    must("run_id", "text", later("The run that reported it.")),
    must("unit_id", "text", later("The unit that it is of.")),
    must("period_start_date", "day", later("First day of the period.")),
    Column("target", "number", later("The target as it stood then; of KPIs.")),
    Column("score", "number", later("The score as it was reported.")),
    Column("band", "text", later("The band as it was reported.")),
    must("data_state", "text", later("The state of its data as it was reported.")),
    must("is_withdrawn", "flag", later("The report took back what had been reported.")),
    Column("reasons", "text", later("Why it was reported otherwise.")),
)


def release_record(edition: Edition) -> Record:
    """Return what every file says of its release."""
    scorecard, release = edition.strategy.scorecard, edition.strategy.release
    return {
        "release_id": release.release_id,
        "as_of_date": release.as_of_date.isoformat(),
        "organisation_id": scorecard.organisation_id,
        "organisation_name": edition.strategy.organisation.unit_name,
        "scorecard_name": scorecard.scorecard_name,
        "period_start_date": edition.headline.isoformat(),
        "currency_code": scorecard.currency_code,
    }


def purpose_record(edition: Edition) -> Record:
    """Return what the scorecard serves."""
    return plain(PURPOSE, edition.strategy.scorecard)


def of_record(edition: Edition, unit: rows.Unit) -> Record:
    """Return whose scorecard it is, and of which month."""
    return {
        "unit_id": unit.unit_id,
        "unit_name": unit.unit_name,
        "tree_name": unit.tree_name,
        "grain": "month",
        "period_start_date": edition.month.isoformat(),
    }


def scorecard_records(edition: Edition, unit_id: str | None = None) -> list[Record]:
    """Return a unit's scorecard: the whole, perspectives, objectives, KPIs, in the strategy's order.

    Without a unit, the organisation's.
    """
    strategy, unit = edition.strategy, unit_id or edition.organisation_id
    items = standings(edition, unit)
    scorecard = strategy.scorecard
    shares, above = weight_shares(edition, unit), _lost_above(edition, unit)
    found = [
        _node(edition, "scorecard", scorecard.scorecard_id, unit)
        | {"name": scorecard.scorecard_name}
    ]
    found += [
        _node(edition, "perspective", row.perspective_id, unit)
        | {"name": row.perspective_name, "parent_id": scorecard.scorecard_id}
        for row in strategy.perspectives.values()
    ]
    found += [
        _node(edition, "objective", row.objective_id, unit)
        | {
            "name": row.objective_name,
            "parent_id": row.perspective_id,
            "owner_name": row.owner_name,
        }
        for row in strategy.objectives.values()
    ]
    lost = points_lost(edition, unit)
    found += [
        _standing(edition, item) | {"points_lost": lost.get(item.kpi.kpi_id)} for item in items
    ]
    return weighed(found, shares, above)


def weighed(
    found: Iterable[Record],
    shares: Mapping[tuple[str, str], float],
    above: Mapping[tuple[str, str], float | None],
) -> list[Record]:
    """Return rows of a scorecard with their weight and cost; what a suppressed KPI costs would tell its score."""
    done = []
    for row in found:
        key = (str(row["level"]), str(row["id"]))
        held = row["data_state"] == "suppressed"
        cost: Record = {"points_lost": None} if held else {"points_lost_above": above.get(key)}
        done.append(ordered(SCORECARD, row | {"weight_share": shares.get(key)} | cost))
    return done


def _lost_above(edition: Edition, unit_id: str) -> dict[tuple[str, str], float | None]:
    costs = edition.results.costs.get((unit_id, edition.month), [])
    return {(cost.child_level, cost.child_id): cost.points_lost for cost in costs}


def below(found: Collection[Record], level: str, node_id: str) -> list[Record]:
    """Return the rows of a scorecard that are a perspective or an objective, or under it."""
    kept, ids = [], {(level, node_id)}
    parents = {"objective": "perspective", "kpi": "objective"}
    for row in found:
        own = (str(row["level"]), str(row["id"]))
        if own in ids or (parents.get(own[0], ""), str(row["parent_id"])) in ids:
            ids.add(own)
            kept.append(row)
    return kept


def perspective_record(row: rows.Perspective) -> Record:
    """Return what a perspective is."""
    found: Record = {
        "level": "perspective",
        "id": row.perspective_id,
        "name": row.perspective_name,
        "description": row.question,
        "roll_up": row.roll_up,
    }
    return ordered(NODE, found)


def objective_record(row: rows.Objective) -> Record:
    """Return what an objective is."""
    found: Record = {
        "level": "objective",
        "id": row.objective_id,
        "name": row.objective_name,
        "perspective_id": row.perspective_id,
        "description": row.description,
        "owner_name": row.owner_name,
        "roll_up": row.roll_up,
        "gate_score": row.gate_score,
    }
    return ordered(NODE, found)


def trend_records(
    edition: Edition, unit_id: str, nodes: Collection[tuple[str, str]]
) -> list[Record]:
    """Return the scores of some nodes over the months that pages show, oldest first."""
    found = []
    for level, node_id in nodes:
        for month in months_until(edition.month):
            node = node_of(edition, level, node_id, unit_id, month)
            if node is not None:
                row: Record = {"level": level, "id": node_id}
                found.append(ordered(TREND, row | plain(TREND[2:], node)))
    return found


def nodes_of(edition: Edition) -> Iterator[tuple[str, str]]:
    """Yield the scorecard, the perspectives and the objectives."""
    strategy = edition.strategy
    yield "scorecard", strategy.scorecard.scorecard_id
    yield from (("perspective", node_id) for node_id in strategy.perspectives)
    yield from (("objective", node_id) for node_id in strategy.objectives)


def moved_records(
    edition: Edition, unit_id: str, nodes: Collection[tuple[str, str]]
) -> list[Record]:
    """Return what moved the scores of some nodes since the month before."""
    found = edition.results.contributions
    return [
        plain(MOVED, row)
        for level, node_id in nodes
        for row in found.get((level, node_id, unit_id), [])
    ]


def reported_score_records(
    edition: Edition, level: str, node_id: str, unit_id: str
) -> list[Record]:
    """Return the reports of every period whose score was reported more than once, oldest report first."""
    found = edition.published.reports.scores.get((level, node_id, unit_id), ())
    times: dict[object, int] = {}
    for row in found:
        times[row.period_start_date] = times.get(row.period_start_date, 0) + 1
    return [
        plain(REPORTED_SCORE[:-1], row) | {"reasons": joined(row.reasons)}
        for row in found
        if times[row.period_start_date] > 1
    ]


def joined(reasons: list[str] | None) -> str | None:
    """Return reasons as one cell."""
    return ", ".join(reasons) if reasons else None


def _node(edition: Edition, level: str, node_id: str, unit_id: str) -> Record:
    node = node_of(edition, level, node_id, unit_id)
    before = add_months(edition.month, -1)
    earlier = node_of(edition, level, node_id, unit_id, before)
    return {
        "level": level,
        "id": node_id,
        "grain": "month",
        "period_start_date": edition.month.isoformat(),
        "score": node.score if node is not None else None,
        "score_before": earlier.score if earlier is not None else None,
        "band": node.band if node is not None else None,
        "data_state": node.data_state if node is not None else "no_data",
        "coverage": node.coverage if node is not None else None,
        "weakest_id": node.weakest_child_id if node is not None else None,
    }


def _standing(edition: Edition, item: Standing) -> Record:
    held = item.status.key == "suppressed"
    score = None if held else item.score
    return {
        "level": "kpi",
        "id": item.kpi.kpi_id,
        "name": item.kpi.kpi_name,
        "parent_id": item.kpi.objective_id,
        "owner_name": item.kpi.owner_name,
        "measured_in": item.kpi.measured_in,
        "grain": item.grain,
        "period_start_date": item.value_start.isoformat(),
        "actual": item.actual,
        "data_state": state_of(score, item.value),
        **judged(score),
        "signal": None if held else item.moved.signal,
        "change": None if held else item.moved.kind,
        "change_since_date": None
        if held or item.moved.since is None
        else item.moved.since.isoformat(),
        "comment_text": _comment(edition, item),
    }


def _comment(edition: Edition, item: Standing) -> str | None:
    found = edition.strategy.comments.get((item.kpi.kpi_id, item.unit_id), [])
    own = [
        row.comment_text for row in found if row.period_start_date in {item.start, edition.month}
    ]
    return "\n\n".join(own) or None


def judged(score: rows.Score | None) -> Record:
    """Return what the row of a score says."""
    if score is None:
        return {}
    return {
        "target": score.target,
        "red": score.red,
        "score": score.score,
        "band": score.band,
        "signal": score.signal,
    }


def state_of(score: rows.Score | None, value: rows.Value | None) -> str:
    """Return the state of a period's data."""
    if value is not None and value.is_suppressed:
        return "suppressed"
    if score is not None:
        return score.data_state
    return "no_data" if value is None or value.actual is None else "no_target"
