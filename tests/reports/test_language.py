from datetime import date

import pytest
from babel.numbers import parse_pattern

from reports.periods import last_closed, shown_until
from reports.words.language import Calendar, Edges, Scale, language_of, rounded

BRITISH = language_of("en_GB", "EUR")
GERMAN = language_of("de_DE", "EUR")
INDIAN = language_of("en-IN", "INR")


@pytest.mark.parametrize(
    ("language", "measured_in", "decimals", "value", "bare", "prose"),
    [
        (BRITISH, "percent", 1, 0.912, "91.2", "91.2%"),
        (GERMAN, "percent", 1, 0.912, "91,2", "91,2\u00a0%"),
        (BRITISH, "currency", 0, -1240.0, "−1,240", "−€1,240"),
        (GERMAN, "currency", 0, -1240.0, "−1.240", "−1.240\u00a0€"),
        (INDIAN, "currency", 0, 1234567.0, "12,34,567", "₹12,34,567"),
        (BRITISH, "points", 0, 0.586, "59", "59 points"),
        (BRITISH, "days", 2, 4.0, "4.00", "4.00 days"),
        (BRITISH, "€ per kg", 2, 7.92, "7.92", "€7.92 per kg"),
        (BRITISH, "number", 0, 0.0, "0", "0"),
        (BRITISH, "number", 1, None, "none", "none"),
    ],
)
def test_values_are_written_as_the_company_writes_them(
    language, measured_in, decimals, value, bare, prose
) -> None:
    scale = Scale(language, measured_in, decimals)
    assert scale.bare(value) == bare
    assert scale.prose(value) == prose


@pytest.mark.parametrize(
    ("value", "base", "gap"),
    [(0.912, 0.95, "−3.8"), (0.95, 0.912, "+3.8"), (0.95, 0.9500001, "0.0"), (None, 0.9, "none")],
)
def test_gaps_carry_a_sign_and_zero_does_not(value, base, gap) -> None:
    assert Scale(BRITISH, "percent", 1).gap(value, base) == gap


def test_a_gap_is_the_difference_of_the_numbers_shown() -> None:
    """91.25 and 94.64 show as 91.3 and 94.6: a reader who subtracts gets 3.3, not 3.4."""
    scale = Scale(BRITISH, "percent", 1)
    assert (scale.bare(0.9125), scale.bare(0.9464)) == ("91.3", "94.6")
    assert scale.gap(0.9125, 0.9464) == "−3.3"
    assert scale.gap_prose(0.9125, 0.9464) == "−3.3 points"


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (63.2, "63"),
        (66.52, "66.52"),
        (66.67, "66.67"),
        (67.4, "67"),
        (33.1, "33.10"),
        (0.0, "0"),
        (100.0, "100"),
        (None, "none"),
    ],
)
def test_scores_near_an_edge_show_two_decimals(score, text) -> None:
    assert Edges(66.67, 33.33, BRITISH).write(score) == text


def test_a_change_of_scores_is_the_difference_of_the_scores_shown() -> None:
    edges = Edges(66.67, 33.33, BRITISH)
    assert edges.write_change(63.4, 69.6) == "−7"
    assert edges.write_change(50.4, 49.6) == "0"
    assert edges.write_change(None, 49.6) == "none"


def test_months_are_english_and_separators_are_the_companys() -> None:
    assert GERMAN.month(date(2026, 10, 1)) == "October 2026"
    assert GERMAN.number(1234.5, 1) == "1.234,5"


def test_a_month_of_another_year_says_so() -> None:
    near = date(2026, 10, 1)
    assert BRITISH.short_month(date(2026, 3, 1), near=near) == "Mar"
    assert BRITISH.short_month(date(2025, 10, 1), near=near) == "Oct 2025"


def test_rounding_is_half_away_from_zero_and_never_minus_zero() -> None:
    assert [str(rounded(value, 0)) for value in (0.5, 1.5, -0.5, -0.4)] == ["1", "2", "-1", "0"]


