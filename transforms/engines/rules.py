"""Which rule writes which construct; what is not here is written by the template of its entry in the list.

Not here: the rules themselves.
"""

from collections.abc import Mapping

from transforms.engines import aggregates, arithmetic, conditions, dates, lists, text
from transforms.engines.expressions import Rule, written_out

RULES: Mapping[str, Rule] = {
    **arithmetic.RULES,
    **conditions.RULES,
    **text.RULES,
    **dates.RULES,
    **lists.RULES,
    **aggregates.RULES,
    "left": written_out,
    "round": written_out,
}
"""By the name that the list has."""
