"""Whether a KPI moved: a change is a signal of its XmR chart, or it is no change.

Not here: the finding of signals, and which of them are new (transforms); the sentence that tells one (views/signals).
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from reports.warehouse.rows import Moved
from reports.words.text import later, said_once, say

Kind = Literal["new", "kept", "none", "too_few", "unknown"]
UP = frozenset({"high", "shift_up", "near_high"})
KINDS: dict[str, Kind] = {
    "new_signal": "new",
    "kept_signal": "kept",
    "no_change": "none",
    "too_short": "too_few",
}
"""The kinds of the warehouse, and how the pages call them."""


class Movement(NamedTuple):
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
        """What judges it: better, worse; where nothing does, its side: higher, lower. A key, not yet in the pages' language."""
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


JUDGED = {
    "better": later("Better"),
    "worse": later("Worse"),
    "higher": later("Higher"),
    "lower": later("Lower"),
}
NEW = {
    "better": later("Better, new"),
    "worse": later("Worse, new"),
    "higher": later("Higher, new"),
    "lower": later("Lower, new"),
}
SINCE = {
    "better": later("better since {period}"),
    "worse": later("worse since {period}"),
    "higher": later("higher since {period}"),
    "lower": later("lower since {period}"),
}
STILL = {
    "better": later("Still better"),
    "worse": later("Still worse"),
    "higher": later("Still higher"),
    "lower": later("Still lower"),
}
TOO_FEW = {
    "month": later("too few months"),
    "quarter": later("too few quarters"),
    "half": later("too few half-years"),
    "year": later("too few years"),
}


def judged(moved: Movement) -> str:
    """Return the word that judges a movement, as a label; of an earlier change that lasts: Still worse."""
    words = STILL if moved.kind == "kept" else JUDGED
    return say(words[moved.word])


@said_once
def change(moved: Movement, since: str, *, grain: str = "month") -> Change:
    """Return the words of the change column, `since` being its first period as written; no arrow for noise."""
    arrow = "↑" if moved.is_up else "↓"
    match moved.kind:
        case "new":
            return Change(say(NEW[moved.word]), arrow, "strong")
        case "kept":
            return Change(say(SINCE[moved.word], period=since), arrow, "")
        case "too_few":
            return Change(say(TOO_FEW[grain]))
        case "none":
            return Change(say("no change"))
        case _:
            return Change(say("not known"))
