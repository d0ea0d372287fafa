"""Our side of "contracts": the loads of the order lines held to their contract, as a night does it, nothing remembered.

Not here: the other side (beside.gx_pandas).
"""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.task import Task, carry_out
from connectors.lake import loads
from scorecard.workspace import read_workspace
from transforms import pushdown  # noqa: F401 - imports Great Expectations, which both sides do before they are timed
from transforms.contracts import LandedTable, judge_table

SOURCE, TABLE = "sales", "order_line"


def judge(task: Task) -> Mapping[str, object]:
    """Judge the newest load; give each expectation's outcome."""
    workspace = read_workspace(Path(task.workspace))
    out, lake = Path(task.out), Path(task.lake)
    landed = LandedTable(
        source_id=SOURCE,
        table_id=TABLE,
        table=workspace.sources.sources[SOURCE].tables[TABLE],
        loads=(loads(lake, SOURCE, TABLE)[-1],),
        contract=workspace.contracts[f"{SOURCE}__{TABLE}"],
    )
    verdict = judge_table(landed, lake=lake, cache=out / "verdicts", temporary=out / "spill")
    if verdict.newest is None:
        raise SystemExit("There is no load to judge.")
    return {"outcomes": [each.outcome for each in verdict.newest.results]}


if __name__ == "__main__":
    carry_out(judge)
