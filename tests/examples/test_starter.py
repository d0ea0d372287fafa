"""The workspace that `steelyard init` copies: flawless, and explained by its own comments."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from examples.starter_workspace import STARTER, FolderNotEmpty, copy_starter
from scorecard.check import check_workspace
from scorecard.workspace import read_workspace
from scorecard.yaml_lines import read_yaml
from transforms.check import check_sql


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Give a fresh copy."""
    copy_starter(tmp_path / "my-company")
    return tmp_path / "my-company"


def test_it_has_no_findings_not_even_warnings(workspace: Path) -> None:
    read = read_workspace(workspace)
    assert check_workspace(read) == []
    assert check_sql(read, raw_columns=None) == []


def test_it_has_what_a_scorecard_has(workspace: Path) -> None:
    read = read_workspace(workspace)
    assert len(read.strategy.perspectives) == 4
    assert 6 <= len(list(read.strategy.kpis())) <= 8
    assert {kpi.aggregation for _, _, kpi in read.strategy.kpis()} >= {"sum", "ratio", "distinct", "score"}  # fmt: skip
    assert [unit.id for _, unit, _, _ in read.company.units()] == ["my_company", "north", "south"]
    assert read.targets
    assert read.initiatives.initiatives
    assert read.comments
    assert set(read.contracts) == {f"{source}__{table}" for source, s in read.sources.sources.items() for table in s.tables}  # fmt: skip


def test_it_needs_no_environment_variable() -> None:
    for path in STARTER.rglob("*.yaml"):
        lines = path.read_text("utf-8").splitlines()
        assert not [line for line in lines if "${" in line.split("#")[0]]


def test_each_file_names_the_schema_that_holds_it(workspace: Path) -> None:
    for path in sorted(workspace.rglob("*.yaml")):
        first, *_ = path.read_text("utf-8").splitlines()
        assert first.startswith("# yaml-language-server: $schema=")
        schema = json.loads((path.parent / first.split("=")[1]).read_text("utf-8"))
        value = read_yaml(path.read_text("utf-8"), file=path.name).value
        plain = json.loads(json.dumps(value, default=str))
        assert not list(Draft202012Validator(schema).iter_errors(plain)), path.name


def test_nothing_is_overwritten(workspace: Path) -> None:
    with pytest.raises(FolderNotEmpty):
        copy_starter(workspace)
    with pytest.raises(FolderNotEmpty):
        copy_starter(workspace / "company.yaml")


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    copy_starter(tmp_path)
    assert (tmp_path / "company.yaml").exists()
    assert (tmp_path / ".gitignore").read_text() == ".steelyard/\n"
