"""How numbers, dates and periods are written: by the company's locale and currency, through Babel.

Month names follow the language of the pages' words, which is the company's where there is a catalogue of it (text);
separators, per cent and money always follow the company's. Not here: which number is shown where (views).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    NumberPattern,
    format_compact_decimal,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    parse_pattern,
)

from reports.periods import add_months, fiscal_year, ordinal
from reports.words.text import later, say, say_count, spoken

MINUS = "\u2212"
NONE = "none"
"""What stands for a missing value; a template says it in the language of the pages."""
EDGE_ZONE = Decimal("0.5")
"""A score this near to a band's edge shows two decimals, so that 67 is never at risk."""

LONG = "long"
MONTH_ALONE = frozenset({"LLL", "LLLL"})
"""A month's name by itself: some languages decline it beside a year."""

TEN_DIGITS = 10**9
"""From here on a number is written short where there is little room."""
BRIEF_DIGITS = 3
REMEMBERED = 20_000
"""How many numbers a language remembers as it wrote them: those of some hundred pages, of which most stand there several times."""
QUANTA = tuple(Decimal(1).scaleb(-decimals) for decimals in range(12))
"""The last place of a number with so many decimals."""

Number = float | Decimal | int


def rounded(value: Number, decimals: int) -> Decimal:
    """Round half away from zero, as DuckDB does; the result is what a reader sees and may subtract."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    shown = exact.quantize(QUANTA[decimals], ROUND_HALF_UP)
    return shown or abs(shown)


def in_words(written: str) -> str:
    """Return a written value as it stands in a sentence or a drawing: a missing one in the language of the pages."""
    return say("none") if written == NONE else written


@dataclass(frozen=True)
class Language:
    """The company's way of writing numbers and dates."""

    locale: Locale
    dates: Locale
    currency_symbol: str
    currency_before: bool
    _patterns: dict[int, NumberPattern] = field(default_factory=dict, compare=False, repr=False)
    _texts: dict[tuple[object, ...], str] = field(default_factory=dict, compare=False, repr=False)
    """What was written before, by all that decides it."""

    _dates: dict[tuple[date, str], str] = field(default_factory=dict, compare=False, repr=False)

    def number(self, value: Number | None, decimals: int = 0) -> str:
        """Write a number, or `none` where there is none."""
        if value is None:
            return NONE
        key = (value, decimals)
        found = self._texts.get(key)
        return self._remember(key, self.written(value, decimals)) if found is None else found

    def written(self, value: Number, decimals: int) -> str:
        """Write a number without remembering it, for who does that by another key."""
        shown = rounded(value, decimals)
        size = abs(shown)
        text = (
            self._pattern(decimals).apply(size, self.locale)
            if self._signs is None
            else f"{size:,f}".translate(self._signs)
        )
        return MINUS + text if shown < 0 else text

    def brief(self, value: Number | None, decimals: int = 0) -> str:
        """Write a number in little room, as at a line of a chart: 1.235B from ten digits on; its table has them all."""
        if value is None:
            return NONE
        size = abs(rounded(value, decimals))
        if size < TEN_DIGITS:
            return self.number(value, decimals)
        text = format_compact_decimal(
            size, format_type="short", locale=self.locale, fraction_digits=BRIEF_DIGITS
        )
        return MINUS + text if value < 0 else text

    @cached_property
    def _signs(self) -> dict[int, str] | None:
        """The locale's signs in the place of comma and point; None where Babel writes: not in threes, or with more about it."""
        pattern = self._pattern(0)
        if pattern.grouping != (3, 3) or pattern.prefix[0] or pattern.suffix[0]:
            return None
        return {ord(","): get_group_symbol(self.locale), ord("."): self.decimal_symbol}

    @cached_property
    def decimal_symbol(self) -> str:
        """What parts the decimals off."""
        return get_decimal_symbol(self.locale)

    def once(self, key: tuple[object, ...], write: Callable[[], str]) -> str:
        """Return what was written for a key before, else write it."""
        found = self._texts.get(key)
        return self._remember(key, write()) if found is None else found

    def _remember(self, key: tuple[object, ...], text: str) -> str:
        """Keep what was written; when it becomes too much, all of it goes."""
        if len(self._texts) >= REMEMBERED:
            self._texts.clear()
        self._texts[key] = text
        return text

    def signed(self, value: Number | None, decimals: int = 0) -> str:
        """Write a difference: with its sign, zero without."""
        if value is None:
            return NONE
        text = self.number(value, decimals)
        return "+" + text if rounded(value, decimals) > 0 else text

    def percent(self, fraction: Number | None, decimals: int = 0) -> str:
        """Write a fraction as a percentage, in prose."""
        if fraction is None:
            return NONE
        hundredfold = (
            Decimal(repr(fraction)) * 100 if isinstance(fraction, float) else fraction * 100
        )
        text = self.number(hundredfold, decimals)
        return self.with_percent(text)

    def with_percent(self, number: str) -> str:
        """Return a written number with the locale's per cent sign."""
        before, after = self._percent_signs
        return f"{before}{number}{after}"

    @cached_property
    def _percent_signs(self) -> tuple[str, str]:
        """What the locale writes before and after a number of per cent; Babel takes long to look it up."""
        pattern = self.locale.percent_formats[None]
        return pattern.prefix[0], pattern.suffix[0]

    def with_currency(self, number: str) -> str:
        """Return a written number with the currency's symbol, where the locale puts it."""
        if self.currency_before:
            sign, bare = (MINUS, number[1:]) if number.startswith(MINUS) else ("", number)
            return f"{sign}{self.currency_symbol}{bare}"
        return f"{number}\u00a0{self.currency_symbol}"

    def money(self, amount: Number | None) -> str:
        """Write an amount of the company's currency in whole units."""
        return NONE if amount is None else self.with_currency(self.number(amount))

    def day(self, day: date | None) -> str:
        """Write a day: 2 November 2026."""
        return NONE if day is None else self._date(day, LONG)

    def short_day(self, day: date | None) -> str:
        """Write a day in little room: 2 Nov 2026."""
        return NONE if day is None else self._date(day, "yMMMd")

    def month(self, month: date) -> str:
        """Write a month: October 2026."""
        return self._date(month, "yMMMM")

    def month_name(self, month: date, *, short: bool = False) -> str:
        """Write a month without its year: October, Oct."""
        return self._date(month, "LLL" if short else "LLLL")

    def short_month(self, month: date, *, near: date | None = None) -> str:
        """Write a month in little room: Oct, or Oct 2025 where it is not of `near`'s last eleven months."""
        same = near is not None and add_months(near, -12) < month <= near
        return self._date(month, "LLL" if same else "yMMM")

    def _date(self, day: date, form: str) -> str:
        """Write a date by a skeleton, whose order and signs are the language's own."""
        key = (day, form)
        if key not in self._dates:
            alone = form == LONG or form in MONTH_ALONE
            written = (
                format_date(day, form, locale=self.dates)
                if alone
                else format_skeleton(form, day, locale=self.dates)
            )
            self._dates[key] = str(written)
        return self._dates[key]

    def _pattern(self, decimals: int) -> NumberPattern:
        if decimals not in self._patterns:
            whole = self.locale.decimal_formats[None].pattern.split(";")[0].split(".")[0]
            fraction = "." + "0" * decimals if decimals else ""
            self._patterns[decimals] = parse_pattern(whole + fraction)
        return self._patterns[decimals]


