"""Expressions of derived KPIs, computed in the warehouse: from the syntax tree to SQL over the terms' values.

Terms are added up first, each in its own way (`term_value.sql`); the expression is computed from them in doubles at every unit,
period and grain. What lacks a term, or divides by zero, has no value.

Not here: what an expression may hold (scorecard.expression).
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from scorecard.expression import parse
from scorecard.strategy import Kpi
from transforms.engine import literal, quoted

_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}


@dataclass(frozen=True)
class Compiled:
    """An expression as SQL over one column per term."""

    upper: str
    """What is divided, where a division is the outermost operation; else the whole."""
    lower: str
    """What it is divided by; else 1."""
    value: str
    """The whole."""


def compile_expression(text: str) -> Compiled:
    """Compile an expression to SQL; every division is by `nullif(…, 0)`.

    Raises:
        ExpressionError: where the text is no expression.

    """
    tree = parse(text)
    value = _sql(tree)
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        return Compiled(_sql(tree.left), _sql(tree.right), value)
    return Compiled(value, "1::double", value)


def _sql(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return quoted(node.id)
    if isinstance(node, ast.Constant):
        return f"{float(node.value)!r}::double"  # type: ignore[arg-type] # parse lets only numbers through
    if isinstance(node, ast.UnaryOp):
        return f"({'-' if isinstance(node.op, ast.USub) else '+'}{_sql(node.operand)})"
    if not isinstance(node, ast.BinOp):
        raise TypeError(f"{type(node).__name__} is not let through by scorecard.expression.parse")
    left, right = _sql(node.left), _sql(node.right)
    if isinstance(node.op, ast.Div):
        return f"({left} / nullif({right}, 0))"
    return f"({left} {_SIGNS[type(node.op)]} {right})"


def compute_derived(connection: duckdb.DuckDBPyConnection, kpis: Iterable[Kpi]) -> None:
    """Make the temporary table `derived_value` from `term_value`; a value needs every term.

    Grain: one row per derived KPI, unit, period and grain.
    """
    connection.execute(
        "create or replace temp table derived_value (kpi_id varchar, unit_id varchar, "
        "grain varchar, period_start_date date, numerator decimal(38, 9), "
        "denominator decimal(38, 9), quotient double, observations_count bigint, "
        "is_provisional boolean, data_as_of_date date)"
    )
    for kpi in kpis:
        if kpi.derived is None:
            continue
        compiled = compile_expression(kpi.derived.expression)
        terms = ", ".join(
            f"max(value) filter (where term_id = {literal(name)}) as {quoted(name)}"
            for name in kpi.derived.terms
        )
        connection.execute(
            "insert into derived_value by name select kpi_id, unit_id, grain, period_start_date, "
            f"finite({compiled.value}) as quotient, "
            f"try_cast({compiled.upper} as decimal(38, 9)) as numerator, "
            f"try_cast({compiled.lower} as decimal(38, 9)) as denominator, "
            "observations_count, is_provisional, data_as_of_date "
            f"from (select kpi_id, unit_id, grain, period_start_date, {terms}, "
            "case when count(observations_count) = count(*) then min(observations_count) end "
            "as observations_count, "
            "bool_or(is_provisional) as is_provisional, "
            "case when count(data_as_of_date) = count(*) then min(data_as_of_date) end "
            "as data_as_of_date "
            "from term_value where kpi_id = $kpi "
            "group by kpi_id, unit_id, grain, period_start_date having count(value) = $terms)",
            {"kpi": kpi.id, "terms": len(kpi.derived.terms)},
        )
