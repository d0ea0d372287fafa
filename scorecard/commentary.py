"""`commentary/<kpi>/<period>.md`: what the owner of a KPI says about a month.

Not here: whether the KPI and the unit exist, and how Markdown is shown.
"""

import re
from datetime import date

from scorecard.findings import Finding
from scorecard.plans import Comment
from scorecard.shape import did_you_mean, fit
from scorecard.yaml_lines import Place

HEADER_KEYS = ("author", "unit")
_PERIOD = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def read_comment(
    text: str, *, file: str, kpi: str, period: str
) -> tuple[Comment | None, list[Finding], dict[Place, int]]:
    """Read one comment; `period` is the file's name without its ending. Also give the lines of the header's keys."""
    month = _PERIOD.fullmatch(period)
    if not month or month[1] == "0000":
        return (
            None,
            [
                _error(
                    file,
                    0,
                    f"{period} is not a month.",
                    "Call the file after the month that it speaks of: 2026-09.md.",
                )
            ],
            {},
        )
    header, lines, body, findings = _split(text.replace("\r\n", "\n"), file)
    if findings:
        return None, findings, lines
    value = {"kpi": kpi, "period": date(int(month[1]), int(month[2]), 1), "text": body, **header}
    comment, found = fit(Comment, value, file=file, lines={(): 1, **lines})
    if not body:
        found = [
            _error(file, 1, "The comment says nothing.", "Write some text, or remove the file.")
        ]
    return comment, found, lines


def _error(file: str, line: int, message: str, mend: str) -> Finding:
    return Finding(file, line, "error", message, mend)


def _split(text: str, file: str) -> tuple[dict[str, str], dict[Place, int], str, list[Finding]]:
    """Part the leading `---` block from the text."""
    rows = text.split("\n")
    if rows[0].strip() != "---":
        return {}, {}, text.strip(), []
    header: dict[str, str] = {}
    lines: dict[Place, int] = {}
    findings: list[Finding] = []
    for line, row in enumerate(rows[1:], 2):
        if row.strip() == "---":
            return header, lines, "\n".join(rows[line:]).strip(), findings
        if not row.strip():
            continue
        key, colon, value = (part.strip() for part in row.partition(":"))
        if not colon or key not in HEADER_KEYS or key in header:
            mend = (
                did_you_mean(key, HEADER_KEYS)
                or "The header knows `author: …` and `unit: …`, once each."
            )
            findings.append(_error(file, line, f"The header cannot hold: {key[:60]}.", mend))
            continue
        header[key], lines[(key,)] = value.strip("\"'"), line
    findings.append(_error(file, 1, "The header is not closed.", "End it with a line `---`."))
    return header, lines, "", findings
