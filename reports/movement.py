"""Whether a KPI moved: a change is a signal of its XmR chart, or it is no change.

Not here: the finding of signals (transforms).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from reports.language import Language, Scale
from reports.periods import add_months
from reports.rows import Kpi, Score

UP = frozenset({"high", "shift_up", "near_high"})
DOWN = frozenset({"low", "shift_down", "near_low"})
Kind = Literal["new", "kept", "none", "too_few", "unknown"]


@dataclass(frozen=True)
class Movement:
    """What the XmR chart says of a month."""

    kind: Kind
    signal: str | None = None
    is_up: bool = False
    is_better: bool = False
    since: date | None = None
    """The first month of the signals without a gap on the same side."""


def movement(kpi: Kpi, scores: Mapping[date, Score], month: date) -> Movement:
    """Return how a KPI of one unit moved, given its months."""
    score = scores.get(month)
    if score is None or score.actual is None or score.value_period_start_date != month:
        return Movement("unknown")
    if score.signal is None:
        return Movement("none" if score.usual_low is not None else "too_few")
    side = UP if score.signal in UP else DOWN
    since = month
    while (earlier := scores.get(add_months(since, -1))) is not None and earlier.signal in side:
        since = add_months(since, -1)
    is_up = side is UP
    return Movement(
        kind="new" if since == month else "kept",
        signal=score.signal,
        is_up=is_up,
        is_better=is_up == (kpi.direction == "higher_is_better"),
        since=since,
    )


@dataclass(frozen=True)
class Change:
    """The change column of a KPI's row."""

    text: str
    arrow: str = ""
    style: str = "quiet"


def change(moved: Movement, month: date, language: Language) -> Change:
    """Return the words of the change column; no arrow for noise."""
    arrow = "↑" if moved.is_up else "↓"
    word = "better" if moved.is_better else "worse"
    match moved.kind:
        case "new":
            return Change(f"{word.capitalize()}, new", arrow, "strong")
        case "kept" if moved.since is not None:
            return Change(
                f"{word} since {language.short_month(moved.since, near=month)}", arrow, ""
            )
        case "too_few":
            return Change("too few months")
        case "none":
            return Change("no change")
        case _:
            return Change("not known")


def why(moved: Movement, score: Score, scale: Scale) -> str:
    """Say in words what makes the month a signal, after the sentence's own comma."""
    usual = f"its usual range of {scale.bare(score.usual_low)} to {scale.bare(score.usual_high)}"
    mean = scale.bare(score.usual_mean)
    match moved.signal:
        case "high":
            return f"above {usual}"
        case "low":
            return f"below {usual}"
        case "shift_up":
            return f"the eighth month in a row above its mean of {mean}"
        case "shift_down":
            return f"the eighth month in a row below its mean of {mean}"
        case "near_high":
            return f"three of four months near the upper limit of {scale.bare(score.usual_high)}"
        case _:
            return f"three of four months near the lower limit of {scale.bare(score.usual_low)}"
