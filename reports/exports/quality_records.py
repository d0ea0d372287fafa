"""The rows of sources, loads, checks and the data dictionary that a reader takes away.

Not here: scores and values (scorecard_records, kpi_records), the releases (release_records).
"""

from reports.edition import Edition
from reports.exports.columns import Column, Record, must, plain
from reports.warehouse import rows
from reports.words.text import later

TABLE = (
    must("source_id", "text", later("The source.")),
    must("table_id", "text", later("Its table.")),
)
SOURCES = (
    *TABLE,
    must("source_name", "text", later("Name of the source.")),
    Column("owner_name", "text", later("Who answers for it.")),
    must("outcome", "text", later("How its last load went.")),
    must("is_fresh", "flag", later("Its data are as new as its contract asks.")),
    Column("data_as_of_date", "day", later("Day up to which the data are complete.")),
    Column("selected_load_id", "text", later("The load that the numbers were read from.")),
    Column("message", "text", later("What went wrong.")),
)
LOADS = (
    *TABLE,
    must("load_id", "text", later("The load.")),
    must("extracted_date", "day", later("Day on which it was read from its source.")),
    Column("data_as_of_date", "day", later("Day up to which the data are complete.")),
    must("row_count", "integer", later("Rows.")),
    must("byte_count", "integer", later("Bytes.")),
    must("is_snapshot", "flag", later("It holds the whole table, not what is new in it.")),
    must("verdict", "text", later("Whether it kept its contract.")),
    must("is_selected", "flag", later("Numbers were read from it.")),
    Column("quarantined_count", "integer", later("Rows that were held back.")),
)
CHECKS = (
    *TABLE,
    must("load_id", "text", later("The load.")),
    must("check_name", "text", later("The check.")),
    must("expectation", "text", later("What it expects.")),
    must("severity", "text", later("What follows where it fails: fail or warn.")),
    must("outcome", "text", later("How it went.")),
    Column("unexpected_count", "integer", later("Rows that are otherwise.")),
    Column("row_count", "integer", later("Rows that were looked at.")),
    Column("observed_value", "text", later("What was found.")),
    Column("message", "text", later("What went wrong.")),
)
HELD = (
    *TABLE,
    must("rule_name", "text", later("The rule that held rows back.")),
    must("reason", "text", later("Why.")),
    must("row_count", "integer", later("Rows.")),
)
QUARANTINED = (
    *TABLE,
    must("load_id", "text", later("The load.")),
    must("row_number", "integer", later("Number of the row in the load.")),
    must("rule_name", "text", later("The rule that held it back.")),
    must("reason", "text", later("Why.")),
    must("row_json", "text", later("The row, as JSON.")),
)
WARNINGS = (
    must("kind", "text", later("What the warning is of.")),
    must("kpi_id", "text", later("The KPI.")),
    must("unit_id", "text", later("The unit.")),
    must("grain", "text", later("Length of the period.")),
    must("first_period_start_date", "day", later("First day of the first period.")),
    must("last_period_start_date", "day", later("First day of the last period.")),
    must("message", "text", later("What is to be known.")),
)
UNPLACED = (
    must("measure_id", "text", later("The measure.")),
    must("unit_id", "text", later("The unit that is in no tree.")),
    must("period_start_date", "day", later("First day of the month.")),
    must("row_count", "integer", later("Rows.")),
)
MEASURES = (
    must("measure_id", "text", later("Identifier.")),
    Column("description", "text", later("What it is.")),
    must("kind", "text", later("What it gives: components, keys, answers.")),
    must("sql_text", "text", later("Its SELECT.")),
    Column("row_count", "integer", later("Rows that it gave.")),
    Column("data_as_of_date", "day", later("Day up to which the data are complete.")),
    Column("error_message", "text", later("Why it gave nothing.")),
)
STAGING = (
    must("staging_id", "text", later("Identifier.")),
    Column("description", "text", later("What it is.")),
    must("sql_text", "text", later("Its SELECT.")),
    Column("row_count", "integer", later("Rows that it gave.")),
)
TABLES = (
    must("schema_name", "text", later("Schema of the warehouse.")),
    must("table_name", "text", later("Table or view.")),
    Column("comment", "text", later("What it is.")),
)
COLUMNS = (
    must("schema_name", "text", later("Schema of the warehouse.")),
    must("table_name", "text", later("Table or view.")),
    must("column_name", "text", later("Column.")),
    must("data_type", "text", later("Its type.")),
    Column("comment", "text", later("What it is.")),
)


def source_records(edition: Edition) -> list[Record]:
    """Return how each table of each source stands."""
    return [plain(SOURCES, row) for row in edition.published.evidence.sources]


def load_records(loads: list[rows.Load]) -> list[Record]:
    """Return loads; of the time when they were read, the day alone."""
    return [
        plain(LOADS[:3], row)
        | {"extracted_date": row.extracted_at.date().isoformat()}
        | plain(LOADS[4:], row)
        for row in loads
    ]
