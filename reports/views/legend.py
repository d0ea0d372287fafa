"""The legend: what every status means, by the scorecard's own bands.

Not here: the signs (the sprite in the templates), the method page's own words (reference).
"""

from reports.edition import Edition
from reports.words.status import WORDS
from reports.words.text import say


def legend(edition: Edition) -> tuple[tuple[str, str], ...]:
    """Return every status with what it means."""
    scorecard = edition.strategy.scorecard
    high = edition.language.number(scorecard.on_track_edge, 2)
    low = edition.language.number(scorecard.at_risk_edge, 2)
    meanings = (
        say("score of {edge} or more", edge=high),
        say("{low} up to {high}", low=low, high=high),
        say("below {edge}", edge=low),
        say("nothing came; left out, so coverage falls"),
        say("the last good value counts, with its date"),
        say("what came broke its contract for too long; no score"),
        say("shown, not scored"),
        say("held back: it would reveal few answers"),
    )
    return tuple(zip(WORDS, meanings, strict=True))
