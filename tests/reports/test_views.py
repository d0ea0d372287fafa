from collections import ChainMap
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from reports.standing import standing, standings
from reports.views.contribution import contributions
from reports.views.front import front_page, unit_page
from reports.views.kpi import kpi_page
from reports.views.moved import score_moves, unit_moves
from reports.views.nodes import objective_page
from reports.views.quality import quality_page
from reports.views.reference import RULES, method_page
from reports.views.since import base_release, present_release, since_last_release
from reports.views.sources import STATES, Source, sources_in_words
from reports.views.strategy_map import strategy_map_page
from reports.words.status import Status


def _text(parts) -> str:
    return "".join(part.text for part in parts)


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
    assert page.signals.heading == "What changed: 5 signals"
    assert page.signals.quiet_heading == "No change beyond the usual range: 16 KPIs"
    assert page.needs.heading == "What needs you: 7 KPIs off track"
    assert page.late.heading == "1 initiative late"
    assert page.sources.heading == "Data: 2 of 4 sources are fresh"


def _source(source_id: str, state: str, *, is_troubled: bool = False) -> Source:
    return Source(
        id=source_id, name=source_id, owner="", tables="", data_to="", note="", short="",
        status=Status((STATES[state],)), is_troubled=is_troubled,
    )  # fmt: skip


CRM, FINANCE, MANUAL = (
    _source("crm", "fresh"),
    _source("finance", "fresh"),
    _source("manual", "entered"),
)


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ([], "no source is known"),
        ([CRM], "the one source is fresh"),
        ([CRM, FINANCE], "all 2 sources are fresh"),
        ([CRM, FINANCE, MANUAL], "all 2 sources are fresh, manual measures as entered"),
        ([MANUAL], "all measures are entered by hand"),
        ([_source("crm", "failed", is_troubled=True), MANUAL], "1 of 2 sources are fresh"),
    ],
)
def test_what_is_entered_by_hand_is_never_called_fresh(sources: list[Source], said: str) -> None:
    """A yearly reading of last December stood as fresh beside last night's orders."""
    assert sources_in_words(sources) == said


def test_the_parts_of_a_change_add_up_to_the_change_shown(edition) -> None:
    """A reader adds the named objectives and the rest and must get the heading's number."""
    text = "".join(part.text for part in front_page(edition).lede)
    assert (
        text
        == "Keep promises online cost 8.9 points, Earn more from each cup 3.9 and Keep good people 3.6. The other six together: −2.6."
    )
    assert Decimal("-8.9") - Decimal("3.9") - Decimal("3.6") - Decimal("2.6") == -19


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
    scores = ChainMap({key: {**item.scores, month: doubted}}, edition.results.scores)
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


def test_a_restated_month_shows_each_report_and_the_reason(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["on_time"], "kettle")
    (row,) = page.restated
    assert (row.period, page.restated_heading) == ("August 2026", "Restated once")
    assert [(told.release, told.value, told.reason) for told in row.reports] == [
        ("2 Oct 2026", "95.9", "first reported"),
        ("2 Nov 2026", "95.2", "late or corrected data, changed unit tree"),
    ]
    assert len(page.chart.reported) == 1


def test_a_month_that_is_again_what_was_first_reported_was_restated_twice(edition) -> None:
    """First and last report are equal; what people read in between was not."""
    reports = edition.published.reports
    key = ("on_time", "kettle")
    last = reports.values[key][-1]
    august = next(row for row in reports.values[key] if row.period_start_date == date(2026, 8, 1))
    back = august._replace(run_id="20261103T020000Z-cccccc", reasons=["late_data"])
    again = replace(
        edition.published,
        reports=replace(
            reports,
            values=ChainMap({key: [*reports.values[key], back]}, reports.values),
            releases=(
                reports.releases[0]._replace(run_id=back.run_id, as_of_date=date(2026, 11, 3)),
                *reports.releases,
            ),
        ),
    )
    assert last.run_id < back.run_id
    page = kpi_page(
        replace(edition, published=again).at(1), edition.strategy.kpis["on_time"], "kettle"
    )
    (row,) = page.restated
    assert [told.value for told in row.reports] == ["95.9", "95.2", "95.9"]
    assert row.reports[-1].reason.startswith("late or corrected data")
    assert (row.times, row.is_value, page.chart.reported) == (2, False, ())
    assert page.restated_heading == "1 month restated 2 times"


