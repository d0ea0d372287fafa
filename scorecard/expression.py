"""Expressions of derived KPIs: names, numbers, + - * / and parentheses, read with Python's own parser.

Not here: what the names stand for (strategy), and how an expression is computed (transforms).
"""

import ast

_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_LARGEST = 1e29
"""Numbers beyond do not fit a component."""
_MOST_PARTS = 500
"""So many names, numbers and operators an expression may have: what is longer, nobody can defend."""


class ExpressionError(ValueError):
    """An expression that is not made of names, numbers, + - * / and parentheses."""


def parse(text: str) -> ast.expr:
    """Parse an expression; raise ExpressionError where it holds anything but names, numbers, + - * / and parentheses."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(f"'{text}' cannot be read as an expression") from None
    nodes = list(ast.walk(tree))
    for node in nodes:
        _refuse_other(node)
    if len(nodes) > _MOST_PARTS:
        raise ExpressionError(f"the expression is longer than {_MOST_PARTS} parts")
    return tree


def names(text: str) -> set[str]:
    """Name the terms that an expression uses."""
    return _names(parse(text))


def divides(text: str) -> bool:
    """Tell whether an expression divides by one of its terms; one that cannot be read does not."""
    tree = _tree(text)
    return tree is not None and any(_names(node.right) for node in _quotients(tree))


def is_linear(text: str) -> bool:
    """Tell whether an expression of amounts adds up as they do.

    So does a sum of terms, each perhaps times a number; a term times a term does not, nor does one plus a number.
    """
    tree = _tree(text)
    return tree is not None and _degree(tree) == 1


def is_quotient_of_sums(text: str) -> bool:
    """Tell whether an expression of amounts is a quotient whose two sides each add up as the amounts do."""
    tree = _tree(text)
    if not isinstance(tree, ast.BinOp) or not isinstance(tree.op, ast.Div):
        return False
    return _degree(tree.left) == 1 and _degree(tree.right) == 1


def _tree(text: str) -> ast.expr | None:
    try:
        return parse(text)
    except ExpressionError:
        return None


def _quotients(tree: ast.expr) -> list[ast.BinOp]:
    found = (node for node in ast.walk(tree) if isinstance(node, ast.BinOp))
    return [node for node in found if isinstance(node.op, ast.Div)]


def _names(tree: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _degree(node: ast.expr) -> int | None:
    """Give 1 for a sum of amounts, 0 for a number, None for what is neither."""
    if isinstance(node, ast.UnaryOp):
        return _degree(node.operand)
    if not isinstance(node, ast.BinOp):
        return 1 if isinstance(node, ast.Name) else 0
    left, right = _degree(node.left), _degree(node.right)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Add | ast.Sub):
        return left if left == right else None
    if isinstance(node.op, ast.Div):
        return left if right == 0 else None
    return left + right if left + right <= 1 else None


def _refuse_other(node: ast.AST) -> None:
    is_sign = isinstance(node, (ast.UnaryOp, ast.USub, ast.UAdd))
    allowed = (ast.BinOp, *_OPERATORS, ast.Name, ast.Load)
    if _is_number(node) or is_sign or isinstance(node, allowed):
        return
    what = type(node).__name__
    raise ExpressionError(
        f"{what} has no place in an expression: names, numbers, + - * / and parentheses"
    )


def _is_number(node: ast.AST) -> bool:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if abs(value) > _LARGEST:
        raise ExpressionError("a number in the expression is too large")
    return True
