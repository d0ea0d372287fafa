"""Whether a KPI moved: a change is a signal of its XmR chart, or it is no change.

Not here: the finding of signals, and which of them are new (transforms).
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from reports.language import Scale
from reports.periods import WORDS
from reports.rows import Moved, Score

Kind = Literal["new", "kept", "none", "too_few", "unknown"]
UP = frozenset({"high", "shift_up", "near_high"})
KINDS: dict[str, Kind] = {
    "new_signal": "new",
    "kept_signal": "kept",
    "no_change": "none",
    "too_short": "too_few",
}
"""The kinds of the warehouse, and how the pages call them."""


@dataclass(frozen=True)
class Movement:
    """What the XmR chart says of a period."""

    kind: Kind
    signal: str | None = None
    is_up: bool = False
    is_better: bool | None = False
    """None where neither: its score did not tell."""
    since: date | None = None
    """The first period of the signals without a gap on the same side."""

    @property
    def word(self) -> str:
        """The word that judges it; where nothing does, the word for its side."""
        if self.is_better is None:
            return "higher" if self.is_up else "lower"
        return "better" if self.is_better else "worse"

    @property
    def rank(self) -> int:
        """Worse first, better last."""
        return {False: 0, None: 1, True: 2}[self.is_better]


def movement(row: Moved | None) -> Movement:
    """Return how a KPI of one unit moved in one of its own periods; what has no row is not known."""
    if row is None:
        return Movement("unknown")
    return Movement(
        kind=KINDS[row.kind],
        signal=row.signal,
        is_up=row.signal in UP,
        is_better=row.is_better,
        since=row.since_date,
    )


@dataclass(frozen=True)
class Change:
    """The change column of a KPI's row."""

    text: str
    arrow: str = ""
    style: str = "quiet"


def change(moved: Movement, since: str, *, grain: str = "month") -> Change:
    """Return the words of the change column, `since` being its first period as written; no arrow for noise."""
    arrow = "↑" if moved.is_up else "↓"
    match moved.kind:
        case "new":
            return Change(f"{moved.word.capitalize()}, new", arrow, "strong")
        case "kept":
            return Change(f"{moved.word} since {since}", arrow, "")
        case "too_few":
            return Change(f"too few {WORDS[grain][1]}")
        case "none":
            return Change("no change")
        case _:
            return Change("not known")


def why(moved: Movement, score: Score, scale: Scale, *, grain: str = "month") -> str:
    """Say in words what makes the period a signal, after the sentence's own comma."""
    usual = f"its usual range of {scale.between(score.usual_low, score.usual_high)}"
    mean = scale.bare(score.usual_mean)
    one, many = WORDS[grain]
    match moved.signal:
        case "high":
            return f"above {usual}"
        case "low":
            return f"below {usual}"
        case "shift_up":
            return f"the eighth {one} in a row above its mean of {mean}"
        case "shift_down":
            return f"the eighth {one} in a row below its mean of {mean}"
        case "near_high":
            return f"three of four {many} near the upper limit of {scale.bare(score.usual_high)}"
        case _:
            return f"three of four {many} near the lower limit of {scale.bare(score.usual_low)}"
