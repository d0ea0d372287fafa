"""The sentences that say what a chart shows: each rule, and never more than the data."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from reports.figures.chart_sentence import Aim, Course, Step, movement, sentences
from reports.periods import months_until, shown_until
from reports.words.language import Calendar, Scale, language_of
from reports.words.text import Part

BRITISH = language_of("en_GB", "EUR")
LAST = date(2026, 10, 1)
USUAL = (90.0, 100.0)
STEADY = [95.0, 96.0, 94.0, 95.0, 96.0]


def _course(
    values: Sequence[float | None], *, signals: dict[int, str] | None = None, **extra
) -> Course:
    """Return a course of months that ends with October 2026; `signals` by place from the end, the last being 0."""
    told = signals or {}
    starts = months_until(LAST, len(values))
    steps = tuple(
        Step(at, value, usual=USUAL, mean=95.0, signal=told.get(len(values) - 1 - index))
        for index, (at, value) in enumerate(zip(starts, values, strict=True))
    )
    given = {
        "name": "Deliveries",
        "grain": "month",
        "aim": Aim(),
        "scale": Scale(BRITISH, "number", 1),
        "calendar": Calendar(BRITISH),
    }
    return Course(steps=steps, **{**given, **extra})


def _unjudged(course: Course) -> Course:
    steps = tuple(step._replace(usual=None, mean=None, signal=None) for step in course.steps)
    return replace(course, steps=steps)


def _missed(course: Course, met: Sequence[bool | None]) -> Course:
    steps = tuple(
        step._replace(is_met=reached) for step, reached in zip(course.steps, met, strict=True)
    )
    return replace(course, steps=steps)


def _text(parts: Sequence[Part]) -> str:
    return "".join(part.text for part in parts)


def _said(course: Course) -> str:
    return _text(sentences(course))


def test_nothing_is_said_of_nothing() -> None:
    assert sentences(_course([None, None, None])) == ()


def test_a_value_within_its_usual_range_neither_rose_nor_fell() -> None:
    assert _said(_course([95.0, 96.0])) == (
        "Deliveries stood at 96.0 in October 2026, after 95.0 in September 2026. "
        "That is within its usual range of 90.0 to 100.0: no change beyond the usual."
    )


def test_a_value_that_looks_the_same_is_told_as_the_same() -> None:
    assert _said(_course([95.01, 95.02])).startswith(
        "Deliveries stood at 95.0 in October 2026, as in September 2026."
    )


@pytest.mark.parametrize(
    ("value", "signal", "said"),
    [
        (84.0, "low", "Deliveries fell to 84.0 in October 2026, below its usual range"),
        (104.0, "high", "Deliveries rose to 104.0 in October 2026, above its usual range"),
    ],
)
def test_a_value_that_left_its_usual_range_rose_or_fell(value, signal, said) -> None:
    found = _said(_course([*STEADY, value], signals={0: signal}))
    assert found == f"{said} of 90.0 to 100.0 for the first time in 6 months."


def test_when_it_was_outside_before_is_said() -> None:
    course = _course([95.0, 84.0, 95.0, 96.0, 84.0], signals={0: "low", 3: "low"})
    assert _said(course).endswith("for the first time since July 2026.")


def test_a_side_left_before_counts_whichever_it_was() -> None:
    course = _course([95.0, 105.0, 95.0, 84.0], signals={0: "low", 2: "high"})
    assert _said(course).endswith("for the first time since August 2026.")


def test_the_first_judged_value_is_not_called_rare() -> None:
    course = _course([95.0, 84.0], signals={0: "low"})
    steps = (course.steps[0]._replace(value=96.0), course.steps[1])
    lone = replace(course, steps=(steps[0]._replace(usual=None), steps[1]))
    assert "first time" not in _said(lone)
    assert "That is below its usual range of 90.0 to 100.0." in _said(lone)


def test_a_value_that_stays_outside_is_told_from_when() -> None:
    course = _course([95.0, 84.0, 83.0, 85.0], signals={0: "low", 1: "low", 2: "low"})
    assert _said(course) == (
        "Deliveries stood at 85.0 in October 2026, after 83.0 in September 2026. "
        "It has been below its usual range of 90.0 to 100.0 since August 2026."
    )


def test_a_value_that_rose_but_lies_below_did_not_rise_out_of_its_range() -> None:
    course = _course([80.0, 84.0], signals={0: "low"})
    assert "rose" not in _said(course)
    assert "That is below its usual range" in _said(course)


@pytest.mark.parametrize(
    ("value", "signal", "side"), [(97.0, "shift_up", "above"), (93.0, "shift_down", "below")]
)
@pytest.mark.parametrize("count", [8, 10])
def test_eight_values_on_one_side_are_a_signal_with_their_number(
    value, signal, side, count
) -> None:
    course = _course([95.0, *[value] * count], signals={0: signal})
    said = f"The last {count} values all lie {side} its mean of 95.0, which is a signal."
    assert said in _said(course)


def test_a_run_ends_where_the_usual_range_was_begun_anew() -> None:
    course = _course([97.0] * 12, signals={0: "shift_up"})
    anew = tuple(step._replace(is_anew=index == 3) for index, step in enumerate(course.steps))
    assert "The last 9 values" in _said(replace(course, steps=anew))


def test_a_mean_that_moves_with_the_season_is_not_told_as_one_number() -> None:
    course = _course([97.0] * 9, signals={0: "shift_up"})
    steps = tuple(step._replace(mean=90.0 + index / 2) for index, step in enumerate(course.steps))
    said = _said(replace(course, steps=steps))
    assert "The last 9 values all lie in the upper half of their usual range or above it" in said
    assert "its mean" not in said


def test_a_gap_does_not_count_as_a_value_of_a_run() -> None:
    course = _course([97.0, None, *[97.0] * 7], signals={0: "shift_up"})
    assert "The last 8 values" in _said(course)


@pytest.mark.parametrize(
    ("signal", "limit"), [("near_high", "upper limit"), ("near_low", "lower limit")]
)
def test_three_of_four_near_a_limit_are_a_signal(signal, limit) -> None:
    course = _course([95.0, 99.0, 99.0, 99.0], signals={0: signal})
    assert f"At least three of the last four values lie near the {limit}" in _said(course)


@pytest.mark.parametrize(
    ("grain", "word"),
    [("month", "months"), ("quarter", "quarters"), ("half", "half-years"), ("year", "years")],
)
def test_too_few_periods_are_said_and_nothing_more(grain, word) -> None:
    course = _unjudged(_course([95.0, 60.0], grain=grain, is_too_short=True))
    assert f"Too few {word} are known to tell a change from noise." in _said(course)
    assert "usual" not in _said(course)


def test_a_value_that_nobody_judged_is_not_called_usual() -> None:
    assert "usual" not in _said(_unjudged(_course([95.0, 60.0])))


def test_one_month_is_the_first_value() -> None:
    course = _unjudged(_course([95.0], is_too_short=True))
    assert _said(course) == (
        "Deliveries stood at 95.0 in October 2026, the first value in the chart. "
        "Too few months are known to tell a change from noise."
    )


def test_a_value_after_nothing_is_the_first_however_long_the_chart() -> None:
    assert "the first value in the chart" in _text(movement(_course([None, None, 95.0])))


def test_a_gap_before_the_last_value_is_said() -> None:
    assert _said(_course([95.0, None, 96.0])).startswith(
        "Deliveries stood at 96.0 in October 2026; September 2026 has no value."
    )


def test_a_value_after_a_gap_is_not_said_to_have_fallen() -> None:
    assert "fell" not in _said(_course([95.0, None, 84.0], signals={0: "low"}))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("no_data", "Deliveries has no value for October 2026; the last one is 96.0, of August 2026."),
        ("stale", "Deliveries has no value for October 2026; the last one is 96.0, of August 2026."),
        (
            "unverified",
            "Deliveries has no value for October 2026 that can be trusted; the last good one is 96.0, of August 2026.",
        ),
        (
            "suppressed",
            "Deliveries is held back for October 2026, since it would reveal few answers; "
            "the last value shown is 96.0, of August 2026.",
        ),
    ],
)  # fmt: skip
def test_a_last_period_without_a_value_is_said_and_nothing_judged(state, said) -> None:
    assert _said(_course([95.0, 96.0, None, None], state=state, aim=Aim(target=97.0))) == said


def test_a_target_that_is_met() -> None:
    course = _missed(_course([95.0, 96.0], aim=Aim(target=96.0)), [False, True])
    assert _said(course).endswith("It meets the target of 96.0.")


@pytest.mark.parametrize(
    ("met", "said"),
    [
        ([True, True, False], "It misses the target of 98.0 by 2.0."),
        (
            [True, False, False],
            "It misses the target of 98.0 by 2.0, and has missed it since September 2026.",
        ),
        (
            [False, False, False],
            "It misses the target of 98.0 by 2.0, and has missed it in every period shown.",
        ),
        ([None, None, False], "It misses the target of 98.0 by 2.0."),
    ],
)
def test_a_missed_target_says_by_how_much_and_since_when(met, said) -> None:
    course = _missed(_course([97.0, 95.0, 96.0], aim=Aim(target=98.0)), met)
    assert _said(course).endswith(said)


def test_lower_is_better_misses_from_above_by_a_size_without_sign() -> None:
    course = _missed(_course([95.0, 96.0], aim=Aim(target=90.0)), [True, False])
    assert _said(course).endswith("It misses the target of 90.0 by 6.0.")


def test_a_miss_too_small_to_show_is_not_told_as_zero() -> None:
    course = _missed(_course([95.0, 95.99], aim=Aim(target=96.0)), [True, False])
    assert _said(course).endswith("It misses the target of 96.0 by less than is shown.")


def test_an_interval_across_the_target_leaves_it_open() -> None:
    course = _missed(
        _course([95.0, 95.0], aim=Aim(target=96.0), interval=(93.0, 97.0)), [False, False]
    )
    assert _said(course).endswith(
        "Its 95% interval, 93.0 to 97.0, reaches across the target of 96.0: "
        "it cannot be said that it is met or missed."
    )
    assert "misses" not in _said(course)


@pytest.mark.parametrize(
    ("value", "met", "said"),
    [
        (96.0, True, "It lies within the good range of 94.0 to 98.0."),
        (91.5, False, "It lies 2.5 outside the good range of 94.0 to 98.0."),
        (98.01, False, "It lies just outside the good range of 94.0 to 98.0."),
    ],
)
def test_a_range_is_kept_or_left(value, met, said) -> None:
    course = _missed(_course([95.0, value], aim=Aim(good=(94.0, 98.0))), [True, met])
    assert _said(course).endswith(said)


def test_no_target_is_said() -> None:
    assert _said(_course([95.0, 96.0], aim=None)).endswith("It has no target.")


def test_other_rules_say_the_score() -> None:
    assert _said(_course([95.0, 96.0], aim=Aim(score="62"))).endswith("It scores 62.")


def test_a_provisional_value_may_still_change() -> None:
    assert _said(_course([95.0, 96.0], is_provisional=True)).endswith(
        "The value is provisional and may still change."
    )


def test_quarters_are_named_as_quarters() -> None:
    starts = shown_until(date(2026, 7, 1), "quarter")[-3:]
    steps = tuple(Step(at, value) for at, value in zip(starts, (1.0, 2.0, 3.0), strict=True))
    course = replace(_course([1.0]), steps=steps, grain="quarter", is_too_short=True)
    assert _said(course) == (
        "Deliveries stood at 3.0 in 3rd quarter 2026, after 2.0 in 2nd quarter 2026. "
        "Too few quarters are known to tell a change from noise."
    )


def test_the_name_keeps_its_own_direction_of_writing() -> None:
    assert sentences(_course([95.0, 96.0]))[0] == Part("Deliveries", style="outside")
