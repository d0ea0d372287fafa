"""How a scorecard stands in one sentence, and which objectives moved it.

Not here: the parts of the change one by one (moved), past months' headings (period).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reports.edition import Edition
from reports.hierarchy import node_of
from reports.periods import add_months
from reports.warehouse import rows
from reports.words.language import in_words
from reports.words.status import node_status
from reports.words.text import Part, later, say, say_count, say_count_parts, say_parts

WORTH_NAMING = 0.05
"""Points of score; less shows as zero."""
NAMED = 3
"""How many objectives the sentence names."""
SEVERAL = 2
"""A number that takes the plural, for a change that is no whole number."""
NUMBER_WORDS = (
    later("no"),
    later("one"),
    later("two"),
    later("three"),
    later("four"),
    later("five"),
    later("six"),
    later("seven"),
    later("eight"),
    later("nine"),
    later("ten"),
    later("eleven"),
    later("twelve"),
)
COST = (
    later("{first} cost {a} points."),
    later("{first} cost {a} points and {second} {b}."),
    later("{first} cost {a} points, {second} {b} and {third} {c}."),
)
ADDED = (
    later("{first} added {a} points."),
    later("{first} added {a} points and {second} {b}."),
    later("{first} added {a} points, {second} {b} and {third} {c}."),
)
"""Which objectives explain a fall and a rise: one, two, three of them."""


@dataclass(frozen=True)
class Ends:
    """The scorecard's score of the headline month and of the one before."""

    now: rows.Node | None
    before: rows.Node | None

    @property
    def score(self) -> float | None:
        """The score."""
        return self.now.score if self.now is not None else None

    @property
    def earlier(self) -> float | None:
        """The score of the month before."""
        return self.before.score if self.before is not None else None


def ends_of(edition: Edition, unit_id: str) -> Ends:
    """Return a unit's score of the headline month and of the one before."""
    scorecard = edition.strategy.scorecard.scorecard_id
    return Ends(
        node_of(edition, "scorecard", scorecard, unit_id),
        node_of(edition, "scorecard", scorecard, unit_id, add_months(edition.month, -1)),
    )


def title_of(edition: Edition, unit: rows.Unit) -> str:
    """Return the title of a scorecard's page: whose, of when, and how it stands."""
    now = ends_of(edition, unit.unit_id).now
    month = edition.language.month(edition.month)
    if now is None or now.score is None:
        return say("{unit} scorecard, {month}: no score", unit=unit.unit_name, month=month)
    return say(
        "{unit} scorecard, {month}: {status}, {score} of 100",
        unit=unit.unit_name,
        month=month,
        status=node_status(now).within,
        score=edition.edges.write(now.score),
    )


def finding_of(edition: Edition, unit_id: str) -> str:
    """Say how the scorecard stands, and what it was the month before."""
    ends = ends_of(edition, unit_id)
    now, score = ends.now, ends.score
    if now is None:
        return say("No score for {month}", month=edition.language.month(edition.month))
    if score is None:
        coverage = edition.language.percent(now.coverage)
        month = edition.language.month(edition.month)
        return say("No score for {month}: coverage is {coverage}", month=month, coverage=coverage)
    told = _told(edition, now, score)
    change = edition.edges.change(score, ends.earlier)
    if change is None:
        return say("{status}: {score} of 100, with no score for {month} to compare with", **told)
    if not change:
        return say("{status}: {score} of 100, the same as in {month}", **told)
    told["count"] = _size(edition, change)
    if change > 0:
        return say_count(
            "{status}: {score} of 100, {count} point higher than in {month}",
            "{status}: {score} of 100, {count} points higher than in {month}",
            _plural(change),
            **told,
        )
    return say_count(
        "{status}: {score} of 100, {count} point lower than in {month}",
        "{status}: {score} of 100, {count} points lower than in {month}",
        _plural(change),
        **told,
    )


def unit_heading(edition: Edition, unit: rows.Unit) -> tuple[Part, ...]:
    """Say the same of a unit by its name, as the heading of its page."""
    ends = ends_of(edition, unit.unit_id)
    now, score = ends.now, ends.score
    name = Part(unit.unit_name, style="outside")
    if now is None or score is None:
        return _unscored(edition, now, name)
    told: dict[str, Part | str] = {**_told(edition, now, score), "unit": name}
    told["status"] = node_status(now).within
    change = edition.edges.change(score, ends.earlier)
    if change is None:
        return say_parts(
            "{unit}: {status}, {score} of 100, with no score for {month} to compare with", **told
        )
    if not change:
        return say_parts("{unit}: {status}, {score} of 100, the same as in {month}", **told)
    told["count"] = _size(edition, change)
    if change > 0:
        return say_count_parts(
            "{unit}: {status}, {score} of 100, {count} point higher than in {month}",
            "{unit}: {status}, {score} of 100, {count} points higher than in {month}",
            _plural(change),
            **told,
        )
    return say_count_parts(
        "{unit}: {status}, {score} of 100, {count} point lower than in {month}",
        "{unit}: {status}, {score} of 100, {count} points lower than in {month}",
        _plural(change),
        **told,
    )


