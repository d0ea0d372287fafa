"""The derivation of one score in words, for the terminal; numbers are written as on the pages, by the company's locale.

Not here: where it comes from (`transforms.explanation`).
"""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from pipelines.plural import counted
from reports.words.arithmetic import MOST_PLACES, told
from reports.words.language import Calendar, Edges, Language, Scale, language_of, rounded
from reports.words.points import Point, read_points
from transforms.explanation_parts import (
    Effect,
    Explanation,
    Kpi,
    Period,
    ReportedScore,
    ReportedValue,
    Rows,
    Term,
    Value,
)

SHOWN_LOADS = 3
"""Loads of each table that are shown; the others are counted."""
STATES = {
    "stale": "stale: nothing newer counts, so the last good value stands in",
    "unverified": "unverified: what came cannot be trusted, and the last good value is too old; not scored",
    "no_data": "no data: nothing was measured",
    "no_target": "no target: no scoring points are valid for it",
}
SIGNALS = {
    "high": "above its usual range",
    "low": "below its usual range",
    "shift_up": "eight in a row above the usual mean",
    "shift_down": "eight in a row below the usual mean",
    "near_high": "three of four near the upper end of the usual range",
    "near_low": "three of four near the lower end of the usual range",
}
ADDED = {
    "sum": "sums over all months and units below",
    "ratio": "sums over all units below, not a mean of their rates",
    "last": "the last month's, summed over all units below",
    "mean": "the sum of the months' totals / the number of months",
    "distinct": "different keys, each counted once",
    "score": "counted from the answers of all units below",
}


class Section(NamedTuple):
    """A heading and the lines below it."""

    heading: str
    lines: tuple[str, ...]


def show(found: Explanation, console: Console) -> None:
    """Print an explanation: headings stand out in a terminal; elsewhere it is plain text."""
    for number, section in enumerate(sections(found)):
        if number:
            console.print()
        console.print(Text(section.heading, style="bold"))
        for line in section.lines:
            console.print(Text(f"  {line}" if line else ""))


def sections(found: Explanation) -> Iterator[Section]:
    """Say everything, the score first and its sources last."""
    words = _Words(found)
    for heading, lines in (
        (words.title, words.standing()),
        ("Score", words.score()),
        ("Points", words.points()),
        ("Value", words.value()),
        ("What it did above", words.effects()),
        ("Signal", words.signal()),
        ("What to know", (each.message for each in found.warnings)),
        ("Rows", words.rows()),
        ("SQL", words.sql()),
        ("Loads", words.loads()),
        ("Reported before", words.reported()),
    ):
        said = tuple(lines)
        if said:
            yield Section(heading, said)


