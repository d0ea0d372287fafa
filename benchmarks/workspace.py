"""A workspace of any size, with its raw rows: KPIs of several kinds, a tree of units, targets, comments, a seed.

Not here: what is made of it (warehouse), and what is measured (pages).
"""

import csv
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from benchmarks.size import Size

WORDS = ("Revenue", "Margin", "Orders", "Complaints", "Lead time", "Stock", "Yield", "Training")
PERSPECTIVES = ("financial", "customer", "process", "learning")
PRODUCTS = ("coffee", "tea", "machines")
LAST_MONTH = date(2026, 9, 1)
PER_OBJECTIVE = 5
RESTATED_MONTHS = 6
COMMENTED = 3
"""Every so manieth KPI has comments."""


def months_until(last: date, count: int) -> list[date]:
    """Return the first days of so many months, oldest first."""
    numbers = range(last.year * 12 + last.month - count, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def write_workspace(root: Path, size: Size) -> None:
    """Write the files of the workspace."""
    files = {
        "company.yaml": yaml.safe_dump(company(size.regions)),
        "strategy.yaml": yaml.safe_dump(_strategy(size), sort_keys=False),
        "sources.yaml": yaml.safe_dump(_sources()),
        "initiatives.yaml": yaml.safe_dump(_initiatives(size)),
        "targets.csv": _targets(size),
        "staging/figures__fact.sql": _staging(),
        **{
            f"measures/{kpi_id}.sql": _measure(kpi_id, size.kind(kpi_id)) for kpi_id in size.kpi_ids
        },
        **dict(_comments(size)),
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def write_rows(root: Path, size: Size, *, night: int) -> None:
    """Write the raw rows of a night: each brings one more month, and some earlier numbers anew."""
    last = months_until(LAST_MONTH, size.nights)[night - 1]
    months = months_until(LAST_MONTH, size.months)
    shown = [month for month in months if month <= last]
    columns: dict[str, list[Any]] = {name: [] for name in ("kpi", "unit", "month", "product", "amount", "base")}  # fmt: skip
    for kpi_id in size.kpi_ids:
        for unit in size.leaves:
            for row in _series(kpi_id, unit, months, size=size, night=night)[: len(shown)]:
                for name, value in zip(columns, row, strict=True):
                    columns[name].extend(value)
    target = root / "data" / "facts.parquet"
    target.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), target)


def _series(
    kpi_id: str, unit: str, months: list[date], *, size: Size, night: int
) -> list[tuple[list[Any], ...]]:
    """Return the rows of one KPI and unit, month by month; a later night restates some of the newest months."""
    drawn = random.Random(f"{size.seed}-{kpi_id}-{unit}")  # noqa: S311 - a seed, no secret
    again = random.Random(f"{size.seed}-{kpi_id}-{unit}-{night}")  # noqa: S311 - a seed, no secret
    level, drift = drawn.uniform(40, 400), drawn.uniform(-0.004, 0.008)
    found: list[tuple[list[Any], ...]] = []
    for number, month in enumerate(months):
        amount = level * (1 + drift * number) * drawn.gauss(1, 0.06)
        if number >= len(months) - RESTATED_MONTHS and again.random() < 0.02:  # noqa: PLR2004
            amount *= 1.05
        shares = [round(amount * share, 2) for share in (0.6, 0.3, 0.1)]
        bases = [round(level * share * 1.4, 2) for share in (0.6, 0.3, 0.1)]
        count = len(PRODUCTS)
        found.append(
            ([kpi_id] * count, [unit] * count, [month] * count, list(PRODUCTS), shares, bases)
        )
    return found


