"""The page of components shows every state that a component can have, by the real macros."""

from pathlib import Path

import pytest

from reports.views.components import components_page
from reports.views.made_up import CASES, HOSTILE, LONG_NAME, RTL_NAME
from reports.views.sources import STATES
from reports.words.status import WORDS


@pytest.fixture(scope="module")
def page(edition):
    return components_page(edition)


def test_every_status_stands_as_a_mark_a_row_and_a_node(page) -> None:
    assert [row.key for row in page.shapes] == list(WORDS)
    assert {key for case in CASES for key in case.status} == set(WORDS)
    for drawing in (page.wide, page.narrow):
        assert [node.status for node in drawing.nodes] == list(WORDS)


@pytest.mark.parametrize(
    "state",
    [
        "Restated", "Score of zero", "Value of zero", "Negative value", "Very long name", "Name written from right to left",
        "Score above 100", "Near the edge of a band", "Name that looks like markup or a formula",
    ],
)  # fmt: skip
def test_every_state_that_is_no_status_has_a_row(page, state) -> None:
    assert state in [objective.name for objective in page.card.perspectives[0].objectives]


def test_every_state_of_a_source_is_shown(page) -> None:
    assert len(page.sources.sources) == len(STATES)
    assert len({source.status.words for source in page.sources.sources}) == len(STATES)


def test_names_are_shown_as_text(site: Path) -> None:
    text = (site / "components.html").read_text("utf-8")
    assert HOSTILE not in text
    assert "&lt;b&gt;Returns&lt;/b&gt;" in text
    assert f"<bdi>{RTL_NAME}</bdi>" in text
    assert f"<bdi>{LONG_NAME}</bdi>" in text


def test_the_method_page_leads_to_the_components(site: Path) -> None:
    assert 'href="components.html"' in (site / "method.html").read_text("utf-8")