def _unscored(edition: Edition, now: rows.Node | None, name: Part) -> tuple[Part, ...]:
    month = edition.language.month(edition.month)
    if now is None:
        return say_parts("{unit}: no score for {month}", unit=name, month=month)
    return say_parts(
        "{unit}: no score for {month}, coverage is {coverage}",
        unit=name,
        month=month,
        coverage=edition.language.percent(now.coverage),
    )


def _told(edition: Edition, now: rows.Node, score: float) -> dict[str, str]:
    return {
        "status": node_status(now).words,
        "score": edition.edges.write(score),
        "month": edition.language.month_name(add_months(edition.month, -1)),
    }


def _size(edition: Edition, change: Decimal) -> str:
    return edition.language.number(abs(change), 0 if change == change.to_integral_value() else 2)


def _plural(change: Decimal) -> int:
    return int(abs(change)) if change == change.to_integral_value() else SEVERAL


def contributions_of(edition: Edition, unit_id: str) -> dict[str, float] | None:
    """Return what each objective added to the change of the score; None where the parts do not make the whole.

    As in `scorecard.score_contribution`, an objective counts for how far it lies from the earlier score.
    """
    ends = ends_of(edition, unit_id)
    now, before = ends.score, ends.earlier
    if now is None or before is None:
        return None
    after, earlier = (_parts(edition, unit_id, months_back=back, against=before) for back in (0, 1))
    found = {node: after.get(node, 0.0) - earlier.get(node, 0.0) for node in {**after, **earlier}}
    whole = abs(sum(found.values()) - (now - before)) < 0.01  # noqa: PLR2004 - points
    return found if whole else None


def _parts(edition: Edition, unit_id: str, *, months_back: int, against: float) -> dict[str, float]:
    """Return each objective's part of what the scorecard's score lies above another."""
    costs = edition.results.costs.get((unit_id, add_months(edition.month, -months_back)), [])
    upper = {
        cost.child_id: cost.weight_share for cost in costs if cost.child_level == "perspective"
    }
    found = {}
    for cost in costs:
        share = upper.get(cost.parent_id) if cost.child_level == "objective" else None
        if share is not None and cost.weight_share is not None and cost.score is not None:
            found[cost.child_id] = share * cost.weight_share * (cost.score - against)
    return found


def explained(edition: Edition, unit_id: str) -> tuple[Part, ...]:
    """Say which objectives explain the change; the shown parts add up to the shown change."""
    ends = ends_of(edition, unit_id)
    parts = contributions_of(edition, unit_id)
    change = edition.edges.change(ends.score, ends.earlier)
    if parts is None or not change:
        return _weakest(edition, unit_id, ends.now)
    falls = change < 0
    ordered = sorted(parts.items(), key=lambda item: item[1], reverse=not falls)
    top = [
        (node, Decimal(repr(value)).quantize(Decimal("0.1")))
        for node, value in ordered[:NAMED]
        if abs(value) >= WORTH_NAMING and (value < 0) == falls
    ]
    if not top:
        return _weakest(edition, unit_id, ends.now)
    rest = change - sum((value for _, value in top), Decimal(0))
    return (
        *_named(edition, top, falls=falls),
        *_others(edition, len(parts) - len(top), rest),
    )


def _named(
    edition: Edition, top: Sequence[tuple[str, Decimal]], *, falls: bool
) -> tuple[Part, ...]:
    told: dict[str, Part | str] = {}
    for (place, size), (node, value) in zip(
        (("first", "a"), ("second", "b"), ("third", "c")), top, strict=False
    ):
        name = edition.strategy.objectives[node].objective_name
        told |= {
            place: Part(name, edition.objective_href(node)),
            size: edition.language.number(abs(value), 1),
        }
    return say_parts((COST if falls else ADDED)[len(top) - 1], **told)


def _others(edition: Edition, count: int, rest: Decimal) -> tuple[Part, ...]:
    """Say what the objectives that are not named did together."""
    if not count:
        return ()
    word = say(NUMBER_WORDS[count]) if count < len(NUMBER_WORDS) else str(count)
    said = say_count_parts(
        "The other: {points}.",
        "The other {count} together: {points}.",
        count,
        count=word,
        points=edition.language.signed(rest, 1),
    )
    return (Part(" "), *said)


def _weakest(edition: Edition, unit_id: str, now: rows.Node | None) -> tuple[Part, ...]:
    if now is None or now.weakest_child_id is None:
        return ()
    perspective = edition.strategy.perspectives[now.weakest_child_id]
    node = node_of(edition, "perspective", perspective.perspective_id, unit_id)
    return say_parts(
        "Weakest is {perspective} at {score}.",
        perspective=Part(
            perspective.perspective_name, edition.perspective_href(perspective.perspective_id)
        ),
        score=in_words(edition.edges.write(node.score if node is not None else None)),
    )
