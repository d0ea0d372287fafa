"""A definition, written once in DuckDB SQL, as Spark reads it.

SQLGlot takes the text apart. Every construct in it must be on the list (`allowed.yaml`), where the differential suite proves that
both engines give the same; anything else is refused by name. Types are DuckDB's: it is asked for them, and each result on Spark
is cast to its own.

Not here: expressions, aggregates and casts (in modules of these names), running it (spark).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlglot
from sqlglot import exp

from transforms.engines.aggregates import aggregates_in
from transforms.engines.expressions import compile_term, condition, use
from transforms.engines.kinds import UNKNOWN, type_of
from transforms.engines.reading import same_reading
from transforms.engines.terms import Column, Term, exactly, only, refused, to_type
from transforms.sql_guard import GuardedSelect, SqlRefused

Columns = tuple[Column, ...] | None
"""A table's columns; None where they are not known yet."""

_ITEM = "item of unnest"
_JOINS = {
    ("", ""): "inner", ("", "INNER"): "inner", ("LEFT", ""): "left", ("RIGHT", ""): "right", ("FULL", ""): "full",
    ("LEFT", "OUTER"): "left", ("RIGHT", "OUTER"): "right", ("FULL", "OUTER"): "full", ("", "CROSS"): "cross",
    ("", "SEMI"): "semi", ("", "ANTI"): "anti",
}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A definition for Spark."""

    sql: str
    columns: Columns
    used: frozenset[str]
    """Entries of the list that it rests on."""


def transpile(select: GuardedSelect, tables: Mapping[str, Columns], *, as_of: date) -> Written:
    """Write a guarded SELECT for Spark, where `tables` (as `schema.table`) are views named by `view_name`.

    Raises:
        SqlRefused: it uses what is not proven equal on both engines.

    """
    try:
        tree = sqlglot.parse_one(select.sql, read="duckdb")
        same_reading(select.sql, tree, line=select.first_line)
        query = _Query({name.lower(): columns for name, columns in tables.items()}, as_of)
        sql, columns = query.write(tree, {})
    except RecursionError:
        raise SqlRefused(
            "The SELECT is nested too deeply.", select.first_line, "Split it into CTEs."
        ) from None
    except SqlRefused as error:
        line = max(error.line, select.first_line)
        raise SqlRefused(error.message, line, error.mend, name=select.name) from None
    return Written(sql, columns, frozenset(query.used))


def view_name(table: str) -> str:
    """Name the view that stands for `schema.table` on Spark."""
    return quoted("t__" + table.replace(".", "__").lower())


def quoted(name: str) -> str:
    """Quote a name for Spark."""
    return "`" + name.replace("`", "``") + "`"


@dataclass
class _Scope:
    """What the columns of one SELECT mean."""

    as_of: date
    used: set[str]
    sources: dict[str, Columns] = field(default_factory=dict)
    aliases: dict[str, exp.Expr] = field(default_factory=dict)
    is_after_grouping: bool = False
    """Names in HAVING: where one is both a column and another expression's alias, it is refused."""

    def resolve(self, column: exp.Column) -> tuple[str, Column] | exp.Expr:
        """Give a column as Spark has it, or the expression that an alias stands for."""
        only(column, "this", "table")
        name, table = column.name.lower(), column.table.lower()
        if table and table not in self.sources:
            raise refused(f"The column {column.sql()}", column, "Name it table.column.")
        found = self._find(name, [table] if table else list(self.sources))
        if len(found) > 1:
            raise refused(
                f"The column {name}, which is in several tables,", column, "Name it table.column."
            )
        alias = None if table else self.aliases.get(name)
        if found and not self._is_other(alias, column):
            source, known = found[0]
            return f"{quoted(source)}.{quoted(known.name)}", known
        if alias is None or found:
            mend = "Name a column of the tables that are read, once; no name of another meaning."
            raise refused(f"The name {name} here", column, mend)
        return alias

    def _is_other(self, alias: exp.Expr | None, column: exp.Column) -> bool:
        is_same = isinstance(alias, exp.Column) and alias.name.lower() == column.name.lower()
        return self.is_after_grouping and alias is not None and not is_same

    def _find(self, name: str, tables: Sequence[str]) -> list[tuple[str, Column]]:
        found = [
            (table, each)
            for table in tables
            for each in self.sources[table] or ()
            if each.name.lower() == name
        ]
        unknown = [table for table in tables if self.sources[table] is None]
        if not found and unknown:
            return [(unknown[0], Column(name))]
        return found


