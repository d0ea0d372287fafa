"""The rows that a reader takes away, each column with its name, kind and meaning; the same in JSON, CSV and workbook.

A value that is held back, or that cannot be trusted, is in none of them. Not here: how rows are written (data, workbook, pack).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from reports import rows
from reports.card import Standing, node_of, points_lost, standings, weight_shares
from reports.edition import Edition
from reports.periods import add_months
from reports.text import later
from reports.views.lengths import GRAINS

Cell = str | int | float | bool | None
Record = dict[str, Cell]
Kind = Literal["text", "number", "integer", "flag", "day"]
NUMBERS = frozenset({"number", "integer"})


class Column(NamedTuple):
    """A column of what is taken away."""

    name: str
    kind: Kind
    meaning: str
    is_optional: bool = True
    """It may be empty."""


def _must(name: str, kind: Kind, meaning: str) -> Column:
    return Column(name, kind, meaning, is_optional=False)


RELEASE = (
    _must("release_id", "text", later("The release that the file is of.")),
    _must("as_of_date", "day", later("Business day of the release.")),
    _must("organisation_id", "text", later("The unit that is the whole.")),
    _must("organisation_name", "text", later("Its name.")),
    _must("scorecard_name", "text", later("Name of the scorecard.")),
    _must("period_start_date", "day", later("First day of the headline month.")),
    _must("currency_code", "text", later("Currency of amounts, ISO 4217.")),
)
JUDGED = (
    Column("target", "number", later("The target, where the rule has one.")),
    Column("red", "number", later("The red flag, where the rule has one.")),
    Column("score", "number", later("0 to 100, or to the KPI's cap.")),
    Column("band", "text", later("on_track, at_risk or off_track; empty without a score.")),
    _must(
        "data_state",
        "text",
        later("current, stale, unverified, no_data, no_target or suppressed."),
    ),
    Column("signal", "text", later("What the XmR chart says of the value, if anything.")),
)
"""How a value was scored."""
SCORECARD = (
    _must("level", "text", later("scorecard, perspective, objective or kpi.")),
    _must("id", "text", later("Identifier within its level.")),
    _must("name", "text", later("Name.")),
    Column("parent_id", "text", later("What it counts towards; empty for the scorecard.")),
    Column("owner_name", "text", later("Who answers for it.")),
    Column("measured_in", "text", later("Unit of measure; percent and points are fractions of 1.")),
    _must("grain", "text", later("Length of the period: month, quarter, half, year, ytd, ttm.")),
    _must("period_start_date", "day", later("First day of the period that the row is of.")),
    Column("actual", "number", later("The value; empty where there is none or it is held back.")),
    *JUDGED,
    Column("score_before", "number", later("The score of the period before.")),
    Column("weight_share", "number", later("Share of its siblings' weight.")),
    Column("points_lost", "number", later("Points that a KPI costs the scorecard of 100.")),
    Column("coverage", "number", later("Share of the weight below that has a score.")),
)
KPI = (
    _must("unit_id", "text", later("The unit of the organisation, with all units below it.")),
    _must("unit_name", "text", later("Its name.")),
    _must("grain", "text", later("Length of the period: month, quarter, half, year, ytd, ttm.")),
    _must(
        "period_start_date",
        "day",
        later("First day of the period; of ytd and ttm the first day of their last month."),
    ),
    Column("actual", "number", later("The value; empty where there is none or it is held back.")),
    Column(
        "value_period_start_date",
        "day",
        later("The period that the value is of; an earlier one where it is stale."),
    ),
    Column("interval_low", "number", later("Lower end of a survey's 95 % interval.")),
    Column("interval_high", "number", later("Upper end of that interval.")),
    Column("numerator", "number", later("Upper component.")),
    Column("denominator", "number", later("Lower component.")),
    Column("observations_count", "integer", later("Rows, answers or events counted.")),
    *JUDGED,
    Column("usual_low", "number", later("Lower end of the usual range.")),
    Column("usual_high", "number", later("Upper end of the usual range.")),
    Column("is_provisional", "flag", later("The period is open, or not all data have come.")),
    Column("data_as_of_date", "day", later("Day up to which the data are complete.")),
)
TARGETS = (
    _must("unit_id", "text", later("The unit for which the target was set.")),
    _must("per", "text", later("Length of the period that it is given for.")),
    _must("valid_from_date", "day", later("First day on which it holds.")),
    *(
        Column(name, "number", later("A scoring point of the rule, where it has it."))
        for name in (
            "red", "target", "worst", "best", "min", "max", "baseline", "basis", "low", "high",
            "tolerance_below", "tolerance_above",
        )
    ),
)  # fmt: skip
COMMENTS = (
    _must("unit_id", "text", later("The unit that the comment is on.")),
    _must("period_start_date", "day", later("First day of the period that it is on.")),
    Column("author_name", "text", later("Who wrote it.")),
    _must("comment_text", "text", later("What was written.")),
)
DEFINITION = (
    _must("kpi_id", "text", later("Identifier.")),
    _must("kpi_name", "text", later("Name.")),
    Column("description", "text", later("What it is.")),
    _must("perspective_id", "text", later("Its perspective.")),
    _must("objective_id", "text", later("Its objective.")),
    _must("owner_name", "text", later("Who answers for it.")),
    Column("measure_id", "text", later("The measure that it is computed from.")),
    _must("aggregation", "text", later("How its measure is put together.")),
    Column("expression", "text", later("Its formula, where it is computed from several measures.")),
    _must("frequency", "text", later("How often it is measured.")),
    Column("direction", "text", later("Which side is better.")),
    _must("measured_in", "text", later("Unit of measure; percent and points are fractions of 1.")),
    _must("decimals", "integer", later("Decimals that are shown.")),
    _must("rule", "text", later("Scoring rule.")),
    _must("on_track_edge", "number", later("Lowest score that is on track.")),
    _must("at_risk_edge", "number", later("Lowest score that is at risk.")),
    _must("is_leading", "flag", later("It moves before what it is meant to move.")),
    _must("definition_id", "text", later("Changes with every change of its meaning.")),
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
        "period_start_date": edition.month.isoformat(),
        "currency_code": scorecard.currency_code,
    }


def scorecard_records(edition: Edition) -> list[Record]:
    """Return the organisation's scorecard: the whole, perspectives, objectives, KPIs, in the strategy's order."""
    strategy, whole = edition.strategy, edition.organisation_id
    scorecard = strategy.scorecard
    shares = weight_shares(edition, whole)
    found = [
        _node(edition, "scorecard", scorecard.scorecard_id) | {"name": scorecard.scorecard_name}
    ]
    found += [
        _node(edition, "perspective", row.perspective_id)
        | {"name": row.perspective_name, "parent_id": scorecard.scorecard_id}
        for row in strategy.perspectives.values()
    ]
    found += [
        _node(edition, "objective", row.objective_id)
        | {
            "name": row.objective_name,
            "parent_id": row.perspective_id,
            "owner_name": row.owner_name,
        }
        for row in strategy.objectives.values()
    ]
    lost = points_lost(edition, whole)
    found += [
        _standing(item) | {"points_lost": lost.get(item.kpi.kpi_id)}
        for item in standings(edition, whole)
    ]
    return [
        ordered(SCORECARD, row | {"weight_share": shares.get((str(row["level"]), str(row["id"])))})
        for row in found
    ]


def _node(edition: Edition, level: str, node_id: str) -> Record:
    node = node_of(edition, level, node_id, edition.organisation_id)
    before = add_months(edition.month, -1)
    earlier = node_of(edition, level, node_id, edition.organisation_id, before)
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
    }


def _standing(item: Standing) -> Record:
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
        "data_state": _state(score, item.value),
        **_judged(score),
        "signal": None if held else item.moved.signal,
    }


def _judged(score: rows.Score | None) -> Record:
    """Return what a score's row says."""
    if score is None:
        return {}
    return {
        "target": score.target,
        "red": score.red,
        "score": score.score,
        "band": score.band,
        "signal": score.signal,
    }


