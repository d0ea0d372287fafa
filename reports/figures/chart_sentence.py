"""The sentences that say what a KPI's chart shows, written by rules from the data: a value against the one before, its usual range, its target.

A change is told as one only where it is a signal; a gap, a last value of an earlier period, a provisional value and too few
periods are said. Each rule returns a whole sentence, or none. Not here: finding signals (transforms), the captions that
explain a chart's signs (chart_words), and why something happened, which only a person knows (comments).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import NamedTuple

from reports.words.language import Calendar, Scale, spanned
from reports.words.text import Part, later, say, say_parts

OUTSIDE = {"high": "above", "low": "below"}
SHIFTS = {"shift_up": "above", "shift_down": "below"}
RUN = 8
"""So many known values in a row on one side of the mean are a signal."""

Sentence = tuple[Part, ...]


class Step(NamedTuple):
    """One period of a KPI, in stored units."""

    start: date
    value: float | None = None
    """None where nothing was measured, it is held back or cannot be trusted."""
    usual: tuple[float, float] | None = None
    mean: float | None = None
    signal: str | None = None
    is_met: bool | None = None
    """Whether it reached the target or the good range of its own period; None where there was none."""
    is_anew: bool = False
    """A person began the usual range anew with it."""


@dataclass(frozen=True)
class Aim:
    """What the last value is held against."""

    target: float | None = None
    good: tuple[float, float] | None = None
    score: str = ""
    """The score as written, of rules that have neither target nor range."""


@dataclass(frozen=True)
class Course:
    """A KPI's periods, oldest first, and what is known of the last one."""

    name: str
    grain: str
    steps: tuple[Step, ...]
    aim: Aim | None
    scale: Scale
    calendar: Calendar
    state: str = ""
    """Key of the last period's status: suppressed, unverified, stale, no_data; others tell nothing here."""
    is_too_short: bool = False
    """Too few periods are known for a usual range."""
    is_provisional: bool = False
    interval: tuple[float, float] | None = None
    """The 95% interval of the last value."""

    @property
    def last(self) -> Step:
        """The period that the page is of."""
        return self.steps[-1]

    @property
    def before(self) -> Step | None:
        """The period before it."""
        return self.steps[-2] if len(self.steps) > 1 else None

    def period(self, step: Step) -> str:
        """Write a period."""
        return self.calendar.period(self.grain, step.start)


def sentences(course: Course) -> Sentence:
    """Return what the chart shows, in one to four sentences; nothing where nothing is known."""
    if all(step.value is None for step in course.steps):
        return ()
    if course.last.value is None:
        return _joined([without_value(course)])
    return _joined(
        [
            movement(course),
            plain(against_usual_range(course)),
            plain(against_target(course)),
            plain(certainty(course)),
        ]
    )


def plain(text: str) -> Sentence:
    """Return a sentence that names nothing from outside."""
    return (Part(text),) if text else ()


def _joined(found: Sequence[Sentence]) -> Sentence:
    parts: list[Part] = []
    for sentence in found:
        if sentence and parts:
            parts.append(Part(" "))
        parts += sentence
    return tuple(parts)


WITHOUT = {
    "suppressed": later(
        "{kpi} is held back for {period}, since it would reveal few answers; the last value shown is {value}, of {last}."
    ),
    "unverified": later(
        "{kpi} has no value for {period} that can be trusted; the last good one is {value}, of {last}."
    ),
}
NO_VALUE = later("{kpi} has no value for {period}; the last one is {value}, of {last}.")


def without_value(course: Course) -> Sentence:
    """Say that the last period has no value, why, and which value is the last."""
    known = next(step for step in reversed(course.steps) if step.value is not None)
    return say_parts(
        WITHOUT.get(course.state, NO_VALUE),
        kpi=_name(course),
        period=course.period(course.last),
        value=course.scale.prose(known.value),
        last=course.period(known),
    )


FIRST_OUTSIDE = {
    ("above", "since"): later(
        "{kpi} rose to {value} in {period}, above its usual range of {low} to {high} for the first time since {since}."
    ),
    ("above", "span"): later(
        "{kpi} rose to {value} in {period}, above its usual range of {low} to {high} for the first time in {span}."
    ),
    ("above", ""): later(
        "{kpi} rose to {value} in {period}, above its usual range of {low} to {high}."
    ),
    ("below", "since"): later(
        "{kpi} fell to {value} in {period}, below its usual range of {low} to {high} for the first time since {since}."
    ),
    ("below", "span"): later(
        "{kpi} fell to {value} in {period}, below its usual range of {low} to {high} for the first time in {span}."
    ),
    ("below", ""): later(
        "{kpi} fell to {value} in {period}, below its usual range of {low} to {high}."
    ),
}


