"""Text that would do harm wherever it were taken for anything but text, and where it is planted: in every text from outside.

Not here: what is asserted of it (test_hostile).
"""

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import yaml

from tests.reports.make_warehouse import CATALOGUE, make_warehouse

PIECES = (
    "</script><script>alert('script')</script>",
    "\"><img src=x onerror=alert('attribute')>",
    "' onmouseover='alert(1)' x='",
    "</title></bdi></svg></table><x-loose><!-- <![CDATA[ ]]> --!> <?php ?>",
    "&lt;&amp;&#0;&quot;",
    "javascript:alert(1) https://example.org/x",
    "*/} @import url(https://example.org/x.css); body{display:none} \\22 \\ \"'",
    "+1+cmd|' /C calc'!A0 @SUM(1+1) =HYPERLINK(\"https://example.org\")",
    '#eval("1+1") #panic() $x^2$ @label <label> *b* _i_ `raw` // gone /* gone */ = Head',
    "{{ 7*7 }} {% raw %} {# gone #} ${7*7} #{7*7}",
    "{kpi} {0} {} {name!r} {count} %s %(name)s 100 % %%",
    "\\u003cb\\u003e \\n \\0 \\",
    "one\ntwo",
    "_x0041_",
    "None nan",
    "\x00\x01\x08\x0b\x0c\x1b\x7f\x85\ufffe",
    "\u202egnp.exe\u202c \u2066\u200f\u200b\ufeff",
    "e\u0301\u0316\u0334\u0489 Z\u0351\u0343\u034d",
    "👩🏽‍🚒🇺🇳 \U0010fffd \ue000",
    "متجر",
    "W" * 70,
)
"""What ends a script, an attribute, an element, a style sheet, a string; what a spreadsheet, a typesetter, a template and a
catalogue of texts would run; what no page may hold, turns the direction of writing, stands over other letters, or never
breaks."""
BODY = " ".join(PIECES)
STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t=",
    "\r=",
    "<b>",
    "(",
    "﹦",
    "＝",
    "%",
    "#",
    "{",
    "\\",
    '"',
    "*",
    "'",
)
"""What the texts of a column begin with, in turn."""

PLANTED = {
    "scorecard.dim_scorecard": ("scorecard_name", "mission", "vision", "strategy"),
    "scorecard.dim_perspective": ("perspective_name", "question"),
    "scorecard.dim_objective": ("objective_name", "description", "owner_name"),
    "scorecard.dim_kpi": ("kpi_name", "description", "owner_name", "measured_in"),
    "scorecard.signal_baseline": ("reason",),
    "scorecard.dim_unit": ("unit_name", "tree_name"),
    "scorecard.strategy_link": ("hypothesis",),
    "scorecard.initiative": ("initiative_name", "description", "owner_name"),
    "scorecard.milestone": ("milestone_name",),
    "scorecard.comment": ("author_name", "comment_text"),
    "measure.dim_measure": ("description", "sql_text", "error_message"),
    "measure.unplaced": ("unit_id",),
    "quality.warning": ("message",),
    "quality.load": ("cursor_value", "columns"),
    "quality.contract_result": ("check_name", "observed_value", "message"),
    "quality.quarantined_row": ("rule_name", "reason", "row_json"),
    "quality.source_status": ("source_name", "owner_name", "message"),
    "quality.staging_table": ("description", "sql_text"),
}
"""Columns whose text a person or a source wrote."""
DRILLED = "net_sales"
"""The measure whose dimension has a hostile name."""
JSON = frozenset({"columns", "row_json"})
"""Columns whose text stands within JSON."""
OWN_UNITS = ("percent", "points", "currency", "number")
OWN = frozenset(
    {
        *("scorecard_id", "organisation_id", "perspective_id", "objective_id", "kpi_id", "unit_id", "tree_id", "term_id"),
        *("measure_id", "source_id", "table_id", "staging_id", "initiative_id", "node_id", "parent_id", "child_id"),
        *("parent_unit_id", "ancestor_unit_id", "weakest_child_id", "highest_perspective_id", "lowest_perspective_id"),
        *("cause_objective_id", "effect_objective_id", "cause_kpi_id", "effect_kpi_id", "table_name", "depends_on"),
        *("load_id", "selected_load_id", "release_id", "run_id", "base_run_id", "unit_set_id", "content_hash"),
        *("definition_id", "value_definition_id", "grain", "value_grain", "index_base_grain", "per", "level"),
        *("parent_level", "child_level", "kind", "part", "band", "band_before", "data_state", "signal", "reasons"),
        *("rule", "points", "points_given_by", "roll_up", "aggregation", "component", "of_unit", "empty_means", "survey"),
        *("expression", "frequency", "change_against", "change_form", "direction", "ratio_form", "at_zero_target"),
        *("phasing", "signal_on", "evidence", "status", "currency_code", "locale", "area", "outcome", "verdict"),
        *("expectation", "severity", "dimensions", "definition_json"),
    }
)  # fmt: skip
"""Columns that hold words of the method's own, hashes, moments, and ids, which the check lets through in small letters alone;
and the definitions in the history, which stand in no output."""


