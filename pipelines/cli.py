"""The command `steelyard`.

Exit codes: 0 good; 1 it failed, nothing was published; 2 published, but a source, contract, measure or check failed; 3 the
command or the workspace is wrong.

Not here: what the commands do; each calls one or two functions of other modules and prints.
"""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click
import duckdb
from rich.console import Console

import pipelines
from connectors.errors import LakeDamaged
from pipelines import (
    checking,
    compared,
    diffing,
    explained,
    overlay,
    releases,
    runs,
    soundness,
    telemetry,
    wording,
)
from pipelines.diffing import ReleaseUnknown
from pipelines.manifest import ManifestUnreadable
from pipelines.places import HOME, WORKSPACE, state_folder, workspace_folder
from pipelines.plural import counted
from pipelines.profile import profile as profile_of
from pipelines.progress import LineProgress, LiveProgress
from pipelines.releases import NothingPublished, ReleaseError
from pipelines.runs import Locked, RecordUnreadable, RunRecord
from pipelines.starter import StarterError, write_starter
from pipelines.state import State
from reports.serve import serve as serve_site
from scorecard.findings import Finding, WorkspaceError
from scorecard.json_schema import write as write_schemas
from scorecard.workspace import Workspace
from transforms import ledger, summary
from transforms.catalogue import create_tables, lacking
from transforms.difference import Difference
from transforms.explanation import ExplanationError
from transforms.explanation import explain as explanation_of
from transforms.ledger import LedgerError
from transforms.summary import Warned

FAILED, WRONG = 1, 3
COLLECTED_AFTER = 100_000
"""New objects after which a run looks for cycles: large imports make many objects and hardly a cycle."""
_WRONG = (WorkspaceError, StarterError, ReleaseUnknown, ExplanationError)
_FAILED = (
    Locked,
    ReleaseError,
    LedgerError,
    LakeDamaged,
    RecordUnreadable,
    ManifestUnreadable,
    NothingPublished,
)
OTHER_PROGRAM = (
    "The published release was made by another version of Steelyard: "
    "some differences may be due to that, and not to the workspace."
)
GRAINS = ("month", "quarter", "half", "year", "ytd", "ttm")


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


_of_grain = click.option(
    "--grain",
    type=click.Choice(GRAINS),
    default="month",
    show_default=True,
    help="Length of the period.",
)
_of_kpi = click.option("--kpi", help="Only this KPI.")
_of_unit = click.option("--unit", help="Only this unit.")
_limited = click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"At most so many rows of each kind; {compared.SHOWN} in text, else all, where left out.",
)
_in_format = click.option(
    "--format",
    "form",
    type=click.Choice(("text", "csv", "json")),
    default="text",
    show_default=True,
    help="How it is written.",
)
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
    _tell_findings(findings if shows_warnings else wrong)
    return _unless(wrong, workspace, root)


def _tell_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.echo(str(finding), err=finding.severity == "error")


def _unless(wrong: Sequence[Finding], workspace: Workspace | None, root: Path) -> Workspace:
    if wrong or workspace is None:
        _fail(f"{counted(len(wrong), 'error')} in {root}: nothing was run.", code=WRONG)
        raise SystemExit(WRONG)
    return workspace


def _runnable(root: Path, state: State) -> Workspace:
    """Check the workspace before a run: a wrong cell of a manual measure is data, and does not stop the others."""
    workspace, findings = checking.check(root, state, environment=os.environ)
    wrong = checking.errors(findings)
    cells = checking.entered(wrong)
    _tell_findings(wrong)
    return _unless([each for each in wrong if each not in cells], workspace, root)


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
@click.option(
    "--fresh",
    is_flag=True,
    help="Compute everything anew, whatever is kept of earlier nights.",
)
@click.option("--profile", is_flag=True, help="Show where the time went, and why.")
def run(
    given: Path | None,
    as_of: date | None,
    known_at: datetime | None,
    publish: bool,
    no_extract: bool,
    fresh: bool,
    profile: bool,
) -> None:
    """Run the nightly job now: sources to published scorecard."""
    watch = _Watch()
    gc.set_threshold(COLLECTED_AFTER)
    root, state = _places(given)
    workspace = _runnable(root, state)
    if runs.lock_holder(state):
        raise Locked(runs.locked_message(state))
    watch.note("imports and the check of the workspace")
    console = Console(highlight=False)
    console.print(f"{workspace.company.organisation.name}: the night begins.")
    progress = LiveProgress(console) if console.is_terminal else LineProgress(console)
    # Dagster takes seconds to import; no other command waits for it
    from pipelines.job import JobFailed, run_nightly  # noqa: PLC0415
    from pipelines.night import Order  # noqa: PLC0415

    watch.note("import of Dagster")
    order = Order(
        as_of=as_of, known_at=known_at, publish=publish, extract=not no_extract, fresh=fresh
    )
    failure = ""
    try:
        run_nightly(root, state, order, progress=progress)
    except JobFailed as error:
        failure = str(error)
    if profile and progress.record:
        console.print(profile_of(progress.record, before=watch.noted, total=watch.total))
    _leave(_tell_end(progress.record, state, failure))