def movement(course: Course) -> Sentence:
    """Say the value, and the one before; that it rose or fell only where that took it out of its usual range."""
    if is_first_outside(course):
        return _first_outside(course)
    before, scale = course.before, course.scale
    named: dict[str, Part | str] = {
        "kpi": _name(course),
        "value": scale.prose(course.last.value),
        "period": course.period(course.last),
    }
    if all(step.value is None for step in course.steps[:-1]) or before is None:
        return say_parts(
            "{kpi} stood at {value} in {period}, the first value in the chart.", **named
        )
    if before.value is None:
        return say_parts(
            "{kpi} stood at {value} in {period}; {before} has no value.",
            before=course.period(before),
            **named,
        )
    if scale.shown(before.value) == scale.shown(course.last.value):
        return say_parts(
            "{kpi} stood at {value} in {period}, as in {before}.",
            before=course.period(before),
            **named,
        )
    return say_parts(
        "{kpi} stood at {value} in {period}, after {was} in {before}.",
        was=scale.prose(before.value),
        before=course.period(before),
        **named,
    )


def is_first_outside(course: Course) -> bool:
    """Whether the last value left its usual range to the side to which it moved, and the one before lay inside."""
    last, before = course.last, course.before
    if last.signal not in OUTSIDE or before is None or before.value is None or last.value is None:
        return False
    if before.usual is None or before.signal in OUTSIDE:
        return False
    moved_up = last.value > before.value
    return moved_up if last.signal == "high" else last.value < before.value


def _first_outside(course: Course) -> Sentence:
    last, scale = course.last, course.scale
    low, high = last.usual or (None, None)
    rare, said = rarity(course)
    return say_parts(
        FIRST_OUTSIDE[OUTSIDE[str(last.signal)], rare],
        kpi=_name(course),
        value=scale.prose(last.value),
        period=course.period(last),
        low=scale.bare(low),
        high=scale.bare(high),
        since=said,
        span=said,
    )


def rarity(course: Course) -> tuple[str, str]:
    """Say how rare a value outside its usual range is: since when, or in how many judged periods; nothing where one was judged."""
    judged = [step for step in course.steps if step.usual is not None and step.value is not None]
    outside = [step for step in judged[:-1] if step.signal in OUTSIDE]
    if outside:
        return "since", course.period(outside[-1])
    return ("span", spanned(len(judged), course.grain)) if len(judged) > 1 else ("", "")


STILL_OUTSIDE = {
    "above": later("It has been above its usual range of {low} to {high} since {since}."),
    "below": later("It has been below its usual range of {low} to {high} since {since}."),
}
NOW_OUTSIDE = {
    "above": later("That is above its usual range of {low} to {high}."),
    "below": later("That is below its usual range of {low} to {high}."),
}
ON_A_SIDE = {
    "above": later("The last {count} values all lie above its mean of {mean}, which is a signal."),
    "below": later("The last {count} values all lie below its mean of {mean}, which is a signal."),
}
ON_A_SIDE_OF_MANY = {
    "above": later(
        "The last {count} values all lie in the upper half of their usual range or above it, which is a signal."
    ),
    "below": later(
        "The last {count} values all lie in the lower half of their usual range or below it, which is a signal."
    ),
}
"""Where the mean moves with the season."""
NEAR = {
    "near_high": later(
        "At least three of the last four values lie near the upper limit of its usual range, {high}, which is a signal."
    ),
    "near_low": later(
        "At least three of the last four values lie near the lower limit of its usual range, {low}, which is a signal."
    ),
}
TOO_FEW = {
    "month": later("Too few months are known to tell a change from noise."),
    "quarter": later("Too few quarters are known to tell a change from noise."),
    "half": later("Too few half-years are known to tell a change from noise."),
    "year": later("Too few years are known to tell a change from noise."),
}


def against_usual_range(course: Course) -> str:
    """Say how the last value stands in its usual range; nothing where the first sentence has said it."""
    last, scale = course.last, course.scale
    if last.usual is None:
        return say(TOO_FEW[course.grain]) if course.is_too_short else ""
    if is_first_outside(course):
        return ""
    low, high = (scale.bare(limit) for limit in last.usual)
    if last.signal in OUTSIDE:
        return _outside(course, low=low, high=high)
    if last.signal in SHIFTS:
        return _on_a_side(course, SHIFTS[last.signal])
    if last.signal in NEAR:
        return say(NEAR[last.signal], low=low, high=high)
    return say(
        "That is within its usual range of {low} to {high}: no change beyond the usual.",
        low=low,
        high=high,
    )


