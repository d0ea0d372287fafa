"""What owners said about a KPI.

Not here: the numbers they speak of (kpi).
"""

from dataclasses import dataclass

from reports.edition import Edition
from reports.standing import Standing
from reports.words.text import Part, say, say_count_parts, say_parts

SHOWN_COMMENTS = 3


@dataclass(frozen=True)
class CommentItem:
    """What somebody said about a month."""

    month: str
    author: str
    paragraphs: tuple[str, ...]

    @property
    def by(self) -> tuple[Part, ...]:
        """Who said it, and of which month."""
        author = Part(self.author, style="outside")
        return say_parts("{author}, on {month}", author=author, month=self.month)


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
        return say("Comment on {month}", month=edition.language.month(edition.month))
    if not found:
        return say("No comment yet")
    last = edition.language.month(found[-1].period_start_date)
    month = edition.language.month_name(edition.month)
    return say("No comment for {month}; the last is of {last}", month=month, last=last)


def comments_note(edition: Edition, item: Standing) -> tuple[Part, ...]:
    """Say where older comments are; without a present one, who answers."""
    found = edition.strategy.comments.get((item.kpi.kpi_id, item.unit_id), [])
    older = len(found) - SHOWN_COMMENTS
    if not any(row.period_start_date == edition.month for row in found):
        owner = Part(item.kpi.owner_name, style="outside")
        return say_parts("{owner} answers for this KPI.", owner=owner)
    if older <= 0:
        return ()
    return say_count_parts(
        "{count} older comment is in the table {table}.",
        "{count} older comments are in the table {table}.",
        older,
        table=Part("scorecard.comment", style="code"),
    )
