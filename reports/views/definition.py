"""What a KPI is: how it adds up, which way is better, when it is held back, and what a reader should be warned of.

Not here: its targets (targets) and the SQL behind it (derivation).
"""

from datetime import date

from reports import rows
from reports.card import Standing
from reports.edition import Edition
from reports.text import Part

AGGREGATION_WORDS = {
    "sum": "adds up over periods and units",
    "ratio": "a ratio of sums over periods and units, never a mean of ratios",
    "last": "the last month of a longer period; adds up over units",
    "mean": "the mean of the months; adds up over units",
    "distinct": "counted anew in every period and unit, never added",
    "score": "from the counts of all answers over periods and units",
    "derived": "computed anew in every period and unit from terms that have added up",
}
SURVEY_WORDS = {
    "nps": "net promoter score: share of 9 and 10 less share of 0 to 6",
    "enps": "employee net promoter score: share of 9 and 10 less share of 0 to 6",
    "csat": "share of 4 and 5 among answers from 1 to 5",
    "likert_mean": "mean of the answers",
    "response_rate": "answers given, of people asked",
}
EVERY = {
    "month": "every month",
    "quarter": "every quarter",
    "half": "every half-year",
    "year": "every year",
}
DIRECTION_WORDS = {
    "higher_is_better": "higher is better",
    "lower_is_better": "lower is better",
    None: "the scoring points say which values are good",
}
AGAINST = {"previous": "the period before", "last_year": "the same period last year"}
ALWAYS = date(1, 1, 1)
"""From when a unit stands where it always stood."""


def definition(edition: Edition, item: Standing) -> tuple[tuple[str, str], ...]:
    """Return a KPI's definition as terms and texts."""
    kpi = item.kpi
    facts = [
        ("What it means", kpi.description or "not described"),
        ("Owner", kpi.owner_name),
        ("Direction", DIRECTION_WORDS[kpi.direction]),
        ("Measured", EVERY[kpi.frequency]),
        ("Adds up", AGGREGATION_WORDS.get(kpi.aggregation, kpi.aggregation)),
        *_made_of(edition, kpi),
        ("Measured in", item.scale.unit or "a plain number"),
        (
            "Kind",
            "leading: it moves before the result does"
            if kpi.is_leading
            else "lagging: it shows the result",
        ),
        ("A month without rows", "counts as zero" if kpi.empty_means == "zero" else "has no data"),
        ("A missing period", f"the last good value stands in for up to {kpi.max_age} periods"),
        *_watched(edition, kpi),
    ]
    if kpi.min_observations_count:
        held = f"below {kpi.min_observations_count} observations, and where those could be worked out from it"
        facts.append(("Held back", held))
    if kpi.gate_score is not None:
        gate = edition.language.number(kpi.gate_score, 2)
        facts.append(("Gate", f"below a score of {gate} its objective is at best at risk"))
    if kpi.definition_id:
        facts.append(("Definition", kpi.definition_id[:12]))
    return tuple(facts)


def _made_of(edition: Edition, kpi: rows.Kpi) -> list[tuple[str, str]]:
    found = []
    if kpi.expression:
        found.append(("Expression", kpi.expression))
    if kpi.survey is not None:
        found.append(("Survey", SURVEY_WORDS.get(kpi.survey, kpi.survey)))
    if kpi.change_against is not None:
        form = "relative" if kpi.change_form == "relative" else "absolute"
        found.append(
            ("Change", f"{form}, against {AGAINST.get(kpi.change_against, kpi.change_against)}")
        )
    if kpi.index_base_date is not None:
        base = edition.calendar.period(kpi.index_base_grain or "month", kpi.index_base_date)
        found.append(("Index", f"{base} is 100"))
    return found


def _watched(edition: Edition, kpi: rows.Kpi) -> list[tuple[str, str]]:
    found = []
    if kpi.signal_on == "change_yoy":
        found.append(("Watched for signals", "its change on last year, since it has seasons"))
    for row in edition.strategy.baselines.get(kpi.kpi_id, ()):
        day = edition.language.day(row.valid_from_date)
        found.append(("Usual range", f"begins anew on {day}: {row.reason or 'no reason given'}"))
    return found


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
    parts = [
        Part("Under "),
        Part(_name(edition, now.ancestor_unit_id), edition.unit_href(now.ancestor_unit_id)),
        Part(f" since {since}"),
    ]
    if len(found) > 1:
        before = found[-2].ancestor_unit_id
        parts += [
            Part(", before that under "),
            Part(_name(edition, before), edition.unit_href(before)),
            Part("; each month counts where the unit stood at its end"),
        ]
    return (*parts, Part("."))


def _name(edition: Edition, unit_id: str) -> str:
    return edition.strategy.units[unit_id].unit_name