def company(regions: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Give company.yaml of an organisation of these regions with their branches."""
    units = [
        {
            "id": region,
            "name": f"Region {region[1:]}",
            "units": [{"id": leaf, "name": f"Branch {leaf[1:]}"} for leaf in leaves],
        }
        for region, leaves in regions.items()
    ]
    return {
        "organisation": {"id": "whole", "name": "Benchmark plc"},
        "trees": [{"id": "territory", "name": "Territories", "units": units}] if units else [],
        "currency": "EUR",
        "locale": "en_GB",
        "time_zone": "UTC",
        "fiscal_year_start_month": 1,
        "schedule": "0 3 * * *",
    }


def _strategy(size: Size) -> dict[str, Any]:
    ids = size.kpi_ids
    objectives = [ids[at : at + PER_OBJECTIVE] for at in range(0, len(ids), PER_OBJECTIVE)]
    perspectives: list[dict[str, Any]] = [
        {"id": name, "name": name.title(), "weight": 25, "objectives": []} for name in PERSPECTIVES
    ]
    for number, kpis in enumerate(objectives, 1):
        objective = {
            "id": f"objective_{number}",
            "name": f"Objective {number}",
            "owner": "Head of finance",
            "kpis": [_kpi(kpi_id, size.kind(kpi_id)) for kpi_id in kpis],
        }
        perspectives[(number - 1) % len(PERSPECTIVES)]["objectives"].append(objective)
    links = [
        {
            "cause": f"objective_{number + 1}",
            "effect": f"objective_{number}",
            "lag_months": number % 3,
            "hypothesis": "What is done there shows here.",
        }
        for number in range(1, len(objectives))
    ]
    return {
        "id": "card",
        "name": "Benchmark scorecard",
        "mission": "Be measured.",
        "perspectives": [found for found in perspectives if found["objectives"]],
        "links": links,
    }


def _kpi(kpi_id: str, kind: str) -> dict[str, Any]:
    number = int(kpi_id[-3:])
    found: dict[str, Any] = {
        "id": kpi_id,
        "name": f"{WORDS[number % len(WORDS)]} {number}",
        "description": "What was measured in the month, of all products.",
        "owner": f"Head of department {number % 7 + 1}",
        "measure": kpi_id,
        "aggregation": kind,
        "direction": "lower_is_better" if number % 4 == 0 else "higher_is_better",
        "weight": number % 3 + 1,
    }
    shown: dict[str, dict[str, Any]] = {
        "ratio": {"measured_in": "percent"},
        "sum": {"measured_in": "currency", "decimals": 0},
    }
    return found | shown.get(kind, {"measured_in": "pieces", "decimals": 0})


def _sources() -> dict[str, Any]:
    table = {
        "files": "facts.parquet",
        "primary_key": ["kpi", "unit", "month", "product"],
        "data_as_of": {"kind": "column", "column": "month"},
    }
    source = {
        "kind": "columnar",
        "name": "Figures",
        "owner": "Head of finance",
        "area": "finance",
        "folder": "data",
        "tables": {"fact": table},
    }
    return {"sources": {"figures": source}}


def _initiatives(size: Size) -> dict[str, Any]:
    found = [
        {
            "id": f"work_{number}",
            "name": f"Piece of work {number}",
            "objective": f"objective_{number}",
            "owner": "Head of operations",
            "start": date(2026, 3, 1),
            "end": date(2026, 8 + number % 4, 28),
            "budget": 1000 * number,
            "status": "running",
            "milestones": [{"name": "Half of it", "due": date(2026, 7, 31)}],
        }
        for number in range(1, len(size.kpi_ids) // PER_OBJECTIVE + 1)
    ]
    return {"initiatives": found}


def _staging() -> str:
    return (
        "-- Figures of every KPI by unit, month and product.\n-- Grain: one row per KPI, unit, month and product.\n"
        "select kpi, unit, month, product, cast(amount as decimal(18, 2)) as amount, "
        "cast(base as decimal(18, 2)) as base\nfrom raw.figures__fact\n"
    )


def _measure(kpi_id: str, kind: str) -> str:
    base = ",\n    base as denominator" if kind == "ratio" else ""
    return (
        "-- What was measured.\n-- Grain: one row per unit, month and product.\n"
        f"select\n    unit,\n    month as period,\n    product,\n    amount as numerator{base}\n"
        f"from staging.figures__fact\nwhere kpi = '{kpi_id}'\n"
    )


def _targets(size: Size) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(["kpi", "unit", "per", "valid_from", "red", "target"])
    years = sorted({month.year for month in months_until(LAST_MONTH, size.months)})
    for kpi_id in size.kpi_ids:
        units = (
            ["whole", *size.regions, *size.leaves] if size.kind(kpi_id) != "ratio" else ["whole"]
        )
        for unit in dict.fromkeys(units):
            for year in years:
                red, target = _goal(kpi_id, unit, year=year, size=size)
                writer.writerow([kpi_id, unit, "month", f"{year}-01-01", red, target])
    return written.getvalue()


def _goal(kpi_id: str, unit: str, *, year: int, size: Size) -> tuple[float, float]:
    """Return red flag and target: about what comes in, for as many leaves as the unit has."""
    share = 1 + (year - LAST_MONTH.year) * 0.03
    if size.kind(kpi_id) == "ratio":
        low, high = 0.68 * share, 0.78 * share
    else:
        leaves = {"whole": len(size.leaves)} | {
            region: len(found) or 1 for region, found in size.regions.items()
        }
        low, high = (round(each * share * leaves.get(unit, 1)) for each in (180, 240))
    return (high, low) if int(kpi_id[-3:]) % 4 == 0 else (low, high)


def _comments(size: Size) -> Iterator[tuple[str, str]]:
    for kpi_id in size.kpi_ids[::COMMENTED]:
        for month in months_until(LAST_MONTH, 3):
            said = f"{month:%B} went as it had to: the figures of the large branches came in late."
            yield f"commentary/{kpi_id}/{month:%Y-%m}.md", said + "\n"
