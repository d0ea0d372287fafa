"""The form in which measures are published: standard column names, components of one type, units that are known.

Not here: which definitions run and when (measures), and what is made of components (scoring).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from scorecard.workspace import Workspace
from transforms.catalogue import comment_column, comment_table
from transforms.engine import literal, quoted
from transforms.sql_guard import GuardedSelect

SQL = Path(__file__).with_name("sql") / "measure"
COMPONENT = "decimal(38,9)"
"""Type of components: exact, so that sums do not depend on the order of rows."""
WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
"""Types of keys that are published as bigint; every other key is text. A hugeint would come back from Parquet as a double."""

PUBLISHED = {
    "unit": ("unit_id", "The unit of the organisation."),
    "period": ("period_start_date", "First day of the month."),
    "numerator": ("numerator", "Upper component; for a plain amount the amount itself."),
    "denominator": ("denominator", "Lower component."),
    "observations": ("observations_count", "Rows, answers or events behind the components."),
    "key": ("key", "The thing that is counted once."),
    "answer": ("answer", "The answer that was given."),
}
"""A measure's own columns, and what they are called and mean in the warehouse. Every other column is a dimension."""


ENTRY = ("entered_by", "entered_at")
"""Columns of a manual measure that say whose entry a row is: no dimensions."""
RANGES = {"nps": (0, 10), "enps": (0, 10), "csat": (1, 5)}
"""Surveys whose answers are whole numbers, and from where to where."""


class MeasureFailed(Exception):
    """A measure ran, but what it yields cannot be used: what, and the mend."""


@dataclass(frozen=True)
class Publishing:
    """What the workspace says of how measures are published."""

    catch_all: str | None
    surveys: Mapping[str, Sequence[tuple[str, str]]]
    """By measure: the KPIs that read its answers as a survey, and which."""


def publishing_of(workspace: Workspace) -> Publishing:
    """Tell how the measures of a workspace are published."""
    return Publishing(workspace.company.catch_all, _surveys(workspace))


def _surveys(workspace: Workspace) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for _, _, kpi in workspace.strategy.kpis():
        if kpi.survey and kpi.measure:
            found.setdefault(kpi.measure, []).append((kpi.id, kpi.survey))
    return found


def publish(
    connection: duckdb.DuckDBPyConnection, select: GuardedSelect, publishing: Publishing
) -> None:
    """Publish a measure under standard column names, its components typed, its units known."""
    described = connection.execute(f"describe {quoted(select.name)}").fetchall()
    types = {name.lower(): kind for name, kind, *_ in described}
    yielded = [name for name, *_ in described]
    kind = kind_of(yielded)
    _refuse_missing_keys(connection, select.name)
    measure = select.name.removeprefix("measure.")
    if kind == "answers":
        _refuse_answers(connection, select.name, yielded, publishing.surveys.get(measure, ()))
    unit = "coalesce(given.unit::varchar, '')"
    if publishing.catch_all:
        unit = f"coalesce(unit.unit_id, {literal(publishing.catch_all)})"
    forms = {
        "unit": unit,
        "period": "date_trunc('month', given.period)::date",
        "numerator": f"given.numerator::{COMPONENT}",
        "denominator": f"given.denominator::{COMPONENT}",
        "observations": "given.observations::bigint",
        "key": f"given.key::{'bigint' if types.get('key') in WHOLE else 'varchar'}",
        "answer": f"given.answer::{COMPONENT}",
    }
    columns = ", ".join(
        f"{forms.get(name.lower(), 'given.' + quoted(name))} as {quoted(_published_name(name))}"
        for name in yielded
    )
    target = f"warehouse.{select.name}"
    connection.execute(
        f"create table {quoted(target)} as select {columns} from {quoted(select.name)} as given "
        "left join warehouse.scorecard.dim_unit as unit on given.unit::varchar = unit.unit_id "
        "order by all"
    )
    _comment(connection, target, select, yielded)
    _add_components(connection, measure, target, kind)


def kind_of(columns: Iterable[str]) -> str:
    """Tell what a measure with these columns yields: `amounts`, `components`, `keys` or `answers`; raise MeasureFailed if none."""
    names = {name.lower() for name in columns}
    missing = {"unit", "period"} - names
    if missing:
        raise MeasureFailed(
            f"It yields no column {' and no column '.join(sorted(missing))}. "
            "Mend: a measure yields unit, period and numerator, or unit, period and key, or unit, period and answer."
        )
    for column, kind in (("key", "keys"), ("answer", "answers")):
        if column in names:
            return kind
    if "numerator" not in names:
        raise MeasureFailed(
            "It yields neither numerator nor key nor answer. Mend: name the measured sum `numerator`."
        )
    return "components" if "denominator" in names else "amounts"