def test_a_score_that_a_new_target_changed_is_restated_without_its_value(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["refills"], "kettle")
    (row,) = page.restated
    assert [(told.score, told.reason) for told in row.reports] == [
        ("12", "first reported"), ("3", "changed target"),
    ]  # fmt: skip
    assert len({told.value for told in row.reports}) == 1
    assert page.chart.reported == ()


def test_an_objective_says_that_its_score_was_restated(edition) -> None:
    page = objective_page(edition.at(1), edition.strategy.objectives["grow"])
    (row,) = page.restated
    first, now = row.reports
    assert (row.period, now.reason) == ("August 2026", "changed weight")
    assert first.score != now.score


def test_a_young_kpi_is_not_judged(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["enps"], "kettle")
    assert "too few months to tell signal from noise" in _text(page.frame.heading)


def test_the_open_month_is_shown_and_not_scored(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["net_sales"], "kettle")
    assert (page.grains[-1].name, page.grains[-1].score, page.grains[-1].status.words) == (
        "November 2026 so far",
        "none",
        "Provisional",
    )


def test_a_kpi_page_leads_from_the_number_to_its_loads(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["on_time"], "kettle")
    assert [sql.table for sql in page.derivation.origin.sql] == [
        "measure.on_time",
        "staging.tills__sale",
        "staging.hr__person",
    ]
    assert {row.table for row in page.derivation.origin.loads} == {
        "raw.tills__sale",
        "raw.hr__person",
    }


def test_a_units_scorecard_counts_only_what_applies_to_it(edition) -> None:
    page = unit_page(edition.at(1), edition.strategy.units["people"])
    assert page.card.kpi_count == len(standings(edition, "people")) == 7
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


def test_each_link_says_its_evidence_by_word_and_line(edition) -> None:
    page = strategy_map_page(edition)
    assert page.frame.finding == "2 of 7 links of the strategy are supported by the data"
    assert len(page.wide.edges) == len(page.links) == 7
    for edge, narrow, link in zip(page.wide.edges, page.narrow.edges, page.links, strict=True):
        assert edge.style == narrow.style == link.proof.style
        assert edge.label.endswith(link.proof.word)
        assert narrow.label.endswith(link.proof.sign)
    first = page.links[0].proof
    assert (first.word, first.correlation, first.interval, first.pairs) == (
        "supported", "0.52", "0.31 to 0.68", "33",
    )  # fmt: skip
    assert {link.proof.correlation for link in page.links if link.proof.style == "not_enough"} == {
        "none"
    }


def test_the_declared_lag_stands_out_among_all(edition) -> None:
    page = strategy_map_page(edition)
    assert page.lags[:2] == ("same month", "1 month later")
    assert [sum(declared for _, declared in row.cells) for row in page.lag_rows] == [1] * 7


def test_an_objective_says_what_the_data_say_of_its_links(edition) -> None:
    page = objective_page(edition.at(1), edition.strategy.objectives["deliver"])
    assert [tie.evidence for tie in page.ties] == [
        "Supported by the data: correlation 0.52 (0.31 to 0.68) over 33 pairs of changes.",
        "Not enough data to tell.",
    ]


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


def _number(text):
    return Decimal(text.replace("−", "-").replace(",", "").replace("+", ""))


@pytest.mark.parametrize(
    ("level", "node", "unit"),
    [
        ("scorecard", "balanced", "kettle"),
        ("scorecard", "balanced", "north"),
        ("perspective", "process", "kettle"),
        ("objective", "supply", "kettle"),
    ],
)
def test_what_moved_a_score_adds_up_to_the_change_shown(edition, level, node, unit) -> None:
    table = score_moves(edition, level, node, unit)
    parts = sum(_number(row.part) for row in table.rows)
    assert (
        parts == _number(table.total.part) == _number(table.total.now) - _number(table.total.before)
    )
    assert "".join(part.text for part in table.heading).endswith(table.total.part)


@pytest.mark.parametrize("kpi", ["on_time", "net_sales", "guest_survey", "moisture", "cash_flow"])
def test_what_the_units_moved_adds_up_to_the_change_shown(edition, kpi) -> None:
    (table,) = unit_moves(edition, standing(edition, edition.strategy.kpis[kpi], "kettle"))
    parts = sum(_number(row.part) for row in table.rows)
    assert (
        parts == _number(table.total.part) == _number(table.total.now) - _number(table.total.before)
    )


def test_a_unit_that_is_held_back_has_no_part_of_its_own(edition) -> None:
    (table,) = unit_moves(edition, standing(edition, edition.strategy.kpis["nps"], "north"))
    assert {row.name for row in table.rows} == {'Harbour "Quay" O\'Neil', "In none of them"}


