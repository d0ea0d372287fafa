"""A small HTTP server that answers as Kestrel's CRM does.

    GET /v1/{customers,orders,tickets,survey-responses}?limit=500&after=CURSOR&updated_since=2026-09-01T00:00:00Z

    {"results": […], "paging": {"next": {"after": "…"}}}      `paging` is absent on the last page

Rows come oldest change first. Without its bearer token the answer is 401; for a cursor that it never gave, 400. Now and then it
has had enough: the second page of `rate_limited` collections is answered 429 with Retry-After the first time it is asked for.

Not here: the data (`generator`).
"""

import base64
import binascii
import json
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
COLLECTIONS = ("customers", "orders", "tickets", "survey-responses")
PAGE_SIZE = 1000
RETRY_AFTER_SECONDS = 1


class Refusal(Exception):
    """An answer that is not 200."""

    def __init__(self, status: HTTPStatus, message: str, *, headers: Json | None = None) -> None:
        """Keep what to answer."""
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class Crm:
    """What the server knows: its rows, its token, and whom it has already told to wait."""

    def __init__(self, folder: Path, *, token: str, rate_limited: Iterable[str]) -> None:
        """Read the collections from JSON files, oldest change first."""
        self._token = token
        self._waiting = set(rate_limited)
        self._lock = threading.Lock()
        self._rows = {name: _read(folder / f"{name}.json") for name in COLLECTIONS}

    def answer(self, path: str, query: dict[str, list[str]], *, authorization: str) -> Json:
        """Give one page of a collection, or raise a `Refusal`."""
        if authorization != f"Bearer {self._token}":
            raise Refusal(HTTPStatus.UNAUTHORIZED, "This API needs a valid bearer token.")
        name = path.removeprefix("/v1/")
        if name not in self._rows or not path.startswith("/v1/"):
            raise Refusal(HTTPStatus.NOT_FOUND, f"There is no {path}.")
        start, limit = _start(query), _limit(query)
        if start:
            self._be_busy_once(name)
        return self._page(name, since=query.get("updated_since", [""])[0], start=start, limit=limit)

    def _page(self, name: str, *, since: str, start: int, limit: int) -> Json:
        rows = [row for row in self._rows[name] if row["updatedAt"] >= since]
        page: Json = {"results": rows[start : start + limit]}
        if start + limit < len(rows):
            page["paging"] = {"next": {"after": _cursor(start + limit)}}
        return page

    def _be_busy_once(self, name: str) -> None:
        with self._lock:
            is_busy = name in self._waiting
            self._waiting.discard(name)
        if is_busy:
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests.", headers=headers)


def _read(path: Path) -> list[Json]:
    rows: list[Json] = json.loads(path.read_text("utf-8"))
    return sorted(rows, key=lambda row: (row["updatedAt"], row["id"]))


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(f"from:{start}".encode()).decode()


def _start(query: dict[str, list[str]]) -> int:
    after = query.get("after")
    if not after:
        return 0
    try:
        told = base64.b64decode(after[0], altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        told = ""
    place = re.fullmatch(r"from:([0-9]{1,9})", told)
    if not place:
        raise Refusal(HTTPStatus.BAD_REQUEST, "`after` is not a cursor of this API.")
    return int(place[1])


def _limit(query: dict[str, list[str]]) -> int:
    asked = query.get("limit", [str(PAGE_SIZE)])[0]
    if not asked.isdigit() or not 1 <= int(asked) <= PAGE_SIZE:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"`limit` must be from 1 to {PAGE_SIZE}.")
    return int(asked)


def _handler(crm: Crm) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers GET with JSON."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer one request."""
            url = urlsplit(self.path)
            try:
                page = crm.answer(
                    url.path,
                    parse_qs(url.query),
                    authorization=self.headers.get("Authorization", ""),
                )
                self._send(HTTPStatus.OK, page, {})
            except Refusal as refusal:
                self._send(refusal.status, {"message": str(refusal)}, refusal.headers)

        def _send(self, status: HTTPStatus, content: Json, headers: Json) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the command around it speaks."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hung up, which it may; anything else is a fault of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(
    folder: Path, *, token: str, rate_limited: Iterable[str] = ("orders",)
) -> Iterator[str]:
    """Serve the JSON files below `folder` on a free loopback port; give the API's address, and stop at the end."""
    crm = Crm(folder, token=token, rate_limited=rate_limited)
    server = _Server(("127.0.0.1", 0), _handler(crm))
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    )
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
