"""Characters that no page, workbook or PDF may hold: control characters and the two that are none.

A source may well hand them on, in a row that broke its contract for one. HTML drops some and refuses others, a workbook with
one is no workbook. JSON and CSV can say them, and keep them. Not here: marks that are dangerous for what they mean, which each
output writes in its own way.
"""

import re

REPLACED_BY = "\ufffd"
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def writable(text: str) -> str:
    """Return a text with the sign for what cannot be shown in the place of each such character."""
    return UNWRITABLE.sub(REPLACED_BY, text)