def language_of(locale: str, currency: str) -> Language:
    """Return the way of writing of a company.

    Raises:
        ValueError: where Babel does not know the locale.

    """
    try:
        numbers = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(
            f"company.yaml: the locale {locale!r} is not known; write one such as en_GB, de_DE or nl"
        ) from error
    pattern = numbers.currency_formats["standard"]
    return Language(
        locale=numbers,
        dates=_dates_of(numbers),
        currency_symbol=get_currency_symbol(currency, locale=numbers),
        currency_before="¤" in pattern.prefix[0],
    )


def _dates_of(numbers: Locale) -> Locale:
    """Return the locale of dates: the company's own where the pages speak its language; English of no country is British."""
    is_own = numbers.language == spoken(numbers.language)
    return numbers if is_own and str(numbers) != "en" else Locale("en", "GB")


PERIODS = {
    ("quarter", 1): (later("1st quarter {year}"), later("Q1 {year}"), later("Q1")),
    ("quarter", 2): (later("2nd quarter {year}"), later("Q2 {year}"), later("Q2")),
    ("quarter", 3): (later("3rd quarter {year}"), later("Q3 {year}"), later("Q3")),
    ("quarter", 4): (later("4th quarter {year}"), later("Q4 {year}"), later("Q4")),
    ("half", 1): (later("1st half {year}"), later("H1 {year}"), later("H1")),
    ("half", 2): (later("2nd half {year}"), later("H2 {year}"), later("H2")),
}
"""How quarters and half-years are written: at length, in little room, without a year."""


