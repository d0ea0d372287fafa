"""The same contract in Great Expectations on pandas: the table read into a frame, the suite validated on it."""

from collections.abc import Mapping
from pathlib import Path

import great_expectations as gx
import pandas as pd
import yaml

from benchmarks.contracts import SOURCE, TABLE
from benchmarks.task import Task, carry_out


def validate(task: Task) -> Mapping[str, object]:
    """Validate the suite; give each expectation's outcome."""
    name = f"{SOURCE}__{TABLE}"
    contract = yaml.safe_load(
        (Path(task.workspace) / "contracts" / f"{name}.yaml").read_text("utf-8")
    )
    frame = pd.concat(pd.read_parquet(path, dtype_backend="pyarrow") for path in task.raw[name])
    frame = frame.astype(
        {column: _plain(kind) for column, kind in frame.dtypes.astype(str).items()}
    )
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset(TABLE)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name)
    for each in contract["expectations"]:
        words = "".join(word.title() for word in each["type"].split("_"))
        suite.add_expectation(getattr(gx.expectations, words)(**each["kwargs"]))
    results = batch.validate(suite, result_format="BOOLEAN_ONLY")
    if any(each.exception_info.get("raised_exception") for each in results.results):
        raise SystemExit(str(results))
    return {"outcomes": ["passed" if each.success else "failed" for each in results.results]}


def _plain(kind: str) -> str:
    """Give the type of NumPy for an Arrow type; decimals as doubles, which Great Expectations is much faster with."""
    if kind.startswith("decimal"):
        return "float64"
    return "datetime64[us]" if kind.startswith("date") else kind.removesuffix("[pyarrow]")


if __name__ == "__main__":
    carry_out(validate)
