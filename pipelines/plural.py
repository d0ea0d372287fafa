"""Numbers with their nouns: `1 check`, `2 checks`, `1,126 rows`.

Not here: sentences around them (`wording`, and each module's own).
"""


def counted(number: int, noun: str) -> str:
    """Write a number and what it counts; the plural of `noun` takes an s."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"