@pytest.mark.parametrize(
    ("kpi", "mark", "finding"),
    [
        ("guest_survey", ("Q3 2026",), ": 73% (67 to 78) in 3rd quarter 2026, on track"),
        ("carbon", ("H1 2026",), " in 1st half 2026, at risk"),
    ],
)
def test_a_kpi_measured_less_often_names_its_period(edition, kpi, mark, finding) -> None:
    row = _row(front_page(edition), edition.strategy.kpis[kpi].kpi_name)
    page = kpi_page(edition.at(1), edition.strategy.kpis[kpi], "kettle")
    assert row.marks == mark
    assert finding in _text(page.frame.heading)
    assert page.grains[0].name in {"Quarter", "Half-year"}
    assert all("month" not in line.month.lower() for line in page.months)


def test_the_year_to_date_of_a_quarterly_kpi_ends_with_its_quarter(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["guest_survey"], "kettle")
    row = next(row for row in page.grains if row.name == "Year to date")
    assert row.note == "January to September 2026"
    assert "none" not in {row.actual, row.last_year, row.interval}


def test_every_length_of_period_is_shown_in_its_order(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["on_time"], "kettle")
    assert [row.name for row in page.grains] == [
        "October 2026", "Quarter", "Half-year", "Year", "Year to date", "12 months",
    ]  # fmt: skip


def test_an_expression_leads_to_its_terms_and_all_their_measures(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["per_head"], "kettle")
    assert page.derivation.origin.expression == "(sales - cost) / hours"
    assert [term.measure for term in page.derivation.origin.terms] == [
        measure.table for measure in page.derivation.origin.measures
    ]
    assert page.derivation.origin.sql[0].table == "measure.net_sales"
    assert not page.has_components
    assert page.contributions[0].note == "Units of such a KPI do not add up to the whole."


def test_a_value_entered_by_hand_says_who_and_when(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["certificate"], "kettle")
    assert "".join(part.text for part in page.notes[0]) == (
        "Entered by hand by Ana <b>, on 1 November 2026."
    )
    (row,) = quality_page(edition).manual
    assert (row.measure, row.last_month, row.who, row.when) == (
        "measure.certificate", "October 2026", "Ana <b>", "on 1 November 2026",
    )  # fmt: skip


def test_who_entered_a_value_is_no_dimension(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["certificate"], "kettle")
    headings = ["".join(part.text for part in table.heading) for table in page.drills]
    assert headings == ["October 2026 by channel"]


@pytest.mark.parametrize("page", [unit_page, None])
def test_a_unit_that_moved_says_since_when(edition, page) -> None:
    unit = edition.strategy.units["north_harbour"]
    shown = page or (lambda at, unit: kpi_page(at, at.strategy.kpis["on_time"], unit.unit_id))
    note = "".join(part.text for part in shown(edition.at(1), unit).notes[0])
    assert note == (
        "Under North since July 2026, before that under South; each month counts where the unit stood at its end."
    )


def test_a_unit_that_stayed_says_nothing_of_it(edition) -> None:
    assert unit_page(edition.at(1), edition.strategy.units["south"]).notes == ()


def test_a_usual_range_that_a_person_began_anew_is_marked_with_the_reason(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["net_sales"], "kettle")
    (mark,) = page.chart.anew
    assert (mark.period, mark.reason) == ("February 2026", "A <second> shop opened.")


def test_warnings_stand_on_the_quality_page_and_beside_the_targets(edition) -> None:
    page = quality_page(edition)
    assert [row.kind for row in page.warnings] == [
        "No points to score with", "Divided evenly, not by season",
    ]  # fmt: skip
    kpi = kpi_page(edition.at(1), edition.strategy.kpis["research"], "kettle")
    assert kpi.warnings == (page.warnings[0].message,)


def test_a_score_above_100_is_an_arrow_and_costs_nothing(edition) -> None:
    row = _row(front_page(edition), "Sales to plan")
    assert row.bullet.is_beyond
    assert row.bullet.title == "Score 120 of at most 150"
    costs = objective_page(edition.at(1), edition.strategy.objectives["supply"]).costs
    (cost,) = (cost for cost in costs if cost.name == "Sales to plan")
    assert (cost.lost.startswith("−"), cost.width) == (True, "0.00")


