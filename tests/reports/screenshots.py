"""Takes a picture of every kind of page, to be looked at one by one: `make screenshots`.

Wide (1280) and narrow (390), light and dark, and as it is printed; an index page shows them side by side.
"""

import sys
from collections.abc import Iterator, Sequence
from html import escape
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.reports.browsing import CHROMIUM, one_of_each

WIDTHS = {"wide": 1280, "narrow": 390}
SCHEMES = ("light", "dark")


def take(site: Path, out: Path) -> list[str]:
    """Write the pictures of a site's kinds of page into a folder; return the pages that were taken."""
    out.mkdir(parents=True, exist_ok=True)
    pages = one_of_each(site)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for look in product(WIDTHS, SCHEMES):
            _shots(browser, site, out, pages, look)
        _prints(browser, site, out, pages)
        browser.close()
    (out / "index.html").write_text("\n".join(_index(pages)), encoding="utf-8")
    return pages


def _shots(
    browser: Browser, site: Path, out: Path, pages: Sequence[str], look: tuple[str, str]
) -> None:
    size, scheme = look
    context = browser.new_context(
        viewport={"width": WIDTHS[size], "height": 900}, color_scheme=scheme
    )
    page = context.new_page()
    for address in pages:
        page.goto((site / address).resolve().as_uri())
        page.screenshot(path=out / f"{_name(address)}-{size}-{scheme}.png", full_page=True)
    context.close()


def _prints(browser: Browser, site: Path, out: Path, pages: Sequence[str]) -> None:
    page = browser.new_page()
    for address in pages:
        page.goto((site / address).resolve().as_uri())
        page.pdf(path=out / f"{_name(address)}-print.pdf", prefer_css_page_size=True)
    page.close()


def _index(pages: Sequence[str]) -> Iterator[str]:
    yield "<!doctype html><html lang=en><meta charset=utf-8><title>Pages</title>"
    yield "<style>body{font-family:sans-serif}img{width:24%;vertical-align:top}</style>"
    for address in pages:
        name = escape(_name(address))
        yield f"<h2>{escape(address)}</h2><p><a href='{name}-print.pdf'>print</a></p>"
        for size, scheme in product(WIDTHS, SCHEMES):
            picture = f"{name}-{size}-{scheme}.png"
            yield f"<a href='{picture}'><img src='{picture}' alt='{size}, {scheme}'></a>"


def _name(address: str) -> str:
    return address.removesuffix(".html").replace("/", "-")


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    taken = take(Path(sys.argv[1]), folder)
    sys.stdout.write(f"{len(taken)} kinds of page in {folder / 'index.html'}\n")