class _Words:
    """The words of one explanation."""

    def __init__(self, found: Explanation) -> None:
        self.found = found
        self.kpi: Kpi = found.kpi
        self.language: Language = language_of(self.kpi.locale, self.kpi.currency_code)
        unit = self.kpi.measured_in
        self.scale = Scale(self.language, unit, self.kpi.decimals)
        self.edges = Edges(self.kpi.on_track_edge, self.kpi.at_risk_edge, self.language)
        self.parents_edges = Edges(
            self.kpi.parents_on_track_edge, self.kpi.parents_at_risk_edge, self.language
        )
        self.calendar = Calendar(self.language, found.fiscal_start_month)

    # --- how it stands --------------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """Name the KPI, the unit and the period."""
        period = self.period(self.found.period)
        return f"{self.kpi.name} ({self.kpi.kpi_id}), {self.found.unit_name} ({self.found.unit_id}), {period}"

    def standing(self) -> Iterator[str]:
        """Say how it stands, and what it is."""
        yield self._outcome()
        kpi = self.kpi
        if kpi.description:
            yield kpi.description
        yield f"Objective {kpi.objective}, perspective {kpi.perspective}; owner {kpi.owner}; definition {kpi.definition_id}"
        yield f"Release {self.found.release_id}, as of {self.language.day(self.found.as_of)}"

    def _outcome(self) -> str:
        score = self.found.score
        if score is None:
            return "The period is still open: it is shown as provisional, and not scored."
        state = "" if score.data_state == "current" else STATES[score.data_state]
        if self.found.is_suppressed:
            return f"Held back: {_few(self.kpi)}"
        if score.score is None:
            return f"No score; {state}."
        band = (score.band or "").replace("_", " ")
        said = f"Score {self.edges.write(score.score)}, {band}; actual {self.scale.prose(score.actual)}"
        return f"{said}; {state}." if state else f"{said}."

    def score(self) -> Iterator[str]:
        """Say how the actual became the score, and the score a band."""
        kpi, score = self.kpi, self.found.score
        if score is None or score.score is None or score.actual is None:
            return
        yield told(kpi, self._points(), actual=score.actual, score=score.score, scale=self.scale)
        if kpi.rule == "ratio":
            cap = "none" if kpi.score_cap is None else self.language.number(kpi.score_cap)
            yield f"Scores stay within 0 and the cap: {cap}"
        yield (
            f"Bands: on track from {self.edges_text(kpi.on_track_edge)}, at risk from {self.edges_text(kpi.at_risk_edge)}, "
            f"compared after rounding to two decimals: {(score.band or '').replace('_', ' ')}"
        )
        yield "Figures are shown rounded; the score is computed from the exact ones."

    def edges_text(self, edge: float) -> str:
        """Write an edge of a band."""
        return self.language.number(edge, 0 if edge == int(edge) else 2)

    def points(self) -> Iterator[str]:
        """List the points that were valid, and the rows of targets that gave them."""
        score = self.found.score
        if score is None or not score.points:
            return
        for point in self._points():
            scores = "a width" if point.score is None else f"scores {point.score:.2f}"
            yield f"{point.name.replace('_', ' '):<16} {self._exact(point.value):>16}  {scores}"
        for row in score.points_given_by or ():
            share = "as they are" if row["share"] == 1 else f"{row['share']:.4g} of them"
            yield (
                f"from targets.csv: {self.kpi.kpi_id},{row['unit_id']},{row['per']},{row['valid_from_date']} ({share})"
            )

    def _points(self) -> list[Point]:
        return read_points(self.found.score.points if self.found.score else None)

    def _exact(self, value: float | Decimal) -> str:
        """Write a value with all its decimals, the KPI's own at the least."""
        shown = rounded(value * self.scale.factor, MOST_PLACES)
        places = -int(shown.normalize().as_tuple().exponent)
        return self.language.number(shown, min(max(places, self.kpi.decimals), MOST_PLACES))

    # --- what it is made of ---------------------------------------------------------------------------------------------

    def value(self) -> Iterator[str]:
        """Say how the components became the actual."""
        found = self.found
        if found.value_period != found.period:
            yield self._other_period()
        if found.value is None:
            yield "Nothing was measured in the period."
        elif found.is_suppressed:
            yield f"Held back: {_few(self.kpi)}"
        elif found.score is not None and found.score.data_state == "unverified":
            yield "What came cannot be trusted, so nothing of it is shown; its rows and loads say more."
        else:
            yield from self._made(found.value)
            yield from self._known(found.value)

    def _other_period(self) -> str:
        kpi, found = self.kpi, self.found
        is_longer = found.value_period.grain != found.period.grain
        last_good = f"the last good one, which may stand in for {counted(kpi.max_age, 'period')}"
        why = f"it is measured by {kpi.frequency}" if is_longer else last_good
        return f"The value is of {self.period(found.value_period)}: {why}."

    def _known(self, value: Value) -> Iterator[str]:
        if value.observations is not None:
            yield f"Observations behind it: {self.language.number(value.observations)}"
        if value.interval_low is not None and value.interval_high is not None:
            yield f"95 % interval: {self.scale.between(value.interval_low, value.interval_high)}"
        if value.is_provisional:
            yield "Provisional: the period is open, or the data do not cover all of it."
        if value.data_as_of is not None:
            yield f"Data complete to {self.language.day(value.data_as_of)}"

    def _made(self, value: Value) -> Iterator[str]:
        actual = "no value" if value.actual is None else self.scale.prose(value.actual)
        if self.kpi.expression:
            yield f"{self.kpi.expression}, from terms that have added up first"
            yield from (self._term(term) for term in self.found.terms)
        if self.kpi.change_against or self.kpi.index_base_date:
            yield from self._against()
        if value.numerator is None:
            yield f"= {actual}"
            return
        up, down = self._amount(value.numerator), self._amount(value.denominator)
        over = "" if down == "1" else f" / {down}"
        how = ADDED.get(self.kpi.aggregation, "the expression")
        if self.kpi.change_against or self.kpi.index_base_date:
            how = "as the change" if self.kpi.change_against else "as the index"
        yield f"{up}{over} = {actual}: {how}"
        for term in self.found.terms:
            yield from self._answers(term)

    def _term(self, term: Term) -> str:
        whose = "" if term.of_unit == "unit" else f" of {term.unit_id}"
        made = "held back" if term.sum.is_held_back else self._plain(term.value)
        parts = f"numerator {self._amount(term.sum.numerator)}, denominator {self._amount(term.sum.denominator)}"
        observations = (
            f", {counted(term.sum.observations, 'observation')}" if term.sum.observations else ""
        )
        return f"  {term.term_id} = {made} ({term.component} of measure.{term.measure_id}{whose}, {term.aggregation}: {parts}{observations})"

    def _against(self) -> Iterator[str]:
        base = self.found.base_period
        when = (
            self.period(base) if base else "a period before the first one that is known: no value"
        )
        what = "The index of" if self.kpi.index_base_date else "The change against"
        yield f"{what} {when}{' = 100' if self.kpi.index_base_date else ''}"
        for term in self.found.terms:
            yield f"  {term.term_id}: {self._plain(term.base)} then, {self._plain(term.value)} now"

    def _answers(self, term: Term) -> Iterator[str]:
        if term.answers:
            given = ", ".join(
                f"{self._amount(each.answer)}: {each.answer_count or 0:,}" for each in term.answers
            )
            yield f"Answers (how many gave each): {given}"

    def _plain(self, value: float | None) -> str:
        return "no value" if value is None else self.language.number(value, _places(value))

    def _amount(self, value: Decimal | None) -> str:
        return "none" if value is None else self.language.number(value, _places(value))

    # --- what it did ----------------------------------------------------------------------------------------------------

    def effects(self) -> Iterator[str]:
        """Say what it did to objective, perspective and scorecard."""
        for effect in self.found.effects:
            yield self._effect(effect)
        share, score = self.found.scorecard_share, self.found.score
        if share is not None and score is not None and score.score is not None:
            lost = self.language.number(share * (100 - score.score), 1)
            yield f"In all: {self.language.percent(share, 1)} of the scorecard's scored weight; it cost the scorecard {lost} points"

    def _effect(self, effect: Effect) -> str:
        number = self.language.number
        weight = f"weight {number(effect.weight, _places(effect.weight))}"
        if effect.given_share is not None:
            weight += f", {self.language.percent(effect.given_share)} of its siblings'"
        if effect.weight_share is not None and effect.weight_share != effect.given_share:
            weight += f", {self.language.percent(effect.weight_share)} of those with a score"
        said = [weight]
        if effect.points_lost is not None:
            said.append(f"cost {number(effect.points_lost, 2)} points")
        if effect.contribution is not None:
            said.append(
                f"moved it by {self.language.signed(effect.contribution, 2)} since the period before"
            )
        if effect.gate_score is not None:
            said.append(f"gate {number(effect.gate_score)}")
        score = "no score" if effect.score is None else self.parents_edges.write(effect.score)
        band = (
            ""
            if effect.band is None
            else f", {effect.band.replace('_', ' ')}{' (held by a gate)' if effect.is_gated else ''}"
        )
        state = "" if effect.data_state == "current" else f", {effect.data_state.replace('_', ' ')}"
        above = f"{score}{band}{state}, coverage {self.language.percent(effect.coverage)}, {effect.roll_up.replace('_', ' ')}"
        return f"{effect.level} {effect.name} ({above}): {'; '.join(said)}"

    def signal(self) -> Iterator[str]:
        """Say whether the movement means anything."""
        score = self.found.score
        if score is None or self.found.is_suppressed:
            return
        if score.usual_low is not None:
            usual = self.scale.between(score.usual_low, score.usual_high)
            yield f"{SIGNALS[score.signal] if score.signal else 'No signal'}; usual range {usual}, mean {self.scale.bare(score.usual_mean)}"
        for change, against in (
            (score.change_previous, "the period before"),
            (score.change_last_year, "the same period last year"),
        ):
            if change is not None:
                yield f"{self.language.signed(self.scale.shown(change), self.kpi.decimals)} against {against}"

    # --- where it comes from --------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[str]:
        """Show a few rows of each measure behind it."""
        left_out = (
            "; those that rest on too few observations are left out"
            if self.kpi.min_observations
            else ""
        )
        for term in self.found.terms:
            by_hand = ", entered by hand" if term.is_manual else ""
            complete = (
                f", data complete to {self.language.day(term.data_as_of)}"
                if term.data_as_of
                else ""
            )
            yield f"measure.{term.measure_id}: {counted(term.rows.row_count, 'row')} of {term.unit_id} in the period{by_hand}{complete}{left_out}"
            if term.error:
                yield f"  its SQL failed: {term.error}"
            elif term.is_broken:
                yield "  a load that it is made from was rejected by its contract"
            yield from (f"  {line}" for line in _table(term.rows))

    def sql(self) -> Iterator[str]:
        """Show the SQL of measures and staging tables."""
        for each in self.found.sql:
            rows = "no" if each.row_count is None else self.language.number(each.row_count)
            yield f"{each.table}: {each.description or ''} {rows} rows."
            yield from (f"  {line}" for line in each.text.strip().splitlines())

    def loads(self) -> Iterator[str]:
        """List the loads that were read, and newer ones that were rejected."""
        by_table: dict[str, int] = {}
        for load in self.found.loads:
            by_table[load.table] = by_table.get(load.table, 0) + 1
            if by_table[load.table] > SHOWN_LOADS:
                continue
            held = f", {self.language.number(load.quarantined)} held back"
            used = "" if load.is_selected else ", NOT USED"
            yield (
                f"{load.table}  {load.load_id}  extracted {load.extracted_at:%Y-%m-%d %H:%M} UTC, "
                f"data to {self.language.short_day(load.data_as_of)}, {self.language.number(load.row_count)} rows{held}, "
                f"contract {'none declared' if load.verdict == 'unchecked' else load.verdict}{used}"
            )
        hidden = sum(max(0, count - SHOWN_LOADS) for count in by_table.values())
        if hidden:
            yield f"{hidden} earlier loads count too; quality.load lists them."

    def reported(self) -> Iterator[str]:
        """Say what every release reported of value and score."""
        if self.found.is_suppressed:
            return
        for number, value in enumerate(self.found.reported_values):
            yield f"value  {self._reported_value(value)}{_why(value.reasons, is_first=not number)}{_line(value)}"
        for number, score in enumerate(self.found.reported_scores):
            yield f"score  {self._reported_score(score)}{_why(score.reasons, is_first=not number)}{_line(score)}"

    def _reported_value(self, row: ReportedValue) -> str:
        said = "withdrawn" if row.is_withdrawn else self.scale.prose(row.actual)
        provisional = " (provisional)" if row.is_provisional else ""
        return f"{row.reported_at:%Y-%m-%d %H:%M} UTC  {row.release_id}  {said}{provisional}"

    def _reported_score(self, row: ReportedScore) -> str:
        if row.is_withdrawn:
            said = "withdrawn"
        else:
            state = (row.data_state or "").replace("_", " ")
            band = f"{row.band.replace('_', ' ')}, " if row.band else ""
            said = f"{self.edges.write(row.score)} ({band}{state}), weight {_short(row.weight)}"
            said += self._reported_points(row.points)
        return f"{row.reported_at:%Y-%m-%d %H:%M} UTC  {row.release_id}  {said}"

    def _reported_points(self, text: str | None) -> str:
        points: list[dict[str, Any]] = json.loads(text) if text else []
        said = [f"{point['point'].replace('_', ' ')} {self._exact(float(point['value']))}" for point in points if point["value"] is not None]  # fmt: skip
        return f", {', '.join(said)}" if said else ""

    def period(self, period: Period) -> str:
        """Name a period."""
        match period.grain:
            case "ytd":
                return f"year to date, {self.language.month(period.first)} to {self.language.month(period.last)}"
            case "ttm":
                return f"twelve months to {self.language.month(period.last)}"
            case _:
                return self.calendar.period(period.grain, period.start)


def _few(kpi: Kpi) -> str:
    few = f"fewer than {kpi.min_observations}" if kpi.min_observations else "too few"
    return (
        f"{few} observations are behind it, or behind a unit that could be worked out from it, "
        "and so nothing of it is shown."
    )


def _table(rows: Rows) -> Iterator[str]:
    """Lay rows out in columns."""
    if not rows.shown:
        return
    lines: Sequence[Sequence[str]] = [
        rows.columns,
        *([_cell(cell) for cell in row] for row in rows.shown),
    ]
    widths = [max(len(line[place]) for line in lines) for place in range(len(rows.columns))]
    for line in lines:
        yield "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
    if rows.row_count > len(rows.shown):
        yield f"… and {rows.row_count - len(rows.shown):,} more"


def _cell(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def _places(value: float | Decimal) -> int:
    return 0 if value == int(value) else 2


def _short(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _why(reasons: Sequence[str] | None, *, is_first: bool) -> str:
    if is_first:
        return "  first reported"
    if reasons is None:
        return "  reason not recorded"
    return f"  {', '.join(reason.replace('_', ' ') for reason in reasons)}" if reasons else ""


def _line(row: ReportedValue | ReportedScore) -> str:
    return "" if row.is_current_line else "  (rolled back)"