def test_an_unknown_locale_is_refused_with_the_mend() -> None:
    with pytest.raises(ValueError, match="en_GB"):
        language_of("xx-nowhere", "EUR")


@pytest.mark.parametrize(
    ("grain", "start", "fiscal", "name", "short"),
    [
        ("month", date(2026, 9, 1), 1, "September 2026", "Sept"),
        ("month", date(2025, 9, 1), 1, "September 2025", "Sept 2025"),
        ("quarter", date(2026, 7, 1), 1, "3rd quarter 2026", "Q3 2026"),
        ("quarter", date(2026, 7, 1), 7, "1st quarter 2026/27", "Q1 2026/27"),
        ("half", date(2026, 1, 1), 7, "2nd half 2025/26", "H2 2025/26"),
        ("year", date(1999, 7, 1), 7, "1999/00", "1999/00"),
        ("year", date(2026, 1, 1), 1, "2026", "2026"),
    ],
)
def test_periods_are_named_by_the_fiscal_year(grain, start, fiscal, name, short) -> None:
    calendar = Calendar(BRITISH, fiscal)
    assert calendar.period(grain, start) == name
    assert calendar.short(grain, start, near=date(2026, 10, 1)) == short


@pytest.mark.parametrize(
    ("grain", "fiscal", "start"),
    [
        ("month", 1, date(2026, 10, 1)),
        ("quarter", 1, date(2026, 7, 1)),
        ("quarter", 8, date(2026, 8, 1)),
        ("half", 1, date(2026, 1, 1)),
        ("half", 5, date(2026, 5, 1)),
        ("year", 1, date(2025, 1, 1)),
        ("year", 11, date(2025, 11, 1)),
    ],
)
def test_the_last_closed_period_ends_with_the_month_or_before_it(grain, fiscal, start) -> None:
    assert last_closed(date(2026, 10, 1), grain, fiscal_start=fiscal) == start
    assert shown_until(start, grain)[-1] == start


@pytest.mark.parametrize(
    ("measured_in", "name", "shown"),
    [
        ("customers", "New customers", ""),
        ("customers", "Customers per shop", ""),
        ("days", "Time to market", "days"),
        ("percent", "Gross margin", "%"),
        ("number", "Index", ""),
    ],
)
def test_a_unit_that_the_name_says_does_not_stand_beside_it(measured_in, name, shown) -> None:
    assert Scale(BRITISH, measured_in, 0).unit_beside(name) == shown


@pytest.mark.parametrize(
    "locale", ["en_GB", "de_DE", "de_CH", "fr_FR", "es", "pl", "sv", "en_IN", "hi"]
)
@pytest.mark.parametrize("value", [0, 9.995, -999.5, 1000, 12345.678, 1234567.5, 1e15])
def test_numbers_are_written_as_babel_writes_them(locale, value) -> None:
    language = language_of(locale, "EUR")
    for decimals in (0, 1, 2, 6):
        shown = rounded(value, decimals)
        pattern = parse_pattern("#,##0" + ("." + "0" * decimals if decimals else ""))
        if locale in {"en_IN", "hi"}:
            pattern = parse_pattern("#,##,##0" + ("." + "0" * decimals if decimals else ""))
        expected = pattern.apply(abs(shown), language.locale)
        assert language.number(value, decimals) == ("−" if shown < 0 else "") + expected


@pytest.mark.parametrize(
    ("locale", "value", "written"),
    [
        ("en_GB", 999_999_999, "999,999,999"),
        ("en_GB", 1_234_567_890, "1.235B"),
        ("en_GB", -1_234_567_890_123, "−1.235T"),
        ("de_DE", 1_234_567_890, "1,235\xa0Mrd."),
        ("ja_JP", 1_234_567_890, "12.346億"),
    ],
)
def test_beside_a_line_of_a_chart_a_very_long_number_is_short(locale, value, written) -> None:
    assert language_of(locale, "EUR").brief(value) == written