def spanned(count: int, grain: str) -> str:
    """Write how long several periods of a grain are together: 24 months."""
    match grain:
        case "month":
            return say_count("{count} month", "{count} months", count)
        case "quarter":
            return say_count("{count} quarter", "{count} quarters", count)
        case "half":
            return say_count("{count} half-year", "{count} half-years", count)
        case _:
            return say_count("{count} year", "{count} years", count)


@dataclass(frozen=True)
class Calendar:
    """How the periods in which KPIs are measured are written, by the company's fiscal year."""

    language: Language
    fiscal_start: int = 1
    """Number of the month in which the fiscal year begins."""

    def period(self, grain: str, start: date) -> str:
        """Write a period: October 2026, 3rd quarter 2026, 2nd half 2026/27, 2026/27."""
        if grain == "month":
            return self.language.month(start)
        if grain == "year":
            return self.year(start)
        return say(self._forms(grain, start)[0], year=self.year(start))

    def short(self, grain: str, start: date, *, near: date | None = None) -> str:
        """Write a period in little room: Oct (Oct 2025 where it is not near), Q3 2026, H2 2026/27."""
        if grain == "month":
            return self.language.short_month(start, near=near)
        if grain == "year":
            return self.year(start)
        return say(self._forms(grain, start)[1], year=self.year(start))

    def tick(self, grain: str, start: date) -> str:
        """Write a period without its year, as on an axis: Oct, Q3, H2; a year as it is."""
        if grain == "month":
            return self.language.month_name(start, short=True)
        if grain == "year":
            return self.year(start)
        return say(self._forms(grain, start)[2])

    def _forms(self, grain: str, start: date) -> tuple[str, str, str]:
        return PERIODS[grain, ordinal(start, grain, fiscal_start=self.fiscal_start)]

    def year(self, start: date) -> str:
        """Write the fiscal year of a month: 2026, or 2026/27 where it does not begin in January."""
        first = fiscal_year(start, fiscal_start=self.fiscal_start)
        return str(first) if self.fiscal_start == 1 else f"{first}/{(first + 1) % 100:02d}"


