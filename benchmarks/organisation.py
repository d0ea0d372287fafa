"""A large organisation with orders, tickets, work orders, people and survey answers: its rows from a seed, its workspace, its lake.

The workspace's SQL, contracts, sources and strategy lie in `organisation/`, the rows' SQL in `organisation/rows/`; units and
targets depend on the size and are written here. Rows are hashes of their numbers, so that they are the same on any number of
threads. The lake is filled by the product's own connectors.

Not here: what is measured on it (measurements), and the wide organisation of the pages (workspace).
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml

from benchmarks.size import leaves, regions
from benchmarks.workspace import company, months_until
from connectors.extract import extract_table
from scorecard.load import LoadManifest
from scorecard.workspace import Workspace, read_workspace
from transforms.engine import literal

FILES = Path(__file__).with_name("organisation")
AS_OF = date(2026, 10, 5)
LAST_DAY = date(2026, 9, 30)
NEXT_DAYS = 4
"""Days of the current month that have passed: what the next load brings."""
TABLES = {
    "order": "sales",
    "order_line": "sales",
    "ticket": "service",
    "answer": "service",
    "work_order": "works",
    "person": "people",
}
"""Source of each table."""


@dataclass(frozen=True)
class Extent:
    """How much the organisation has of everything."""

    lines: int = 10_000_000
    tickets: int = 2_500_000
    work_orders: int = 2_000_000
    people: int = 100_000
    units: int = 50
    months: int = 46
    seed: int = 1

    @property
    def name(self) -> str:
        """The folder that holds all that is made of it."""
        return f"organisation-{self.lines}-{self.tickets}-{self.work_orders}-{self.people}-{self.units}x{self.months}-{self.seed}"

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each table."""
        orders = self.lines // 3
        return {
            "order": orders,
            "order_line": orders * 3,
            "ticket": self.tickets,
            "answer": self.tickets // 5,
            "work_order": self.work_orders,
            "person": self.people,
        }

    @property
    def first_day(self) -> date:
        """The first day with rows."""
        return months_until(LAST_DAY, self.months)[0]

    @property
    def days(self) -> int:
        """Days with rows."""
        return (LAST_DAY - self.first_day).days + 1

    @property
    def regions(self) -> dict[str, list[str]]:
        """The units below the organisation: regions with their branches; together as many as asked for."""
        return regions(self.units)

    @property
    def leaves(self) -> list[str]:
        """The units of which rows come in."""
        return leaves(self.regions)


@dataclass(frozen=True)
class Home:
    """Where an organisation of an extent lies."""

    root: Path

    @property
    def workspace(self) -> Path:
        """The workspace's folder."""
        return self.root / "workspace"

    @property
    def data(self) -> Path:
        """The sources' files."""
        return self.root / "data"

    @property
    def lake(self) -> Path:
        """The lake after the first loads."""
        return self.root / "lake"

    def next_loads(self, source: str) -> Path:
        """Give the lake that holds the loads alone that a source's next extraction landed."""
        return self.root / f"next-{source}"

    @property
    def environment(self) -> dict[str, str]:
        """What the workspace's sources ask of the environment."""
        return {"BENCHMARK_DATA": str(self.data)}

    def read(self) -> Workspace:
        """Read the workspace."""
        return read_workspace(self.workspace)


def prepare(folder: Path, extent: Extent) -> Home:
    """Write workspace and rows and fill the lake; what is there already stays as it is."""
    home = Home(folder / extent.name)
    done = home.root / "done"
    if done.is_file():
        return home
    if home.root.exists():
        shutil.rmtree(home.root)
    write_workspace(home.workspace, extent)
    write_rows(home.data, extent, tables=TABLES, is_next=False)
    _land(home, home.lake, tables=TABLES, now=datetime(2026, 10, 5, 1, tzinfo=UTC))
    for source in ("service", "sales"):
        _land_next(home, source, extent)
    shutil.rmtree(home.data)
    done.touch()
    return home


def write_workspace(root: Path, extent: Extent) -> None:
    """Write the files of the workspace."""
    shutil.copytree(FILES, root, ignore=shutil.ignore_patterns("rows"))
    (root / "company.yaml").write_text(yaml.safe_dump(_company(extent), sort_keys=False), "utf-8")
    (root / "targets.csv").write_text("\n".join(_targets(extent)) + "\n", "utf-8")
    (root / "initiatives.yaml").write_text("initiatives: []\n", "utf-8")


