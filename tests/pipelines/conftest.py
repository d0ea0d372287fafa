"""A tiny organisation with two sources, and the command line run on it as a person would."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from rich.console import Console

from pipelines import nightly
from pipelines.job import JobFailed, dagster_instance, run_nightly
from pipelines.night import Order, open_night
from pipelines.progress import LineProgress
from pipelines.runs import RunRecord
from pipelines.state import State
from scorecard.workspace import read_workspace

FILES = {
    "company.yaml": """
organisation: {id: acme, name: Acme}
trees:
  - id: region
    name: Regions
    units:
      - {id: north, name: North}
      - {id: south, name: South}
currency: EUR
time_zone: Europe/Berlin
schedule: "0 3 * * *"
today: 2026-04-05
keep: {releases: 3}
""",
    "sources.yaml": """
sources:
  shop:
    kind: columnar
    name: Shop
    owner: Head of sales
    folder: ${TINY_DATA}/shop
    data_as_of: {kind: column, column: sold_on}
    max_age_days: 10
    tables:
      sale:
        description: Receipts of both regions.
        files: sale.csv
        primary_key: [id]
        columns: {id: {type: integer}, sold_on: {type: date}, amount: {type: decimal}}
  depot:
    kind: files
    name: Depot
    owner: depot@acme.example
    folder: ${TINY_DATA}/depot
    retries: 1
    retry_delay_seconds: 0.01
    data_as_of: {kind: column, column: sent_on}
    tables:
      parcel:
        files: parcel.csv
        primary_key: [id]
        columns: {id: {type: integer}, sent_on: {type: date}, is_late: {type: boolean}}
""",
    "strategy.yaml": """
id: acme_scorecard
name: Acme
perspectives:
  - id: financial
    name: Financial
    objectives:
      - id: grow
        name: Grow
        owner: Head of sales
        kpis:
          - {id: revenue, name: Revenue, owner: Head of sales, measure: revenue, aggregation: sum,
             direction: higher_is_better, measured_in: currency}
  - id: internal
    name: Internal process
    objectives:
      - id: deliver
        name: Deliver on time
        owner: Head of depot
        kpis:
          - {id: late_share, name: Late parcels, owner: Head of depot, measure: late_parcels, aggregation: ratio,
             direction: lower_is_better, measured_in: percent}
links: [{cause: deliver, effect: grow, hypothesis: On time sells.}]
""",
    "initiatives.yaml": "initiatives: []\n",
    "targets.csv": """kpi,unit,per,valid_from,red,target
revenue,acme,month,2026-01-01,100,200
revenue,north,month,2026-01-01,50,100
revenue,south,month,2026-01-01,50,100
late_share,acme,month,2026-01-01,0.5,0.1
""",
    "contracts/shop__sale.yaml": """
expectations:
  - {type: expect_column_values_to_not_be_null, kwargs: {column: amount}}
  - {type: expect_column_values_to_be_between, kwargs: {column: amount, max_value: 100000}, severity: warn}
""",
    "staging/shop__sale.sql": """-- Receipts, typed.
-- Grain: one row per receipt.
select
    id as sale_id,
    region as unit_id,
    sold_on as sold_date,
    amount
from raw.shop__sale
""",
    "measures/revenue.sql": """-- What was sold.
-- Grain: one row per unit and day.
select
    unit_id as unit,
    sold_date as period,
    sum(amount) as numerator
from staging.shop__sale
group by all
""",
    "measures/late_parcels.sql": """-- Parcels that arrived late, of all.
-- Grain: one row per unit and day.
select
    region as unit,
    sent_on as period,
    count(*) filter (where is_late) as numerator,
    count(*) as denominator