class _Watch:
    """Times what comes before the run, from the start of this process."""

    def __init__(self) -> None:
        self.noted: dict[str, float] = {}

    def note(self, name: str) -> None:
        """Note what has passed since the note before."""
        self.noted[name] = self.total - sum(self.noted.values())

    @property
    def total(self) -> float:
        """Seconds since Steelyard began to be imported."""
        return time.perf_counter() - pipelines.STARTED


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
    for line in wording.warned(_warnings(record, release)):
        click.echo(line)
    for line in wording.problems(record):
        click.echo(line, err=True)
    if record.status == "failed":
        click.echo(f"Details     {state.runs / f'{record.run_id}.failure.txt'}", err=True)
    return record.exit_code or 0


def _warnings(record: RunRecord, release: Path) -> list[Warned]:
    """Read what the release warns of; a run that failed has none."""
    warehouse = release / "warehouse.duckdb"
    if record.status == "failed" or not warehouse.exists():
        return []
    with duckdb.connect(str(warehouse.resolve()), read_only=True) as connection:
        return summary.warnings(connection)


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
    from pipelines.event_log import write_in_batches  # noqa: PLC0415 - Dagster takes seconds to import
    from pipelines.job import prepare_home  # noqa: PLC0415

    root, state = _places(given)
    _checked(root, state, shows_warnings=False)
    environment = os.environ | {
        WORKSPACE: str(root),
        HOME: str(state.root),
        "DAGSTER_HOME": str(prepare_home(state)),
    }
    write_in_batches(environment)
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
    manifest, damage = soundness.standing(state)
    for line in wording.standing(manifest, records, release=state.current, holder=holder):
        click.echo(line)
    for line in damage:
        click.echo(f"Damage      {line}; the next run mends it")
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
@_of_grain
@click.option(
    "--as-reported-on",
    "day",
    callback=_day,
    metavar="DAY",
    help="How the KPI stood at the end of that day, UTC: value, score, target, weight and definition.",
)
def history(
    given: Path | None, kpi: str | None, unit: str | None, grain: str, day: date | None
) -> int:
    """List the releases that were published; or, for a KPI, what was reported of it and when."""
    if day and not kpi:
        raise click.BadParameter("name a KPI as well", param_hint="--as-reported-on")
    _, state = _places(given)
    lines = _kpi_history(state, kpi, unit, grain, day) if kpi else _releases(state)
    for line in lines:
        click.echo(line)
    return 0 if lines else FAILED


