"""Checks of `company.yaml`: units, calendar, schedule, language.

Not here: what other files say about units.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import groupby
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from croniter import CroniterBadDateError, croniter

from scorecard.company import Move, Tree, Unit
from scorecard.findings import Finding
from scorecard.shape import did_you_mean
from scorecard.workspace import Workspace
from scorecard.yaml_lines import Place

FILE = "company.yaml"
_CRON_FIELDS = 5
_ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)
"""From here a schedule must fire some day; which day is of no matter."""


def check_company(workspace: Workspace) -> Iterator[Finding]:
    """Check what `company.yaml` says."""
    yield from _units(workspace)
    yield from _moves(workspace)
    yield from _catch_all(workspace)
    yield from _calendar(workspace)
    yield from _language(workspace)
    yield from _publish_staging(workspace)
    yield from _engine(workspace)


def _engine(workspace: Workspace) -> Iterator[Finding]:
    company = workspace.company
    if company.engine == "spark" and company.spark is None:
        yield _error(
            workspace,
            ("engine",),
            "The engine is spark, and no cluster is named.",
            "Add spark: {master: spark://host:7077}.",
        )


def _error(workspace: Workspace, place: Place, message: str, mend: str) -> Finding:
    return Finding(FILE, workspace.line(FILE, *place), "error", message, mend)


def unit_places(workspace: Workspace) -> Iterator[tuple[Place, str, str]]:
    """Yield (place, kind, id) of the organisation, each tree and each unit, in the file's order."""
    yield ("organisation", "id"), "organisation", workspace.company.organisation.id
    for number, tree in enumerate(workspace.company.trees):
        yield ("trees", number, "id"), "tree", tree.id
        yield from _below(tree.units, ("trees", number))


def _below(units: tuple[Unit, ...], place: Place) -> Iterator[tuple[Place, str, str]]:
    for number, unit in enumerate(units):
        here = (*place, "units", number)
        yield (*here, "id"), "unit", unit.id
        yield from _below(unit.units, here)


def _units(workspace: Workspace) -> Iterator[Finding]:
    first: dict[str, tuple[str, int]] = {}
    for place, kind, name in unit_places(workspace):
        if name in first:
            other, line = first[name]
            yield _error(
                workspace,
                place,
                f"The {kind} {name} has the id of the {other} in line {line}.",
                "Give each unit, tree and the organisation an id of its own, in all trees.",
            )
        first.setdefault(name, (kind, workspace.line(FILE, *place)))


def _moves(workspace: Workspace) -> Iterator[Finding]:
    """See that units move within their tree, once on a day, and never below themselves."""
    for number, tree in enumerate(workspace.company.trees):
        place: Place = ("trees", number, "moves")
        unknown = list(_movers(workspace, tree, place))
        yield from unknown
        yield from _twice(workspace, tree, place)
        if not unknown:
            yield from _ways(workspace, tree, place)


def _movers(workspace: Workspace, tree: Tree, place: Place) -> Iterator[Finding]:
    own = [unit.id for top in tree.units for unit in top.walk()]
    whole = workspace.company.organisation.id
    trees = {unit.id: other.id for other, unit, _, _ in workspace.company.units() if other}
    for number, move in enumerate(tree.moves):
        for key, name, known in (("unit", move.unit, own), ("parent", move.parent, [*own, whole])):
            if name in known:
                continue
            where = f"in the tree {trees[name]}" if name in trees else "in no tree"
            where = "the organisation, which stands still" if name == whole else where
            yield _error(
                workspace,
                (*place, number, key),
                f"The {key} {name} of a move in the tree {tree.id} is {where}.",
                did_you_mean(name, known) or f"Name a unit of the tree {tree.id}.",
            )


def _twice(workspace: Workspace, tree: Tree, place: Place) -> Iterator[Finding]:
    first: dict[tuple[str, date], int] = {}
    for number, move in enumerate(tree.moves):
        line = workspace.line(FILE, *place, number)
        key = (move.unit, move.valid_from)
        if key in first:
            yield _error(
                workspace,
                (*place, number),
                f"The unit {move.unit} moves twice on {move.valid_from}; first in line {first[key]}.",
                "Keep one of the two moves, or give them different dates.",
            )
        first.setdefault(key, line)


