"""The roll: the scores of a whole and of its parts, all lines on one scale.

Not here: where the perspectives balance (views/balance), the KPIs below them (card).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.edition import Edition
from reports.figures.small import Spark, spark
from reports.hierarchy import coverage_text, name_of, node_of
from reports.periods import add_months, months_until
from reports.warehouse import rows
from reports.words.language import in_words
from reports.words.status import Status, node_status
from reports.words.text import Part, say, say_parts


@dataclass(frozen=True)
class RollRow:
    """A score in the roll: the whole, then its parts."""

    name: str
    href: str
    score: str
    status: Status
    change: str
    spark: Spark
    weakest: tuple[Part, ...]
    coverage: str


@dataclass(frozen=True)
class Roll:
    """Scores of 100 of the whole and its parts, on one scale."""

    caption: str
    head: str
    since: str
    rows: tuple[RollRow, ...]


def roll(
    edition: Edition,
    unit_id: str,
    parts: Sequence[tuple[str, str, str, str]],
    *,
    head: str,
) -> Roll:
    """Return the roll of several scores (level, node, name, address), all lines on one scale."""
    months = months_until(edition.month)
    lines = {
        (level, node_id): [
            node.score
            if (node := node_of(edition, level, node_id, unit_id, at)) is not None
            else None
            for at in months
        ]
        for level, node_id, _, _ in parts
    }
    known = [value for line in lines.values() for value in line if value is not None]
    edge = edition.strategy.scorecard.on_track_edge
    span = (min([*known, edge]) - 1, max([*known, edge]) + 1)
    before = add_months(edition.month, -1)
    found = tuple(
        _roll_row(edition, unit_id, part, line=lines[part[0], part[1]], span=span) for part in parts
    )
    month = edition.language.month_name(before, short=True)
    return Roll(
        caption=say(
            "Scores of 100, change since {month}, 24 months, weakest part and coverage", month=month
        ),
        head=head,
        since=month,
        rows=found,
    )


def _roll_row(
    edition: Edition,
    unit_id: str,
    part: tuple[str, str, str, str],
    *,
    line: Sequence[float | None],
    span: tuple[float, float],
) -> RollRow:
    level, node_id, name, href = part
    node = node_of(edition, level, node_id, unit_id)
    earlier = node_of(edition, level, node_id, unit_id, add_months(edition.month, -1))
    score = node.score if node is not None else None
    known = [value for value in line if value is not None]
    title = say("{name} score, 24 months: no score", name=name)
    if known:
        low, high = edition.edges.write(min(known)), edition.edges.write(max(known))
        title = say(
            "{name} score, 24 months: lowest {low}, highest {high}", name=name, low=low, high=high
        )
    return RollRow(
        name=name,
        href=href,
        score=edition.edges.write(score),
        status=node_status(node),
        change=edition.edges.write_change(score, earlier.score if earlier is not None else None),
        spark=spark(
            line, title=title, span=span, rule=edition.strategy.scorecard.on_track_edge, width=96
        ),
        weakest=weakest(edition, unit_id, level, node),
        coverage=coverage_text(edition, node),
    )


CHILD_LEVEL = {"scorecard": "perspective", "perspective": "objective", "objective": "kpi"}


def weakest(edition: Edition, unit_id: str, level: str, node: rows.Node | None) -> tuple[Part, ...]:
    """Name the child that cost most points, with its score."""
    if node is None or node.weakest_child_id is None:
        return (Part(say("none"), style="quiet"),)
    child = CHILD_LEVEL[level]
    name, _ = name_of(edition, child, node.weakest_child_id, unit_id)
    costs = edition.results.costs.get((unit_id, edition.month), [])
    score = next(
        (
            cost.score
            for cost in costs
            if cost.child_level == child
            and cost.child_id == node.weakest_child_id
            and cost.parent_level == level
        ),
        None,
    )
    return say_parts(
        "{name} {score}",
        name=Part(name, style="outside"),
        score=in_words(edition.edges.write(score)),
    )
