"""How one KPI of one unit stands: its value, score, status and movement in the headline month, and its line.

Not here: the rows of the scorecard (card), objectives and what stands above them (hierarchy).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from reports.edition import Edition
from reports.figures.small import Spark, spark
from reports.movement import Change, Movement, change, movement
from reports.periods import shown_until
from reports.warehouse import rows
from reports.words.language import Scale, spanned
from reports.words.status import Status, kpi_status
from reports.words.text import say


@dataclass(frozen=True)
class Standing:
    """Everything known of one KPI for one unit in the headline month; what several pages ask again and again.

    One that is measured less often shows its last closed quarter, half-year or year: its periods are of that length.
    """

    kpi: rows.Kpi
    unit_id: str
    scale: Scale
    start: date
    """First day of the last period of its own length that has closed."""
    score: rows.Score | None
    """How it stands in the headline month."""
    value: rows.Value | None
    scores: dict[date, rows.Score]
    values: dict[date, rows.Value]
    moves: dict[date, rows.Moved]
    status: Status
    moved: Movement

    @property
    def grain(self) -> str:
        """The length of its own periods."""
        return self.kpi.frequency

    @property
    def periods(self) -> tuple[date, ...]:
        """First days of the periods that are shown, oldest first."""
        return shown_until(self.start, self.grain)

    @property
    def span(self) -> str:
        """How far back they go, in words: 24 months."""
        return spanned(len(self.periods), self.grain)

    @property
    def actual(self) -> float | None:
        """The value that counts: scored, or measured where there is no score."""
        if self.status.key == "suppressed":
            return None
        if self.score is not None:
            return self.score.actual
        return self.value.actual if self.value is not None else None

    @property
    def value_start(self) -> date:
        """First day of the period that the actual is of: an earlier one where it is stale."""
        if self.score is None or self.score.actual is None:
            return self.start
        return self.score.value_period_start_date or self.start

    @property
    def said(self) -> str:
        """The value that counts in a sentence, with its interval: 42 (36 to 48)."""
        interval = self.interval(self.value_start) if self.actual is not None else ""
        return f"{self.scale.prose(self.actual)} {interval}".strip()

    def interval(self, start: date) -> str:
        """Write the 95% interval of a period's value; nothing where it has none."""
        return interval_of(self.scale, self.trusted(start))

    def trusted(self, start: date) -> rows.Value | None:
        """Return what was measured in a period; nothing where it is held back, or cannot be trusted."""
        return self._trusted.get(start)

    @cached_property
    def _trusted(self) -> dict[date, rows.Value]:
        unverified = {at for at, score in self.scores.items() if score.data_state == "unverified"}
        return {
            at: value
            for at, value in self.values.items()
            if not value.is_suppressed and at not in unverified
        }

    @property
    def points(self) -> float | None:
        """The score."""
        return self.score.score if self.score is not None else None


def interval_of(scale: Scale, value: rows.Value | None) -> str:
    """Write the 95% interval of a value; nothing where it has none."""
    if value is None or value.interval_low is None or value.interval_high is None:
        return ""
    return f"({scale.between(value.interval_low, value.interval_high)})"


def standing(edition: Edition, kpi: rows.Kpi, unit_id: str) -> Standing:
    """Return how a KPI stands for a unit in the headline month."""
    key = (kpi.kpi_id, unit_id, kpi.frequency)
    scores = edition.results.scores.get(key, {})
    values = edition.results.values.get(key, {})
    start = edition.last_closed(kpi.frequency)
    moves = edition.results.moves.get((kpi.kpi_id, unit_id), {})
    months = edition.results.scores.get((kpi.kpi_id, unit_id, "month"), {})
    score, value = months.get(edition.month, scores.get(start)), values.get(start)
    return Standing(
        kpi=kpi,
        unit_id=unit_id,
        scale=edition.scale_of(kpi),
        start=start,
        score=score,
        value=value,
        scores=scores,
        values=values,
        status=kpi_status(score, value),
        moves=moves,
        moved=movement(moves.get(start)),
    )


def standings(edition: Edition, unit_id: str) -> list[Standing]:
    """Return how every KPI that applies to a unit stands, in the strategy's order."""
    applies = edition.strategy.kpis_of_unit.get(unit_id, frozenset())
    return [
        standing(edition, kpi, unit_id)
        for kpi in edition.strategy.kpis.values()
        if kpi.kpi_id in applies
    ]


def series(item: Standing) -> list[float | None]:
    """Return the actuals of the periods shown; what is held back, not trusted or missing is a gap."""
    values = [item.trusted(at) for at in item.periods]
    return [value.actual if value is not None else None for value in values]


def kpi_spark(edition: Edition, item: Standing) -> Spark:
    """Draw the periods that a KPI shows."""
    values = series(item)
    known = [value for value in values if value is not None]
    told = {"kpi": item.kpi.kpi_name, "span": item.span}
    title = say("{kpi}, {span}: no data", **told)
    if known:
        low, high = (item.scale.prose(end) for end in (min(known), max(known)))
        title = say("{kpi}, {span}: lowest {low}, highest {high}", **told, low=low, high=high)
    usual = [
        None
        if (score := item.scores.get(at)) is None
        or score.usual_low is None
        or score.usual_high is None
        else (score.usual_low, score.usual_high)
        for at in item.periods
    ]
    return spark(values, title=title, usual=usual, ring=item.moved.kind == "new")


def change_of(edition: Edition, item: Standing, start: date | None = None) -> Change:
    """Return the change column's words of a period, by default the last."""
    moved = item.moved if start is None else movement(item.moves.get(start))
    since = ""
    if moved.since is not None:
        since = edition.calendar.short(item.grain, moved.since, near=start or item.start)
    return change(moved, since, grain=item.grain)


def period_mark(edition: Edition, item: Standing) -> str:
    """Name the period that the value is of, where it is not the headline month."""
    shown = item.actual is not None or item.grain != "month"
    if not shown or (item.grain == "month" and item.value_start == edition.month):
        return ""
    written = edition.calendar.short(item.grain, item.value_start, near=edition.month)
    return say("year {year}", year=written) if item.grain == "year" else written


def is_restated(edition: Edition, item: Standing) -> bool:
    """Whether a shown period was restated; seen from an earlier month, that period alone."""
    months = restated_months(edition, item.kpi.kpi_id, item.unit_id)
    return bool(months) if edition.seen is None else item.start in months


def restated_months(edition: Edition, kpi_id: str, unit_id: str) -> list[date]:
    """Return the shown periods whose value was reported otherwise at some time, as far as a reader can see."""
    scale = edition.scale_of(edition.strategy.kpis[kpi_id])
    told: dict[date, list[Decimal | None]] = {}
    for row in edition.published.reports.values.get((kpi_id, unit_id), ()):
        told.setdefault(row.period_start_date, []).append(scale.shown(row.actual))
    return [period for period, values in told.items() if len(set(values)) > 1]
