"""dlt, without state: one throw-away pipeline per table, cut off from the machine's dlt settings and home folders.

Why without state is decision 8: dlt's own cursor moves before a contract has given its verdict, and a failed package
poisons later runs. Here the cursor is in the manifest of the last accepted load, and nothing outlives the load.

Not here: what is read (one module per kind), and the lake (landing).
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

_ONE_AT_A_TIME = threading.Lock()
"""dlt keeps its active pipeline in one place per process."""


@dataclass(frozen=True)
class Passed:
    """What came out of dlt: Parquet files, and how many rows went in."""

    files: list[Path]
    rows_read: int


@cache
def _naming() -> Any:
    from dlt.common.normalizers.naming.snake_case import NamingConvention  # noqa: PLC0415 - slow

    return NamingConvention()


def column_name(name: str) -> str:
    """Normalise a column's name as dlt does: `companyName` is company_name; a normalised name stays as it is."""
    return str(_naming().normalize_path(name))


def field_name(keys: Iterable[str]) -> str:
    """Name a nested field: `address`, `postalCode` is address__postal_code."""
    return "__".join(str(_naming().normalize_identifier(key)) for key in keys)


def through_dlt(rows: Iterable[pa.Table] | Any, folder: Path) -> Passed:
    """Extract, normalise and load `rows` with dlt into Parquet files below `folder`.

    Exceptions raised while reading come out as they were raised, not as dlt wraps them.
    """
    import dlt  # noqa: PLC0415 - importing dlt takes seconds
    from dlt.destinations import filesystem  # noqa: PLC0415
    from dlt.pipeline.exceptions import PipelineStepFailed  # noqa: PLC0415

    resource: Any = rows if hasattr(rows, "apply_hints") else dlt.resource(iter(rows), name="rows")
    resource.apply_hints(table_name="rows")
    counts: list[int] = []

    def count(table: pa.Table) -> pa.Table:
        counts.append(len(table))
        return table

    resource.add_map(count)
    with _ONE_AT_A_TIME:
        _cut_off(folder)
        pipeline = dlt.pipeline(
            "steelyard",
            pipelines_dir=str(folder / "dlt"),
            destination=filesystem(bucket_url=(folder / "rows").as_uri()),
            dataset_name="landed",
        )
        # Nothing is resumed from what was landed; and dlt, on one worker, waits a second for the state that it would write there.
        pipeline.config.restore_from_destination = False
        try:
            pipeline.extract(resource, loader_file_format="parquet", write_disposition="append")
            if sum(counts):  # dlt waits a second for a package without rows
                pipeline.normalize()
                # in this thread: Python may wait for ever for one that finds no memory to begin in
                pipeline.load(workers=1)
        except PipelineStepFailed as failed:
            raise _cause(failed) from None
        finally:
            pipeline.deactivate()
    return Passed(sorted((folder / "rows" / "landed" / "rows").glob("*.parquet")), sum(counts))


def _cause(error: BaseException) -> BaseException:
    """Find the exception that dlt's were raised from."""
    while (inner := error.__cause__ or error.__context__) is not None:
        if not type(error).__module__.startswith("dlt."):
            return error
        error = inner
    return error


def _cut_off(folder: Path) -> None:
    """Keep dlt from reading settings outside `folder`, from writing to home folders, and from sending telemetry."""
    from dlt.common.configuration.container import Container  # noqa: PLC0415
    from dlt.common.configuration.specs import RuntimeConfiguration  # noqa: PLC0415
    from dlt.common.configuration.specs.pluggable_run_context import (  # noqa: PLC0415
        PluggableRunContext,
    )
    from dlt.common.runtime.run_context import RunContext  # noqa: PLC0415

    class CutOff(RunContext):
        """A run context in which dlt knows nothing but what it is told."""

        @property
        def run_dir(self) -> str:
            return str(folder)

        local_dir = global_dir = data_dir = run_dir

        def initial_providers(self) -> list[Any]:
            return []

        def initialize_runtime(self, runtime_config: Any = None) -> None:
            quiet = RuntimeConfiguration()
            quiet.dlthub_telemetry = False
            quiet.log_level = "CRITICAL"
            super().initialize_runtime(quiet)

    Container()[PluggableRunContext] = PluggableRunContext(CutOff(str(folder)))
