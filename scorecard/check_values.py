"""Checks of what a KPI's value is made of: measure or expression, change or index, and how often it is measured.

Not here: whether its measures exist (`check_strategy`) and yield what it needs (transforms), and how it is scored.
"""

from collections.abc import Iterator

from scorecard.check_strategy import FILE, kpi_places
from scorecard.expression import ExpressionError, names
from scorecard.findings import Finding
from scorecard.shape import did_you_mean
from scorecard.strategy import Derived, Index, Kpi
from scorecard.terms import MONTHS
from scorecard.workspace import Workspace
from scorecard.yaml_lines import Place

_INSTEAD_OF_TERMS = ("measure", "aggregation", "empty")
"""Keys that a derived KPI leaves out, since each of its terms has its own."""


def check_values(workspace: Workspace) -> Iterator[Finding]:
    """Check of each KPI what it is computed from."""
    for place, kpi in kpi_places(workspace):
        if kpi.derived is None:
            yield from _plain(workspace, place, kpi)
        else:
            yield from _derived(workspace, place, kpi, kpi.derived)
        if kpi.change and kpi.index:
            yield _error(
                workspace,
                (*place, "index"),
                f"The KPI {kpi.id} is a change and an index; it can be only one of them.",
                "Remove `change` or `index`, or make two KPIs of it.",
            )
        if kpi.index:
            yield from _index(workspace, (*place, "index"), kpi, kpi.index)


def _error(workspace: Workspace, place: Place, message: str, mend: str) -> Finding:
    return Finding(FILE, workspace.line(FILE, *place), "error", message, mend)


def _plain(workspace: Workspace, place: Place, kpi: Kpi) -> Iterator[Finding]:
    if kpi.measure is None:
        yield _error(
            workspace,
            place,
            f"The KPI {kpi.id} says neither `measure` nor `derived`.",
            "Add `measure` and `aggregation`, or `derived`.",
        )
    elif kpi.aggregation is None:
        yield _error(
            workspace,
            place,
            f"The KPI {kpi.id} does not say how its measure adds up.",
            "Add `aggregation:` with sum, ratio, last, mean, distinct or score.",
        )


def _derived(workspace: Workspace, place: Place, kpi: Kpi, derived: Derived) -> Iterator[Finding]:
    for key in _INSTEAD_OF_TERMS:
        if key in kpi.model_fields_set:
            yield _error(
                workspace,
                (*place, key),
                f"The KPI {kpi.id} is derived, so that `{key}` has no meaning: each of its terms has its own.",
                f"Remove `{key}`, or `derived`.",
            )
    yield from _expression(workspace, (*place, "derived"), kpi, derived)
    for name, term in derived.terms.items():
        if term.aggregation == "distinct" and term.component != "value":
            yield _error(
                workspace,
                (*place, "derived", "terms", name, "component"),
                f"The term {name} of the KPI {kpi.id} counts distinct things, which have no {term.component}.",
                "Remove `component`.",
            )
    if all(term.of == "organisation" for term in derived.terms.values()):
        yield Finding(
            FILE,
            workspace.line(FILE, *place, "derived"),
            "warning",
            f"Every term of the KPI {kpi.id} is the organisation's: it is the same for every unit.",
            "Leave `of` out of the terms that are the unit's own.",
        )


def _expression(
    workspace: Workspace, place: Place, kpi: Kpi, derived: Derived
) -> Iterator[Finding]:
    try:
        used = names(derived.expression)
    except ExpressionError as error:
        yield _error(
            workspace,
            (*place, "expression"),
            f"The expression of the KPI {kpi.id}: {error}.",
            "Write names of terms, numbers, + - * / and parentheses: (revenue - cost) / revenue.",
        )
        return
    for name in sorted(used - derived.terms.keys()):
        yield _error(
            workspace,
            (*place, "expression"),
            f"The expression of the KPI {kpi.id} uses {name}, which is none of its terms.",
            did_you_mean(name, list(derived.terms)) or f"Add {name} to `terms`.",
        )
    for name in sorted(derived.terms.keys() - used):
        yield Finding(
            FILE,
            workspace.line(FILE, *place, "terms", name),
            "warning",
            f"The expression of the KPI {kpi.id} does not use its term {name}.",
            "Use it, or remove it: without its data the KPI has no value.",
        )


def _index(workspace: Workspace, place: Place, kpi: Kpi, index: Index) -> Iterator[Finding]:
    start = workspace.company.fiscal_year_start_month
    if MONTHS[index.per] < MONTHS[kpi.frequency]:
        yield _error(
            workspace,
            (*place, "per"),
            f"The KPI {kpi.id} is measured per {kpi.frequency}, so that no {index.per} can be its base.",
            f"Write `per: {kpi.frequency}`.",
        )
    elif index.base.day != 1 or (index.base.month - start) % MONTHS[index.per]:
        yield _error(
            workspace,
            (*place, "base"),
            f"No {index.per} begins on {index.base}, the base of the KPI {kpi.id}.",
            f"Write the first day of a {index.per}"
            + ("." if index.per == "month" else f"; the fiscal year starts in month {start}."),
        )
