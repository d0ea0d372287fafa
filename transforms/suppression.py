"""What must not be shown: values that rest on too few observations, those that tell them, and the rows behind both.

Values are held back before scores are computed, so that nothing that follows can tell them; rows and components after
everything has been added up from them.

It is decided once for each measure, since several KPIs may show the same rows; a value inherits it from all that it is made of.

Not here: the rule itself (`hidden_unit.sql`, `complement.sql`, `suppressed.sql`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from transforms.engine import quoted
from transforms.publishing import ENTRY, PUBLISHED
from transforms.steps import create, insert

_OWN = frozenset(column for column, _ in PUBLISHED.values()) | frozenset(ENTRY)
_NUMBERS = ("numerator", "denominator", "observations_count")


def suppress(connection: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any]) -> None:
    """Decide which units of each measure are held back, and fill the temporary table `suppressed` with the values they tell.

    Units with too few observations come first, then their complement until nothing is missing. Each turn holds back at
    least one unit more in some tree and period, so that there are no more turns than units.
    """
    for step in ("least_observations", "guarded_count", "hidden_unit", "guarded_unit"):
        create(connection, step, parameters)
    while insert(connection, "hidden_unit", "complement", parameters):
        pass
    create(connection, "suppressed", parameters)


def hold_back(connection: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any]) -> None:
    """Empty components, and remove answers and keys, of unit-months that are held back, once everything has been computed."""
    create(connection, "held_back", parameters)
    connection.execute(
        "update measure.component as shown set numerator = null, denominator = null, "
        "observations_count = null from held_back where shown.measure_id = held_back.measure_id "
        "and shown.unit_id = held_back.unit_id "
        "and shown.period_start_date = held_back.period_start_date"
    )
    connection.execute(
        "delete from measure.answer as shown using held_back where shown.measure_id = held_back.measure_id "
        "and shown.unit_id = held_back.unit_id "
        "and shown.period_start_date = held_back.period_start_date"
    )
    guarded = connection.execute(
        "select least.measure_id, least.observations_count from least_observations as least "
        "inner join duckdb_tables() as present on present.database_name = current_database() "
        "and present.schema_name = 'measure' and present.table_name = least.measure_id order by all"
    ).fetchall()
    for measure, least in guarded:
        _hold_back_rows(connection, measure, least)


def _hold_back_rows(connection: duckdb.DuckDBPyConnection, measure: str, least: int) -> None:
    """Hold back a measure's own rows: those of months held back, and parts of a month that are too few themselves.

    Answers and keys are removed, since an empty row of theirs would still be counted; of other rows the numbers are emptied.
    """
    table = quoted(f"measure.{measure}")
    columns = [name for name, *_ in connection.execute(f"describe {table}").fetchall()]
    _lay_parts(connection, table, columns)
    create(connection, "hidden_row", {"least": least, "measure": measure})
    hidden = "rowid in (select row_number from hidden_row)"
    if {"answer", "key"} & set(columns):
        connection.execute(f"delete from {table} where {hidden}")
        connection.execute(
            f"update measure.dim_measure set row_count = (select count(*) from {table}) where measure_id = $measure",
            {"measure": measure},
        )
        return
    emptied = ", ".join(f"{name} = null" for name in _NUMBERS if name in columns)
    connection.execute(f"update {table} set {emptied} where {hidden}")


def _lay_parts(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> None:
    """Say of each row of a measure to which part of its unit's month it belongs: for answers and keys that of its dimensions."""
    part, count = "rowid::varchar", "0"
    if {"answer", "key"} & set(columns):
        dimensions = [quoted(name) for name in columns if name not in _OWN]
        part = f"row({', '.join(dimensions)})::varchar" if dimensions else "''"
        count = "1"
    counts = [name for name in ("observations_count", "denominator") if name in columns]
    connection.execute(
        "create or replace temp table measured_part as select rowid as row_number, unit_id, period_start_date, "
        f"{part} as part, coalesce({', '.join([*counts, count])})::decimal(38, 9) as observations_count from {table}"
    )