@contextmanager
def _published(state: State) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published warehouse to read.

    Raises:
        NothingPublished: where there is none, or one that another version of the program made.

    """
    warehouse = state.current / "warehouse.duckdb"
    if not warehouse.exists():
        raise NothingPublished("Nothing is published yet: run `steelyard run` first.")
    with duckdb.connect(str(warehouse.resolve()), read_only=True) as connection:
        if lacking(connection):
            raise NothingPublished(
                "Another version of Steelyard made the published release, with other tables: run `steelyard run` first."
            )
        yield connection


def _kpi_history(
    state: State, kpi: str, unit: str | None, grain: str, day: date | None
) -> list[str]:
    """Ask the ledger itself: after a rollback the published warehouse does not know what stood between."""
    with _published(state) as connection:
        asked = unit or summary.organisation(connection)
    with duckdb.connect() as connection:
        create_tables(connection)
        ledger.ledger_tables(connection, parts=state.parts, moves=releases.pointer_moves(state))
        if day:
            stood = summary.standing(connection, kpi, unit_id=asked, grain=grain, day=day)
            lines = list(wording.standing_lines(stood))
        else:
            rows = summary.kpi_history(connection, kpi, unit_id=asked, grain=grain)
            lines = list(wording.kpi_lines(rows))
    place = f" for {unit}" if unit else ""
    when = f"stood reported of {kpi}{place} by {grain} on {day}" if day else ""
    return lines or [f"Nothing {when or f'was ever reported of {kpi}{place} by {grain}'}."]


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
@click.argument("kpi")
@click.option("--unit", help="A unit's id; the organisation where left out.")
@click.option(
    "--period", metavar="PERIOD", help="Its first month, as 2026-09; the last closed period else."
)
@_of_grain
def explain(given: Path | None, kpi: str, unit: str | None, period: str | None, grain: str) -> int:
    """Derive one score in full: rows, loads, SQL, components, points, rule, weight, and what was reported before."""
    _, state = _places(given)
    with _published(state) as connection:
        found = explanation_of(connection, kpi, unit_id=unit, period=period, grain=grain)
    explained.show(found, Console(highlight=False, soft_wrap=True))
    return 0


@_command
@_in_workspace
@click.argument("before")
@click.argument("after")
@_of_kpi
@_of_unit
@_limited
@_in_format
def diff(
    given: Path | None,
    before: str,
    after: str,
    kpi: str | None,
    unit: str | None,
    limit: int | None,
    form: str,
) -> int:
    """Compare two releases: every number that differs, and why.

    BEFORE and AFTER are run ids, release ids or the beginning of one; releases whose files are gone count too.
    """
    _, state = _places(given)
    made = diffing.diff(state, (before, after), kpi=kpi, unit=unit)
    names = {
        "before": made.before.model_dump(mode="json", exclude={"files", "format"}),
        "after": made.after.model_dump(mode="json", exclude={"files", "format"}),
    }
    if form == "text":
        click.echo(f"Before       {wording.release_line(made.before, marks=())}")
        click.echo(f"After        {wording.release_line(made.after, marks=())}")
        _print(compared.text(made.difference, limit=limit))
    else:
        _write(made.difference, form, limit=limit, **names)
    return 0


@_command
@_in_workspace
@click.option(
    "--with",
    "laid_over",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder whose files are laid over the workspace's.",
)
@_of_kpi
@_of_unit
@_limited
@_in_format
def simulate(
    given: Path | None,
    laid_over: Path | None,
    kpi: str | None,
    unit: str | None,
    limit: int | None,
    form: str,
) -> int:
    """Recompute history under changed weights, rules, targets or SQL: nothing is published.

    The workspace as it is now is built from the loads of the published release, for its dates, and compared with it.
    """
    # What builds a release and draws its pages takes long to import; no other command but `run` waits for it
    from pipelines import simulation  # noqa: PLC0415

    root, state = _places(given)
    if laid_over and not overlay.has_files(laid_over):
        raise click.BadParameter(f"{laid_over} holds no file of a workspace", param_hint="--with")
    with overlay.overlaid(root, laid_over) as folder:
        workspace = _checked(folder, state, shows_warnings=False)
        made = simulation.simulate(
            workspace,
            state,
            environment=os.environ,
            now=datetime.now(tz=UTC),
            kpi=kpi,
            unit=unit,
        )
    unread = overlay.unread(root, laid_over) if laid_over else []
    is_other = [OTHER_PROGRAM] if made.is_other_program else []
    for problem in (*made.problems, *is_other, *_unread(unread)):
        click.echo(problem, err=True)
    if form == "text":
        published = made.published
        click.echo(
            f"Against release {published.release_id}, as of {published.as_of_date}, run {published.run_id}. Nothing is published."
        )
        _print(compared.simulated(made.difference, limit=limit))
    else:
        release = made.published.model_dump(mode="json", include={"run_id", "release_id"})
        _write(made.difference, form, limit=limit, before=release)
    return 0


def _unread(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        yield (
            f"{path.as_posix()} of --with is not used: "
            "a simulation computes from the loads that the published release was made of."
        )


def _write(found: Difference, form: str, *, limit: int | None, **names: Any) -> None:
    if form == "csv":
        click.echo(compared.as_csv(found, limit=limit), nl=False)
    else:
        click.echo(compared.as_json(found, limit=limit, **names))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


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
        soundness.require_sound_release(state, target)
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
