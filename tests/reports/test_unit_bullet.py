"""The bullet graph in a KPI's own units: bands, measure, target and a year earlier, for every kind of rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.figures.unit_bullet import Measure, UnitBullet, unit_bullet
from reports.words.language import Scale, language_of
from reports.words.points import Guides

BRITISH = language_of("en_GB", "EUR")
LINEAR = Guides(target=95.0, red=92.0)


def _bullet(
    *measures: Measure, guides: Guides = LINEAR, is_rising: bool = True, is_banded: bool = True
) -> UnitBullet:
    found = unit_bullet(
        measures,
        guides,
        scale=Scale(BRITISH, "number", 1),
        is_rising=is_rising,
        is_banded=is_banded,
    )
    assert found is not None
    return found


def test_without_a_value_there_is_no_graph() -> None:
    scale = Scale(BRITISH, "number", 0)
    assert unit_bullet([Measure("October", None)], LINEAR, scale=scale, is_rising=True, is_banded=True) is None  # fmt: skip


def test_a_diamond_stands_where_the_axis_has_no_zero_and_a_bar_where_it_has() -> None:
    cut = _bullet(Measure("October", 93.0))
    whole = _bullet(Measure("October", 20.0), guides=Guides(target=30.0, red=5.0))
    assert (cut.is_bar, cut.rows[0].bar) == (False, None)
    assert cut.rows[0].at is not None
    assert (whole.is_bar, whole.rows[0].at) == (True, None)
    assert whole.rows[0].bar is not None
    assert whole.rows[0].bar.x == "0"


@pytest.mark.parametrize(
    ("guides", "is_rising", "styles"),
    [
        (LINEAR, True, ["off", "risk", "on"]),
        (Guides(target=92.0, red=95.0), False, ["on", "risk", "off"]),
        (Guides(good=(92.0, 95.0), fair=(91.0, 96.0)), True, ["off", "risk", "on", "risk", "off"]),
        (Guides(good=(92.0, 95.0), fair=(92.0, 95.0)), True, ["off", "on", "off"]),
    ],
)
def test_bands_lie_as_the_rule_has_them_and_fill_the_scale(guides, is_rising, styles) -> None:
    figure = _bullet(Measure("October", 93.0, 94.0), guides=guides, is_rising=is_rising)
    assert [band.style for band in figure.bands] == [f"f-band-{style}" for style in styles]
    assert sum(float(band.width) for band in figure.bands) == pytest.approx(100, abs=0.1)


def test_without_a_target_the_scale_has_no_bands() -> None:
    figure = _bullet(Measure("October", 93.0), guides=Guides())
    assert (figure.bands, figure.flags, figure.targets) == ((), (), ())
    assert figure.labels


def test_points_of_other_rules_are_ticks_without_bands() -> None:
    figure = _bullet(Measure("October", 93.0), guides=Guides(100.0, 80.0), is_banded=False)
    assert figure.bands == ()
    assert (len(figure.targets), len(figure.flags)) == (1, 1)


def test_a_range_has_a_tick_at_each_end() -> None:
    assert len(_bullet(Measure("October", 93.0), guides=Guides(good=(92.0, 95.0))).targets) == 2


def test_a_year_earlier_is_marked_where_it_is_known() -> None:
    figure = _bullet(Measure("October", 93.0, 94.0), Measure("Year to date", 93.5))
    assert figure.has_previous
    assert [row.previous is not None for row in figure.rows] == [True, False]
    assert figure.rows[0].title == "October: 93.0. Target 95.0. A year earlier 94.0."


def test_zero_keeps_a_sliver_and_a_negative_bar_ends_at_zero() -> None:
    figure = _bullet(
        Measure("October", 0.0), Measure("Year to date", -4.0), guides=Guides(target=5.0, red=-5.0)
    )
    zero, below = (row.bar for row in figure.rows)
    assert zero is not None
    assert below is not None
    assert float(zero.width) > 0
    assert float(below.x) + float(below.width) == pytest.approx(float(figure.zero or 0), abs=0.02)


def test_a_missing_measure_keeps_its_row_without_a_mark() -> None:
    row = _bullet(Measure("October", None), Measure("12 months", 93.0)).rows[0]
    assert (row.at, row.bar, row.value) == (None, None, "none")


numbers = st.floats(min_value=-1e6, max_value=1e6)


@given(numbers, st.none() | numbers, numbers, numbers, st.booleans())
def test_every_mark_lies_on_the_scale(actual, before, target, red, is_rising) -> None:
    figure = _bullet(
        Measure("October", actual, before), guides=Guides(target, red), is_rising=is_rising
    )
    row = figure.rows[0]
    marks = [*figure.targets, *figure.flags, *(at for at in (row.at, row.previous) if at)]
    assert all(0 <= float(mark) <= 100 for mark in marks)
    assert row.bar is None or float(row.bar.x) + float(row.bar.width) <= 101
