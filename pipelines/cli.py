"""The command `steelyard`.

Exit codes: 0 good; 1 it failed, nothing was published; 2 published, but a source, contract, measure or check failed; 3 the
command or the workspace is wrong.

Not here: what the commands do; each calls one or two functions of other modules and prints.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click
import duckdb
from rich.console import Console

from connectors.errors import LakeDamaged
from pipelines import checking, releases, runs, telemetry, wording
from pipelines.manifest import read_manifest
from pipelines.places import HOME, WORKSPACE, state_folder, workspace_folder
from pipelines.plural import counted
from pipelines.progress import LineProgress, LiveProgress
from pipelines.releases import ReleaseError
from pipelines.runs import Locked, RecordUnreadable, RunRecord
from pipelines.starter import StarterError, write_starter
from pipelines.state import State
from reports.serve import serve as serve_site
from scorecard.findings import WorkspaceError
from scorecard.json_schema import write as write_schemas
from scorecard.workspace import Workspace
from transforms import ledger, summary
from transforms.ledger import LedgerError

FAILED, WRONG = 1, 3
_WRONG = (WorkspaceError, StarterError)
_FAILED = (Locked, ReleaseError, LedgerError, LakeDamaged, RecordUnreadable)


class _Group(click.Group):
    """A group whose usage errors end with 3: click's own 2 means something else here."""

    def main(self, *arguments: Any, **more: Any) -> Any:
        """Run the command line."""
        try:
            return super().main(*arguments, **{**more, "standalone_mode": False})
        except click.Abort:
            sys.exit(FAILED)
        except click.ClickException as error:
            error.show()
            sys.exit(WRONG)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="steelyard")
def main() -> None:
    """Balanced scorecards, rebuilt every night from an organisation's own systems."""
    telemetry.switch_off(os.environ)


def _command(function: Callable[..., int | None]) -> click.Command:
    """Make a command of a function that gives an exit code, and tell known errors without a traceback."""

    @wraps(function)
    def told(**given: Any) -> None:
        try:
            sys.exit(function(**given) or 0)
        except _WRONG as error:
            _fail(str(error), code=WRONG)
        except _FAILED as error:
            _fail(str(error), code=FAILED)

    return main.command()(told)


def _fail(message: str, *, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)


_in_workspace = click.option(
    "--workspace",
    "given",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"The workspace's folder; ${WORKSPACE}, or the current folder, where left out.",
)


def _places(given: Path | None) -> tuple[Path, State]:
    root = workspace_folder(given, os.environ)
    return root, State(state_folder(root, os.environ))


def _checked(root: Path, state: State, *, shows_warnings: bool) -> Workspace:
    """Check the workspace and print what was found; end with 3 where there are errors."""
    workspace, findings = checking.check(root, state, environment=os.environ)
    wrong = checking.errors(findings)
    for finding in findings if shows_warnings else wrong:
        click.echo(str(finding), err=finding in wrong)
    if wrong or workspace is None:
        _fail(f"{counted(len(wrong), 'error')} in {root}: nothing was run.", code=WRONG)
        raise SystemExit(WRONG)
    return workspace


