"""Contracts: which loads may be used, and which of their rows.

Each load is judged with the good ones before it, as staging would read the table if it were accepted. Great Expectations
gives the verdict, inside DuckDB; row rules split the rows, in SQL. A checker that fails says nothing of the data, and data
that breaks its contract is no failure of the checker: the two are told apart everywhere.

Not here: finding and writing loads (connectors), reading good ones (raw), and what becomes of a verdict (pipelines).
"""

from transforms.contracts.expectations import expectation_faults, faults
from transforms.contracts.judge import LandedTable, judge_table, judge_tables
from transforms.contracts.results import Check, checks
from transforms.contracts.verdicts import (
    CheckResult,
    LoadVerdict,
    TableVerdict,
    contract_result_rows,
    load_rows,
    quarantined_rows,
)

__all__ = [
    "Check",
    "CheckResult",
    "LandedTable",
    "LoadVerdict",
    "TableVerdict",
    "checks",
    "contract_result_rows",
    "expectation_faults",
    "faults",
    "judge_table",
    "judge_tables",
    "load_rows",
    "quarantined_rows",
]