def write_rows(data: Path, extent: Extent, *, tables: Mapping[str, str], is_next: bool) -> None:
    """Write the rows of tables as Parquet: those until the last day, or those of the days of the current month."""
    with writing(extent) as connection:
        for table, source in tables.items():
            (data / source).mkdir(parents=True, exist_ok=True)
            target = data / source / f"{table}-{'next' if is_next else 'first'}.parquet"
            write_table(connection, table, target, extent=extent, is_next=is_next)


@contextmanager
def writing(extent: Extent) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database that knows the extent."""
    with duckdb.connect(config={"memory_limit": "2GB"}) as connection:
        _set_variables(connection, extent)
        yield connection


def write_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    target: Path,
    *,
    extent: Extent,
    is_next: bool,
) -> None:
    """Write the rows of a table as one Parquet file."""
    count = extent.counts[table]
    first, past = (count, count + count * NEXT_DAYS // extent.days) if is_next else (0, count)
    connection.execute(f"set variable first_number = {first}")
    connection.execute(f"set variable past_number = {past}")
    text = (FILES / "rows" / f"{table}.sql").read_text("utf-8")
    connection.execute(
        f"copy ({text}) to {literal(str(target))} (format parquet, compression zstd)"
    )


def _set_variables(connection: duckdb.DuckDBPyConnection, extent: Extent) -> None:
    counts = extent.counts
    numbers = {
        "seed": extent.seed,
        "days": extent.days,
        "orders": counts["order"],
        "lines": counts["order_line"],
        "customers": max(counts["order"] // 25, 5),
        "tickets": counts["ticket"],
        "answers": counts["answer"],
        "work_orders": counts["work_order"],
        "people": counts["person"],
    }
    for name, number in numbers.items():
        connection.execute(f"set variable {name} = {number}::bigint")
    last = AS_OF - timedelta(days=1)
    connection.execute(f"set variable first = date {literal(str(extent.first_day))}")
    connection.execute(f"set variable last = date {literal(str(last))}")
    connection.execute("set variable leaves = $leaves::varchar[]", {"leaves": extent.leaves})


def _land(
    home: Home, lake: Path, *, tables: Mapping[str, str], now: datetime
) -> list[LoadManifest]:
    workspace = home.read()
    return [
        extract_table(
            source,
            table,
            source=workspace.sources.sources[source],
            root=workspace.root,
            lake=lake,
            environment=home.environment,
            since=None,
            now=now,
            today=AS_OF,
        ).manifest
        for table, source in tables.items()
    ]


def _land_next(home: Home, source: str, extent: Extent) -> None:
    """Land what the source has after some days of the current month, in a lake of its own."""
    tables = {table: of for table, of in TABLES.items() if of == source}
    write_rows(home.data, extent, tables=tables, is_next=True)
    now = datetime(2026, 10, 5, 2, tzinfo=UTC)
    _land(home, home.next_loads(source), tables=tables, now=now)


def _company(extent: Extent) -> dict[str, Any]:
    return company(extent.regions) | {"today": AS_OF}


def _targets(extent: Extent) -> Iterator[str]:
    """Give the rows of targets.csv: amounts for every unit, rates for the organisation, from which units take theirs."""
    yield "kpi,unit,per,valid_from,red,target"
    valid = extent.first_day.isoformat()
    for kpi, (red, target) in _RATES.items():
        yield f"{kpi},whole,month,{valid},{red},{target}"
    months, count = extent.months, len(extent.leaves)
    per_leaf = {
        "revenue": extent.lines * 236 / months / count,
        "customers_new": extent.counts["order"] / 25 / months / count,
        "customers_active": extent.counts["order"] * 0.7 / months / count,
        "headcount": extent.people * 0.6 / count,
    }
    shares = {"whole": count} | {unit: len(found) or 1 for unit, found in extent.regions.items()}
    shares |= dict.fromkeys(extent.leaves, 1)
    for kpi, amount in per_leaf.items():
        for unit, share in shares.items():
            yield f"{kpi},{unit},month,{valid},{amount * share * 0.9:.2f},{amount * share:.2f}"


_RATES = {
    "margin": (0.4, 0.5),
    "order_value": (600, 750),
    "recommendation": (0.1, 0.3),
    "satisfaction": (0.3, 0.5),
    "returns": (0.08, 0.04),
    "resolution_time": (2400, 1600),
    "tickets_on_time": (0.6, 0.85),
    "lead_time": (20, 12),
}
