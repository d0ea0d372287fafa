"""Every word of the pages stands in the catalogue: a language is one file."""

import re
import shutil
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from reports.site import build
from reports.words import text
from tests.reports.pseudo_language import (
    REPORTS,
    messages,
    names_from_outside,
    outsiders,
    speak_greek,
    write_language,
)


@pytest.fixture(scope="module")
def greek_site(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("greek")
    write_language(folder)
    shutil.copyfile(warehouse, folder / "warehouse.duckdb")
    speak_greek(folder / "warehouse.duckdb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "LANGUAGES", folder)
        text._read.cache_clear()
        # In this process alone: another would read the languages that there really are.
        build(folder / "warehouse.duckdb", folder / "site", workers=1)
    text._read.cache_clear()
    return folder / "site"


KINDS = (
    *("index.html", "perspectives", "objectives", "kpis", "units", "periods", "initiatives"),
    *("strategy-map.html", "heat-map.html", "initiatives.html", "quality.html", "dictionary.html"),
    *("releases.html", "method.html", "glossary.html", "components.html"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_of_a_page_is_past_the_catalogue(greek_site, warehouse, kind) -> None:
    names = names_from_outside(warehouse)
    whole = greek_site / kind
    pages = [whole] if whole.is_file() else sorted(whole.rglob("*.html"))
    assert pages
    found = {
        word: page.relative_to(greek_site).as_posix()
        for page in pages
        for word in outsiders(page.read_text(encoding="utf-8"), names)
    }
    assert found == {}


def test_every_page_is_of_a_kind_that_is_looked_at(greek_site) -> None:
    kinds = {path.relative_to(greek_site).parts[0] for path in greek_site.rglob("*.html")}
    assert kinds == set(KINDS)


@pytest.mark.parametrize(
    "html",
    [
        "<p>Επεν this</p>",
        "<p><bdi>Picked</bdi> rose</p>",
        '<p aria-label="Chart">1</p>',
        "<svg><title>Chart of <bdi>x</bdi></title></svg>",
        "<head><title>Scorecard</title></head>",
    ],
)
def test_a_word_past_the_catalogue_is_found(html) -> None:
    assert list(outsiders(html, re.compile("(?!)")))


@pytest.mark.parametrize(
    "html",
    [
        "<p><bdi>Picked</bdi> 3 %</p>",
        "<p>Κπι <code>select</code></p>",
        '<p aria-label="Καρτα of outsiders">1</p>',
        "<p>r-0123456789</p>",
    ],
)
def test_names_code_and_numbers_are_no_words_of_ours(html) -> None:
    assert list(outsiders(html, re.compile("of outsiders"))) == []


def test_the_list_for_translators_is_that_of_the_code() -> None:
    with (REPORTS / "languages/messages.pot").open("rb") as lines:
        listed = {message.id for message in read_po(lines) if message.id}
    assert listed == {message.id for message in messages() if message.id}, "run make text"
