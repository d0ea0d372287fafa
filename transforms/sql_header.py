"""The comment at the head of a definition: what it says of the table that the SELECT makes.

Not here: the SELECT itself (sql_guard).
"""

import re
from dataclasses import dataclass

_LABEL = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*):\s+(.*)$")


@dataclass(frozen=True)
class Header:
    """What the head of a definition says."""

    first_line: int
    """The first line after it."""
    description: str
    """Its first sentence."""
    grain: str
    """What follows `Grain:`."""
    comments: dict[str, str]
    """What follows other labels, in lower case: `owner`, or a column's name."""


def read_header(sql: str) -> Header:
    """Read the `--` lines before the first line of SQL; a line without a label goes on with the one above."""
    prose: list[str] = []
    labelled: dict[str, str] = {}
    label: str | None = None
    comments = _leading_comments(sql)
    for comment in comments:
        found = _LABEL.match(comment)
        if found:
            label = found[1].lower()
            labelled[label] = found[2]
        elif not comment:
            label = None
        elif label:
            labelled[label] += f" {comment}"
        else:
            prose.append(comment)
    grain = labelled.pop("grain", "")
    first_line = min(len(comments), sql.count("\n")) + 1
    return Header(first_line, _first_sentence(" ".join(prose)), grain, labelled)


def _leading_comments(sql: str) -> list[str]:
    """Give the text of each line before the SQL; empty lines count."""
    comments: list[str] = []
    for line in sql.split("\n"):
        text = line.strip()
        if text and not text.startswith("--"):
            break
        comments.append(text.removeprefix("--").strip())
    return comments


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]