def _ways(workspace: Workspace, tree: Tree, place: Place) -> Iterator[Finding]:
    """Follow the moves by date; at the first day on which a unit would stand below itself, nothing later can be said."""
    parents: dict[str, str | None] = {
        unit.id: parent for _, unit, parent, _ in workspace.company.units()
    }
    numbered = sorted(enumerate(tree.moves), key=lambda pair: pair[1].valid_from)
    for day, moves in groupby(numbered, key=lambda pair: pair[1].valid_from):
        today = list(moves)
        for number, move in today:
            if parents[move.unit] == move.parent:
                yield _idle(workspace, (*place, number), move)
            parents[move.unit] = move.parent
        ring = [(number, move) for number, move in today if _is_below_itself(move.unit, parents)]
        if ring:
            number, move = ring[-1]
            yield _error(
                workspace,
                (*place, number),
                f"From {day} on the unit {move.unit} would stand below itself: {move.parent} is below it.",
                "Move it under a unit that is not below it, or move that one away first.",
            )
            return


def _idle(workspace: Workspace, place: Place, move: Move) -> Finding:
    return Finding(
        FILE,
        workspace.line(FILE, *place),
        "warning",
        f"The unit {move.unit} moves on {move.valid_from} under {move.parent}, where it stands already.",
        "Remove the move, or correct its parent or date.",
    )


def _is_below_itself(unit: str, parents: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    above = parents[unit]
    while above is not None and above not in seen:
        if above == unit:
            return True
        seen.add(above)
        above = parents[above]
    return False


def _catch_all(workspace: Workspace) -> Iterator[Finding]:
    name = workspace.company.catch_all
    units = [unit.id for _, unit, _, _ in workspace.company.units()]
    if name is not None and name not in units:
        yield _error(
            workspace,
            ("catch_all",),
            f"The catch-all unit {name} is in no tree.",
            did_you_mean(name, units) or "Name a unit of a tree.",
        )


def _calendar(workspace: Workspace) -> Iterator[Finding]:
    zone, cron = workspace.company.time_zone, workspace.company.schedule
    if zone not in available_timezones():
        yield _error(
            workspace,
            ("time_zone",),
            f"There is no time zone {zone}.",
            _near_zone(zone) or "Use a name such as Europe/Berlin or UTC.",
        )
    if len(cron.split()) != _CRON_FIELDS or not croniter.is_valid(cron):
        yield _error(
            workspace,
            ("schedule",),
            f"The schedule '{cron}' is not a cron expression.",
            'Write minute, hour, day, month, weekday: "0 3 * * *" is every night at three.',
        )
    elif not _fires(cron):
        yield _error(
            workspace,
            ("schedule",),
            f"The schedule '{cron}' never comes.",
            "Name a day that exists.",
        )


def _near_zone(zone: str) -> str:
    zones = {name.lower(): name for name in available_timezones()}
    near = did_you_mean(zone, list(zones)).removeprefix("Did you mean ").removesuffix("?")
    return f"Did you mean {zones[near]}?" if near else ""


def _fires(cron: str) -> bool:
    try:
        croniter(cron, _ANY_DAY).get_next(datetime)
    except CroniterBadDateError:
        return False
    return True


def _language(workspace: Workspace) -> Iterator[Finding]:
    locale, currency = workspace.company.locale, workspace.company.currency
    try:
        Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        yield _error(
            workspace,
            ("locale",),
            f"There is no locale {locale}.",
            "Use one such as en, en_GB or de.",
        )
    if currency not in list_currencies():
        yield _error(
            workspace,
            ("currency",),
            f"There is no currency {currency}.",
            "Use the three letters of ISO 4217, such as EUR, USD or CHF.",
        )


def _publish_staging(workspace: Workspace) -> Iterator[Finding]:
    wanted = workspace.company.publish_staging
    for number, name in enumerate(() if wanted == "all" else wanted):
        if name not in workspace.staging:
            yield _error(
                workspace,
                ("publish_staging", number),
                f"There is no staging/{name}.sql to publish.",
                did_you_mean(name, list(workspace.staging)) or "Write names of files in staging/.",
            )
