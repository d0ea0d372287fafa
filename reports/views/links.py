"""What the data say of each cause-and-effect link: supported, not supported or not enough data, never that one caused the other.

Not here: the testing of links (transforms), the drawing of the map (strategy_map).
"""

from dataclasses import dataclass

from reports.edition import Edition
from reports.warehouse import rows
from reports.words.language import NONE
from reports.words.status import Status
from reports.words.text import Part, later, say, say_count, say_parts

SUPPORTED, NOT_SUPPORTED, NOT_ENOUGH = "supported", "not_supported", "not_enough"
STYLES = {
    "supported": SUPPORTED,
    "not_supported": NOT_SUPPORTED,
    "not_enough_data": NOT_ENOUGH,
}
"""The evidence as the warehouse names it, and its style of line."""
WORDS = {
    SUPPORTED: later("supported"),
    NOT_SUPPORTED: later("not supported"),
    NOT_ENOUGH: later("not enough data"),
}
"""To be said."""
PLAIN = {
    SUPPORTED: later("Supported by the data."),
    NOT_SUPPORTED: later("Not supported by the data."),
    NOT_ENOUGH: later("Not enough data to tell."),
}
"""What is said without a correlation; then with one, and with its interval."""
CORRELATED = {
    SUPPORTED: later("Supported by the data: correlation {correlation} over {pairs}."),
    NOT_SUPPORTED: later("Not supported by the data: correlation {correlation} over {pairs}."),
    NOT_ENOUGH: later("Not enough data to tell: correlation {correlation} over {pairs}."),
}
BETWEEN = {
    SUPPORTED: later("Supported by the data: correlation {correlation} ({interval}) over {pairs}."),
    NOT_SUPPORTED: later(
        "Not supported by the data: correlation {correlation} ({interval}) over {pairs}."
    ),
    NOT_ENOUGH: later(
        "Not enough data to tell: correlation {correlation} ({interval}) over {pairs}."
    ),
}
SIGNS = {SUPPORTED: "✓", NOT_SUPPORTED: "✕", NOT_ENOUGH: "?"}
"""Where there is no room for the word."""


@dataclass(frozen=True)
class Proof:
    """What the data say of a link, at the lag that the strategy declares."""

    style: str
    word: str
    sign: str
    correlation: str
    interval: str
    pairs: str
    sentence: str


@dataclass(frozen=True)
class LinkRow:
    """A link in the table."""

    cause: Part
    effect: Part
    when: str
    proof: Proof
    tested: tuple[Part, ...]
    hypothesis: str
    cause_status: Status
    effect_status: Status


@dataclass(frozen=True)
class LagRow:
    """A link at every lag that was looked at."""

    cause: str
    effect: str
    cells: tuple[tuple[str, bool], ...]
    """Correlation, and whether it is the declared lag's."""


def evidence_of(edition: Edition, link: rows.Link) -> Proof:
    """Return what the data say of a link."""
    style = STYLES.get(link.evidence or "", NOT_ENOUGH)
    row = declared_of(edition, link)
    number = edition.language.number
    correlation = number(row.correlation, 2) if row is not None else NONE
    pairs = number(row.pair_count) if row is not None else NONE
    interval = _interval(edition, row)
    return Proof(
        style=style,
        word=say(WORDS[style]),
        sign=SIGNS[style],
        correlation=correlation,
        interval=interval,
        pairs=pairs,
        sentence=_sentence(edition, style, row, interval),
    )


def _interval(edition: Edition, row: rows.LinkEvidence | None) -> str:
    if row is None or row.interval_low is None or row.interval_high is None:
        return ""
    number = edition.language.number
    return say(
        "{low} to {high}", low=number(row.interval_low, 2), high=number(row.interval_high, 2)
    )


def _sentence(edition: Edition, style: str, row: rows.LinkEvidence | None, interval: str) -> str:
    if row is None or row.correlation is None:
        return say(PLAIN[style])
    number = edition.language.number
    return say(
        (BETWEEN if interval else CORRELATED)[style],
        correlation=number(row.correlation, 2),
        interval=interval,
        pairs=say_count(
            "{pairs} pair of changes",
            "{pairs} pairs of changes",
            row.pair_count or 0,
            pairs=number(row.pair_count),
        ),
    )


def declared_of(edition: Edition, link: rows.Link) -> rows.LinkEvidence | None:
    """Return what was found at the lag that the strategy declares."""
    found = edition.results.link_evidence.get(
        (link.cause_objective_id, link.effect_objective_id), []
    )
    return next((row for row in found if row.is_declared), None)


def lag_words(months: int) -> str:
    """Write a lag: same month, 2 months later."""
    if months == 0:
        return say("same month")
    return say_count("{count} month later", "{count} months later", months)


def link_row(edition: Edition, link: rows.Link, statuses: tuple[Status, Status]) -> LinkRow:
    """Return a link's row of the table, with the statuses of cause and effect."""
    cause, effect = (
        edition.strategy.objectives[node]
        for node in (link.cause_objective_id, link.effect_objective_id)
    )
    return LinkRow(
        cause=Part(cause.objective_name, edition.objective_href(cause.objective_id)),
        effect=Part(effect.objective_name, edition.objective_href(effect.objective_id)),
        when=lag_words(link.lag_months),
        proof=evidence_of(edition, link),
        tested=_tested(edition, link),
        hypothesis=link.hypothesis or "",
        cause_status=statuses[0],
        effect_status=statuses[1],
    )


def _tested(edition: Edition, link: rows.Link) -> tuple[Part, ...]:
    """Name the two KPIs that stand for cause and effect."""
    kpis = edition.strategy.kpis
    cause, effect = (kpis.get(node or "") for node in (link.cause_kpi_id, link.effect_kpi_id))
    if cause is None or effect is None:
        return (Part(say("no KPI stands for one of them"), style="quiet"),)
    whole = edition.organisation_id
    return say_parts(
        "{cause} with {effect}",
        cause=Part(cause.kpi_name, edition.kpi_href(cause.kpi_id, whole)),
        effect=Part(effect.kpi_name, edition.kpi_href(effect.kpi_id, whole)),
    )


def lags_of(edition: Edition) -> tuple[int, ...]:
    """Return every lag that any link was looked at."""
    found = edition.results.link_evidence.values()
    return tuple(sorted({row.lag_months for group in found for row in group}))


def lag_rows(edition: Edition) -> tuple[LagRow, ...]:
    """Return the correlation of every link at every lag."""
    lags, found = lags_of(edition), []
    for link in edition.strategy.links:
        key = (link.cause_objective_id, link.effect_objective_id)
        by_lag = {row.lag_months: row for row in edition.results.link_evidence.get(key, [])}
        cells = tuple(
            (
                edition.language.number(by_lag[lag].correlation, 2) if lag in by_lag else NONE,
                lag == link.lag_months,
            )
            for lag in lags
        )
        cause, effect = (edition.strategy.objectives[node].objective_name for node in key)
        if by_lag:
            found.append(LagRow(cause, effect, cells))
    return tuple(found)


def counts(edition: Edition) -> dict[str, int]:
    """Count the links by what the data say of them."""
    styles = [evidence_of(edition, link).style for link in edition.strategy.links]
    return {style: styles.count(style) for style in WORDS}
