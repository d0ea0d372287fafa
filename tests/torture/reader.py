"""A reader: resolves the pointer once, reads page, data and warehouse behind it, and says whether they are of one release.

Run as a process of its own: `python -m tests.torture.reader STATE_FOLDER`. It ends when its standard input is closed, and then
prints what it saw as one line of JSON. It imports nothing of the product: it is what an analyst's notebook would do.

Not here: killing nights (kills).
"""

import json
import re
import select
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

PAUSE_SECONDS = 0.25
REVENUE_IN_MARCH = (
    "select actual from scorecard.kpi_score where kpi_id = 'revenue' and unit_id = 'acme' "
    "and grain = 'month' and period_start_date = date '2026-03-01'"
)
_NAMED = re.compile(r"Release (r-[0-9a-f]{10})")


@dataclass
class Seen:
    """What a reader saw until it ended."""

    reads: int = 0
    moved_on: int = 0
    """Reads in which the release was pruned after the pointer had moved on: the reader asks again."""
    runs: dict[str, list[object]] = field(default_factory=dict)
    """Release id and figure of each run whose release was read."""
    mismatches: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Look:
    """One release as its manifest, its page, its page's data and its warehouse tell it."""

    release_ids: tuple[str, str, str, str]
    figures: tuple[float, float]

    @property
    def is_one(self) -> bool:
        """They tell the same."""
        return len(set(self.release_ids)) == 1 and len(set(self.figures)) == 1


def look(release: Path) -> Look:
    """Read one release through all that people read."""
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))
    named = _NAMED.findall((release / "site" / "kpis" / "revenue.html").read_text("utf-8"))
    page = json.loads((release / "site" / "kpis" / "revenue.json").read_text("utf-8"))
    with duckdb.connect(str(release / "warehouse.duckdb"), read_only=True) as connection:
        (in_warehouse,) = connection.execute("select release_id from scorecard.release").fetchone()
        (revenue,) = connection.execute(REVENUE_IN_MARCH).fetchone()
    shown = next(
        row["actual"]
        for row in page["rows"]
        if (row["unit_id"], row["grain"], row["period_start_date"])
        == ("acme", "month", "2026-03-01")
    )
    return Look(
        (manifest["release_id"], named[-1], page["release"]["release_id"], in_warehouse),
        (float(shown), float(revenue)),
    )


def read_once(state: Path, seen: Seen) -> None:
    """Resolve the pointer, read, and note what was seen."""
    pointer = state / "current"
    release = pointer.resolve(strict=True)
    try:
        found = look(release)
    except (OSError, duckdb.Error) as error:
        if pointer.resolve(strict=True) == release:
            seen.mismatches.append(f"{release.name}: {error}")
        else:
            seen.moved_on += 1
        return
    seen.reads += 1
    if not found.is_one:
        seen.mismatches.append(f"{release.name}: {found}")
    told = [found.release_ids[0], found.figures[0]]
    if seen.runs.setdefault(release.name, told) != told:
        seen.mismatches.append(f"{release.name} told {seen.runs[release.name]}, then {told}")


def main() -> None:
    """Read until standard input is closed."""
    seen = Seen()
    print("reading", flush=True)  # noqa: T201 - the driver waits for it
    while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
        try:
            read_once(Path(sys.argv[1]), seen)
        except (OSError, LookupError, TypeError, ValueError) as error:
            seen.mismatches.append(f"no whole release: {type(error).__name__}: {error}")
    print(json.dumps(asdict(seen)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
