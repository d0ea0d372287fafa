"""The rows of a KPI that a reader takes away: its periods in every unit, targets, reports, parts and what it is made of.

A value that is held back, or that cannot be trusted, is in none of them. Not here: scorecards (scorecard_records).
"""

from collections.abc import Iterator, Mapping
from datetime import date

from reports.edition import Edition
from reports.exports.columns import Column, Record, cell_of, must, ordered, plain
from reports.exports.scorecard_records import (
    JUDGED,
    joined,
    judged,
    reported_score_records,
    state_of,
)
from reports.periods import add_months
from reports.views.lengths import GRAINS
from reports.warehouse import rows
from reports.words.text import later
from scorecard.terms import MONTHS

KPI = (
    must("unit_id", "text", later("The unit of the organisation, with all units below it.")),
    must("unit_name", "text", later("Its name.")),
    must("grain", "text", later("Length of the period: month, quarter, half, year, ytd, ttm.")),
    must(
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
    Column("usual_mean", "number", later("Middle of the usual range.")),
    Column("is_provisional", "flag", later("The period is open, or not all data have come.")),
    Column("data_as_of_date", "day", later("Day up to which the data are complete.")),
)
TARGETS = (
    must("unit_id", "text", later("The unit for which the target was set.")),
    must("per", "text", later("Length of the period that it is given for.")),
    must("valid_from_date", "day", later("First day on which it holds.")),
    *(
        Column(name, "number", later("A scoring point of the rule, where it has it."))
        for name in (
            "red", "target", "worst", "best", "min", "max", "baseline", "basis", "low", "high",
            "tolerance_below", "tolerance_above",
        )
    ),
)  # fmt: skip
TARGET_POINTS = (
    must("unit_id", "text", later("The unit for which the target was set.")),
    must("per", "text", later("Length of the period that it is given for.")),
    must("valid_from_date", "day", later("First day on which it holds.")),
    must("value", "number", later("A value of a rule with steps or a curve.")),
    must("score", "number", later("The score that it earns.")),
)
COMMENTS = (
    must("unit_id", "text", later("The unit that the comment is on.")),
    must("period_start_date", "day", later("First day of the period that it is on.")),
    Column("author_name", "text", later("Who wrote it.")),
    must("comment_text", "text", later("What was written.")),
)
BASELINES = (
    must("valid_from_date", "day", later("First day from which the usual range is taken.")),
    Column("reason", "text", later("Why.")),
)
PARTS = (
    must("parent_unit_id", "text", later("The unit whose value moved.")),
    Column("tree_id", "text", later("The tree of units that is looked at.")),
    must("part", "text", later("unit, or what lies in none of them.")),
    must("unit_id", "text", later("The unit that moved it.")),
    must("grain", "text", later("Length of the period.")),
    Column("actual_before", "number", later("The unit's value of the period before.")),
    Column("actual", "number", later("The unit's value.")),
    Column("contribution", "number", later("By how much the unit moved the value above it.")),
)
REPORTED = (
    must("run_id", "text", later("The run that reported it.")),
    must("unit_id", "text", later("The unit that it is of.")),
    must("grain", "text", later("Length of the period.")),
    must("period_start_date", "day", later("First day of the period.")),
    Column("actual", "number", later("The value as it was reported.")),
    must("definition_id", "text", later("The definition by which it was computed.")),
    must("is_withdrawn", "flag", later("The report took back what had been reported.")),
    Column("reasons", "text", later("Why it was reported otherwise.")),
)
TERMS = (
    must("term_id", "text", later("Name of the term in the formula.")),
    must("measure_id", "text", later("The measure that it is taken from.")),
    must("aggregation", "text", later("How it adds up over units and periods.")),
    must("component", "text", later("value, numerator or denominator.")),
    must("of_unit", "text", later("Of the unit itself, of the one above it, or of the whole.")),
)
DEFINITION = (
    must("kpi_id", "text", later("Identifier.")),
    must("kpi_name", "text", later("Name.")),
    Column("description", "text", later("What it is.")),
    must("perspective_id", "text", later("Its perspective.")),
    must("objective_id", "text", later("Its objective.")),
    must("owner_name", "text", later("Who answers for it.")),
    Column("measure_id", "text", later("The measure that it is computed from.")),
    must("aggregation", "text", later("How its measure is put together.")),
    Column("expression", "text", later("Its formula, where it is computed from several measures.")),
    must("frequency", "text", later("How often it is measured.")),
    Column("direction", "text", later("Which side is better.")),
    must("measured_in", "text", later("Unit of measure; percent and points are fractions of 1.")),
    must("decimals", "integer", later("Decimals that are shown.")),
    must("rule", "text", later("Scoring rule.")),
    must("on_track_edge", "number", later("Lowest score that is on track.")),
    must("at_risk_edge", "number", later("Lowest score that is at risk.")),
    must("is_leading", "flag", later("It moves before what it is meant to move.")),
    must("definition_id", "text", later("Changes with every change of its meaning.")),
)


def history_records(edition: Edition, kpi: rows.Kpi, *, unit_id: str | None = None) -> list[Record]:
    """Return every period shown of a KPI: by unit (all, where none is given), grain and period."""
    found = []
    for unit in _units(edition, kpi):
        if unit_id in {None, unit.unit_id}:
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
    state = state_of(score, value)
    found: Record = {"data_state": state}
    if state == "suppressed":
        return found
    if value is not None and state != "unverified":
        found |= _measured(value)
    if score is not None and state != "unverified":
        found["actual"] = score.actual
        found["value_period_start_date"] = cell_of(score.value_period_start_date)
    if score is not None:
        found |= judged(score) | {
            "usual_low": score.usual_low,
            "usual_high": score.usual_high,
            "usual_mean": score.usual_mean,
        }
    return found


def _measured(value: rows.Value) -> Record:
    return {
        "actual": value.actual,
        "interval_low": value.interval_low,
        "interval_high": value.interval_high,
        "numerator": cell_of(value.numerator),
        "denominator": cell_of(value.denominator),
        "observations_count": value.observations_count,
        "is_provisional": value.is_provisional,
        "data_as_of_date": cell_of(value.data_as_of_date),
    }


def target_records(edition: Edition, kpi: rows.Kpi) -> list[Record]:
    """Return the targets of a KPI: by unit, length of period and first day."""
    return [plain(TARGETS, row) for row in edition.strategy.targets.get(kpi.kpi_id, [])]


def target_point_records(edition: Edition, kpi: rows.Kpi) -> list[Record]:
    """Return the points of targets with steps or a curve, by rising value."""
    return [
        plain(TARGET_POINTS[:3], row) | {"value": point["value"], "score": point["score"]}
        for row in edition.strategy.targets.get(kpi.kpi_id, [])
        for point in row.points or ()
    ]


def part_records(edition: Edition, kpi: rows.Kpi) -> list[Record]:
    """Return what the units did to the value above them; nothing where one could be had by subtraction."""
    found = []
    for unit in edition.strategy.units:
        parts = edition.results.unit_contributions.get((kpi.kpi_id, unit), [])
        if not _is_held(edition, parts):
            found += [plain(PARTS, row) for row in parts]
    return found


def _is_held(edition: Edition, parts: list[rows.UnitContribution]) -> bool:
    """Whether the value of a unit among the parts, or of the whole, is suppressed in either period."""
    for row in parts:
        for unit in (row.unit_id, row.parent_unit_id):
            values = edition.results.values.get((row.kpi_id, unit, row.grain), {})
            last = edition.last_closed(row.grain)
            both = (values.get(at) for at in (last, add_months(last, -MONTHS[row.grain])))
            if any(value is not None and value.is_suppressed for value in both):
                return True
    return False


def reported_records(edition: Edition, kpi: rows.Kpi) -> list[Record]:
    """Return the reports of every period whose value was reported more than once, by unit, oldest report first."""
    found = []
    for unit in _units(edition, kpi):
        reports = edition.published.reports.values.get((kpi.kpi_id, unit.unit_id), ())
        times: dict[date, int] = {}
        for row in reports:
            times[row.period_start_date] = times.get(row.period_start_date, 0) + 1
        values = edition.results.values.get((kpi.kpi_id, unit.unit_id, kpi.frequency), {})
        for row in reports:
            value = values.get(row.period_start_date)
            held = value is not None and value.is_suppressed
            if times[row.period_start_date] > 1 and not held:
                found.append(plain(REPORTED[:-1], row) | {"reasons": joined(row.reasons)})
    return found


def rescored_records(edition: Edition, kpi: rows.Kpi) -> list[Record]:
    """Return the reports of every period whose score was reported more than once, by unit."""
    found = []
    for unit in _units(edition, kpi):
        values = edition.results.values.get((kpi.kpi_id, unit.unit_id, kpi.frequency), {})
        held = {at.isoformat() for at, value in values.items() if value.is_suppressed}
        reports = reported_score_records(edition, "kpi", kpi.kpi_id, unit.unit_id)
        found += [row for row in reports if row["period_start_date"] not in held]
    return found


def term_records(edition: Edition, kpi: rows.Kpi) -> list[Record]:
    """Return what a KPI is computed from."""
    return [plain(TERMS, row) for row in edition.strategy.terms.get(kpi.kpi_id, [])]


def _units(edition: Edition, kpi: rows.Kpi) -> Iterator[rows.Unit]:
    """Yield the units to which a KPI applies."""
    for unit in edition.strategy.units.values():
        if kpi.kpi_id in edition.strategy.kpis_of_unit.get(unit.unit_id, frozenset()):
            yield unit


def comment_records(edition: Edition, kpi: rows.Kpi) -> list[Record]:
    """Return what was said of a KPI, by unit and period."""
    return [
        plain(COMMENTS, row)
        for unit in edition.strategy.units
        for row in edition.strategy.comments.get((kpi.kpi_id, unit), [])
    ]


def baseline_records(edition: Edition, kpi: rows.Kpi) -> list[Record]:
    """Return where a person began the usual range of a KPI anew."""
    return [plain(BASELINES, row) for row in edition.strategy.baselines.get(kpi.kpi_id, [])]


def definition_record(kpi: rows.Kpi) -> Record:
    """Return what a KPI is."""
    return plain(DEFINITION, kpi)
