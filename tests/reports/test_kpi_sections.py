"""The sections of a KPI's page: words that say no more than the data do, and parts that add up as shown."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reports.edition import Edition
from reports.standing import Standing, standing
from reports.views.contribution import contributions
from reports.views.derivation import derivation
from reports.views.drilldown import drill_tables
from reports.views.lengths import grain_rows
from reports.views.related import related
from reports.views.targets import targets
from reports.words import points
from reports.words.lists import all_of, any_of, in_a_row
from reports.words.text import Part


def _standing(edition: Edition, kpi_id: str, unit_id: str) -> Standing:
    return standing(edition, edition.strategy.kpis[kpi_id], unit_id)


def _text(parts: tuple[Part, ...]) -> str:
    return "".join(part.text for part in parts)


def test_an_older_value_names_the_period_that_it_is_of(edition: Edition) -> None:
    """A reader took last month's value for this month's."""
    item = _standing(edition, "training", "kettle")
    month, quarter, *_, year_to_date, _ = grain_rows(edition, item)
    assert month.note == "value of September 2026"
    assert quarter.note == "July to September 2026"
    assert year_to_date.note == "January to October 2026, data to September 2026"
    assert derivation(edition, item).actual.endswith(
        "It is the last good value, of September 2026."
    )


def test_a_value_of_the_headline_period_needs_no_such_note(edition: Edition) -> None:
    item = _standing(edition, "on_time", "kettle")
    assert not any("data to" in row.note for row in grain_rows(edition, item))
    assert "last good value" not in derivation(edition, item).actual


def test_a_unit_without_others_below_adds_nothing_up(edition: Edition) -> None:
    whole = derivation(edition, _standing(edition, "on_time", "kettle")).actual
    alone = derivation(edition, _standing(edition, "on_time", "north_station")).actual
    assert "over all units below" in whole
    assert alone.endswith("the unit’s own sums.")


def test_a_unit_that_costs_more_than_the_gap_is_not_called_a_part_of_it(edition: Edition) -> None:
    """The online shop was said to cost 4.46 of the 3.84 points."""
    item = _standing(edition, "on_time", "kettle")
    north = edition.results.values["on_time", "north", "month"]
    south = edition.results.values["on_time", "south", "month"]
    moved = Decimal(100)
    worse = north[item.start]._replace(numerator=north[item.start].numerator - moved)
    better = south[item.start]._replace(numerator=south[item.start].numerator + moved)
    values = {
        ("on_time", "north", "month"): {**north, item.start: worse},
        ("on_time", "south", "month"): {**south, item.start: better},
    }
    results = replace(edition.results, values=_Overlaid(edition.results.values, values))
    other = replace(edition, published=replace(edition.published, results=results))
    (table,) = contributions(other, item)
    assert _text(table.heading) == "North costs 4.40 points, more than the gap to target of 3.80"


class _Overlaid(dict):  # type: ignore[type-arg]
    """Some rows instead of those that were read."""

    def __init__(self, below, over) -> None:  # type: ignore[no-untyped-def]
        super().__init__(over)
        self._below = below

    def get(self, key, default=None):  # type: ignore[no-untyped-def]
        return super().get(key, None) or self._below.get(key, default)


def test_shares_add_up_to_a_hundred(edition: Edition) -> None:
    (table,), _ = drill_tables(edition, _standing(edition, "certificate", "kettle"))
    assert sum(int(row.share) for row in table.rows) == 100


def test_a_unit_without_points_of_its_own_is_held_against_the_nearest_above(
    edition: Edition,
) -> None:
    found = targets(edition, _standing(edition, "on_time", "north_station")).rows
    assert [row.counts for row in found].count(True) == 1
    assert _text(found[0].given_for) == "Kettle & Sons <Coffee>, per month"


def test_no_sum_is_held_against_the_points_of_the_unit_above(edition: Edition) -> None:
    """Points of a sum are not handed down: the whole's target is none of its parts'."""
    item = _standing(edition, "net_sales", "north_station")
    above = [
        row._replace(unit_id="kettle", kpi_id="net_sales")
        for row in edition.strategy.targets["on_time"][:1]
    ]
    strategy = replace(edition.strategy, targets={"net_sales": above})
    other = replace(edition, published=replace(edition.published, strategy=strategy))
    assert [row.counts for row in targets(other, item).rows] == [False]


def test_mirrored_points_are_explained(edition: Edition) -> None:
    assert targets(edition, _standing(edition, "on_time", "kettle")).note.startswith("Mirrored: ")
    assert targets(edition, _standing(edition, "moisture", "kettle")).note == ""


def test_what_stands_around_a_kpi_is_said_in_sentences(edition: Edition) -> None:
    found = [_text(line) for line in related(edition, _standing(edition, "training", "kettle"))]
    assert found == [
        "It stands under Train every barista (score 89); this KPI cost the scorecard 0.9 points.",
        "The objective should move Earn more from each cup and Roast it right first time.",
        "The objective’s other KPI is Baristas certified.",
    ]


def test_an_objective_without_a_score_has_none(edition: Edition) -> None:
    first, *_ = related(edition, _standing(edition, "nps", "north_station"))
    assert _text(first) == "It stands under Serve a cup worth the walk, which has no score."


@pytest.mark.parametrize(
    ("kpi", "score", "said"),
    [
        ("on_time", 24.44, "score 24 of 100"),
        ("on_time", None, "no score"),
        ("sales_to_plan", 150.0, "score 150 of at most 150"),
    ],
)
def test_a_score_says_what_it_is_out_of(
    edition: Edition, kpi: str, score: float | None, said: str
) -> None:
    row = edition.strategy.kpis[kpi]
    assert points.scored(row, score, edition.edges_of(row)) == said


def test_lists_are_joined_as_the_language_joins_them() -> None:
    assert [in_a_row(names) for names in ([], ["a"], ["a", "b", "c"])] == ["", "a", "a, b, c"]
    assert [any_of(names) for names in ([], ["a"], ["a", "b", "c"])] == ["", "a", "a, b or c"]
    a, b, c = Part("a", href="a.html"), Part("b"), Part("c")
    assert all_of([a, b, c]) == (a, Part(", "), b, Part(" and "), c)
    assert (all_of([]), all_of([a])) == ((), (a,))
