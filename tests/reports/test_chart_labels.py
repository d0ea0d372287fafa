"""Where the direct labels of a chart stand: apart from one another, within the drawing, near what they name."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.figures.chart import Chart, Judged, Month, Reading, chart
from reports.figures.chart_axis import HEIGHT, Axis
from reports.figures.chart_labels import BOTTOM, LABEL_GAP, TOP, apart, direct_labels
from reports.periods import months_until
from reports.words.language import Calendar, Scale, language_of

BRITISH = language_of("en_GB", "EUR")
SCALE = Scale(BRITISH, "number", 1)
TEXT_HEIGHT = 14.6
"""Of a line of 13 px in the fonts of the pages, from the top of an ascender to the foot of a descender."""
BASELINE = 4.0

places = st.floats(min_value=0, max_value=HEIGHT)
values = st.one_of(
    st.floats(min_value=0, max_value=100),
    # Planted close together: what crowds a chart is target, mean and last value at nearly the same height.
    st.sampled_from([50.0, 50.001, 50.1, 50.5, 51.0, 0.0, 0.1, 100.0, 99.9]),
)


@given(st.lists(places, min_size=1, max_size=12).map(sorted))
def test_labels_stay_apart_in_their_order_and_within_the_drawing(heights) -> None:
    placed = apart(heights)
    assert len(placed) == len(heights)
    assert all(later - earlier >= LABEL_GAP - 1e-6 for earlier, later in pairwise(placed))
    assert placed[0] >= TOP - 1e-6
    assert placed[-1] <= BOTTOM + 1e-6


@given(st.lists(st.floats(min_value=TOP, max_value=BOTTOM), min_size=1, max_size=8).map(sorted))
def test_labels_that_do_not_meet_stay_where_they_are(heights) -> None:
    spread = [heights[0]]
    for height in heights[1:]:
        spread.append(max(height, spread[-1] + LABEL_GAP))
    if spread[-1] <= BOTTOM:
        assert apart(spread) == pytest.approx(spread)


def test_labels_at_one_height_part_evenly_around_it() -> None:
    assert apart([150.0, 150.0, 150.0]) == pytest.approx([134.0, 150.0, 166.0])


@given(
    st.fixed_dictionaries(
        {name: st.none() | values for name in ("target", "red", "low", "mean", "high")}
    ),
    values,
    st.booleans(),
    st.none() | st.tuples(values, values).map(sorted).map(tuple),
)
def test_no_two_labels_of_a_chart_overlap_wherever_its_lines_lie(lines, last, signal, good) -> None:
    month = Month(date(2026, 10, 1), actual=last, good=good, fair=good, **lines)
    labels = direct_labels(
        [month],
        Axis(0.0, 100.0, 25.0),
        scale=SCALE,
        reading=Reading(),
        last=("Oct", Judged(is_signal=signal)),
    )
    tops = [float(label.y) - BASELINE - TEXT_HEIGHT / 2 for label in labels]
    assert all(later - earlier > TEXT_HEIGHT for earlier, later in pairwise(tops))
    assert all(top >= 0 and top + TEXT_HEIGHT <= HEIGHT for top in tops)
    assert len(labels) == 1 + sum(line is not None for line in lines.values()) + 2 * (
        good is not None
    )


def _chart(**lines: float) -> Chart:
    values = zip(months_until(date(2026, 10, 1), 3), (5.0, 95.0, 50.1), strict=True)
    figure = chart(
        [Month(at, actual=value, **lines) for at, value in values],
        scale=SCALE,
        calendar=Calendar(BRITISH),
        name="Deliveries",
        judged=Judged(),
        reading=Reading(),
    )
    assert figure is not None
    return figure


def test_a_label_that_had_to_move_is_led_to_what_it_names() -> None:
    crowded = _chart(target=50.0, mean=50.05, low=10.0, high=90.0)
    led = {label.word for label in crowded.labels if label.leader}
    assert {"target", "mean"} & led
    assert "upper limit" not in led
    assert "lower limit" not in led


def test_the_last_value_stands_among_the_labels_and_says_of_when_it_is() -> None:
    assert ("50.1", "Oct") in {(label.number, label.word) for label in _chart().labels}


def test_words_of_long_labels_leave_room_on_a_phone() -> None:
    short = {label.word: label.is_short for label in _chart(target=50.0, high=90.0).labels}
    assert short == {"target": True, "Oct": True, "upper limit": False}


def test_of_two_new_baselines_only_the_later_one_has_words_beside_it() -> None:
    months = [
        Month(at, actual=1.0, baseline="A new machine." if index in {4, 6} else "")
        for index, at in enumerate(months_until(date(2026, 10, 1), 12))
    ]
    figure = chart(
        months,
        scale=SCALE,
        calendar=Calendar(BRITISH),
        name="Deliveries",
        judged=Judged(),
        reading=Reading(),
    )
    assert figure is not None
    assert [mark.is_named for mark in figure.anew] == [False, True]
