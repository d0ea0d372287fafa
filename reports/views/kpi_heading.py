"""The heading of a KPI's page: the finding in one sentence, by rules; and the page's title.

Not here: the longer sentences over the chart (chart_sentence).
"""

from reports.edition import Edition
from reports.figures.chart_sentence import Course, is_first_outside, rarity
from reports.standing import Standing
from reports.warehouse import rows
from reports.words.language import NONE
from reports.words.status import Status
from reports.words.text import Part, later, say, say_parts

STATUS = {
    "on_track": later("on track"),
    "at_risk": later("at risk"),
    "off_track": later("off track"),
    "no_data": later("no data"),
    "stale": later("stale"),
    "unverified": later("unverified"),
    "no_target": later("no target"),
    "suppressed": later("suppressed"),
}
"""The words of a status inside a sentence."""
WITHOUT = {
    "suppressed": later("{kpi}: held back for {period}, it would reveal few answers"),
    "no_data": later("{kpi}: no data for {period}"),
    "unverified": later("{kpi}: nothing that can be trusted for {period}"),
    "stale": later("{kpi}: {value} in {last}, the last good value"),
}
OUTSIDE = {
    ("high", "since"): later(
        "{kpi} rose to {value}, outside the usual range for the first time since {since}"
    ),
    ("high", "span"): later(
        "{kpi} rose to {value}, outside the usual range for the first time in {since}"
    ),
    ("high", ""): later("{kpi} rose to {value}, outside the usual range"),
    ("low", "since"): later(
        "{kpi} fell to {value}, outside the usual range for the first time since {since}"
    ),
    ("low", "span"): later(
        "{kpi} fell to {value}, outside the usual range for the first time in {since}"
    ),
    ("low", ""): later("{kpi} fell to {value}, outside the usual range"),
}
MOVED = {
    (True, "new"): later("{kpi}: {value}, {status} and better than usual"),
    (True, "kept"): later("{kpi}: {value}, {status} and better than usual since {since}"),
    (False, "new"): later("{kpi}: {value}, {status} and worse than usual"),
    (False, "kept"): later("{kpi}: {value}, {status} and worse than usual since {since}"),
}
SIDED = {
    (True, "new"): later("{kpi}: {value}, {status} and higher than usual"),
    (True, "kept"): later("{kpi}: {value}, {status} and higher than usual since {since}"),
    (False, "new"): later("{kpi}: {value}, {status} and lower than usual"),
    (False, "kept"): later("{kpi}: {value}, {status} and lower than usual since {since}"),
}
"""Where neither side is better."""
TOO_FEW = {
    "month": later(
        "{kpi}: {value} in {period}, {status}, too few months to tell signal from noise"
    ),
    "quarter": later(
        "{kpi}: {value} in {period}, {status}, too few quarters to tell signal from noise"
    ),
    "half": later(
        "{kpi}: {value} in {period}, {status}, too few half-years to tell signal from noise"
    ),
    "year": later("{kpi}: {value} in {period}, {status}, too few years to tell signal from noise"),
}
NO_TARGET = later("{kpi}: {value} in {period}, without a target")
QUIET = later("{kpi}: {value} in {period}, {status}, no change beyond the usual")


def heading(edition: Edition, item: Standing, course: Course, unit: rows.Unit) -> tuple[Part, ...]:
    """Return the finding: that the value left its usual range, or how it stands."""
    rare, since = rarity(course)
    calendar, moved = edition.calendar, item.moved
    if moved.kind in {"new", "kept"} and moved.since is not None and not is_rare(item, course):
        since = calendar.period(item.grain, moved.since)
    return say_parts(
        _finding(item, course, rare),
        kpi=Part(_subject(edition, item, unit), style="outside"),
        value=_said(item),
        period=calendar.period(item.grain, item.start),
        last=calendar.period(item.grain, item.value_start),
        status=in_words(item.status),
        since=since,
    )


def _finding(item: Standing, course: Course, rare: str) -> str:
    moved = item.moved
    state = WITHOUT.get(item.status.marks[-1].key)
    if state is not None:
        return state
    if is_rare(item, course):
        return OUTSIDE[str(moved.signal), rare]
    if moved.kind in {"new", "kept"} and moved.since is not None:
        if moved.is_better is None:
            return SIDED[moved.is_up, moved.kind]
        return MOVED[moved.is_better, moved.kind]
    if item.status.key == "no_target":
        return NO_TARGET
    return QUIET if moved.kind == "none" else TOO_FEW[item.grain]


def is_rare(item: Standing, course: Course) -> bool:
    """Whether the finding is that the value has just left its usual range."""
    return item.moved.kind == "new" and is_first_outside(course)


def title(edition: Edition, item: Standing, unit: rows.Unit) -> str:
    """Return the page's title: KPI, unit, period, value and status."""
    named = {
        "kpi": item.kpi.kpi_name,
        "period": edition.calendar.period(item.grain, item.value_start),
        "value": _said(item),
        "status": in_words(item.status),
    }
    if unit.unit_id == edition.organisation_id:
        return say("{kpi}, {period}: {value}, {status}", **named)
    return say("{kpi} in {unit}, {period}: {value}, {status}", unit=unit.unit_name, **named)


def in_words(status: Status) -> str:
    """Return a status as it stands inside a sentence."""
    words = [say(STATUS[mark.key]) for mark in status.marks]
    return say("{status}, {other}", status=words[0], other=words[1]) if words[1:] else words[0]


def _said(item: Standing) -> str:
    return say(NONE) if item.said == NONE else item.said


def _subject(edition: Edition, item: Standing, unit: rows.Unit) -> str:
    if unit.unit_id == edition.organisation_id:
        return item.kpi.kpi_name
    return say("{unit}: {kpi}", unit=unit.unit_name, kpi=item.kpi.kpi_name)
