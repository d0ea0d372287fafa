"""Scoring and roll-up alone, of months without longer periods, beside DuckDB reading and writing the table of KPI scores.

Components of every KPI, leaf and month are written by SQL from a seed; every KPI is a ratio with a target of its own, scored at
every unit. `python -m benchmarks.scores score FOLDER` and `… copy FOLDER` are the two sides; `prepare` makes what both read.

Not here: pages, and the way from rows to components.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from benchmarks.size import Size
from benchmarks.task import tell
from benchmarks.workspace import LAST_MONTH, months_until, write_workspace
from scorecard.workspace import read_workspace
from transforms import scoring, steps
from transforms.build import definitions, headline
from transforms.catalogue import create_tables
from transforms.engine import Limits, literal, open_warehouse
from transforms.measures import guard_workspace
from transforms.strategy_tables import fill_strategy_tables

AS_OF = date(2026, 10, 5)
MONTHS_ONLY = ("month",)
LIMITS = Limits(memory="4GB")


def prepare(folder: Path, size: Size) -> None:
    """Make a warehouse that holds strategy and components, and nothing that is computed from them."""
    shutil.rmtree(folder, ignore_errors=True)
    root = folder / "workspace"
    write_workspace(root, size)
    workspace = read_workspace(root)
    with open_warehouse(
        folder / "components.duckdb", limits=LIMITS, temporary=folder / "spill"
    ) as connection:
        create_tables(connection)
        named = {
            each.kpi_id: (each.definition_id, each.value_definition_id)
            for each in definitions(workspace, guard_workspace(workspace))
        }
        fill_strategy_tables(
            connection, workspace, definitions=named, as_of=AS_OF, headline=headline(AS_OF)
        )
        _fill_measures(connection, size)


def _fill_measures(connection: duckdb.DuckDBPyConnection, size: Size) -> None:
    first = months_until(LAST_MONTH, size.months)[0]
    connection.execute(
        "insert into measure.dim_measure by name select kpi_id as measure_id, 'Measured.' as description, "
        "'select' as sql_text, 'components' as kind, false as is_manual, date '2026-10-04' as data_as_of_date, "
        "$first::date as first_period_start_date, 0 as row_count, false as is_broken from scorecard.dim_kpi",
        {"first": first},
    )
    connection.execute(
        "insert into measure.component by name "
        "select kpi_id as measure_id, unit_id, month as period_start_date, "
        "((5000 + hash(kpi_id, unit_id, month, $seed) % 4000) / 100)::decimal(38, 9) as numerator, "
        "100::decimal(38, 9) as denominator, 100 as observations_count "
        "from scorecard.dim_kpi cross join unnest($leaves::varchar[]) as leaf (unit_id) "
        "cross join generate_series($first::date, $last::date, interval 1 month) as months (month)",
        {"seed": size.seed, "leaves": size.leaves, "first": first, "last": LAST_MONTH},
    )


def score_months(folder: Path) -> Mapping[str, Any]:
    """Score the warehouse's months; give the rows, and the processor seconds of each step."""
    taken: dict[str, float] = {}
    workspace = read_workspace(folder / "workspace")
    with open_warehouse(
        folder / "scored.duckdb", limits=LIMITS, temporary=folder / "spill"
    ) as connection:
        with _timed_steps(taken):
            scoring.score(connection, workspace, as_of=AS_OF, grains=MONTHS_ONLY)
        ((rows,),) = connection.execute("select count(*) from scorecard.kpi_score").fetchall()
    slowest = sorted(taken.items(), key=lambda step: -step[1])
    return {"rows": rows, "steps": {name: round(seconds, 2) for name, seconds in slowest}}


@contextmanager
def _timed_steps(taken: dict[str, float]) -> Iterator[None]:
    """Note the processor seconds that each step takes, by its name."""
    before = steps.run

    def run(
        connection: duckdb.DuckDBPyConnection, act: str, step: str, parameters: Mapping[str, Any]
    ) -> duckdb.DuckDBPyConnection:
        start = time.process_time()
        done = before(connection, act, step, parameters)
        taken[step] = taken.get(step, 0.0) + time.process_time() - start
        return done

    with patch.object(steps, "run", run), patch.object(scoring, "run", run):
        yield


def copy_scores(folder: Path) -> Mapping[str, Any]:
    """Read the table of KPI scores from one file and write it to another; give its rows."""
    target = folder / "copy.duckdb"
    target.unlink(missing_ok=True)
    with open_warehouse(target, limits=LIMITS, temporary=folder / "spill") as connection:
        connection.execute(f"attach {literal(str(folder / 'scored.duckdb'))} as scored (read_only)")
        connection.execute("create table kpi_score as from scored.scorecard.kpi_score")
        ((rows,),) = connection.execute("select count(*) from kpi_score").fetchall()
    return {"rows": rows}


SIDES: Mapping[str, Callable[[Path], Mapping[str, Any]]] = {
    "score": score_months,
    "copy": copy_scores,
}


def main() -> None:
    """Carry out a side, and print what it took."""
    side, folder = SIDES[sys.argv[1]], Path(sys.argv[2])
    if side is score_months:
        shutil.copyfile(folder / "components.duckdb", folder / "scored.duckdb")
    tell(lambda: side(folder))


if __name__ == "__main__":
    main()
