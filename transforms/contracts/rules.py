"""Row rules: which rows of a load do not count, each with its reason. Rows are split in SQL.

Not here: verdicts on the load as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa

from scorecard.contracts import Contract, RowRule
from scorecard.load import LoadManifest
from transforms.engine import Limits, literal
from transforms.limits import LimitReached, within
from transforms.raw import HELD_SCHEMA, column_name, fill, landed, paths
from transforms.sql_guard import SqlRefused, guard, guard_condition

KEPT_OF_TOO_MANY = 1000
"""So many rows are shown of a load that is refused for its many bad rows; they are counted all the same."""
QUARANTINE_SCHEMA = pa.schema(
    [
        ("load_id", pa.string()),
        ("file", pa.string()),
        ("file_row_number", pa.int64()),
        ("row_number", pa.int64()),
        ("rule_name", pa.string()),
        ("reason", pa.string()),
        ("row_json", pa.string()),
    ]
)
"""One row per row of the load and rule broken; `row_number` counts from 1 in the load, `file_row_number` from 0 in its file."""


@dataclass(frozen=True)
class RuleOutcome:
    """What one rule said of a load: how many rows break it, or why it could not be applied."""

    rule: RowRule
    broken_count: int = 0
    fault: str | None = None
    """The load lacks a column that the rule names."""
    crash: str | None = None


@dataclass(frozen=True)
class Split:
    """A load split by its row rules."""

    outcomes: tuple[RuleOutcome, ...]
    held: pa.Table
    """Where the rows are that break rules, as in raw.HELD_SCHEMA."""
    quarantined: pa.Table
    """The rows themselves, as in QUARANTINE_SCHEMA; the first ones only where too many break rules."""

    @property
    def quarantined_count(self) -> int:
        """Rows, however many rules each of them breaks."""
        return int(self.held.num_rows)


def split(
    connection: duckdb.DuckDBPyConnection,
    load: LoadManifest,
    rules: Sequence[RowRule],
    *,
    lake: Path,
    allowed: int,
    limits: Limits,
) -> Split:
    """Split a load by `rules`. Where more than `allowed` rows break one, only the first rows are given.

    Each rule is first tried alone, and held to `limits`.
    """
    blocked = [_cannot_apply(connection, rule, load, lake=lake, limits=limits) for rule in rules]
    usable = [rule for rule, fault in zip(rules, blocked, strict=True) if fault is None]
    counts = _break(connection, load, usable, lake=lake)
    broken = iter([counts.get(number, 0) for number in range(len(usable))])
    outcomes = tuple(
        fault or RuleOutcome(rule, next(broken)) for rule, fault in zip(rules, blocked, strict=True)
    )
    if not counts:
        return Split(outcomes, HELD_SCHEMA.empty_table(), QUARANTINE_SCHEMA.empty_table())
    connection.register("file_of_load", _files(connection, load, lake=lake))
    held = connection.sql(fill("held_rows", this_load=literal(load.load_id))).to_arrow_table()
    if held.num_rows > allowed:
        connection.execute(fill("first_broken", keep=str(KEPT_OF_TOO_MANY)))
    quarantined = _rows(connection, load, usable, lake=lake)
    connection.unregister("file_of_load")
    return Split(outcomes, held.cast(HELD_SCHEMA), quarantined)


def allowed_rows(load: LoadManifest, contract: Contract) -> int:
    """Give how many rows of a load may be held back: a share of it, or so many whatever their share."""
    share = Decimal(str(contract.quarantine_limit))  # as written: 0.29 of 100 rows is 29, not 28
    return max(int(share * load.row_count), contract.quarantine_rows)


def _cannot_apply(
    connection: duckdb.DuckDBPyConnection,
    rule: RowRule,
    load: LoadManifest,
    *,
    lake: Path,
    limits: Limits,
) -> RuleOutcome | None:
    """Tell apart a rule that is not let through, a column that the load lacks, and a rule that fails on the rows."""
    try:
        # By itself too, so that its parentheses are its own.
        guard(f"select\n{rule.condition}", name=rule.name, tables=())
        guard_condition(rule.condition, columns=())
    except SqlRefused as refused:
        return RuleOutcome(rule, crash=f"The condition is not let through: {refused}")
    try:
        guard_condition(rule.condition, columns=tuple(load.columns))
    except SqlRefused as refused:
        return RuleOutcome(rule, fault=f"{refused.message} {refused.mend}")
    try:
        with within(connection, limits, what=f"The row rule {rule.name}"):
            connection.execute(_broken(load, [rule], lake=lake))
    except (duckdb.Error, LimitReached) as error:
        return RuleOutcome(rule, crash=str(error).splitlines()[0])
    return None


def _broken(load: LoadManifest, rules: Sequence[RowRule], *, lake: Path) -> str:
    # The condition stands on lines of its own, so that a comment at its end comments nothing else out.
    cases = ", ".join(
        f"case when (\n{rule.condition}\n) is not true then {number} end"
        for number, rule in enumerate(rules)
    )
    return fill("broken", landed=landed([load], lake=lake), broken_rules=cases)


def _break(
    connection: duckdb.DuckDBPyConnection,
    load: LoadManifest,
    rules: Sequence[RowRule],
    *,
    lake: Path,
) -> dict[int, int]:
    """Note the rows that break rules in the temporary table `broken`; give how many break each, by the rule's place."""
    if not rules:
        return {}
    if len(rules) > 1:  # a single one has just been tried
        connection.execute(_broken(load, rules, lake=lake))
    rows = connection.execute("select rule_number, count(*) from broken group by all").fetchall()
    return dict(rows)


def _rows(
    connection: duckdb.DuckDBPyConnection,
    load: LoadManifest,
    rules: Sequence[RowRule],
    *,
    lake: Path,
) -> pa.Table:
    connection.register(
        "rule",
        pa.table(
            {
                "rule_number": pa.array(range(len(rules)), pa.int64()),
                "rule_name": [rule.name for rule in rules],
                "reason": [rule.reason for rule in rules],
            }
        ),
    )
    rows = connection.sql(
        fill(
            "broken_rows",
            landed=landed([load], lake=lake),
            fields=", ".join(
                f"{column_name(name)} := {column_name(name)}" for name in load.columns
            ),
            this_load=literal(load.load_id),
        )
    ).to_arrow_table()
    connection.unregister("rule")
    return rows.cast(QUARANTINE_SCHEMA)


def _files(connection: duckdb.DuckDBPyConnection, load: LoadManifest, *, lake: Path) -> pa.Table:
    """Give each file of the load with the number of rows in the files before it."""
    before, rows_before = 0, []
    for path in paths(load, lake=lake):
        rows_before.append(before)
        if len(load.files) > 1:
            before += _one(connection, "select count(*) from read_parquet($path)", path=path)
    return pa.table(
        {
            "file": list(load.files),
            "path": paths(load, lake=lake),
            "rows_before": pa.array(rows_before, pa.int64()),
        }
    )


def _one(connection: duckdb.DuckDBPyConnection, query: str, **parameters: str) -> int:
    row = connection.execute(query, parameters).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always gives a row
    return int(row[0])