@dataclass(frozen=True)
class Scale:
    """How one KPI's values are written: the unit once, the decimals that are the KPI's own."""

    language: Language
    measured_in: str
    decimals: int

    @cached_property
    def factor(self) -> int:
        """What a stored value is multiplied by to be shown."""
        return 100 if self.measured_in in {"percent", "points"} else 1

    @property
    def unit(self) -> str:
        """The unit as it stands beside the name: %, points, €, days; nothing for a plain number."""
        match self.measured_in:
            case "percent":
                return "%"
            case "currency":
                return self.language.currency_symbol
            case "number":
                return ""
            case "points":
                return say("points")
            case other:
                return other

    def unit_beside(self, name: str) -> str:
        """Give the unit to stand beside a name; nothing where the name says it: New customers, not New customers customers."""
        return "" if self.unit.casefold() in name.casefold().split() else self.unit

    def shown(self, value: Number | None) -> Decimal | None:
        """Return the number that a reader sees."""
        if value is None:
            return None
        return rounded(self._in_shown_units(value), self.decimals)

    def bare(self, value: Number | None) -> str:
        """Write a value without its unit, as in a table."""
        if value is None:
            return NONE
        if self.factor == 1:
            return self.language.number(value, self.decimals)
        key = (value, self.factor, self.decimals)
        return self.language.once(
            key, lambda: self.language.written(self._in_shown_units(value), self.decimals)
        )

    def _in_shown_units(self, value: Number) -> Decimal:
        exact = value if isinstance(value, Decimal) else Decimal(repr(value))
        return exact * self.factor

    def brief(self, value: Number | None) -> str:
        """Write a value without its unit in little room, as at a line of a chart."""
        return self.language.brief(self.shown(value), self.decimals)

    def prose(self, value: Number | None) -> str:
        """Write a value with its unit, as in a sentence."""
        if value is None:
            return NONE
        key = (value, self.measured_in, self.decimals, "prose")
        return self.language.once(key, lambda: self._with_unit(self.bare(value)))

    def between(self, low: Number | None, high: Number | None) -> str:
        """Write a pair of values, the unit once: 36 to 48."""
        return say("{low} to {high}", low=self.bare(low), high=self.bare(high))

    def gap(self, value: Number | None, base: Number | None) -> str:
        """Write the difference of two values as shown, signed, without unit: a reader who subtracts gets the same."""
        difference = self.difference(value, base)
        return self.language.signed(difference, self.decimals)

    def gap_prose(self, value: Number | None, base: Number | None) -> str:
        """Write the difference of two values as shown, signed, with its unit; of percentages in points."""
        text = self.gap(value, base)
        if text == NONE:
            return text
        if self.factor == 100:  # noqa: PLR2004 - a difference of percentages is in points
            return say("{difference} points", difference=text)
        if self.measured_in == "currency":
            return (
                text[0] + self._with_unit(text[1:])
                if text.startswith("+")
                else self._with_unit(text)
            )
        return f"{text} {self.unit}".strip()

    def difference(self, value: Number | None, base: Number | None) -> Decimal | None:
        """Return the difference of two values as shown."""
        upper, lower = self.shown(value), self.shown(base)
        return None if upper is None or lower is None else upper - lower

    def _with_unit(self, text: str) -> str:
        match self.measured_in:
            case "percent":
                return self.language.with_percent(text)
            case "currency":
                return self.language.with_currency(text)
            case "number":
                return text
            case "points":
                return say("{value} points", value=text)
            case unit if unit.startswith(f"{self.language.currency_symbol} "):
                return f"{self.language.with_currency(text)}{unit[len(self.language.currency_symbol) :]}"
            case unit:
                return f"{text} {unit}"


@dataclass(frozen=True)
class Edges:
    """Lower edges of the bands, and how a score between them is written."""

    on_track: float
    at_risk: float
    language: Language

    def shown(self, score: Number | None) -> Decimal | None:
        """Return the score that a reader sees: whole, or with two decimals near an edge."""
        if score is None:
            return None
        return rounded(score, self._decimals(score))

    def write(self, score: Number | None) -> str:
        """Write a score."""
        if score is None:
            return NONE
        key = (score, self.on_track, self.at_risk, "score")
        return self.language.once(key, lambda: self.language.number(score, self._decimals(score)))

    def change(self, score: Number | None, before: Number | None) -> Decimal | None:
        """Return the difference of two scores as shown."""
        after, earlier = self.shown(score), self.shown(before)
        return None if after is None or earlier is None else after - earlier

    def write_change(self, score: Number | None, before: Number | None) -> str:
        """Write the difference of two scores as shown."""
        change = self.change(score, before)
        if change is None:
            return NONE
        return self.language.signed(change, 0 if change == change.to_integral_value() else 2)

    def _decimals(self, score: Number) -> int:
        if min(abs(float(score) - edge) for edge in (self.on_track, self.at_risk)) > 1:
            return 0
        exact = rounded(score, 6)
        edges = (Decimal(repr(self.on_track)), Decimal(repr(self.at_risk)))
        near = any(abs(exact - edge) < EDGE_ZONE for edge in edges)
        return 2 if near else 0


@dataclass(frozen=True)
class ScoreScale(Scale):
    """How scores are written where a chart expects a KPI's values."""

    edges: Edges

    def bare(self, value: Number | None) -> str:
        """Write a score."""
        return self.edges.write(value)


def score_scale(edges: Edges) -> ScoreScale:
    """Return the scale of scores."""
    return ScoreScale(edges.language, "number", 0, edges)
