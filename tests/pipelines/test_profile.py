"""The table of where the time of a run went: it names every part, table and group, and adds up."""

import io
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from pipelines.profile import profile
from pipelines.runs import RunRecord, TableRecord

ORDERS = TableRecord(
    name="staging.finance__order",
    row_count=1200,
    seconds=1.5,
    is_reused=False,
    why_made="new load of finance.order",
)
SOLD = TableRecord(name="measure.sold", row_count=12, seconds=0.01, is_reused=True)
BROKEN = TableRecord(
    name="measure.broken",
    row_count=None,
    seconds=0.2,
    is_reused=False,
    failure="It yields no unit.",
)


def shown(record: RunRecord) -> list[list[str]]:
    """Give the table's rows, as a wide terminal shows them."""
    out = io.StringIO()
    table = profile(record, before={"import of Dagster": 2.0}, total=12.0)
    table.box = None
    Console(file=out, width=200).print(table)
    return [line.split(None, 1) for line in out.getvalue().splitlines()]


def record(**changes: object) -> RunRecord:
    moment = datetime(2026, 10, 5, 3, tzinfo=UTC)
    given = {
        "run_id": "r", "kind": "nightly", "status": "published", "started_at": moment, "pid": 1,
        "as_of": date(2026, 10, 5),
    }  # fmt: skip
    return RunRecord.model_validate(given | changes)


def test_every_part_table_and_group_has_a_line_and_all_adds_up() -> None:
    lines = [
        " ".join(each)
        for each in shown(
            record(
                seconds={"staging and measures": 3.0, "pages": 4.0},
                tables=(ORDERS, SOLD, BROKEN),
                pages={"units": 1.0, "kpis": 3.0},
            )
        )
    ]
    spaced = [" ".join(line.split()) for line in lines]
    assert spaced[2:] == [
        "import of Dagster 2.00",
        "staging and measures 3.00",
        "staging.finance__order 1.50 1,200 new load of finance.order",
        "measure.sold 0.01 12 reused",
        "measure.broken 0.20 It yields no unit.",
        "pages 4.00",
        "kpis 3.00",
        "units 1.00",
        "Dagster and the rest 3.00",
        "all 12.00",
    ]


@pytest.mark.parametrize("tables", [(SOLD,)])
def test_a_night_without_change_says_that_its_tables_are_as_they_were(
    tables: tuple[TableRecord, ...],
) -> None:
    spaced = [" ".join(" ".join(each).split()) for each in shown(record(tables=tables))]
    assert "staging and measures 0.00 1 table, all as they were" in spaced
