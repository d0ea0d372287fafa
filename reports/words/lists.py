"""Several names or values in one sentence: with commas, with "and", with "or", as the language in use joins them.

Not here: the sentences around them (views).
"""

from collections.abc import Sequence

from reports.words.text import Part, say, say_parts


def in_a_row(names: Sequence[str]) -> str:
    """List texts with commas: 0 at 0, 80 at 10, 100 at 20."""
    found = names[0] if names else ""
    for name in names[1:]:
        found = say("{before}, {next}", before=found, next=name)
    return found


def any_of(names: Sequence[str]) -> str:
    """List texts of which one is enough: a, b or c."""
    if not names[1:]:
        return in_a_row(names)
    return say("{before} or {last}", before=in_a_row(names[:-1]), last=names[-1])


def parts_in_a_row(names: Sequence[Part]) -> tuple[Part, ...]:
    """List names and links with commas."""
    found = tuple(names[:1])
    for name in names[1:]:
        found = say_parts("{before}, {next}", before=found, next=name)
    return found


def all_of(names: Sequence[Part]) -> tuple[Part, ...]:
    """List names and links: a, b and c."""
    if not names[1:]:
        return tuple(names)
    return say_parts("{before} and {last}", before=parts_in_a_row(names[:-1]), last=names[-1])