def _moment(_: click.Context, parameter: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            "give a moment such as 2026-10-05T03:00 (UTC)", param=parameter
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(_: click.Context, parameter: click.Parameter, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise click.BadParameter("give a day such as 2026-10-05", param=parameter) from error


@_command
@_in_workspace
@click.option(
    "--as-of",
    callback=_day,
    metavar="DAY",
    help="Business date: periods closed before it are scored.",
)
@click.option(
    "--known-at",
    callback=_moment,
    metavar="MOMENT",
    help="Only loads extracted by then count; UTC.",
)
@click.option(
    "--publish", is_flag=True, help="Publish also a run for another date than the present one."
)
@click.option("--no-extract", is_flag=True, help="Ask no source: take the lake as it is.")
def run(
    given: Path | None,
    as_of: date | None,
    known_at: datetime | None,
    publish: bool,
    no_extract: bool,
) -> None:
    """Run the nightly job now: sources to published scorecard."""
    root, state = _places(given)
    workspace = _checked(root, state, shows_warnings=False)
    if runs.lock_holder(state):
        raise Locked(runs.locked_message(state))
    console = Console(highlight=False)
    console.print(f"{workspace.company.organisation.name}: the night begins.")
    progress = LiveProgress(console) if console.is_terminal else LineProgress(console)
    # Dagster takes seconds to import; no other command waits for it
    from pipelines.job import JobFailed, run_nightly  # noqa: PLC0415
    from pipelines.night import Order  # noqa: PLC0415

    order = Order(as_of=as_of, known_at=known_at, publish=publish, extract=not no_extract)
    failure = ""
    try:
        run_nightly(root, state, order, progress=progress)
    except JobFailed as error:
        failure = str(error)
    _leave(_tell_end(progress.record, state, failure))


def _leave(code: int) -> NoReturn:
    """End at once: tearing DuckDB's and Great Expectations' modules down prints pages of their own leaks, and takes time."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _tell_end(record: RunRecord | None, state: State, failure: str) -> int:
    if record is None:
        click.echo(failure or "The run could not begin.", err=True)
        return FAILED
    release = state.release(record.run_id) if record.status == "built" else state.current
    click.echo()
    for line in wording.closing(record, release=release):
        click.echo(line)
    for line in wording.problems(record):
        click.echo(line, err=True)
    if record.status == "failed":
        click.echo(f"Details     {state.runs / f'{record.run_id}.failure.txt'}", err=True)
    return record.exit_code or 0


@_command
@_in_workspace
def check(given: Path | None) -> int:
    """Check the workspace: every error and warning with file, line and the mend."""
    root, state = _places(given)
    workspace = _checked(root, state, shows_warnings=True)
    kpis = sum(1 for _ in workspace.strategy.kpis())
    measures = counted(len(workspace.measures), "measure")
    click.echo(f"{root}: no errors; {counted(kpis, 'KPI')}, {measures}.")
    return 0


@_command
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> int:
    """Make a complete workspace to edit, which runs at once."""
    write_starter(folder)
    click.echo(f"{folder} is ready. Next: steelyard run --workspace {folder}")
    return 0


@_command
@_in_workspace
@click.option("--port", default=3000, show_default=True, help="Of the Dagster UI, on loopback.")
def dev(given: Path | None, port: int) -> None:
    """Start the Dagster UI and its daemon, which starts the run every night."""
    from pipelines.job import prepare_home  # noqa: PLC0415 - Dagster takes seconds to import

    root, state = _places(given)
    _checked(root, state, shows_warnings=False)
    environment = os.environ | {
        WORKSPACE: str(root),
        HOME: str(state.root),
        "DAGSTER_HOME": str(prepare_home(state)),
    }
    command = [
        sys.executable,
        "-m",
        "dagster",
        "dev",
        "--module-name",
        "pipelines.definitions_entry",
    ]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    # A script starts its background jobs with SIGINT ignored, and Dagster would then ignore being stopped at all.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execve(sys.executable, command, environment)  # noqa: S606 - our own command, no shell


@_command
@_in_workspace
@click.option("--port", default=8321, show_default=True, help="On loopback.")
def serve(given: Path | None, port: int) -> int:
    """Serve the published site on loopback."""
    _, state = _places(given)
    serve_site(
        lambda: state.current.resolve() / "site" if state.current.exists() else None,
        port=port,
        ready=lambda address: click.echo(f"{address}  (Ctrl-C ends)"),
    )
    return 0


@_command
@_in_workspace
def status(given: Path | None) -> int:
    """Say what is published, how it stands, what came in last, and what did not run."""
    root, state = _places(given)
    workspace = checking.readable(root)
    records, holder = runs.records_and_holder(state)
    manifest = read_manifest(state, releases.current_run_id(state))
    for line in wording.standing(manifest, records, release=state.current, holder=holder):
        click.echo(line)
    missed: tuple[date, ...] = ()
    if workspace:
        missed = runs.missed_nights(
            records,
            schedule=workspace.company.schedule,
            time_zone=workspace.company.time_zone,
            now=datetime.now(tz=UTC),
        )
        if missed:
            click.echo(runs.missed_message(missed, schedule=workspace.company.schedule))
    click.echo(f"Lock        {f'held by {holder}' if holder else 'free'}")
    return 0


@_command
@_in_workspace
@click.argument("kpi", required=False)
@click.option("--unit", help="A unit's id; the organisation where left out.")
@click.option("--grain", default="month", show_default=True, help="month, quarter, year, ytd, ttm.")
def history(given: Path | None, kpi: str | None, unit: str | None, grain: str) -> int:
    """List the releases that were published; or, for a KPI, what was reported of it and when."""
    _, state = _places(given)
    lines = _kpi_history(state, kpi, unit, grain) if kpi else _releases(state)
    for line in lines:
        click.echo(line)
    return 0 if lines else FAILED


def _kpi_history(state: State, kpi: str, unit: str | None, grain: str) -> list[str]:
    warehouse = state.current / "warehouse.duckdb"
    if not warehouse.exists():
        return ["Nothing is published yet."]
    with duckdb.connect(str(warehouse.resolve()), read_only=True) as connection:
        rows = summary.kpi_history(connection, kpi, unit_id=unit, grain=grain)
    place = f" for {unit}" if unit else ""
    return list(wording.kpi_lines(rows)) or [
        f"Nothing was ever reported of {kpi}{place} by {grain}."
    ]


def _releases(state: State) -> list[str]:
    published = releases.published_run_ids(state)
    parts = ledger.read_parts(state.parts, published)
    current, present = releases.current_run_id(state), set(releases.finished_run_ids(state))
    lines = []
    for run_id, part in parts.items():
        marks = ["current"] if run_id == current else []
        marks += [] if run_id in present else ["pruned"]
        lines.append(wording.release_line(part, marks=marks))
    return lines or ["Nothing is published yet."]


@_command
@_in_workspace
@click.argument("run_id", required=False)
def rollback(given: Path | None, run_id: str | None) -> int:
    """Move the pointer back to the release before, or to the release of RUN_ID; nothing is deleted."""
    _, state = _places(given)
    now = datetime.now(tz=UTC)
    with runs.writing(state, run_id=runs.new_run_id(now), what="rollback", now=now):
        releases.heal_moves(state, at=now)
        parts = ledger.read_parts(state.parts, releases.published_run_ids(state))
        bases = {each: part.base_run_id for each, part in parts.items()}
        target = releases.rollback_target(state, bases=bases, named=run_id)
        releases.move_pointer(state, target, kind="rollback", at=now)
    click.echo(f"Release {parts[target].release_id} of run {target} is current.")
    return 0


@_command
@click.argument("folder", type=click.Path(path_type=Path), default=Path(".schema"))
def schema(folder: Path) -> int:
    """Write the JSON Schema of each YAML file into FOLDER, for editors."""
    for path in write_schemas(folder):
        click.echo(str(path))
    return 0


if __name__ == "__main__":
    main()
