"""The whole job on Northwind, every value of every series compared with independently computed ones.

The data lie beside the project, not in it: `STEELYARD_NORTHWIND`, or `../shared/data/northwind`. Skipped only where they are
absent.
"""

import csv
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest

PROJECT = Path(__file__).parents[1]
DATA = Path(
    os.environ.get("STEELYARD_NORTHWIND", PROJECT.parent / "shared" / "data" / "northwind")
).resolve()
TOKEN = "northwind-test-token"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the Northwind data are not here")


class PagedFiles(BaseHTTPRequestHandler):
    """Serves recorded answers: the page after cursor X is the one whose predecessor names X."""

    def do_GET(self) -> None:
        """Answer with the page asked for."""
        url = urlsplit(self.path)
        pages = sorted((DATA / "crm" / url.path.strip("/")).glob("page_*.json"))
        after = parse_qs(url.query).get("after", [None])[0]
        if self.headers.get("Authorization") != f"Bearer {TOKEN}" or not pages:
            self.send_error(401 if pages else 404)
            return
        number = 0
        if after is not None:
            number = 1 + [next_page(page) for page in pages].index(after)
        body = pages[number].read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


def next_page(page: Path) -> str | None:
    """Give the cursor that a page names for the one after it."""
    answer = json.loads(page.read_text("utf-8"))
    cursor = answer.get("paging", {}).get("next", {}).get("after")
    return None if cursor is None else str(cursor)


@dataclass(frozen=True)
class Night:
    """What a run left."""

    exit_code: int
    output: str
    state: Path

    @property
    def warehouse(self) -> Path:
        """The published warehouse."""
        return self.state / "current" / "warehouse.duckdb"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """Run the whole job once."""
    return run_night(tmp_path_factory.mktemp("northwind"))


def run_night(state: Path) -> Night:
    """Run the whole job on the data."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), PagedFiles)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "run", "--workspace", "examples/northwind"],
        cwd=PROJECT,
        env=os.environ
        | {
            "STEELYARD_HOME": str(state),
            "NORTHWIND_DATA": str(DATA),
            "NORTHWIND_CRM_URL": f"http://127.0.0.1:{server.server_port}",
            "NORTHWIND_CRM_TOKEN": TOKEN,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    server.shutdown()
    server.server_close()
    return Night(done.returncode, done.stdout + done.stderr, state)


def expected() -> list[dict[str, str]]:
    """Read the independently computed series."""
    with (DATA / "expected" / "kpi_values.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def unit(name: str) -> str:
    """Give the unit of a country."""
    return "northwind" if name == "all" else name.lower().replace(" ", "_")


def test_the_night_is_a_good_one(night: Night) -> None:
    assert night.exit_code == 0, night.output


def test_every_value_of_every_series_agrees(night: Night) -> None:
    """Numerators and denominators exactly, values to 1e-6; a plain amount has denominator 1 here and none there."""
    with duckdb.connect(str(night.warehouse), read_only=True) as warehouse:
        found = {
            (kpi, unit_id, str(period)): (numerator, denominator, actual)
            for kpi, unit_id, period, numerator, denominator, actual in warehouse.execute(
                "select kpi_id, unit_id, period_start_date, numerator, denominator, actual "
                "from scorecard.kpi_value where grain = 'month'"
            ).fetchall()
        }
    compared: Counter[str] = Counter()
    wrong = []
    for row in expected():
        key = (row["kpi"], unit(row["unit"]), row["period"])
        numerator, denominator, actual = found.get(key, (None, None, None))
        wanted = (Decimal(row["numerator"]), Decimal(row["denominator"] or 1))
        same_value = (
            actual is None
            if row["value"] == ""
            else actual is not None and abs(actual - float(row["value"])) <= 1e-6
        )
        if (numerator, denominator) != wanted or not same_value:
            wrong.append((key, wanted, row["value"], (numerator, denominator, actual)))
        compared[row["kpi"]] += 1
    assert wrong == []
    assert compared.total() == 4820
    assert len(compared) == 12


def test_nothing_is_measured_beyond_the_expected_series(night: Night) -> None:
    """A KPI by country in a country that it does not know would be a number out of nowhere."""
    wanted = {(row["kpi"], unit(row["unit"]), row["period"]) for row in expected()}
    with duckdb.connect(str(night.warehouse), read_only=True) as warehouse:
        rows = warehouse.execute(
            "select kpi_id, unit_id, period_start_date from scorecard.kpi_value "
            "where grain = 'month' and actual is not null"
        ).fetchall()
    assert {(kpi, unit_id, str(period)) for kpi, unit_id, period in rows} <= wanted


def test_totals_hold(night: Night) -> None:
    """The totals over all months that the data's description states."""
    with duckdb.connect(str(night.warehouse), read_only=True) as warehouse:
        totals = dict(
            warehouse.execute(
                "select kpi_id, sum(numerator) from scorecard.kpi_value "
                "where grain = 'month' and unit_id = 'northwind' group by kpi_id"
            ).fetchall()
        )
    assert totals["revenue"] == Decimal("1265793.0395")
    assert (totals["orders"], totals["customers_new"]) == (830, 89)
    assert totals["freight_per_order"] == Decimal("64942.69")
    assert (totals["on_time_rate"], totals["order_to_ship_days"]) == (772, 6870)


def test_no_personal_column_reaches_the_lake(night: Night) -> None:
    """Employees' names and notes are dropped before anything is written."""
    written = b"".join(
        path.read_bytes() for path in sorted(night.state.rglob("*")) if path.is_file()
    )
    for secret in (b"Davolio", b"Nancy is a member", b"(206) 555-9857", TOKEN.encode()):
        assert secret not in written
