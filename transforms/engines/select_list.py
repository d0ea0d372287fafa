"""What a SELECT yields, as it is written: stars spelled out, every column with its name, and which of them are groups.

Not here: what the names mean (scope), and writing them for Spark (transpile).
"""

from collections.abc import Sequence

from sqlglot import exp

from transforms.engines.aggregates import aggregates_in
from transforms.engines.scope import Scope
from transforms.engines.terms import only, refused


def select_list(node: exp.Expr, scope: Scope) -> list[tuple[str, exp.Expr]] | None:
    """Give the SELECT's columns with their names, stars spelled out; None where a star's columns are not known."""
    found: list[tuple[str, exp.Expr]] = []
    is_right = isinstance(node.parent, exp.Union) and node.arg_key == "expression"
    for number, each in enumerate(node.expressions):
        table = _star_of(each)
        if table is None:
            found.append(_named(each, f"column {number}" if is_right else ""))
            continue
        for source in [table] if table else list(scope.sources):
            columns = scope.sources.get(source)
            if columns is None:
                return None
            found += [(column.name, _column(column.name, source)) for column in columns]
    names = [name.lower() for name, _ in found]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise refused(f"Two columns called {twice[0]}", node, "Give each a name of its own.")
    return found


def groups(group: exp.Expr, items: Sequence[tuple[str, exp.Expr]]) -> list[exp.Expr]:
    """Give what rows are grouped by: as it is written, a column by its place, or all that is no aggregate."""
    if group.args.get("all"):
        if any(each.find(exp.Explode) for _, each in items):
            raise refused("unnest in a grouped SELECT", group, "Unnest in a CTE before it.")
        keys = [each for _, each in items if not aggregates_in(each)]
        if keys and len(keys) == len(items):
            return keys
        # Beside aggregates a constant is no group: without rows there is still one row.
        return [each for each in keys if each.find(exp.Column)]
    found = []
    for each in group.expressions:
        is_place = isinstance(each, exp.Literal) and not each.is_string
        found.append(items[int(each.this) - 1][1] if is_place and items else each)
    return found


def _column(name: str, table: str) -> exp.Expr:
    return exp.column(
        exp.to_identifier(name, quoted=True), table=exp.to_identifier(table, quoted=True)
    )


def _star_of(node: exp.Expr) -> str | None:
    """Give the table of a star, empty for all tables; None where the node is no star."""
    if isinstance(node, exp.Star):
        only(node)
        return ""
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
        only(node.this)
        return node.table.lower()
    return None


def _named(node: exp.Expr, otherwise: str) -> tuple[str, exp.Expr]:
    if isinstance(node, exp.Alias):
        return node.alias, node.this
    if isinstance(node, exp.Column):
        return node.name, node
    if otherwise:
        return otherwise, node
    raise refused("A column without a name", node, "Name it: … as name.")


def exploded(node: exp.Expr) -> exp.Expr:
    """Give the unnest in an expression that has one."""
    found = node.find(exp.Explode)
    if found is None:
        raise ValueError("there is no unnest")
    return found


def refuse_inner_unnest(node: exp.Expr) -> None:
    """Let unnest stand alone or in casts."""
    outer = node
    while isinstance(outer, exp.Cast | exp.Paren):
        outer = outer.this
    inner = node.find(exp.Explode)
    if inner is not None and (outer is not inner or inner.this.find(exp.Explode)):
        raise refused("unnest within an expression", node, "Let unnest be a column of its own.")
