"""Serves a published site on loopback, read-only: for one person at a desk, not for a network.

Each request asks anew which site is live, so a release that is published meanwhile is seen at the next click, and one page
is always of one release. Not here: which release is live (the caller's `resolve`).
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOOPBACK = "127.0.0.1"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""What a site is made of; nothing else is handed out."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
HOSTS = re.compile(r"^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$")
"""A page elsewhere on the web must not read the scorecard through a name that it points at this machine."""


class Server(ThreadingHTTPServer):
    """A server of the live site on loopback."""

    daemon_threads = True

    def __init__(self, resolve: Callable[[], Path | None], port: int) -> None:
        super().__init__((LOOPBACK, port), Handler)
        self.resolve = resolve

    @property
    def address(self) -> str:
        """Where the front page is."""
        return f"http://{LOOPBACK}:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD for files of the live site; everything else is refused."""

    server: Server
    server_version = "steelyard"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer with a page."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer with a page's headers."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        if not HOSTS.match(self.headers.get("Host", "")):
            self._send(
                HTTPStatus.MISDIRECTED_REQUEST,
                "text/plain; charset=utf-8",
                b"Ask for localhost.\n",
                with_body,
            )
            return
        site = self.server.resolve()
        if site is None:
            text = b"Nothing is published yet. Run `steelyard run` first.\n"
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", text, with_body)
            return
        found = find(site, self.path)
        if found is None:
            self._send(
                HTTPStatus.NOT_FOUND,
                "text/plain; charset=utf-8",
                b"There is no such page.\n",
                with_body,
            )
            return
        self._send(HTTPStatus.OK, KINDS[found.suffix], found.read_bytes(), with_body)

    def _send(self, status: HTTPStatus, kind: str, body: bytes, with_body: bool) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what cannot be answered (another method, a broken request) in plain text, with the same strict headers."""
        del message, explain  # they repeat the request
        self.close_connection = True
        status = HTTPStatus(code)
        has_body = getattr(self, "command", None) != "HEAD"
        self._send(status, "text/plain; charset=utf-8", f"{status.phrase}.\n".encode(), has_body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a scorecard's readers are nobody's business."""


def find(site: Path, request: str) -> Path | None:
    """Return the file of a site that a request asks for; None where there is none, or where it lies outside."""
    path = unquote(urlsplit(request).path)
    if "\0" in path or "\\" in path:
        return None
    root = site.resolve()
    try:
        wanted = (root / path.lstrip("/")).resolve()
        if wanted.is_dir():
            wanted = wanted / "index.html"
        is_page = wanted.suffix in KINDS and wanted.is_file()
    except OSError:  # a name longer than the file system has any
        return None
    return wanted if wanted.is_relative_to(root) and is_page else None


def serve(
    resolve: Callable[[], Path | None],
    *,
    port: int = 8321,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the live site until interrupted; `resolve` names the site's folder, asked once per request.

    `ready` is called with the front page's address as soon as the server listens. Port 0 takes any free one.

    Raises:
        OSError: where the port is taken.

    """
    with Server(resolve, port) as server:
        if ready is not None:
            ready(server.address)
        server.serve_forever()
