import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from reports.serve import Server, find


@pytest.fixture
def live(site) -> Iterator[tuple[Server, list[Path | None]]]:
    pointer: list[Path | None] = [site]
    with Server(lambda: pointer[0], 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server, pointer
        server.shutdown()
        thread.join()


def _get(server: Server, path: str, *, method: str = "GET", host: str | None = None):
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    connection.request(method, path, headers={"Host": host or f"localhost:{server.server_port}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/index.html",
        "/kpis/on_time.html?x=1",
        "/static/tokens.css",
        "/static/scorecard.js",
        "/search-index.js",
    ],
)
def test_pages_and_styles_are_served_with_strict_headers(live, path) -> None:
    answer, body = _get(live[0], path)
    assert answer.status == 200
    assert body
    assert (
        "default-src 'none'; style-src 'self'; script-src 'self'"
        in answer.headers["Content-Security-Policy"]
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/nothing.html",
        "/kpis/",
        "/static/",
        "/../release/warehouse.duckdb",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/index.html%00",
        "/..\\x.html",
        "//etc/passwd",
    ],
)
def test_nothing_outside_the_site_and_no_listing_is_served(live, path) -> None:
    assert _get(live[0], path)[0].status == 404


def test_a_link_out_of_the_site_is_not_followed(tmp_path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "secret.html").write_text("secret")
    (tmp_path / "site/link.html").symlink_to(tmp_path / "secret.html")
    assert find(tmp_path / "site", "/link.html") is None


def test_the_pointer_is_asked_at_every_request(live, tmp_path) -> None:
    server, pointer = live
    (tmp_path / "index.html").write_text("the next release")
    assert b"Kettle" in _get(server, "/")[1]
    pointer[0] = tmp_path
    assert _get(server, "/")[1] == b"the next release"
    pointer[0] = None
    answer, body = _get(server, "/")
    assert answer.status == 503
    assert b"steelyard run" in body


def test_other_names_and_methods_are_refused(live) -> None:
    """A page on the web can point a name of its own at 127.0.0.1 and read what answers there."""
    assert _get(live[0], "/", host="scorecard.example.org")[0].status == 421
    assert _get(live[0], "/", method="POST")[0].status == 501
    answer, body = _get(live[0], "/", method="HEAD")
    assert (answer.status, body) == (200, b"")


def test_it_listens_on_loopback_only(live) -> None:
    assert live[0].server_address[0] == "127.0.0.1"
