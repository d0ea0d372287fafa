"""Checks of `company.yaml`: units, calendar, schedule, language.

Not here: what other files say about units.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from croniter import CroniterBadDateError, croniter

from scorecard.company import Unit
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
    yield from _catch_all(workspace)
    yield from _calendar(workspace)
    yield from _language(workspace)
    yield from _publish_staging(workspace)


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
