"""The strategy map: objectives in layers by perspective, tied by hypotheses of cause and effect.

Each link says by its line and its word whether the data support it; none claims a cause. Two drawings, wide and narrow,
one shown; the tables say it again. Not here: the drawings (map_drawing), what the data say of a link (links), their
testing (transforms).
"""

from dataclasses import dataclass

from reports import rows
from reports.card import node_of
from reports.edition import Edition, Frame
from reports.status import Status, node_status
from reports.text import Part
from reports.views.links import (
    NOT_ENOUGH,
    NOT_SUPPORTED,
    SIGNS,
    SUPPORTED,
    WORDS,
    LagRow,
    LinkRow,
    counts,
    lag_rows,
    lag_words,
    lags_of,
    link_row,
)
from reports.views.map_drawing import NARROW, WIDE, Drawing, drawing


@dataclass(frozen=True)
class ObjectiveItem:
    """An objective in the table."""

    name: str
    href: str
    perspective: str
    score: str
    status: Status


@dataclass(frozen=True)
class StrategyMapPage:
    """The map, and the tables that say the same."""

    frame: Frame
    lede: tuple[Part, ...]
    wide: Drawing
    narrow: Drawing
    key: tuple[tuple[str, str, str], ...]
    """Styles of line, their signs and words."""
    links: tuple[LinkRow, ...]
    lags: tuple[str, ...]
    lag_heads: list[tuple[str, str]]
    """The same, with the class of the column."""
    lag_rows: tuple[LagRow, ...]
    objectives: tuple[ObjectiveItem, ...]


def strategy_map_page(edition: Edition) -> StrategyMapPage:
    """Return the strategy map of the organisation."""
    links = edition.strategy.links
    count = len(links)
    objectives = edition.strategy.objectives
    told = counts(edition)
    finding = (
        f"{told[SUPPORTED]} of {count} links of the strategy {'is' if told[SUPPORTED] == 1 else 'are'} supported by the data"
        if count
        else f"{len(objectives)} objectives, and no link between them yet"
    )
    return StrategyMapPage(
        frame=edition.frame(
            title=f"Strategy map, {edition.strategy.organisation.unit_name}, {edition.language.month(edition.month)}",
            finding=finding,
            page="strategy-map.html",
        ),
        lede=_lede(edition),
        wide=drawing(edition, WIDE),
        narrow=drawing(edition, NARROW),
        key=tuple((style, SIGNS[style], word) for style, word in WORDS.items()),
        links=tuple(
            link_row(
                edition,
                link,
                (
                    _status(edition, link.cause_objective_id),
                    _status(edition, link.effect_objective_id),
                ),
            )
            for link in links
        ),
        lags=tuple(lag_words(lag) for lag in lags_of(edition)),
        lag_heads=[(lag_words(lag), "num") for lag in lags_of(edition)],
        lag_rows=lag_rows(edition),
        objectives=tuple(_objective(edition, objective) for objective in objectives.values()),
    )


def _status(edition: Edition, objective_id: str) -> Status:
    return node_status(node_of(edition, "objective", objective_id, edition.organisation_id))


def _lede(edition: Edition) -> tuple[Part, ...]:
    """Name a link whose both ends are in trouble: where the strategy predicts what is seen."""
    bad = {"off_track", "at_risk"}
    for link in edition.strategy.links:
        cause, effect = (
            edition.strategy.objectives[node]
            for node in (link.cause_objective_id, link.effect_objective_id)
        )
        cause_status, effect_status = (
            _status(edition, cause.objective_id),
            _status(edition, effect.objective_id),
        )
        if cause_status.key in bad and effect_status.key == "off_track":
            return (
                Part(cause.objective_name, edition.objective_href(cause.objective_id)),
                Part(f" is {cause_status.words.lower()}, and "),
                Part(effect.objective_name, edition.objective_href(effect.objective_id)),
                Part(
                    ", which it should raise, is off track. That is what the hypothesis says; it is no proof."
                ),
            )
    told = counts(edition)
    return (
        Part(
            f"Each link says what should raise what: {told[SUPPORTED]} supported, {told[NOT_SUPPORTED]} not supported, "
            f"{told[NOT_ENOUGH]} with not enough data."
        ),
    )


def _objective(edition: Edition, objective: rows.Objective) -> ObjectiveItem:
    node = node_of(edition, "objective", objective.objective_id, edition.organisation_id)
    return ObjectiveItem(
        name=objective.objective_name,
        href=edition.objective_href(objective.objective_id),
        perspective=edition.strategy.perspectives[objective.perspective_id].perspective_name,
        score=edition.edges.write(node.score if node is not None else None),
        status=node_status(node),
    )
