"""The words and signs of a status: what a reader is told of a score, from its band and the state of its data.

Not here: the computing of bands and states (transforms), the shapes (the sprite in the templates).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from reports.warehouse.rows import Node, Score, Value
from reports.words.text import later, said_once, say, say_count

WORDS = {
    "on_track": later("On track"),
    "at_risk": later("At risk"),
    "off_track": later("Off track"),
    "no_data": later("No data"),
    "stale": later("Stale"),
    "unverified": later("Unverified"),
    "no_target": later("No target"),
    "suppressed": later("Suppressed"),
}
"""Every status that a page can show, in the order in which the legend lists them."""
WITHIN = {
    "on_track": later("on track"),
    "at_risk": later("at risk"),
    "off_track": later("off track"),
    "no_data": later("no data"),
    "stale": later("stale"),
    "unverified": later("unverified"),
    "no_target": later("no target"),
    "suppressed": later("suppressed"),
}
"""The same within a sentence: which letters are great is the language's own, so none is made small here."""


@dataclass(frozen=True)
class Mark:
    """One sign: the shape's key and its word."""

    key: str
    word: str
    within: str = ""
    """The word within a sentence, where it stands in one."""


@dataclass(frozen=True)
class Status:
    """What stands in the status column: one sign or more, and what must be said beside them."""

    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key of the first sign, which colours a drawing."""
        return self.marks[0].key

    @cached_property
    def words(self) -> str:
        """The status in words, standing alone or at the beginning."""
        return _joined([mark.word for mark in self.marks])

    @cached_property
    def within(self) -> str:
        """The status in words, within a sentence."""
        return _joined([mark.within for mark in self.marks])


def _joined(words: Sequence[str]) -> str:
    if len(words) == 2:  # noqa: PLR2004 - at risk or off track, and stale
        return say("{status}, {other}", status=words[0], other=words[1])
    return ", ".join(words)


def mark(key: str) -> Mark:
    """Return the sign of a status by its key."""
    return Mark(key, say(WORDS[key]), say(WITHIN[key]))


@said_once
def status_of(*keys: str) -> Status:
    """Return what shows the signs of some keys."""
    return Status(tuple(mark(key) for key in keys))


def kpi_status(score: Score | None, value: Value | None) -> Status:
    """Return the status of a KPI's period.

    A stale value that is on track shows as stale alone: nobody knows whether it still is. One that is at risk or off
    track keeps that word, since bad news does not become better by waiting.
    """
    if value is not None and value.is_suppressed:
        return status_of("suppressed")
    if score is None:
        return status_of("no_data" if value is None or value.actual is None else "no_target")
    if score.data_state == "stale":
        bad = score.band in {"at_risk", "off_track"}
        return status_of(str(score.band), "stale") if bad else status_of("stale")
    if score.band is not None:
        return status_of(score.band)
    return status_of(score.data_state if score.data_state in WORDS else "no_data")


def node_status(node: Node | None, *, with_gate: bool = True) -> Status:
    """Return the status of an objective, a perspective or the scorecard, with its gate and what is worse below it.

    Without its gate where that is named in full.
    """
    if node is None:
        return Status((mark("no_data"),))
    if node.score is None or node.band is None:
        state = node.data_state if node.data_state in {"unverified", "no_target"} else "no_data"
        if state == "no_data" and node.coverage:
            return Status((Mark(state, say("No score"), say("no score")),))
        return Status((mark(state),))
    return Status((mark(node.band),), _notes(node, with_gate=with_gate))


def _notes(node: Node, *, with_gate: bool) -> tuple[str, ...]:
    notes = [say("gate")] if with_gate and node.is_gated else []
    off = node.off_track_below_count
    if node.band == "on_track" and off:
        notes.append(say_count("{count} off track below", "{count} off track below", off))
    if node.data_state == "stale":
        notes.append(say("stale below"))
    if node.data_state == "unverified":
        notes.append(say("unverified below"))
    return tuple(notes)
