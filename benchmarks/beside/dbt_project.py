"""The staging and measure SQL as a dbt project on dbt-duckdb: the same files, with `source` and `ref` in place of names.

Not here: running it (measurements).
"""

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from benchmarks.task import Task


def write_project(task: Task, folder: Path, *, with_models: bool) -> None:
    """Write project, profile, and on request sources and models; results go to `dbt.duckdb` in the task's folder."""
    project: dict[str, object] = {
        "name": "benchmark",
        "profile": "benchmark",
        "flags": {"send_anonymous_usage_stats": False},
    }
    if with_models:
        project["models"] = {
            "benchmark": {
                "staging": {"+materialized": "table", "+schema": "staging"},
                "measure": {"+materialized": "table", "+schema": "measure"},
            }
        }
    output = {
        "type": "duckdb",
        "path": str(Path(task.out) / "dbt.duckdb"),
        "threads": 1,
        "settings": {"memory_limit": task.memory, "temp_directory": str(Path(task.out) / "spill")},
    }
    profile = {"benchmark": {"target": "benchmark", "outputs": {"benchmark": output}}}
    _write(folder / "dbt_project.yml", project)
    _write(folder / "profiles.yml", profile)
    if not with_models:
        return
    _write(folder / "models" / "sources.yml", _sources(task))
    workspace = Path(task.workspace)
    for layer, files in (("staging", "staging"), ("measure", "measures")):
        _models(sorted((workspace / files).glob("*.sql")), folder / "models" / layer, layer)


def _sources(task: Task) -> dict[str, object]:
    tables = [
        {"name": name, "config": {"external_location": f"read_parquet({files})"}}
        for name, files in task.raw.items()
    ]
    return {"sources": [{"name": "raw", "tables": tables}]}


def _models(files: Iterable[Path], folder: Path, layer: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        text = re.sub(r"\braw\.(\w+)", r"{{ source('raw', '\1') }}", file.read_text("utf-8"))
        text = re.sub(r"\bstaging\.(\w+)", r"{{ ref('staging_\1') }}", text)
        (folder / f"{layer}_{file.name}").write_text(text, "utf-8")


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
