"""A definition, written once in DuckDB SQL, as Spark reads it.

SQLGlot takes the text apart. Every construct in it must be on the list (`allowed.yaml`), where the differential suite proves that
both engines give the same; anything else is refused by name. Types are DuckDB's: it is asked for them, and each result on Spark
is cast to its own.

Not here: what names mean (scope), expressions (in the modules that rules names), running it (spark).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlglot
from sqlglot import exp

from transforms.engines.conditions import condition
from transforms.engines.expressions import compile_term, use
from transforms.engines.kinds import UNKNOWN, type_of
from transforms.engines.reading import same_reading
from transforms.engines.scope import Columns, Scope, spark_name, view_name
from transforms.engines.select_list import exploded, groups, refuse_inner_unnest, select_list
from transforms.engines.terms import Column, Term, exactly, only, refused, to_type
from transforms.sql_guard import GuardedSelect, SqlRefused

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
        use(name, node, self.used)

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
            exactly(met, node, name)
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
        scope = Scope(self.as_of, self.used)
        source = self._from(node, scope, ctes)
        items = select_list(node, scope)
        if items is None:
            return self._all_unknown(node, scope, source)
        scope.aliases = {name.lower(): each for name, each in items}
        for _, each in items:
            refuse_inner_unnest(each)
        where = node.args.get("where")
        clauses = [f"where {condition(where.this, scope)}"] if where is not None else []
        clauses += self._grouping(node, scope, items)
        is_distinct = self._distinct(node)
        return self._finish(
            node, scope, items, source=source, clauses=clauses, is_distinct=is_distinct
        )

    def _all_unknown(self, node: exp.Expr, scope: Scope, source: str) -> tuple[str, Columns]:
        """Look through a `select *` over tables whose columns are not known yet."""
        where = node.args.get("where")
        if where is not None:
            condition(where.this, scope)
        self._grouping(node, scope, [])
        return f"select * {source}", None

    def _finish(
        self,
        node: exp.Expr,
        scope: Scope,
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
            inner = exploded(each).this if each.find(exp.Explode) else each
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
        selected = ", ".join(f"{term.sql} as {spark_name(name)}" for name, term in terms)
        word = "select distinct" if is_distinct and not lists and qualify is None else "select"
        sql = " ".join(filter(None, (f"{word} {selected}", source, *clauses)))
        if qualify is not None:
            names = ", ".join(spark_name(name) for name, _ in plain)
            word = "select distinct" if is_distinct and not lists else "select"
            sql = f"{word} {names} from ({sql}) as q where {spark_name(_ITEM)}"
        columns = tuple(Column(name, term.type, term.is_inexact) for name, term in plain)
        if not lists:
            return sql, columns
        return self._unnested(sql, columns, items=items, lists=lists, is_distinct=is_distinct)

    def _term(self, node: exp.Expr, scope: Scope) -> Term:
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
        scope = Scope(self.as_of, self.used, {"e": (Column(_ITEM, item_type),)})
        outer = node.copy()
        held = exp.Paren(this=outer)
        explode = exploded(held)
        explode.replace(exp.column(exp.to_identifier(_ITEM, quoted=True), table="e"))
        item = compile_term(held.this, scope)
        selected = [
            f"{item.sql} as {spark_name(each)}" if each == name else f"i.{spark_name(each)}"
            for each, _ in items
        ]
        word = "select distinct" if is_distinct else "select"
        made = (
            f"{word} {', '.join(selected)} from ({sql}) as i "
            f"lateral view explode(i.{spark_name(name)}) e as {spark_name(_ITEM)}"
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

    def _grouping(
        self, node: exp.Expr, scope: Scope, items: Sequence[tuple[str, exp.Expr]]
    ) -> list[str]:
        clauses = []
        group, having = node.args.get("group"), node.args.get("having")
        if group is not None:
            only(group, "expressions", "all")
            self._use("group by all" if group.args.get("all") else "group by", group)
            terms = [compile_term(each, scope) for each in groups(group, items)]
            exactly(terms, group, "group by")
            keys = ", ".join(dict.fromkeys(term.sql for term in terms))
            clauses += [f"group by {keys}"] if keys else []
        if having is not None:
            self._use("having", having)
            scope.is_after_grouping = True
            clauses.append(f"having {condition(having.this, scope)}")
            scope.is_after_grouping = False
        return clauses

    # --- FROM -------------------------------------------------------------------------------------

    def _from(self, node: exp.Expr, scope: Scope, ctes: Mapping[str, Columns]) -> str:
        from_ = node.args.get("from_")
        if from_ is None:
            return ""
        parts = [f"from {self._source(from_.this, scope, ctes)}"]
        parts += [self._join(join, scope, ctes) for join in node.args.get("joins") or ()]
        return " ".join(parts)

    def _source(self, node: exp.Expr, scope: Scope, ctes: Mapping[str, Columns]) -> str:
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
        return f"{sql} as {spark_name(alias)}"

    def _table(self, node: exp.Expr, ctes: Mapping[str, Columns]) -> tuple[str, Columns]:
        name = node.name.lower()
        if not node.args.get("db") and name in ctes:
            return _cte(name), ctes[name]
        full = f"{node.args['db'].name}.{name}".lower()
        return spark_name(view_name(full)), self.tables.get(full)

    def _join(self, join: exp.Expr, scope: Scope, ctes: Mapping[str, Columns]) -> str:
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
    return spark_name(f"c__{name}")


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
        term = Term(f"u.{spark_name(given.name)}", given.type, given.is_inexact)
        listed.append(f"{to_type(term, met.type, node).sql} as {spark_name(met.name)}")
    return f"(select {', '.join(listed)} from ({sql}) as u)"
