"""Expressions of derived KPIs, computed once more by walking Python's own syntax tree."""

import ast
import math
from collections.abc import Mapping


def evaluate(expression: str, values: Mapping[str, float]) -> float | None:
    """Compute an expression of names and numbers; None for a zero divisor."""
    try:
        found = _evaluate(ast.parse(expression.strip(), mode="eval").body, values)
    except (ZeroDivisionError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _evaluate(node: ast.AST, values: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int(number) | float(number)):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand, values)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _evaluate(operand, values)
        case ast.BinOp(left=left, op=operator, right=right):
            return _operate(operator, _evaluate(left, values), _evaluate(right, values))
    raise ValueError(ast.dump(node))


def _operate(operator: ast.operator, left: float, right: float) -> float:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
    raise ValueError(ast.dump(operator))