from raw.depot__parcel
group by all
""",
}
SALES = """id,region,sold_on,amount
1,north,2026-01-10,80.00
2,south,2026-01-20,60.50
3,north,2026-02-10,120.00
4,south,2026-02-20,70.00
5,north,2026-03-10,110.00
6,south,2026-03-31,90.00
"""
PARCELS = """id,region,sent_on,is_late
1,north,2026-01-11,true
2,south,2026-01-21,false
3,north,2026-02-11,false
4,south,2026-03-31,false
"""


@dataclass(frozen=True)
class Finished:
    """How a command ended."""

    exit_code: int
    out: str
    err: str


@dataclass(frozen=True)
class Tiny:
    """The tiny organisation: its workspace, its sources' files and its state."""

    workspace: Path
    data: Path
    state: State

    @property
    def environment(self) -> Mapping[str, str]:
        return {**os.environ, "TINY_DATA": str(self.data), "STEELYARD_HOME": str(self.state.root)}

    def write(self, path: str, text: str) -> None:
        for folder in (self.workspace, self.data):
            if (folder / path).exists():
                (folder / path).write_text(text)
                return
        raise FileNotFoundError(path)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "pipelines.cli", *self._here(arguments)]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command as a process of its own, as a person does."""
        return subprocess.Popen(
            self.command(*arguments),
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def steelyard(self, *arguments: str) -> Finished:
        """Run the command to its end."""
        # imported here: the server imports this module
        from tests import command_server  # noqa: PLC0415

        return Finished(*command_server.run(self._here(arguments), self.environment))

    def _here(self, arguments: Sequence[str]) -> list[str]:
        return [*arguments, "--workspace", str(self.workspace)]

    def run(self, **asked: Any) -> RunRecord:
        """Run a night, part after part, and give its record."""
        progress = LineProgress(Console(file=io.StringIO()))
        workspace = read_workspace(self.workspace)
        with (
            contextlib.suppress(Exception),  # the record tells
            open_night(
                workspace,
                self.state,
                Order(**asked),
                environment=self.environment,
                progress=progress,
                clock=lambda: datetime.now(tz=UTC),
            ) as night,
        ):
            for source_id in workspace.sources.sources:
                night.extract(source_id, is_last=True)
            night.publish()
        assert progress.record is not None
        return progress.record

    def run_job(self, **asked: Any) -> RunRecord:
        """Run the nightly job in this process, as `steelyard run` and the schedule do, and give its record."""
        progress = LineProgress(Console(file=io.StringIO()))
        with contextlib.suppress(JobFailed):  # the record tells
            run_nightly(self.workspace, self.state, Order(**asked), progress=progress)
        assert progress.record is not None
        return progress.record

    def events(self, kind: dg.DagsterEventType) -> list[dg.DagsterEvent]:
        """Give what Dagster logged of one kind in the newest run of the job, oldest first."""
        with dagster_instance(self.state) as instance:
            (newest,) = instance.get_run_ids(limit=1)
            entries = instance.all_logs(newest, of_type=kind)
        return [entry.dagster_event for entry in entries if entry.dagster_event]

    def failed_checks(self) -> dict[str, dg.AssetCheckEvaluation]:
        """Give the asset checks that failed in the newest run of the job, by `asset:check`."""
        evaluations = [
            event.asset_check_evaluation_data
            for event in self.events(dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        ]
        return {
            f"{each.asset_key.to_user_string()}:{each.check_name}": each
            for each in evaluations
            if not each.passed
        }

    def query(self, sql: str, *, release: str | None = None) -> list[tuple[Any, ...]]:
        """Ask the published warehouse, or that of a run's release."""
        folder = self.state.release(release) if release else self.state.current.resolve()
        with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def tree(self) -> dict[str, bytes]:
        """Give every published and append-only file, by path, and where the pointer goes."""
        folders = [self.state.releases, self.state.lake, self.state.root / "ledger"]
        files = {
            str(path.relative_to(self.state.root)): path.read_bytes()
            for folder in folders
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        return files | {"current": str(self.state.current.readlink()).encode()}


def make_tiny(folder: Path) -> Tiny:
    for path, text in FILES.items():
        (folder / "workspace" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "workspace" / path).write_text(text)
    for path, text in {"shop/sale.csv": SALES, "depot/parcel.csv": PARCELS}.items():
        (folder / "data" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "data" / path).write_text(text)
    return Tiny(folder / "workspace", folder / "data", State(folder / "state"))


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """Give the organisation as it is before its first night."""
    made = make_tiny(tmp_path)
    monkeypatch.setenv("TINY_DATA", str(made.data))
    return made


@pytest.fixture(scope="session")
def _first_night(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    made = make_tiny(tmp_path_factory.mktemp("first_night"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINY_DATA", str(made.data))
        done = made.run_job()
        assert done.status == "published", done.problems
    return made


@pytest.fixture
def published(_first_night: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """Give the organisation after its first night; later nights leave out the audit of the marts, which takes seconds."""
    monkeypatch.setattr(nightly, "audit_marts", lambda _: [])
    shutil.copytree(_first_night.workspace.parent, tmp_path, dirs_exist_ok=True, symlinks=True)
    monkeypatch.setenv("TINY_DATA", str(tmp_path / "data"))
    return Tiny(tmp_path / "workspace", tmp_path / "data", State(tmp_path / "state"))
