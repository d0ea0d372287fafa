"""The page of an initiative: its finding, what it moves, and the way to it."""

import pytest

from reports.views.front import front_page
from reports.views.initiative import initiative_page
from reports.views.initiatives import initiatives_page
from reports.words.text import Part


@pytest.fixture
def pages(edition):
    below = edition.at(1)
    return {row: initiative_page(below, row) for row in edition.strategy.initiatives}


def test_the_heading_says_whether_the_initiative_is_late(pages) -> None:
    assert pages
    for row, page in pages.items():
        assert page.frame.heading[0] == Part(row.initiative_name, style="outside")
        assert ("late" in page.frame.finding) == row.is_late


def test_late_milestones_are_marked(edition, pages) -> None:
    for row, page in pages.items():
        steps = edition.strategy.milestones.get(row.initiative_id, [])
        late = [step.milestone_name for step in steps if step.is_late]
        shown = [step.name for step in page.item.milestones if step.state.words == "Late"]
        assert shown == late


def test_its_kpis_are_those_of_the_objective_that_it_moves(edition, pages) -> None:
    for row, page in pages.items():
        shown = {
            kpi.href.rpartition("/")[2].removesuffix(".html")
            for group in page.card.perspectives
            for objective in group.objectives
            for kpi in objective.kpis
        }
        assert {edition.strategy.kpis[kpi].objective_id for kpi in shown} <= {row.objective_id}
        assert len(shown) == page.card.kpi_count


def test_the_others_are_one_step_away(pages) -> None:
    for row, page in pages.items():
        choices = page.frame.switches[0].choices if page.frame.switches else ()
        assert [choice.name for choice in choices if choice.is_current] in (
            [row.initiative_name],
            [],
        )
        assert len(choices) == (len(pages) if len(pages) > 1 else 0)


def test_lists_of_initiatives_lead_to_their_pages(edition) -> None:
    late = [item.parts[0].href for item in front_page(edition).late.items]
    listed = [item.href for item in initiatives_page(edition).items]
    assert late
    for href in (*listed, *late):
        assert str(href).startswith("initiatives/")
