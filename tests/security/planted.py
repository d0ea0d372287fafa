"""Secrets planted in the environment of a run, a server that tells what it hears, and the search for the secrets.

Not here: the run, and what is expected.
"""

import base64
import json
import re
import sqlite3
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote, quote_plus, urlsplit

import duckdb

from tests.loopback import Loopback

PASSWORD = "pl@nted/Passw0rd&é'\"%"
TOKEN = "planted-bearer+T0ken/=="
API_KEY = "planted&key=9 with spaces"
HASH_KEY = "planted-hash-key-of-32-characters"
REFUSED = "planted:refused#Passw0rd"
SECRETS = (PASSWORD, TOKEN, API_KEY, HASH_KEY, REFUSED)

SOURCES = """
  {name}:
    kind: {kind}
    name: {name}
    owner: Owner
    retries: 1
    retry_delay_seconds: 0.01
    {settings}
    tables:
      t: {{primary_key: [id], {table}}}
"""


def sources(folder: str) -> str:
    """Write entries of sources.yaml: sources that are read, and sources that fail in every way. `folder` holds a file."""
    sql = {
        "db_read": ("url: ${DB_URL}", "table: person, personal: {email: hash}"),
        "db_refused": ("url: postgresql://me:${DB_REFUSED}@127.0.0.1:1/db", ""),
        "db_told": ("url: ${DB_URL}", "table: told"),
        "db_absent": ("url: ${DB_URL}", "table: absent"),
        "db_driver": ("url: mysql+nothing://me:${DB_REFUSED}@127.0.0.1:1/db", ""),
        "db_nonsense": ("url: me:${DB_REFUSED}@nonsense", ""),
        "db_sqlite": ("url: sqlite:///nothing.sqlite?password=${DB_REFUSED}", ""),
    }
    rest = {
        name: (
            "base_url: ${API_URL}\n    token: ${API_TOKEN}\n    timeout_seconds: 0.3",
            f'path: /{name}, rows: $, params: {{api_key: "${{API_KEY}}"}}',
        )
        for name in ECHOES
    }
    rest["api_paged"] = (
        rest["api_read"][0] + "\n    paging: {next: next, param: after}",
        rest["api_read"][1].replace("/api_read", "/api_paged").replace("rows: $", "rows: rows"),
    )
    rest["api_in_url"] = ("base_url: http://me:${DB_REFUSED}@127.0.0.1:1", "path: /x")
    files = {"file_read": (f"folder: {folder}", "files: person.csv, personal: {email: hash}")}
    parts = (("sql", sql), ("rest", rest), ("files", files))
    return "".join(
        SOURCES.format(name=name, kind=kind, settings=settings, table=table)
        for kind, group in parts
        for name, (settings, table) in group.items()
    )


ECHOES = {
    "api_read": 200,
    "api_unauthorised": 401,
    "api_broken": 500,
    "api_busy": 429,
    "api_missing": 404,
    "api_page": 200,
    "api_slow": 200,
    "api_cut": 200,
    "api_moved": 302,
}
"""What the server does with a path: it tells what it heard in body, header and reason, save for api_read."""


class Echo(Loopback):
    """A server that repeats everything it is told, as error pages do."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        echo = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = urlsplit(self.path).path.strip("/")
                told = f"{self.path} {self.headers.get('Authorization')}"
                echo.heard.append(told)
                if name == "api_slow":
                    time.sleep(1)
                body = json.dumps(
                    {
                        "api_read": [{"id": 1}],
                        "api_paged": {"rows": [{"id": len(echo.heard)}], "next": told},
                    }.get(name, told)
                )
                self.send_response(ECHOES.get(name, 200), told.encode("ascii", "replace").decode())
                self.send_header("X-Told", told)
                self.send_header("Content-Type", f"text/html; told={told}")
                if name == "api_moved":
                    self.send_header("Location", f"http://127.0.0.2:1/?{told.replace(' ', '+')}")
                text = body if name != "api_page" else f"<html>{told}</html>"
                more = 100 if name == "api_cut" else 0
                self.send_header("Content-Length", str(len(text.encode()) + more))
                self.end_headers()
                self.wfile.write(text.encode())

        super().__init__(Handler)


# --- the search -------------------------------------------------------------------------------------------------------


@cache
def forms(secret: str) -> set[bytes]:
    """Give the forms in which a secret could be written."""
    raw = secret.encode()
    texts = {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        quote(quote(secret, safe=""), safe=""),
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
        json.dumps(json.dumps(secret))[3:-3],
        secret.replace("&", "&amp;").replace("'", "&#39;").replace('"', "&#34;"),
        raw.hex(),
    }
    texts |= {text.lower() for text in (quote(secret, safe=""),)}
    for offset in range(3):  # within a longer text, such as user:password
        encoded = base64.b64encode(b"\0" * offset + raw).decode()
        texts.add(encoded[(0, 2, 3)[offset] :].rstrip("=")[:-1])
    return {text.encode() for text in texts} | {secret.encode("utf-16-le")}


@dataclass(frozen=True)
class Found:
    """A secret where none may be."""

    place: str
    form: bytes


def search(place: str, content: bytes) -> Iterator[Found]:
    """Look for every planted secret in every form."""
    for secret in SECRETS:
        for form in forms(secret):
            if form in content:
                yield Found(place, form)


def search_folder(folder: Path) -> Iterator[Found]:
    """Look through every file below a folder: its bytes, and what they say once unpacked; and its name."""
    for path in sorted(folder.rglob("*")):
        yield from search(f"name of {path}", str(path).encode())
        if path.is_file() and not path.is_symlink():
            for content in (path.read_bytes(), *_unpacked(path)):
                yield from search(str(path), content)


def _unpacked(path: Path) -> Iterable[bytes]:
    content = path.read_bytes()
    if path.suffix == ".parquet":
        yield _rows(f"from read_parquet('{path}')")
        yield _rows(f"from parquet_kv_metadata('{path}')")
    elif path.suffix == ".duckdb":
        yield from _tables(path)
    elif content.startswith(b"SQLite format 3"):
        yield from _dump(path)
    elif path.suffix == ".gz":
        yield zlib.decompress(content, 31)
    else:
        yield from _parts(path, content)


def _parts(path: Path, content: bytes) -> Iterator[bytes]:
    """Unpack workbooks, archives and PDF."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if path.suffix == ".pdf":
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
            try:
                yield zlib.decompressobj().decompress(stream)
            except zlib.error:
                continue  # not packed: looked through as it is


def _rows(query: str) -> bytes:
    with duckdb.connect() as connection:
        return str(connection.execute(query).fetchall()).encode()


def _tables(path: Path) -> Iterator[bytes]:
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            'select format(\'"{}"."{}"\', schema_name, table_name) from duckdb_tables()'
        ).fetchall()
        for (name,) in names:
            rows = connection.execute(f"from {name}").fetchall()
            yield "\n".join(str(value) for row in rows for value in row).encode()
        yield str(connection.execute("select comment from duckdb_columns()").fetchall()).encode()


def _dump(path: Path) -> Iterator[bytes]:
    with sqlite3.connect(path) as connection:
        yield "\n".join(connection.iterdump()).encode()
    connection.close()