def _state(score: rows.Score | None, value: rows.Value | None) -> str:
    if value is not None and value.is_suppressed:
        return "suppressed"
    if score is not None:
        return score.data_state
    return "no_data" if value is None or value.actual is None else "no_target"


def history_records(edition: Edition, kpi: rows.Kpi, *, unit_id: str | None = None) -> list[Record]:
    """Return every period shown of a KPI: by unit (all, where none is given), grain and period."""
    found = []
    for unit in edition.strategy.units.values():
        applies = kpi.kpi_id in edition.strategy.kpis_of_unit.get(unit.unit_id, frozenset())
        if applies and unit_id in {None, unit.unit_id}:
            found += [ordered(KPI, row) for row in _of_unit(edition, kpi, unit)]
    return found


def _of_unit(edition: Edition, kpi: rows.Kpi, unit: rows.Unit) -> Iterator[Record]:
    for grain in GRAINS:
        key = (kpi.kpi_id, unit.unit_id, grain)
        values: Mapping[date, rows.Value] = edition.results.values.get(key, {})
        scores: Mapping[date, rows.Score] = edition.results.scores.get(key, {})
        for start in sorted({*values, *scores}):
            yield {
                "unit_id": unit.unit_id,
                "unit_name": unit.unit_name,
                "grain": grain,
                "period_start_date": start.isoformat(),
                **_period(values.get(start), scores.get(start)),
            }


def _period(value: rows.Value | None, score: rows.Score | None) -> Record:
    state = _state(score, value)
    found: Record = {"data_state": state}
    if state == "suppressed":
        return found
    if value is not None and state != "unverified":
        found |= _measured(value)
    if score is not None and state != "unverified":
        found["actual"] = score.actual
        found["value_period_start_date"] = _day(score.value_period_start_date)
    if score is not None:
        found |= _judged(score) | {"usual_low": score.usual_low, "usual_high": score.usual_high}
    return found


def _measured(value: rows.Value) -> Record:
    return {
        "actual": value.actual,
        "interval_low": value.interval_low,
        "interval_high": value.interval_high,
        "numerator": _number(value.numerator),
        "denominator": _number(value.denominator),
        "observations_count": value.observations_count,
        "is_provisional": value.is_provisional,
        "data_as_of_date": _day(value.data_as_of_date),
    }


def target_records(edition: Edition, kpi: rows.Kpi) -> list[Record]:
    """Return the targets of a KPI: by unit, length of period and first day."""
    return [_plain(TARGETS, row) for row in edition.strategy.targets.get(kpi.kpi_id, [])]


def comment_records(edition: Edition, kpi: rows.Kpi) -> list[Record]:
    """Return what was said of a KPI, by unit and period."""
    return [
        _plain(COMMENTS, row)
        for unit in edition.strategy.units
        for row in edition.strategy.comments.get((kpi.kpi_id, unit), [])
    ]


def definition_record(kpi: rows.Kpi) -> Record:
    """Return what a KPI is."""
    return _plain(DEFINITION, kpi)


def ordered(columns: tuple[Column, ...], row: Record) -> Record:
    """Return a row with every column, in their order."""
    return {column.name: row.get(column.name) for column in columns}


def _plain(columns: tuple[Column, ...], row: object) -> Record:
    found = {}
    for column in columns:
        cell = getattr(row, column.name)
        found[column.name] = _day(cell) if column.kind == "day" else cell
    return found


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
