"""`steelyard run` with `engine: spark`: the same release by its content, and clear words where Spark cannot be had."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from examples.starter_workspace import copy_starter
from pipelines.engines import engine_of
from scorecard.company import SparkSettings
from scorecard.workspace import Workspace, read_workspace
from tests.transforms.engines.proof import CLUSTER, is_long, needs_spark
from transforms.engines.seam import EngineUnavailable
from transforms.engines.spark import Spark, started

PROJECT = Path(__file__).parents[2]
SECRET = "key-that-nobody-may-read"
ON_SPARK = """
engine: spark
spark:
  master: ${SPARK_MASTER}
  options:
    spark.sql.shuffle.partitions: "2"
    spark.hadoop.fs.s3a.secret.key: ${SPARK_SECRET}
"""


def run(
    workspace: Path, home: Path, *options: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "run", "--workspace", str(workspace), *options],
        cwd=PROJECT,
        env=os.environ | {"STEELYARD_HOME": str(home), "SPARK_SECRET": SECRET} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )


@pytest.fixture
def on_spark(tmp_path: Path) -> Path:
    """Give a starter workspace that chooses Spark."""
    copy_starter(tmp_path / "spark")
    company = tmp_path / "spark" / "company.yaml"
    company.write_text(company.read_text("utf-8") + ON_SPARK, "utf-8")
    return tmp_path / "spark"


def release_id(home: Path) -> str:
    manifest = json.loads((home / "current" / "manifest.json").read_text("utf-8"))
    return str(manifest["release_id"])


@needs_spark
@is_long
def test_the_release_is_the_same_by_its_content(tmp_path: Path, on_spark: Path) -> None:
    copy_starter(tmp_path / "duckdb")
    landed = run(tmp_path / "duckdb", tmp_path / "landed")
    assert landed.returncode == 0, landed.stdout + landed.stderr
    # Loads are named after their moment, and the release tells of them: it is the same only for the same lake.
    for home in ("a", "b"):
        shutil.copytree(tmp_path / "landed" / "lake", tmp_path / home / "lake")
    here = run(tmp_path / "duckdb", tmp_path / "a", "--no-extract")
    there = run(on_spark, tmp_path / "b", "--no-extract", SPARK_MASTER=CLUSTER)
    assert (here.returncode, there.returncode) == (0, 0), there.stdout + there.stderr
    assert release_id(tmp_path / "a") == release_id(tmp_path / "b")
    assert len(there.stdout + there.stderr) < 2 * len(here.stdout + here.stderr) + 500
    assert SECRET not in there.stdout + there.stderr


@needs_spark
@is_long
def test_a_master_that_does_not_answer_is_named_and_nothing_is_published(
    tmp_path: Path, on_spark: Path
) -> None:
    done = run(on_spark, tmp_path / "home", SPARK_MASTER="spark://127.0.0.1:9")
    assert done.returncode == 1
    assert "The Spark master does not answer (127.0.0.1:9:" in done.stdout + done.stderr
    assert not (tmp_path / "home" / "current").exists()


def workspace_on(settings: SparkSettings) -> Workspace:
    workspace = read_workspace(PROJECT / "examples" / "starter")
    company = workspace.company.model_copy(update={"engine": "spark", "spark": settings})
    return Workspace(**{**vars(workspace), "company": company})


def test_settings_come_from_the_environment() -> None:
    settings = SparkSettings(master="${MASTER}", lake="${LAKE:-file:///mnt/lake}", options={"spark.x": "${X}"})  # fmt: skip
    engine = engine_of(workspace_on(settings), {"MASTER": "spark://host:7077", "X": SECRET})
    assert isinstance(engine, Spark)
    assert (engine.master, engine.lake, engine.options) == ("spark://host:7077", "file:///mnt/lake", {"spark.x": SECRET})  # fmt: skip
    assert engine.redact(f"failed with {SECRET}") == "failed with ***"


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(EngineUnavailable, match=r"spark\.master: the environment variable MASTER"):
        engine_of(workspace_on(SparkSettings(master="${MASTER}")), {})


def test_duckdb_needs_no_engine() -> None:
    assert engine_of(read_workspace(PROJECT / "examples" / "starter"), {}) is None


def test_a_machine_without_java_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    said = r"needs Java 17 or 21, and there is no java on the PATH\. Mend: "
    with (
        pytest.raises(EngineUnavailable, match=said),
        started("local[1]", {}, log=tmp_path / "log"),
    ):
        pass


def test_an_installation_without_pyspark_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pyspark", None)
    said = r"pyspark is not installed .* Mend: pip install"
    with (
        pytest.raises(EngineUnavailable, match=said),
        started("local[1]", {}, log=tmp_path / "log"),
    ):
        pass
