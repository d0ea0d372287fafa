"""Parts of a whole as a reader sees them: rounded so that they add up.

Not here: which parts a whole has (views).
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from reports.words.language import rounded


def whole_parts(
    parts: Sequence[Decimal], digits: int, *, total: Decimal | None = None
) -> list[Decimal]:
    """Round parts so that they add up to a total as shown, by default their own rounded sum.

    The largest remainders get what is left over; where the total lies below, the smallest give it back.
    """
    unit = Decimal(1).scaleb(-digits)
    wanted = rounded(sum(parts, Decimal(0)), digits) if total is None else total
    floors = [part.quantize(unit, rounding=ROUND_FLOOR) for part in parts]
    missing = int((wanted - sum(floors, Decimal(0))) / unit)
    by_remainder = sorted(range(len(parts)), key=lambda index: floors[index] - parts[index])
    step = unit if missing > 0 else -unit
    order = by_remainder if missing > 0 else by_remainder[::-1]
    rounds, left = divmod(abs(missing), len(order)) if order else (0, 0)
    for turn, index in enumerate(order):
        floors[index] += step * (rounds + (turn < left))
    return [value if value else abs(value) for value in floors]