@dataclass
class _Query:
    """Writes queries; a query sees the tables and the CTEs that are in scope."""

    tables: Mapping[str, Columns]
    as_of: date
    used: set[str] = field(default_factory=set)

    def write(self, node: exp.Expr, ctes: Mapping[str, Columns]) -> tuple[str, Columns]:
        """Write a SELECT or a union, with its CTEs."""
        known = dict(ctes)
        written = []
        with_ = node.args.get("with_")
        if with_ is not None:
            only(with_, "expressions")
            self._use("with", with_)
            for cte in with_.expressions:
                only(cte, "this", "alias", "materialized")
                if cte.args["alias"].args.get("columns"):
                    raise refused("A CTE with names of columns", cte, "Name them in its SELECT.")
                name = cte.alias.lower()
                sql, known[name] = self.write(cte.this, known)
                written.append(f"{_cte(name)} as ({sql})")
        sql, columns = self._body(node, known)
        return (f"with {', '.join(written)} {sql}" if written else sql), columns

    def _body(self, node: exp.Expr, ctes: Mapping[str, Columns]) -> tuple[str, Columns]:
        if isinstance(node, exp.Subquery):
            only(node, "this", "alias")
            return self.write(node.this, ctes)
        if isinstance(node, exp.Union):
            return self._union(node, ctes)
        if not isinstance(node, exp.Select):
            raise refused(type(node).__name__, node, "Write a SELECT, or a union of them.")
        return self._select(node, ctes)

    def _use(self, name: str, node: exp.Expr) -> None:
        use(name, node, _Scope(self.as_of, self.used))

    def _union(self, node: exp.Expr, ctes: Mapping[str, Columns]) -> tuple[str, Columns]:
        only(node, "this", "expression", "distinct", "with_", "order")
        name = "union" if node.args.get("distinct") else "union all"
        self._use(name, node)
        parts = [self.write(each, ctes) for each in (node.this, node.expression)]
        left, right = (columns for _, columns in parts)
        if left is None or right is None:
            return " ".join((f"({parts[0][0]})", name, f"({parts[1][0]})")), None
        if len(left) != len(right):
            raise refused("A union of other columns", node, "Give both sides the same columns.")
        met = tuple(_met(*pair) for pair in zip(left, right, strict=True))
        if name == "union":
            exactly([Term("", each.type, each.is_inexact) for each in met], node, name)
        sides = [
            _as(sql, columns, met, node)
            for (sql, _), columns in zip(parts, (left, right), strict=True)
        ]
        return f"{sides[0]} {name} {sides[1]}", met

    # --- SELECT -----------------------------------------------------------------------------------

    def _select(self, node: exp.Expr, ctes: Mapping[str, Columns]) -> tuple[str, Columns]:
        only(
            node,
            "expressions",
            "from_",
            "joins",
            "where",
            "group",
            "having",
            "qualify",
            "distinct",
            "order",
            "with_",
        )
        scope = _Scope(self.as_of, self.used)
        source = self._from(node, scope, ctes)
        items = self._items(node, scope)
        if items is None:
            return self._all_unknown(node, scope, source)
        scope.aliases = {name.lower(): each for name, each in items}
        for _, each in items:
            _refuse_inner_unnest(each)
        where = node.args.get("where")
        clauses = [f"where {condition(where.this, scope)}"] if where is not None else []
        clauses += self._grouping(node, scope, items)
        is_distinct = self._distinct(node)
        return self._finish(
            node, scope, items, source=source, clauses=clauses, is_distinct=is_distinct
        )

    def _all_unknown(self, node: exp.Expr, scope: _Scope, source: str) -> tuple[str, Columns]:
        """Look through a `select *` over tables whose columns are not known yet."""
        where = node.args.get("where")
        if where is not None:
            condition(where.this, scope)
        self._grouping(node, scope, [])
        return f"select * {source}", None

    def _finish(
        self,
        node: exp.Expr,
        scope: _Scope,
        items: Sequence[tuple[str, exp.Expr]],
        *,
        source: str,
        clauses: Sequence[str],
        is_distinct: bool,
    ) -> tuple[str, Columns]:
        lists = [(name, each) for name, each in items if each.find(exp.Explode)]
        qualify = node.args.get("qualify")
        terms: list[tuple[str, Term]] = []
        for name, each in items:
            inner = _exploded(each).this if each.find(exp.Explode) else each
            terms.append((name, self._term(inner, scope)))
        if qualify is not None:
            self._use("qualify", qualify)
            scope.is_after_grouping = node.args.get("group") is not None
            terms.append((_ITEM, Term(condition(qualify.this, scope), "BOOLEAN")))
        plain = [(name, term) for name, term in terms if name != _ITEM]
        if is_distinct:
            for name, term in plain:
                _refuse_unheld(Column(name, term.type), node)
            exactly([term for _, term in plain], node, "distinct")
        selected = ", ".join(f"{term.sql} as {quoted(name)}" for name, term in terms)
        word = "select distinct" if is_distinct and not lists and qualify is None else "select"
        sql = " ".join(filter(None, (f"{word} {selected}", source, *clauses)))
        if qualify is not None:
            names = ", ".join(quoted(name) for name, _ in plain)
            word = "select distinct" if is_distinct and not lists else "select"
            sql = f"{word} {names} from ({sql}) as q where {quoted(_ITEM)}"
        columns = tuple(Column(name, term.type, term.is_inexact) for name, term in plain)
        if not lists:
            return sql, columns
        return self._unnested(sql, columns, items=items, lists=lists, is_distinct=is_distinct)

    def _term(self, node: exp.Expr, scope: _Scope) -> Term:
        """Write a column of a SELECT; one that Spark cannot hold may be passed on."""
        if isinstance(node, exp.Column):
            found = scope.resolve(node)
            if not isinstance(found, exp.Expr):
                return Term(found[0], found[1].type, found[1].is_inexact)
        return compile_term(node, scope)

    def _unnested(
        self,
        sql: str,
        columns: tuple[Column, ...],
        *,
        items: Sequence[tuple[str, exp.Expr]],
        lists: Sequence[tuple[str, exp.Expr]],
        is_distinct: bool,
    ) -> tuple[str, Columns]:
        """Make rows of the one list among the columns, and cast each item as it was asked for."""
        name, node = lists[0]
        if len(lists) > 1:
            raise refused("unnest of two lists", lists[1][1], "Unnest one list in each SELECT.")
        self._use("unnest", node)
        by_name = {column.name: column for column in columns}
        inner = by_name[name].type
        item_type = inner.removesuffix("[]") if inner != UNKNOWN else UNKNOWN
        scope = _Scope(self.as_of, self.used, {"e": (Column(_ITEM, item_type),)})
        outer = node.copy()
        held = exp.Paren(this=outer)
        explode = _exploded(held)
        explode.replace(exp.column(exp.to_identifier(_ITEM, quoted=True), table="e"))
        item = compile_term(held.this, scope)
        selected = [
            f"{item.sql} as {quoted(each)}" if each == name else f"i.{quoted(each)}"
            for each, _ in items
        ]
        word = "select distinct" if is_distinct else "select"
        made = (
            f"{word} {', '.join(selected)} from ({sql}) as i "
            f"lateral view explode(i.{quoted(name)}) e as {quoted(_ITEM)}"
        )
        return made, tuple(
            Column(name, item.type, item.is_inexact) if each.name == name else each
            for each in columns
        )

    def _distinct(self, node: exp.Expr) -> bool:
        distinct = node.args.get("distinct")
        if distinct is None:
            return False
        only(distinct)
        self._use("select distinct", node)
        return True

    def _items(self, node: exp.Expr, scope: _Scope) -> list[tuple[str, exp.Expr]] | None:
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

    def _grouping(
        self, node: exp.Expr, scope: _Scope, items: Sequence[tuple[str, exp.Expr]]
    ) -> list[str]:
        clauses = []
        group, having = node.args.get("group"), node.args.get("having")
        if group is not None:
            only(group, "expressions", "all")
            self._use("group by all" if group.args.get("all") else "group by", group)
            terms = [compile_term(each, scope) for each in self._groups(group, items)]
            exactly(terms, group, "group by")
            keys = ", ".join(dict.fromkeys(term.sql for term in terms))
            clauses += [f"group by {keys}"] if keys else []
        if having is not None:
            self._use("having", having)
            scope.is_after_grouping = True
            clauses.append(f"having {condition(having.this, scope)}")
            scope.is_after_grouping = False
        return clauses

    def _groups(self, group: exp.Expr, items: Sequence[tuple[str, exp.Expr]]) -> list[exp.Expr]:
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

    # --- FROM -------------------------------------------------------------------------------------

    def _from(self, node: exp.Expr, scope: _Scope, ctes: Mapping[str, Columns]) -> str:
        from_ = node.args.get("from_")
        if from_ is None:
            return ""
        parts = [f"from {self._source(from_.this, scope, ctes)}"]
        parts += [self._join(join, scope, ctes) for join in node.args.get("joins") or ()]
        return " ".join(parts)

    def _source(self, node: exp.Expr, scope: _Scope, ctes: Mapping[str, Columns]) -> str:
        if isinstance(node, exp.Subquery):
            only(node, "this", "alias")
            self._use("subquery in from", node)
            sql, columns = self.write(node.this, ctes)
            sql = f"({sql})"
        elif isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            only(node, "this", "db", "alias")
            sql, columns = self._table(node, ctes)
        else:
            raise refused(
                f"{type(node).__name__} in from",
                node,
                "Read tables, CTEs and subqueries; unnest in a SELECT.",
            )
        if node.args.get("alias") is not None and node.args["alias"].args.get("columns"):
            raise refused("An alias with names of columns", node, "Name them in a CTE.")
        alias = (node.alias or getattr(node, "name", "") or "unnamed").lower()
        if alias in scope.sources:
            raise refused(f"Two tables called {alias}", node, "Give each an alias of its own.")
        scope.sources[alias] = columns
        return f"{sql} as {quoted(alias)}"

    def _table(self, node: exp.Expr, ctes: Mapping[str, Columns]) -> tuple[str, Columns]:
        name = node.name.lower()
        if not node.args.get("db") and name in ctes:
            return _cte(name), ctes[name]
        full = f"{node.args['db'].name}.{name}".lower()
        return view_name(full), self.tables.get(full)

    def _join(self, join: exp.Expr, scope: _Scope, ctes: Mapping[str, Columns]) -> str:
        only(join, "this", "on", "side", "kind")
        kind = _JOINS.get((str(join.args.get("side") or ""), str(join.args.get("kind") or "")))
        on = join.args.get("on")
        if kind is None or (on is None) != (kind == "cross"):
            raise refused(
                "This join", join, "Write inner, left, right or full join … on …, or cross join."
            )
        self._use(f"{kind} join", join)
        before = dict(scope.sources)
        source = self._source(join.this, scope, ctes)
        word = f"left {kind}" if kind in {"semi", "anti"} else kind
        written = f"{word} join {source}"
        if on is not None:
            written += f" on {condition(on, scope)}"
        if kind in {"semi", "anti"}:
            scope.sources = before
        return written


