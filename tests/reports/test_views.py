from dataclasses import replace
from decimal import Decimal

import pytest

from reports.card import standing, standings
from reports.views.contribution import contributions
from reports.views.front import front_page, unit_page
from reports.views.kpi import kpi_page
from reports.views.quality import quality_page
from reports.views.strategy_map import strategy_map_page


def _row(page, name):
    rows = [
        row
        for group in page.card.perspectives
        for objective in group.objectives
        for row in objective.kpis
    ]
    return next(row for row in rows if row.name == name)


def test_the_front_page_answers_first(edition) -> None:
    page = front_page(edition)
    assert page.frame.finding == "At risk: 49 of 100, 19 points lower than in September"
    assert page.signals.heading == "What changed: 4 signals"
    assert page.needs.heading == "What needs you: 4 KPIs off track"
    assert page.late.heading == "1 initiative late"
    assert page.sources.heading == "Data: 2 of 4 sources are fresh"


def test_the_parts_of_a_change_add_up_to_the_change_shown(edition) -> None:
    """A reader adds the named objectives and the rest and must get the heading's number."""
    text = "".join(part.text for part in front_page(edition).lede)
    assert (
        text
        == "Keep promises online cost 8.9 points, Earn more from each cup 5.8 and Keep good people 3.6. The other five together: −0.7."
    )
    assert Decimal("-8.9") - Decimal("5.8") - Decimal("3.6") - Decimal("0.7") == -19


def test_what_needs_the_reader_is_ordered_by_points_lost(edition) -> None:
    lost = [Decimal(row.lost) for row in front_page(edition).needs.rows]
    assert lost == sorted(lost, reverse=True)


@pytest.mark.parametrize(
    ("name", "actual", "score", "status"),
    [
        ("First reply within 4 hours", "none", "none", "No data"),
        ("Training hours", "4.7", "89", "Stale"),
        ("Baristas certified", "none", "none", "Unverified"),
        ("Research share of sales", "1.6", "none", "No target"),
        ("Machine downtime", "0.0", "89", "On track"),
        ("Return on investment", "−3.4", "41", "At risk"),
    ],
)
def test_missing_is_said_in_words_and_zero_is_a_value(edition, name, actual, score, status) -> None:
    row = _row(front_page(edition), name)
    assert (row.actual, row.score, row.status.words) == (actual, score, status)


def test_a_stale_value_shows_the_month_it_is_of(edition) -> None:
    assert _row(front_page(edition), "Training hours").marks == ("Sept",)


def test_a_unit_below_min_observations_is_suppressed_with_its_components(edition) -> None:
    kpi = edition.strategy.kpis["nps"]
    page = kpi_page(edition.at(2), kpi, "north_station")
    assert page.facts[0].status.words == "Suppressed"
    assert {row.actual for row in page.months} == {"none"}
    assert {row.numerator for row in page.months} == {"none"}
    assert page.drills == ()


def test_nothing_of_a_value_that_cannot_be_trusted_is_shown(edition) -> None:
    """A page said "none", and beside it the numerator of which nobody knew whether it was whole."""
    month = edition.month
    item = standing(edition, edition.strategy.kpis["on_time"], "kettle")
    key = ("on_time", "kettle", "month")
    doubted = item.scores[month]._replace(
        actual=None, score=None, band=None, data_state="unverified"
    )
    scores = {**edition.results.scores, key: {**item.scores, month: doubted}}
    doubtful = replace(
        edition,
        published=replace(edition.published, results=replace(edition.results, scores=scores)),
    )
    page = kpi_page(doubtful.at(1), item.kpi, "kettle")
    row = page.months[0]
    assert row.status.words == "Unverified"
    assert {row.actual, row.numerator, row.denominator, row.observations} == {"none"}
    assert page.months[1].numerator != "none"
    assert page.drills == ()
    assert page.derivation.actual == (
        "What came in for the month cannot be trusted, so nothing of it is shown."
    )
    assert {part.weight for table in page.contributions for part in table.rows} == {""}


def test_a_stale_value_is_derived_from_the_components_of_its_own_month(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["training"], "kettle")
    assert page.facts[0].status.words == "Stale"
    assert page.derivation.actual != "Nothing was measured in the month."


def test_no_part_is_given_where_a_suppressed_unit_could_be_had_by_subtraction(edition) -> None:
    (table,) = contributions(edition, standing(edition, edition.strategy.kpis["nps"], "north"))
    assert table.part_head == ""
    assert {row.part for row in table.rows} == {""}
    assert "by subtraction" in table.note


def test_the_parts_of_a_gap_add_up_to_the_gap(edition) -> None:
    (table,) = contributions(edition, standing(edition, edition.strategy.kpis["on_time"], "kettle"))
    parts = [Decimal(row.part.replace("−", "-")) for row in table.rows]
    assert sum(parts) == Decimal(table.total.part.replace("−", "-")) == Decimal("-3.80")


def test_a_restated_month_shows_both_numbers_and_the_reason(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["on_time"], "kettle")
    (row,) = page.restated
    assert (row.period, row.first_text, row.now_text, row.reason) == (
        "August 2026",
        "95.9",
        "95.2",
        "late or corrected data",
    )
    assert len(page.chart.reported) == 1


def test_a_young_kpi_is_not_judged(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["enps"], "kettle")
    assert "too few months to tell signal from noise" in page.frame.finding


def test_the_open_month_is_shown_and_not_scored(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["net_sales"], "kettle")
    assert (page.grains[-1].name, page.grains[-1].score, page.grains[-1].status.words) == (
        "November 2026 so far",
        "none",
        "Provisional",
    )


def test_a_kpi_page_leads_from_the_number_to_its_loads(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["on_time"], "kettle")
    assert [sql.table for sql in page.derivation.sql] == [
        "measure.on_time",
        "staging.tills__sale",
        "staging.hr__person",
    ]
    assert {row.table for row in page.derivation.loads} == {"raw.tills__sale", "raw.hr__person"}


def test_a_units_scorecard_counts_only_what_applies_to_it(edition) -> None:
    page = unit_page(edition.at(1), edition.strategy.units["people"])
    assert page.card.kpi_count == len(standings(edition, "people")) == 6
    assert page.sources is None
    assert [crumb.name for crumb in page.frame.crumbs] == [
        "Kettle & Sons <Coffee>",
        "People & culture",
    ]


def test_held_back_rows_are_capped_and_counted(edition) -> None:
    page = quality_page(edition)
    assert len(page.held) == 100
    assert page.held_note.startswith("The first 100 of 120 rows")
    assert page.groups[0].count == "120"


def test_links_are_hypotheses_and_no_verdict_is_claimed(edition) -> None:
    page = strategy_map_page(edition)
    assert {edge.style for edge in page.wide.edges} == {"not_enough"}
    assert len(page.wide.edges) == len(page.links) == 7


@pytest.mark.parametrize("drawing", ["wide", "narrow"])
def test_no_objective_covers_another_on_the_map(edition, drawing) -> None:
    nodes = getattr(strategy_map_page(edition), drawing).nodes
    boxes = [tuple(map(float, (node.x, node.y, node.width, node.height))) for node in nodes]
    for index, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, other_width, other_height in boxes[index + 1 :]:
            apart = (
                x + width <= other_x
                or other_x + other_width <= x
                or y + height <= other_y
                or other_y + other_height <= y
            )
            assert apart
