"""The workspace: the folder of files that an organisation owns, read into one typed value.

Not here: checks that go across files or into SQL, and anything that moves data.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scorecard.company import Company
from scorecard.contracts import Contract
from scorecard.plans import Comment, Initiatives, Target
from scorecard.sources import Sources
from scorecard.strategy import Strategy


@dataclass(frozen=True)
class SqlFile:
    """One SELECT of the workspace: `staging/<name>.sql` or `measures/<name>.sql`."""

    name: str
    path: str
    """Below the workspace, with forward slashes."""
    text: str


@dataclass(frozen=True)
class Workspace:
    """Everything an organisation has written down, validated file by file."""

    root: Path
    company: Company
    sources: Sources
    strategy: Strategy
    contracts: dict[str, Contract]
    """By `<source>__<table>`."""
    staging: dict[str, SqlFile]
    measures: dict[str, SqlFile]
    targets: tuple[Target, ...]
    initiatives: Initiatives
    comments: tuple[Comment, ...]


def read_workspace(root: Path) -> Workspace:
    """Read the workspace below `root`."""

    def yaml_file(name: str) -> Any:
        path = root / name
        return yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}

    def sql_files(folder: str) -> dict[str, SqlFile]:
        return {
            path.stem: SqlFile(path.stem, f"{folder}/{path.name}", path.read_text("utf-8"))
            for path in sorted((root / folder).glob("*.sql"))
        }

    targets = []
    if (root / "targets.csv").exists():
        with (root / "targets.csv").open(newline="", encoding="utf-8-sig") as file:
            targets.extend(
                Target.model_validate({key: value for key, value in row.items() if value != ""})
                for row in csv.DictReader(file)
            )
    return Workspace(
        root=root,
        company=Company.model_validate(yaml_file("company.yaml")),
        sources=Sources.model_validate(yaml_file("sources.yaml")),
        strategy=Strategy.model_validate(yaml_file("strategy.yaml")),
        contracts={
            path.stem: Contract.model_validate(yaml.safe_load(path.read_text("utf-8")))
            for path in sorted((root / "contracts").glob("*.yaml"))
        },
        staging=sql_files("staging"),
        measures=sql_files("measures"),
        targets=tuple(targets),
        initiatives=Initiatives.model_validate(yaml_file("initiatives.yaml")),
        comments=(),
    )
