"""The documentation of the pages lists each kind of page that is published, and no other."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "pages.md"
PARTS = {"<yyyy-mm>": r"\d{4}-\d{2}", "<year>": r"\d{4}", "<n>": r"[1-4]"}


def _listed() -> list[str]:
    return re.findall(r"^\| `([^`]+\.html)` \|", DOCS.read_text("utf-8"), flags=re.MULTILINE)


def _pattern(address: str) -> re.Pattern[str]:
    pieces = re.split(r"(<[^>]+>)", address)
    return re.compile(
        "".join(
            PARTS.get(piece, r"[a-z][a-z0-9_]*") if piece.startswith("<") else re.escape(piece)
            for piece in pieces
        )
    )


def test_every_page_is_of_one_kind_that_is_documented(site) -> None:
    patterns = [_pattern(address) for address in _listed()]
    pages = [path.relative_to(site).as_posix() for path in site.rglob("*.html")]
    found = {page: sum(1 for each in patterns if each.fullmatch(page)) for page in pages}
    assert {page: count for page, count in found.items() if count != 1} == {}


@pytest.mark.parametrize("address", _listed())
def test_every_kind_that_is_documented_is_published(site, address) -> None:
    pattern = _pattern(address)
    assert any(
        pattern.fullmatch(path.relative_to(site).as_posix()) for path in site.rglob("*.html")
    )
