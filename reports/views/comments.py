"""What owners said about a KPI.

Not here: the numbers they speak of (kpi).
"""

from dataclasses import dataclass

from reports.card import Standing
from reports.edition import Edition

SHOWN_COMMENTS = 3


@dataclass(frozen=True)
class CommentItem:
    """What somebody said about a month."""

    month: str
    author: str
    paragraphs: tuple[str, ...]


def comments(edition: Edition, item: Standing) -> tuple[CommentItem, ...]:
    """Return the last comments on a KPI of a unit, newest first."""
    found = edition.strategy.comments.get((item.kpi.kpi_id, item.unit_id), [])
    return tuple(
        CommentItem(
            month=edition.language.month(row.period_start_date),
            author=row.author_name or item.kpi.owner_name,
            paragraphs=tuple(
                part.strip() for part in row.comment_text.split("\n\n") if part.strip()
            ),
        )
        for row in reversed(found[-SHOWN_COMMENTS:])
    )


def comments_heading(edition: Edition, item: Standing) -> str:
    """Say whether there is a comment for the headline month."""
    found = edition.strategy.comments.get((item.kpi.kpi_id, item.unit_id), [])
    if any(row.period_start_date == edition.month for row in found):
        return "The comment"
    if not found:
        return "No comment yet"
    last = edition.language.month(found[-1].period_start_date)
    return f"No comment for {edition.language.month_name(edition.month)}; the last is of {last}"


def comments_note(edition: Edition, item: Standing) -> str:
    """Say where older comments are; without a present one, who answers."""
    found = edition.strategy.comments.get((item.kpi.kpi_id, item.unit_id), [])
    older = len(found) - SHOWN_COMMENTS
    if any(row.period_start_date == edition.month for row in found):
        return f"{older} older comments are in the table scorecard.comment." if older > 0 else ""
    return f"{item.kpi.owner_name} answers for this KPI."
