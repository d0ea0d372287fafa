"""What tests in a real browser share: the browser, the kinds of page, and a reader who counts clicks.

Not here: what is asserted (test_browser, test_accessible, test_tasks).
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
in_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]
PAGES = (
    "index.html",
    "perspectives/customer.html",
    "objectives/deliver.html",
    "kpis/on_time.html",
    "kpis/picked.html",
    "kpis/net_sales.html",
    "kpis/nps/north_station.html",
    "kpis/first_reply.html",
    "kpis/stock_count.html",
    "kpis/refills.html",
    "kpis/sales_to_plan.html",
    "kpis/waste.html",
    "kpis/moisture.html",
    "kpis/cups.html",
    "kpis/blends.html",
    "kpis/certificate.html",
    "kpis/guest_survey.html",
    "kpis/carbon.html",
    "kpis/per_head.html",
    "objectives/supply.html",
    "units/north_harbour.html",
    "units/north.html",
    "periods/index.html",
    "periods/2026.html",
    "periods/2026-q3.html",
)
"""Pages that differ most among those of one kind."""


def one_of_each(site: Path) -> list[str]:
    """Return every page at the root, and the first of each folder of one kind."""
    folders = ("perspectives", "objectives", "kpis", "kpis/*", "units", "initiatives", "periods/*")
    firsts = [sorted(site.glob(f"{folder}/*.html"))[0] for folder in (*folders, "periods")]
    found = (*sorted(site.glob("*.html")), *firsts)
    return [path.relative_to(site).as_posix() for path in found]


def kinds(site: Path) -> list[str]:
    """Return the pages that differ most, and one of each kind."""
    return list(dict.fromkeys([*PAGES, *one_of_each(site)]))


def most_read(_site: Path) -> list[str]:
    """Return what is read most: the front page, a KPI's page and the strategy map."""
    return ["index.html", "kpis/on_time.html", "strategy-map.html"]


def open_page(page: Page, site: Path, address: str) -> list[str]:
    """Open a page and return what went wrong or out: it is added to as long as the page is open."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith(("file:", "data:")) else heard.append(request.url)
        ),
    )
    page.on("requestfailed", lambda request: heard.append(f"failed: {request.url}"))
    page.goto((site / address).as_uri())
    return heard


@dataclass
class Reader:
    """Somebody with a mouse, who counts the clicks since the front page."""

    page: Page
    clicks: int = 0

    def click(self, what: Locator) -> None:
        """Click what can be seen, and count it."""
        assert what.is_visible(), what
        what.click()
        self.page.wait_for_load_state()
        self.clicks += 1

    def reads(self, where: str = "main") -> str:
        """Return the text that can be seen, spaces made one; what is folded away cannot."""
        return " ".join(self.page.locator(where).inner_text().split())