def text_columns() -> Iterator[tuple[str, str]]:
    """Yield every column of the published tables that holds text, with its table."""
    catalogue = yaml.safe_load(Path(CATALOGUE).read_text(encoding="utf-8"))
    for table, definition in catalogue.items():
        for column, (kind, _) in definition["columns"].items():
            if "varchar" in kind.lower():
                yield table, column


def hostile_text(key: str, number: int) -> str:
    """Return the hostile text of a column's row; the key makes it known again wherever it stands."""
    return f"{STARTS[number % len(STARTS)]}{key} {BODY}"


def make_hostile_warehouse(path: Path) -> dict[str, list[str]]:
    """Write the synthetic warehouse with hostile text in every column from outside; return what was planted, by column."""
    make_warehouse(path)
    planted: dict[str, list[str]] = {}
    with duckdb.connect(str(path)) as connection:
        for number, (table, column) in enumerate(
            (table, column) for table, columns in PLANTED.items() for column in columns
        ):
            planted[f"{table}.{column}"] = _plant(connection, table, column, first=number)
        planted["drill"] = _plant_parts(connection)
    return planted


def _plant(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, *, first: int
) -> list[str]:
    """Plant a column, each row with another beginning; units of measure that are the method's own words stay."""
    kept = OWN_UNITS if column == "measured_in" else ()
    rows = connection.execute(f'select rowid, "{column}" from {table} order by rowid').fetchall()
    changed = [row for row, text in rows if text not in kept]
    texts = [hostile_text(f"q{first}k{at}q", first + at) for at in range(len(changed))]
    written = [json.dumps({text: text}) if column in JSON else text for text in texts]
    connection.executemany(
        f'update {table} set "{column}" = ? where rowid = ?',
        list(zip(written, changed, strict=True)),
    )
    return texts


def _plant_parts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Plant what measures are drilled into, what the first of these is called, and who entered rows by hand."""
    found = []
    tables = connection.execute(
        "select table_name, list(column_name) from duckdb_columns() where schema_name = 'measure' "
        "and column_name in ('channel', 'entered_by') group by table_name order by table_name"
    ).fetchall()
    for at, (table, columns) in enumerate(tables):
        for column in sorted(columns):
            text = hostile_text(f"d{at}{column[0]}d", at)
            connection.execute(
                f'update measure."{table}" set "{column}" = ? where "{column}" is not null', [text]
            )
            found.append(text)
    return [*found, _plant_dimension(connection, DRILLED)]


def _plant_dimension(connection: duckdb.DuckDBPyConnection, measure: str) -> str:
    name = hostile_text("n0n", 0).replace("\x00", "")
    quoted = name.replace('"', '""')
    connection.execute(f'alter table measure."{measure}" rename column channel to "{quoted}"')
    connection.execute(
        "update measure.dim_measure set dimensions = [?] where measure_id = ?", [name, measure]
    )
    return name
