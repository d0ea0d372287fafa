"""What a KPI is: how it adds up, which way is better, when it is held back, and what a reader should be warned of.

Not here: its targets (targets) and the SQL behind it (derivation).
"""

from collections.abc import Iterator
from datetime import date

from reports.edition import Edition
from reports.standing import Standing
from reports.warehouse import rows
from reports.words.text import Part, later, say, say_count, say_parts

AGGREGATION_WORDS = {
    "sum": later("adds up over periods and units"),
    "ratio": later("a ratio of sums over periods and units, never a mean of ratios"),
    "last": later("the last month of a longer period; adds up over units"),
    "mean": later("the mean of the months; adds up over units"),
    "distinct": later("counted anew in every period and unit, never added"),
    "score": later("from the counts of all answers over periods and units"),
    "derived": later("computed anew in every period and unit from terms that have added up"),
}
SURVEY_WORDS = {
    "nps": later("net promoter score: share of 9 and 10 less share of 0 to 6"),
    "enps": later("employee net promoter score: share of 9 and 10 less share of 0 to 6"),
    "csat": later("share of 4 and 5 among answers from 1 to 5"),
    "likert_mean": later("mean of the answers"),
    "response_rate": later("answers given, of people asked"),
}
EVERY = {
    "month": later("every month"),
    "quarter": later("every quarter"),
    "half": later("every half-year"),
    "year": later("every year"),
}
DIRECTION_WORDS = {
    "higher_is_better": later("higher is better"),
    "lower_is_better": later("lower is better"),
    None: later("the scoring points say which values are good"),
}
CHANGES = {
    ("relative", "previous"): later("relative, against the period before"),
    ("relative", "last_year"): later("relative, against the same period last year"),
    ("absolute", "previous"): later("absolute, against the period before"),
    ("absolute", "last_year"): later("absolute, against the same period last year"),
}
ALWAYS = date(1, 1, 1)
"""From when a unit stands where it always stood."""


def definition(edition: Edition, item: Standing) -> tuple[tuple[str, str], ...]:
    """Return a KPI's definition as terms and texts."""
    return edition.once(_definition, item.kpi)


def _definition(edition: Edition, kpi: rows.Kpi) -> tuple[tuple[str, str], ...]:
    return (
        (say("What it means"), kpi.description or say("not described")),
        (say("Owner"), kpi.owner_name),
        (say("Direction"), say(DIRECTION_WORDS[kpi.direction])),
        (say("Measured"), say(EVERY[kpi.frequency])),
        (say("Adds up"), say(AGGREGATION_WORDS[kpi.aggregation])),
        *_made_of(edition, kpi),
        (say("Measured in"), edition.scale_of(kpi).unit or say("a plain number")),
        (say("Kind"), _kind(kpi)),
        *_missing(kpi),
        *_watched(edition, kpi),
        *_held(edition, kpi),
    )


def _kind(kpi: rows.Kpi) -> str:
    if kpi.is_leading:
        return say("leading: it moves before the result does")
    return say("lagging: it shows the result")


def _missing(kpi: rows.Kpi) -> Iterator[tuple[str, str]]:
    """Say what a month without rows counts as, and for how long an older value stands in."""
    is_zero = kpi.empty_means == "zero"
    yield say("A month without rows"), say("counts as zero") if is_zero else say("has no data")
    yield (
        say("A missing period"),
        say_count(
            "the last good value stands in for up to {count} period",
            "the last good value stands in for up to {count} periods",
            kpi.max_age,
        )
        if kpi.max_age
        else say("no older value stands in for it"),
    )


def _made_of(edition: Edition, kpi: rows.Kpi) -> Iterator[tuple[str, str]]:
    if kpi.expression:
        yield say("Expression"), kpi.expression
    if kpi.survey is not None:
        yield say("Survey"), say(SURVEY_WORDS[kpi.survey])
    if kpi.change_against is not None:
        form = "relative" if kpi.change_form == "relative" else "absolute"
        yield say("Change"), say(CHANGES[form, kpi.change_against])
    if kpi.index_base_date is not None:
        base = edition.calendar.period(kpi.index_base_grain or "month", kpi.index_base_date)
        yield say("Index"), say("{period} is 100", period=base)


def _watched(edition: Edition, kpi: rows.Kpi) -> Iterator[tuple[str, str]]:
    if kpi.signal_on == "change_yoy":
        yield say("Watched for signals"), say("its change on last year, since it has seasons")
    for row in edition.strategy.baselines.get(kpi.kpi_id, ()):
        day = edition.language.day(row.valid_from_date)
        yield (
            say("Usual range"),
            say("begins anew on {day}: {reason}", day=day, reason=row.reason)
            if row.reason
            else say("begins anew on {day}: no reason given", day=day),
        )


def _held(edition: Edition, kpi: rows.Kpi) -> Iterator[tuple[str, str]]:
    """Say when the KPI is held back, and when it holds its objective back; and which version of it this is."""
    if kpi.min_observations_count:
        yield (
            say("Held back"),
            say_count(
                "below {count} observation, and where those could be worked out from it",
                "below {count} observations, and where those could be worked out from it",
                kpi.min_observations_count,
            ),
        )
    if kpi.gate_score is not None:
        gate = edition.language.number(kpi.gate_score, 2)
        yield (
            say("Gate"),
            say("below a score of {score} its objective is at best at risk", score=gate),
        )
    if kpi.definition_id:
        yield say("Definition"), kpi.definition_id[:12]


def warnings(edition: Edition, item: Standing) -> tuple[str, ...]:
    """Return what a reader should know of how this unit's numbers were made."""
    return tuple(
        dict.fromkeys(
            row.message
            for row in edition.published.evidence.warnings
            if row.kpi_id == item.kpi.kpi_id and row.unit_id == item.unit_id
        )
    )


def stood_under(edition: Edition, unit: rows.Unit) -> tuple[Part, ...]:
    """Say since when a unit stands where it does; nothing where it always did."""
    end = edition.strategy.headlines.get("month")
    found = [
        row
        for row in edition.strategy.parents.get(unit.unit_id, ())
        if end is None or row.valid_from_date <= end.last_date
    ]
    if not found or found[-1].valid_from_date <= ALWAYS:
        return ()
    now = found[-1]
    day = now.valid_from_date
    since = edition.language.month(day) if day.day == 1 else edition.language.day(day)
    upper = _unit(edition, now.ancestor_unit_id)
    if len(found) == 1:
        return say_parts("Under {unit} since {day}.", unit=upper, day=since)
    return say_parts(
        "Under {unit} since {day}, before that under {before}; each month counts where the unit stood at its end.",
        unit=upper,
        day=since,
        before=_unit(edition, found[-2].ancestor_unit_id),
    )


def _unit(edition: Edition, unit_id: str) -> Part:
    return Part(edition.strategy.units[unit_id].unit_name, edition.unit_href(unit_id))
