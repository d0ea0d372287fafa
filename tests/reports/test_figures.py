from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.figures.chart import Judged, Month, Reading, chart
from reports.figures.chart_axis import axis_of
from reports.figures.chart_labels import apart
from reports.figures.small import Hung, beam, bullet, path, spark, wrap
from reports.periods import months_until, shown_until
from reports.words.language import Calendar, Scale, language_of
from reports.words.parts import whole_parts

BRITISH = language_of("en_GB", "EUR")


def test_a_gap_in_a_line_stays_a_gap_and_a_lone_month_is_a_dot() -> None:
    assert path([(0, 1), (1, 2), None, (3, 4), None]) == "M0.0 1L1.0 2M3.0 4h0"


@pytest.mark.parametrize("values", [[None] * 24, [5.0] * 24, [0.0] * 24, [None] * 23 + [7.0]])
def test_a_sparkline_survives_nothing_known_and_nothing_moving(values) -> None:
    line = spark(values, title="t")
    assert "nan" not in line.path
    assert (line.dot is None) == all(value is None for value in values)


def test_a_ring_marks_only_a_last_month_that_is_known() -> None:
    assert spark([1.0, 2.0], title="t", ring=True).ring
    assert not spark([1.0, None], title="t", ring=True).ring


def test_a_usual_range_that_moves_is_outlined_month_by_month() -> None:
    same = spark([1.0, 2.0, 3.0], title="t", usual=[(1.0, 2.0)] * 3)
    moving = spark([1.0, 2.0, 3.0], title="t", usual=[(0.0, 2.0), (1.0, 3.0), None])
    assert same.usual.count("H") == 2
    assert moving.usual.count("l") == 1
    assert moving.usual.endswith("z")


def test_a_line_is_written_as_whole_steps_and_parts_at_a_gap() -> None:
    line = spark([0.0, 1.0, None, 0.5, None, 0.0, 1.0], title="t", width=60)
    assert line.width == 120
    assert line.path == "M6 46l17-40M58 26h0M93 46l17-40"
    assert line.dot == (110, 6)


def test_a_score_of_zero_keeps_a_sliver_and_no_score_has_no_bar() -> None:
    assert bullet(0.0, title="t", at_risk=33.33, on_track=66.67).length == "1"
    assert bullet(None, title="t", at_risk=33.33, on_track=66.67).length is None


def test_a_beam_says_in_words_what_it_shows() -> None:
    hung = [
        Hung("Financial", 46.3, "46", 0.3, "30%"),
        Hung("Learning and growth, in one long name", None, "none", 0.7, "70%"),
    ]
    figure = beam(hung, balances_at=46.3, balance_text="46", at_risk=33.33, on_track=66.67)
    assert "Financial hangs at 46 with weight 30%" in figure.description
    assert figure.blocks[1].x is None
    assert len(figure.blocks[1].name) == 2


@given(st.text(max_size=200), st.integers(min_value=1, max_value=40))
def test_wrapping_loses_no_letter(text, width) -> None:
    lines = wrap(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) <= width for line in lines)


@given(
    st.lists(st.decimals(min_value=-1000, max_value=1000, places=6), min_size=1, max_size=12),
    st.integers(min_value=0, max_value=3),
)
def test_parts_add_up_to_the_whole_as_shown(parts, digits) -> None:
    shown = whole_parts(parts, digits)
    exact = sum(parts, Decimal(0))
    assert abs(sum(shown, Decimal(0)) - exact) <= Decimal(1).scaleb(-digits) / 2
    assert all(abs(a - b) <= Decimal(1).scaleb(-digits) for a, b in zip(shown, parts, strict=True))


@given(st.lists(st.floats(min_value=0, max_value=300), min_size=1, max_size=5))
def test_labels_beside_a_chart_never_cover_each_other(heights) -> None:
    placed = apart(sorted(heights))
    assert all(later - earlier >= 14.999 for earlier, later in pairwise(placed))
    assert placed[-1] <= 300.001


@given(
    st.lists(st.floats(min_value=-1e9, max_value=1e9), min_size=1, max_size=24),
    st.floats(min_value=-1e9, max_value=1e9),
)
def test_an_axis_holds_every_value_and_target(values, target) -> None:
    axis = axis_of([Month(date(2026, 1, 1), actual=value, target=target) for value in values])
    slack = 1e-6 * max(abs(axis.low), abs(axis.high), 1e-9)
    assert axis.low <= min(*values, target) + slack
    assert axis.high >= max(*values, target) - slack
    assert axis.step > 0