@pytest.mark.parametrize(
    ("kpi", "heads"),
    [
        ("on_time", ["Red flag", "Target", "Worst", "Best"]),
        ("moisture", ["Low", "High", "Tolerance below", "Tolerance above"]),
        ("refills", ["Baseline", "Target"]),
        ("blends", ["Score at value"]),
    ],
)
def test_targets_stand_in_the_columns_of_their_rule(edition, kpi, heads) -> None:
    found = kpi_page(edition.at(1), edition.strategy.kpis[kpi], "kettle").targets
    assert [head for head, _ in found.heads] == heads
    assert [cell.head for cell in found.rows[0].cells] == heads
    assert "none" not in {cell.text for cell in found.rows[0].cells}


def test_the_method_page_explains_the_rules_in_use_and_no_other(edition) -> None:
    assert [rule.name for rule in method_page(edition).rules] == list(RULES)
    kept = {
        id_: kpi for id_, kpi in edition.strategy.kpis.items() if kpi.rule in {"linear", "steps"}
    }
    strategy = replace(edition.strategy, kpis=kept)
    few = replace(edition, published=replace(edition.published, strategy=strategy))
    assert [rule.name for rule in method_page(few).rules] == ["linear", "steps"]


def test_signals_come_first_and_noise_is_named_as_such(edition) -> None:
    since = since_last_release(edition)
    assert since.heading.startswith("Since the last release: 5 signals, ")
    assert {move.word for move in since.signals} == {"Worse"}
    assert {move.word for move in since.quiet} == {""}
    assert all(move.before != move.now for move in (*since.quiet, *since.untold))


def test_only_what_was_judged_is_said_to_lie_within_its_usual_range(edition) -> None:
    since = since_last_release(edition)
    kinds = {item.kpi.kpi_name: item.moved.kind for item in standings(edition, "kettle")}
    assert {kinds[move.name] for move in since.quiet} <= {"none"}
    assert since.untold
    assert "none" not in {kinds[move.name] for move in since.untold}


def test_a_signal_that_late_data_bring_into_a_month_reported_before_is_one(edition) -> None:
    reports = edition.published.reports
    present, base = present_release(edition), base_release(edition)
    assert present is not None
    assert base is not None
    same_month = [
        row._replace(period_start_date=edition.month) if row.run_id == base.run_id else row
        for row in reports.releases
    ]
    item = next(item for item in standings(edition, "kettle") if item.moved.kind == "new")
    key = (item.kpi.kpi_id, "kettle")
    last = reports.values[key][-1]
    anew = [
        last._replace(period_start_date=item.start, run_id=run, actual=actual)
        for run, actual in ((base.run_id, 1.0), (present.run_id, 2.0))
    ]

    def signals(**changes: Any) -> set[str]:
        shown = replace(reports, releases=tuple(same_month), **changes)
        found = replace(edition, published=replace(edition.published, reports=shown))
        return {move.name for move in since_last_release(found).signals}

    assert item.kpi.kpi_name not in signals()
    assert item.kpi.kpi_name in signals(values=ChainMap({key: anew}, reports.values))


def test_what_is_held_back_is_no_status_that_moved(edition) -> None:
    """It is reported without a score, so that every release would have called it a change."""
    key = ("nps", "kettle", "month")
    held = {
        at: value._replace(is_suppressed=True) for at, value in edition.results.values[key].items()
    }
    results = replace(edition.results, values=ChainMap({key: held}, edition.results.values))
    shown = replace(edition, published=replace(edition.published, results=results))
    assert standing(shown, edition.strategy.kpis["nps"], "kettle").status.key == "suppressed"
    since = since_last_release(shown)
    names = {move.name for move in (*since.quiet, *since.untold)}
    assert edition.strategy.kpis["nps"].kpi_name not in names


def test_what_is_held_back_is_not_said_to_be_unmeasured(edition) -> None:
    page = kpi_page(edition.at(2), edition.strategy.kpis["guest_survey"], "north_station")
    assert page.chart is None
    assert page.chart_missing == "What was measured is held back: it would reveal few answers."
    assert {row.status.words for row in page.grains} == {"Suppressed"}
    assert page.derivation.actual.startswith("Held back: it would reveal few answers.")


def test_a_restated_scorecard_is_named_first(edition) -> None:
    row, *others = since_last_release(edition).restated
    assert (row.name, row.month, row.before, row.now, row.reason) == (
        "Balanced scorecard", "August 2026", "score 76", "score 66.79", "changed weight",
    )  # fmt: skip
    assert [other.reason for other in others] == [
        "late or corrected data, changed unit tree", "changed target",
    ]  # fmt: skip