def _refuse_missing_keys(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    ((count,),) = connection.execute(
        f"select count(*) from {quoted(name)} where period is null"
    ).fetchall()
    if count:
        raise MeasureFailed(
            f"{count} rows have no period. Mend: leave rows without a date out, or give them one."
        )


def _refuse_answers(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    yielded: Iterable[str],
    surveys: Iterable[tuple[str, str]],
) -> None:
    """Refuse counts that are none, and answers that a survey over the measure does not know. No answer at all is null."""
    table = quoted(name)
    if "observations" in {column.lower() for column in yielded}:
        ((count,),) = connection.execute(
            f"select count(*) from {table} where answer is not null and (observations is null or observations < 0)"
        ).fetchall()
        if count:
            raise MeasureFailed(
                f"{count} rows do not say how many gave the answer. Mend: yield observations of 0 or more, "
                "or leave the column out where each row is one answer."
            )
    for kpi, survey in surveys:
        if survey not in RANGES:
            continue
        low, high = RANGES[survey]
        found = connection.execute(
            f"select answer::double, count(*) from {table} "
            "where not (answer between $low and $high and answer = floor(answer)) "
            "group by answer order by answer limit 1",
            {"low": low, "high": high},
        ).fetchone()
        if found:
            raise MeasureFailed(
                f"The KPI {kpi} is a survey of kind {survey}, whose answers are whole numbers from {low} to {high}; "
                f"among the rows is the answer {found[0]:g} (rows: {found[1]}). "
                "Mend: correct the answer, or leave such rows out of the measure."
            )


def _published_name(name: str) -> str:
    return PUBLISHED[name.lower()][0] if name.lower() in PUBLISHED else name


def _comment(
    connection: duckdb.DuckDBPyConnection,
    target: str,
    select: GuardedSelect,
    yielded: Iterable[str],
) -> None:
    comment_table(connection, target, " ".join(filter(None, (select.description, select.grain))))
    for name in yielded:
        if name.lower() in PUBLISHED:
            column, comment = PUBLISHED[name.lower()]
        else:
            column, comment = name, f"Dimension to drill into: {name.replace('_', ' ')}."
        comment_column(connection, target, column, select.comments.get(name.lower(), comment))


def _add_components(
    connection: duckdb.DuckDBPyConnection, measure: str, target: str, kind: str
) -> None:
    columns = {name for name, *_ in connection.execute(f"describe {quoted(target)}").fetchall()}
    absent = {"observations_count": "1"} if kind == "answers" else {}
    optional = ", ".join(
        name if name in columns else f"{absent.get(name, 'null')} as {name}"
        for name in ("numerator", "denominator", "observations_count", "answer")
    )
    connection.execute(
        f"create or replace temp view measured as "
        f"select unit_id, period_start_date, {optional} from {quoted(target)}"
    )
    for step in ("unplaced", *_STEPS[kind]):
        text = (SQL / f"{step}.sql").read_text("utf-8")
        parameters = {"measure": measure} | ({"kind": kind} if "$kind" in text else {})
        connection.execute(f"insert into warehouse.measure.{step} by name {text}", parameters)


_STEPS = {
    "keys": (),
    "answers": ("answer",),
    "amounts": ("component",),
    "components": ("component",),
}
"""By kind of measure: which published tables hold its rows, beside its own."""


def published_form(connection: duckdb.DuckDBPyConnection, target: str) -> dict[str, Any]:
    """Tell of a published measure its kind, its dimensions and its first period, as `measure.dim_measure` has them."""
    own = {column for column, _ in PUBLISHED.values()}
    names = [name for name, *_ in connection.execute(f"describe {quoted(target)}").fetchall()]
    ((first,),) = connection.execute(
        f"select min(period_start_date) from {quoted(target)}"
    ).fetchall()
    renamed = {published: own for own, (published, _) in PUBLISHED.items()}
    return {
        "kind": kind_of(renamed.get(name, name) for name in names),
        "dimensions": [name for name in names if name not in own],
        "first_period_start_date": first,
    }