def _outside(course: Course, *, low: str, high: str) -> str:
    side = OUTSIDE[str(course.last.signal)]
    run = list(takewhile(lambda step: step.signal == course.last.signal, _back(course)))
    if len(run) > 1:
        return say(STILL_OUTSIDE[side], low=low, high=high, since=course.period(run[-1]))
    return say(NOW_OUTSIDE[side], low=low, high=high)


def _back(course: Course) -> Iterator[Step]:
    """Yield the periods with a value from the last one back, as far as their usual range was not begun anew."""
    for step in reversed(course.steps):
        if step.value is not None:
            yield step
        if step.is_anew:
            return


def _on_a_side(course: Course, side: str) -> str:
    """Say how many values in a row lie on a side of their mean; those before the chart are not known."""

    def is_on_side(step: Step) -> bool:
        if step.mean is None or step.value is None:
            return False
        return step.value > step.mean if side == "above" else step.value < step.mean

    run = list(takewhile(is_on_side, _back(course)))
    count = max(RUN, len(run))
    if len({course.scale.shown(step.mean) for step in run}) > 1:
        return say(ON_A_SIDE_OF_MANY[side], count=count)
    return say(ON_A_SIDE[side], count=count, mean=course.scale.bare(course.last.mean))


TARGET_MISSED = {
    "": later("It misses the target of {target} by {gap}."),
    "since": later("It misses the target of {target} by {gap}, and has missed it since {since}."),
    "always": later(
        "It misses the target of {target} by {gap}, and has missed it in every period shown."
    ),
}
RANGE_MISSED = {
    "": later("It lies {gap} outside the good range of {low} to {high}."),
    "since": later(
        "It lies {gap} outside the good range of {low} to {high}, and has been outside since {since}."
    ),
    "always": later(
        "It lies {gap} outside the good range of {low} to {high}, as in every period shown."
    ),
}


def against_target(course: Course) -> str:
    """Say whether the last value reached its target, by how much it misses it and since when."""
    aim = course.aim
    if aim is None:
        return say("It has no target.")
    if aim.target is not None:
        return _against_number(course, aim.target)
    if aim.good is not None:
        return _against_range(course, *aim.good)
    return say("It scores {score}.", score=aim.score) if aim.score else ""


def _against_number(course: Course, target: float) -> str:
    scale = course.scale
    written = scale.prose(target)
    if course.interval is not None and course.interval[0] < target < course.interval[1]:
        return say(
            "Its 95% interval, {low} to {high}, reaches across the target of {target}: it cannot be said that it is met or missed.",
            low=scale.bare(course.interval[0]),
            high=scale.bare(course.interval[1]),
            target=written,
        )
    if course.last.is_met:
        return say("It meets the target of {target}.", target=written)
    gap = scale.difference(course.last.value, target)
    if not gap:
        return say("It misses the target of {target} by less than is shown.", target=written)
    how, since = _misses(course)
    return say(TARGET_MISSED[how], target=written, gap=_size(course, target), since=since)


def _against_range(course: Course, low: float, high: float) -> str:
    scale, value = course.scale, course.last.value or 0.0
    named = {"low": scale.prose(low), "high": scale.prose(high)}
    if course.last.is_met:
        return say("It lies within the good range of {low} to {high}.", **named)
    nearest = min(max(value, low), high)
    if not scale.difference(value, nearest):
        return say("It lies just outside the good range of {low} to {high}.", **named)
    how, since = _misses(course)
    return say(RANGE_MISSED[how], gap=_size(course, nearest), since=since, **named)


def _size(course: Course, base: float) -> str:
    """Write how far the last value is from another, without a sign."""
    return course.scale.gap_prose(course.last.value, base).lstrip("+\u2212")


def _misses(course: Course) -> tuple[str, str]:
    """Say since when it has been missed without a value that met it; nothing where only the last one missed."""
    known = [step for step in course.steps if step.value is not None]
    run = list(takewhile(lambda step: step.is_met is False, reversed(known)))
    if len(run) < 2:  # noqa: PLR2004 - a run is two at least
        return "", ""
    return ("always", "") if len(run) == len(known) else ("since", course.period(run[-1]))


def certainty(course: Course) -> str:
    """Say that the last value may still change."""
    return say("The value is provisional and may still change.") if course.is_provisional else ""


def _name(course: Course) -> Part:
    return Part(course.name, style="outside")