def _cte(name: str) -> str:
    return quoted(f"c__{name}")


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


def _exploded(node: exp.Expr) -> exp.Expr:
    found = node.find(exp.Explode)
    if found is None:
        raise ValueError("there is no unnest")
    return found


def _refuse_inner_unnest(node: exp.Expr) -> None:
    """Let unnest stand alone or in casts."""
    outer = node
    while isinstance(outer, exp.Cast | exp.Paren):
        outer = outer.this
    inner = node.find(exp.Explode)
    if inner is not None and (outer is not inner or inner.this.find(exp.Explode)):
        raise refused("unnest within an expression", node, "Let unnest be a column of its own.")


def _refuse_unheld(column: Column, node: exp.Expr) -> None:
    if column.is_unheld:
        raise refused(
            f"The column {column.name} of type {column.type}",
            node,
            "Cast it at the source, or leave it out.",
        )


def _met(left: Column, right: Column) -> Column:
    if UNKNOWN in (left.type, right.type):
        return Column(left.name, UNKNOWN, left.is_inexact or right.is_inexact)
    given = [
        f"select {'null' if each.type == 'NULL' else f'cast(null as {each.type})'} as x"
        for each in (left, right)
    ]
    wanted = type_of(f"x from ({' union all '.join(given)})")
    return Column(left.name, wanted, left.is_inexact or right.is_inexact)


def _as(sql: str, columns: tuple[Column, ...], wanted: Sequence[Column], node: exp.Expr) -> str:
    """Wrap one side of a union so that it has the types and names of the whole."""
    listed = []
    for given, met in zip(columns, wanted, strict=True):
        term = Term(f"u.{quoted(given.name)}", given.type, given.is_inexact)
        listed.append(f"{to_type(term, met.type, node).sql} as {quoted(met.name)}")
    return f"(select {', '.join(listed)} from ({sql}) as u)"
