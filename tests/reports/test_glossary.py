"""The glossary: one definition for each term, in order, and a link from every page that uses it."""

import re
from pathlib import Path

import pytest

from reports.render import TEMPLATES
from reports.views.glossary import TERMS, TERMS_ON, alphabetical, glossary_page
from reports.views.reference import SECTION_TERMS
from reports.words.status import WORDS


def test_terms_stand_in_alphabetical_order_with_one_definition_each(edition) -> None:
    page = glossary_page(edition)
    words = [term.word for term in page.terms]
    assert words == sorted(words, key=str.casefold)
    assert len(set(words)) == len(words) == len(TERMS)
    assert all(term.definition.endswith(".") and "{" not in term.definition for term in page.terms)


def test_definitions_name_the_scorecards_own_edges(edition) -> None:
    terms = {term.id: term.definition for term in glossary_page(edition).terms}
    assert "33.33 up to 66.67" in terms["at_risk"]
    assert "50%" in terms["coverage"]


def test_every_status_is_explained() -> None:
    assert set(WORDS) <= set(TERMS)


def test_the_organisations_own_names_stand_with_what_they_mean(edition) -> None:
    own = {item.name: item for item in glossary_page(edition).own}
    item = own["Deliveries on time"]
    assert (item.kind, item.href, item.meaning) == (
        "KPI", "kpis/on_time.html", edition.strategy.kpis["on_time"].description,
    )  # fmt: skip


@pytest.mark.parametrize("names", [*TERMS_ON.values(), *SECTION_TERMS.values()])
def test_a_page_links_terms_that_there_are(names) -> None:
    assert set(names) <= set(TERMS)
    assert len(set(names)) == len(names)


def test_every_kind_of_page_with_terms_has_a_template() -> None:
    assert set(TERMS_ON) <= {path.stem for path in (TEMPLATES / "pages").glob("*.html")}


@pytest.mark.parametrize("address", ["index.html", "kpis/on_time.html", "units/north.html"])
def test_a_page_links_its_terms_where_they_stand(site: Path, address) -> None:
    text = (site / address).read_text("utf-8")
    root = "../" * address.count("/")
    found = set(re.findall(rf'href="{re.escape(root)}glossary\.html#(\w+)"', text))
    assert {"coverage", "signal", "stale"} <= found


@pytest.mark.parametrize(
    ("first", "second"), [("Zebra", "Über"), ("gate", "Gap"), ("Signal", "actual")]
)
def test_order_looks_past_case_and_accents(first, second) -> None:
    assert alphabetical(second) < alphabetical(first)
