"""The scores of a scorecard and its perspectives, and where they balance.

Not here: how the beam is drawn (figures), the roll of other scores (roll).
"""

from reports.edition import Edition
from reports.figures.small import Beam, Hung, beam
from reports.hierarchy import node_of, weight_shares
from reports.roll import Roll, roll
from reports.warehouse import rows
from reports.words.language import in_words, rounded
from reports.words.text import Part, say, say_count_parts, say_parts

FULL = 100
LEAST = 2
"""Balance is defined from two perspectives up."""


def roll_of(edition: Edition, unit: rows.Unit) -> Roll:
    """Return the roll of a unit: the scorecard, then its perspectives."""
    scorecard = edition.strategy.scorecard.scorecard_id
    whole = [("scorecard", scorecard, say("Scorecard"), "#scorecard")]
    own = unit.unit_id == edition.organisation_id and edition.seen is None
    parts = [
        (
            "perspective",
            node.perspective_id,
            node.perspective_name,
            edition.perspective_href(node.perspective_id) if own else f"#p-{node.perspective_id}",
        )
        for node in edition.strategy.perspectives.values()
        if node_of(edition, "perspective", node.perspective_id, unit.unit_id) is not None
    ]
    return roll(edition, unit.unit_id, whole + parts, head=say("Score of 100"))


def beam_of(edition: Edition, unit_id: str) -> Beam | None:
    """Return the balance of a unit's perspectives; none where fewer than two have been weighed."""
    shares = weight_shares(edition, unit_id)
    hung = []
    for perspective in edition.strategy.perspectives.values():
        node = node_of(edition, "perspective", perspective.perspective_id, unit_id)
        if node is not None:
            share = shares.get(("perspective", perspective.perspective_id), 0.0)
            hung.append(
                Hung(
                    name=perspective.perspective_name,
                    score=node.score,
                    score_text=in_words(edition.edges.write(node.score)),
                    share=share,
                    weight_text=edition.language.percent(share),
                )
            )
    if len(hung) < LEAST:
        return None
    now = node_of(edition, "scorecard", edition.strategy.scorecard.scorecard_id, unit_id)
    score = now.score if now is not None else None
    return beam(
        hung,
        balances_at=score,
        balance_text=edition.edges.write(score),
        at_risk=edition.strategy.scorecard.at_risk_edge,
        on_track=edition.strategy.scorecard.on_track_edge,
    )


def beam_note(edition: Edition, unit_id: str) -> tuple[Part, ...]:
    """Say how far the perspectives lie apart."""
    balance = edition.results.balance.get(unit_id)
    ends = (
        (balance.highest_perspective_id, balance.lowest_perspective_id)
        if balance is not None
        else (None, None)
    )
    if balance is None or balance.result_balance is None or None in ends:
        return say_parts(
            "Balance of result: not known, since fewer than two perspectives have a score."
        )
    high, low = (_named(edition, str(node)) for node in ends)
    apart = FULL - rounded(balance.result_balance, 0)
    said = say_count_parts(
        "Balance of result {result} of 100: {count} point lies between {high} and {low}.",
        "Balance of result {result} of 100: {count} points lie between {high} and {low}.",
        int(apart),
        count=edition.language.number(apart),
        result=edition.language.number(balance.result_balance),
        high=high,
        low=low,
    )
    if balance.weight_balance is None:
        return said
    weight = edition.language.number(balance.weight_balance)
    return (*said, Part(" "), Part(say("Balance of weight {weight}.", weight=weight)))


def _named(edition: Edition, perspective_id: str) -> Part:
    return Part(edition.strategy.perspectives[perspective_id].perspective_name, style="outside")