def _chart(values, *, reading=None, **extra):
    months = [
        Month(month, actual=value, **extra)
        for month, value in zip(months_until(date(2026, 10, 1), len(values)), values, strict=True)
    ]
    return chart(
        months,
        scale=Scale(BRITISH, "percent", 1),
        calendar=Calendar(BRITISH),
        name="Deliveries",
        judged=Judged(),
        reading=reading or Reading(),
    )


def test_a_chart_of_nothing_is_none() -> None:
    assert _chart([None, None]) is None


def test_bands_turn_over_where_lower_is_better() -> None:
    up = _chart([0.93, 0.94], target=0.95, red=0.92)
    down = _chart([0.93, 0.94], target=0.92, red=0.95, reading=Reading(is_rising=False))
    assert [band.style for band in up.bands] == ["f-band-on", "f-band-risk", "f-band-off"]
    assert [band.style for band in down.bands] == ["f-band-off", "f-band-risk", "f-band-on"]


def test_a_range_is_a_band_with_its_tolerance_on_both_sides() -> None:
    figure = _chart([0.90, 0.99, 1.1], good=(0.95, 1.05), fair=(0.92, 1.08))
    assert [band.style for band in figure.bands] == [
        f"f-band-{style}" for style in ("off", "risk", "on", "risk", "off")
    ]
    assert {label.word for label in figure.labels} >= {"good from", "good to"}
    assert "scores 100, falls, scores 0" in figure.caption


def test_points_without_a_band_are_lines_alone() -> None:
    reading = Reading("scores 100", "scores 0", is_banded=False)
    figure = _chart([0.3, 0.6], target=0.9, red=0.2, reading=reading)
    assert figure.bands == ()
    assert len(figure.flags) == 1
    assert [label.word for label in figure.labels] == ["scores 100", "Oct", "scores 0"]


def test_an_interval_is_a_whisker_and_a_new_baseline_a_mark() -> None:
    figure = _chart([0.3, 0.6], interval=(0.2, 0.7), baseline="A new machine.")
    assert len(figure.whiskers) == 2
    assert figure.anew[-1].period == "October 2026"
    assert figure.anew[-1].reason == "A new machine."
    assert "95% intervals" in figure.caption


def test_a_quarterly_chart_is_labelled_by_its_quarters() -> None:
    months = [Month(at, actual=1.0) for at in shown_until(date(2026, 7, 1), "quarter")]
    figure = chart(
        months,
        scale=Scale(BRITISH, "number", 0),
        calendar=Calendar(BRITISH, fiscal_start=7),
        name="Survey",
        judged=Judged(),
        reading=Reading(),
        grain="quarter",
    )
    assert [label.text for label in figure.months][-2:] == ["Q4", "Q1"]
    assert figure.months[-1].year == "2026/27"
    assert "Too few quarters" in figure.caption


@given(
    st.lists(st.decimals(min_value=-1000, max_value=1000, places=6), min_size=1, max_size=12),
    st.integers(min_value=0, max_value=3),
    st.integers(min_value=-5, max_value=5),
)
def test_parts_add_up_to_the_change_as_shown(parts, digits, off) -> None:
    """The change of two rounded numbers may be a step away from the rounded change; the parts follow what is shown."""
    step = Decimal(1).scaleb(-digits)
    total = sum(whole_parts(parts, digits), Decimal(0)) + off * step
    assert sum(whole_parts(parts, digits, total=total), Decimal(0)) == total


def test_a_chart_says_where_its_axis_starts_unless_at_zero() -> None:
    assert "The axis starts at" in _chart([0.93, 0.94]).caption
    assert "The axis starts at" not in _chart([0.1, 0.94]).caption


def test_a_far_red_flag_is_said_in_words_and_does_not_flatten_the_line() -> None:
    figure = _chart([0.93, 0.94], target=0.95, red=0.1)
    assert "lies off the chart" in figure.caption


def test_few_months_have_no_usual_range_and_the_chart_says_so() -> None:
    assert "Too few months to tell signal from noise" in _chart([0.93, 0.94]).caption
