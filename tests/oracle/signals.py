"""The usual range of a series once more: the limits of an XmR chart."""

import math
from collections.abc import Sequence
from itertools import pairwise

WIDEST_LIMITS = 2.66


def usual_range(values: Sequence[float]) -> tuple[float, float, float]:
    """Give lower limit, mean and upper limit of an XmR chart over its baseline."""
    mean = math.fsum(values) / len(values)
    ranges = [abs(after - before) for before, after in pairwise(values)]
    width = WIDEST_LIMITS * math.fsum(ranges) / len(ranges)
    return mean - width, mean, mean + width
