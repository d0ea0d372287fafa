"""The styles of paper that depend on the release: in the margin of every sheet stand organisation, scorecard and period.

A margin box cannot read the page, so the words stand in style sheets of the site's own: one for the pages of the headline
month, which is most of them, and one for those of other periods, so that the front page does not carry a rule for every
month of the past. Not here: everything else of print (scorecard.css).
"""

from collections.abc import Iterator
from pathlib import Path

from reports.edition import OTHER_PERIOD, Edition, sheet_of
from reports.words.text import say

FILE, PAST_FILE = "print.css", "print-past.css"


def write_print_sheet(edition: Edition, out: Path) -> int:
    """Write the style sheets; return how many files that is."""
    first, *others = _rules(edition)
    for file, rules in ((FILE, [first]), (PAST_FILE, others)):
        text = "".join(f"{rule}\n" for rule in rules)
        (out / file).write_text(text, encoding="utf-8", newline="\n")
    return 2


def _rules(edition: Edition) -> Iterator[str]:
    """Yield the margin of pages of the headline month, then those of pages of other periods."""
    organisation = edition.strategy.organisation.unit_name
    scorecard = edition.strategy.scorecard.scorecard_name
    whole = say("{organisation}: {scorecard}", organisation=organisation, scorecard=scorecard)

    def dated(month: str) -> str:
        return say("{scorecard}, {period}", scorecard=whole, period=month)

    yield _margin("", dated(edition.language.month(edition.headline)))
    for name, words in [
        *((sheet_of(month), dated(edition.language.month(month))) for month in edition.past_months),
        (OTHER_PERIOD, whole),
    ]:
        yield f"{_margin(name, words)} .{name} {{page:{name}}}"


def _margin(name: str, words: str) -> str:
    return f"@page {name}{{@bottom-left{{content:{quoted(words)}}}}}"


def quoted(text: str) -> str:
    """Return a text as a CSS string: whatever could end it, or the sheet, is written by its number."""
    plain = (
        letter if letter.isalnum() or letter == " " else f"\\{ord(letter):x} " for letter in text
    )
    return f'"{"".join(plain)}"'
