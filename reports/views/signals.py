"""What changed since the period before: signals first, then what stayed within its usual range.

Not here: what changed since the last release (since), the finding of signals (transforms).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.edition import Edition
from reports.figures.small import Spark
from reports.hierarchy import points_lost
from reports.movement import judged
from reports.periods import add_months
from reports.standing import Standing, kpi_spark, period_mark
from reports.warehouse.rows import Score
from reports.words.text import Part, later, say, say_count, say_parts
from scorecard.terms import MONTHS

FEW_SIGNALS = 3
"""Where fewer are new, earlier changes that go on fill the list, worse ones first; where more are, the others are folded."""

HIGH = later("{kpi} rose to {value}, above its usual range of {range}.")
LOW = later("{kpi} fell to {value}, below its usual range of {range}.")
SHIFT_UP = {
    "month": later("{kpi} is at {value}, the eighth month in a row above its mean of {mean}."),
    "quarter": later("{kpi} is at {value}, the eighth quarter in a row above its mean of {mean}."),
    "half": later("{kpi} is at {value}, the eighth half-year in a row above its mean of {mean}."),
    "year": later("{kpi} is at {value}, the eighth year in a row above its mean of {mean}."),
}
SHIFT_DOWN = {
    "month": later("{kpi} is at {value}, the eighth month in a row below its mean of {mean}."),
    "quarter": later("{kpi} is at {value}, the eighth quarter in a row below its mean of {mean}."),
    "half": later("{kpi} is at {value}, the eighth half-year in a row below its mean of {mean}."),
    "year": later("{kpi} is at {value}, the eighth year in a row below its mean of {mean}."),
}
NEAR_HIGH = {
    "month": later("{kpi} is at {value}, three of four months near the upper limit of {high}."),
    "quarter": later("{kpi} is at {value}, three of four quarters near the upper limit of {high}."),
    "half": later("{kpi} is at {value}, three of four half-years near the upper limit of {high}."),
    "year": later("{kpi} is at {value}, three of four years near the upper limit of {high}."),
}
NEAR_LOW = {
    "month": later("{kpi} is at {value}, three of four months near the lower limit of {low}."),
    "quarter": later("{kpi} is at {value}, three of four quarters near the lower limit of {low}."),
    "half": later("{kpi} is at {value}, three of four half-years near the lower limit of {low}."),
    "year": later("{kpi} is at {value}, three of four years near the lower limit of {low}."),
}
BY_GRAIN = {
    "shift_up": SHIFT_UP,
    "shift_down": SHIFT_DOWN,
    "near_high": NEAR_HIGH,
    "near_low": NEAR_LOW,
}


@dataclass(frozen=True)
class SignalItem:
    """A signal: the word that judges it, the sentence, the line."""

    word: str
    parts: tuple[Part, ...]
    spark: Spark


@dataclass(frozen=True)
class QuietItem:
    """A KPI without a signal."""

    name: str
    href: str
    text: str


@dataclass(frozen=True)
class Signals:
    """What changed: signals first, then what stayed within the usual range."""

    heading: str
    items: tuple[SignalItem, ...]
    more_text: str
    more: tuple[SignalItem, ...]
    """The other new signals, which moved less of the score."""
    quiet_heading: str
    quiet: tuple[QuietItem, ...]
    note: str
    all_text: str


def signals_of(edition: Edition, items: Sequence[Standing]) -> Signals:
    """Return what changed: what got worse and costs most first, then earlier changes, then what did not change."""
    lost = points_lost(edition, items[0].unit_id) if items else {}
    new = [item for item in items if item.moved.kind == "new"]
    new.sort(key=lambda item: (item.moved.rank, -lost.get(item.kpi.kpi_id, 0.0)))
    kept = [item for item in items if item.moved.kind == "kept"]
    kept.sort(key=lambda item: (item.moved.rank, -_started(item), -lost.get(item.kpi.kpi_id, 0.0)))
    shown, more = (new + kept)[:FEW_SIGNALS], new[FEW_SIGNALS:]
    quiet = [item for item in items if item.moved.kind == "none"]
    return Signals(
        heading=say_count("What changed: {count} signal", "What changed: {count} signals", len(new))
        if new
        else say("What changed: no new signal"),
        items=tuple(_signal(edition, item) for item in shown),
        more_text=say_count("{count} more signal", "{count} more signals", len(more))
        if more
        else "",
        more=tuple(_signal(edition, item) for item in more),
        quiet_heading=say_count(
            "No change beyond the usual range: {count} KPI",
            "No change beyond the usual range: {count} KPIs",
            len(quiet),
        ),
        quiet=tuple(_quiet(edition, item) for item in quiet),
        note=_note(items),
        all_text=say("All {count}", count=len(items)),
    )


def _note(items: Sequence[Standing]) -> str:
    """Count what is neither new nor within its usual range."""
    kept, few, unknown = (
        sum(item.moved.kind == kind for item in items) for kind in ("kept", "too_few", "unknown")
    )
    told = (
        (
            kept,
            say_count("{count} keeps an earlier change.", "{count} keep an earlier change.", kept),
        ),
        (
            few,
            say_count(
                "{count} has too few periods to tell.", "{count} have too few periods to tell.", few
            ),
        ),
        (
            unknown,
            say_count("{count} has no value to test.", "{count} have no value to test.", unknown),
        ),
    )
    return " ".join(sentence for count, sentence in told if count)


def _quiet(edition: Edition, item: Standing) -> QuietItem:
    """Return a KPI that stayed within its usual range, with its value now and before."""
    before = item.trusted(add_months(item.start, -MONTHS[item.grain]))
    text = item.said
    if before is not None and before.actual is not None:
        text = say("{value}, was {before}", value=text, before=item.scale.prose(before.actual))
    return QuietItem(item.kpi.kpi_name, edition.kpi_href(item.kpi.kpi_id, item.unit_id), text)


def _started(item: Standing) -> int:
    """Return when an earlier change began, as a number that grows."""
    return item.moved.since.toordinal() if item.moved.since is not None else 0


def _signal(edition: Edition, item: Standing) -> SignalItem:
    return SignalItem(
        word=judged(item.moved), parts=_sentence(edition, item), spark=kpi_spark(edition, item)
    )


def _sentence(edition: Edition, item: Standing) -> tuple[Part, ...]:
    kpi = Part(item.kpi.kpi_name, edition.kpi_href(item.kpi.kpi_id, item.unit_id))
    value, mark = item.said, period_mark(edition, item)
    if mark:
        value = say("{value} in {period}", value=value, period=mark)
    if item.moved.kind == "kept" and item.moved.since is not None:
        since = edition.calendar.short(item.grain, item.moved.since, near=edition.month)
        return say_parts("{kpi}, {value}, since {since}.", kpi=kpi, value=value, since=since)
    score = item.scores.get(item.start)
    if score is None or item.moved.signal is None:
        return say_parts("{kpi} is at {value}.", kpi=kpi, value=value)
    return _tested(item, score, kpi=kpi, value=value)


def _tested(item: Standing, score: Score, *, kpi: Part, value: str) -> tuple[Part, ...]:
    """Return the sentence that says what makes the period a signal."""
    match item.moved.signal:
        case "high" | "low":
            usual = item.scale.between(score.usual_low, score.usual_high)
            text = HIGH if item.moved.is_up else LOW
            return say_parts(text, kpi=kpi, value=value, range=usual)
        case other:
            return say_parts(
                BY_GRAIN[str(other)][item.grain],
                kpi=kpi,
                value=value,
                mean=item.scale.bare(score.usual_mean),
                high=item.scale.bare(score.usual_high),
                low=item.scale.bare(score.usual_low),
            )
