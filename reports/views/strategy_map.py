"""The strategy map: objectives in layers by perspective, tied by hypotheses of cause and effect.

Each link says by its line and its word whether the data support it; none claims a cause. Two drawings, wide and narrow,
one shown; the tables say it again. Not here: the drawings (map_drawing), what the data say of a link (links), their
testing (transforms).
"""

from dataclasses import dataclass

from reports.downloads import DATA, page_downloads
from reports.edition import Edition, Frame
from reports.hierarchy import node_of
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
from reports.warehouse import rows
from reports.words.status import Mark, Status, mark, node_status
from reports.words.text import Part, say, say_count, say_parts

SHOWN = ("on_track", "at_risk", "off_track", "no_data")
"""The statuses of the key."""


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
    statuses: tuple[Mark, ...]
    links_heading: str
    links: tuple[LinkRow, ...]
    lags: tuple[str, ...]
    lag_heads: list[tuple[str, str]]
    """The same, with the class of the column."""
    lag_rows: tuple[LagRow, ...]
    objectives_heading: str
    objectives: tuple[ObjectiveItem, ...]


def strategy_map_page(edition: Edition) -> StrategyMapPage:
    """Return the strategy map of the organisation."""
    links, objectives = edition.strategy.links, edition.strategy.objectives
    return StrategyMapPage(
        frame=edition.frame(
            title=say(
                "Strategy map, {organisation}, {month}",
                organisation=edition.strategy.organisation.unit_name,
                month=edition.language.month(edition.month),
            ),
            finding=_finding(edition),
            page="strategy-map.html",
            downloads=page_downloads(edition, DATA["strategy-map"]),
        ),
        lede=_lede(edition),
        wide=drawing(edition, WIDE),
        narrow=drawing(edition, NARROW),
        key=tuple((style, SIGNS[style], say(word)) for style, word in WORDS.items()),
        statuses=tuple(mark(key) for key in SHOWN),
        links_heading=say_count("The {count} link", "The {count} links", len(links))
        if links
        else say("No links"),
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
        objectives_heading=say_count(
            "The {count} objective", "The {count} objectives", len(objectives)
        ),
        objectives=tuple(_objective(edition, objective) for objective in objectives.values()),
    )


def _finding(edition: Edition) -> str:
    count, told = len(edition.strategy.links), counts(edition)
    if not count:
        return say_count(
            "{count} objective, and no link to another yet",
            "{count} objectives, and no link between them yet",
            len(edition.strategy.objectives),
        )
    return say_count(
        "{count} of {all} links of the strategy is supported by the data",
        "{count} of {all} links of the strategy are supported by the data",
        told[SUPPORTED],
        all=count,
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
            return say_parts(
                "{cause} is {status}, and {effect}, which it should raise, is off track. "
                "That is what the hypothesis says; it is no proof.",
                cause=Part(cause.objective_name, edition.objective_href(cause.objective_id)),
                status=cause_status.within,
                effect=Part(effect.objective_name, edition.objective_href(effect.objective_id)),
            )
    told = counts(edition)
    text = say(
        "Each link says what should raise what: {supported} supported, {not_supported} not supported, "
        "{not_enough} with not enough data.",
        supported=told[SUPPORTED],
        not_supported=told[NOT_SUPPORTED],
        not_enough=told[NOT_ENOUGH],
    )
    return (Part(text),) if edition.strategy.links else ()


def _objective(edition: Edition, objective: rows.Objective) -> ObjectiveItem:
    node = node_of(edition, "objective", objective.objective_id, edition.organisation_id)
    return ObjectiveItem(
        name=objective.objective_name,
        href=edition.objective_href(objective.objective_id),
        perspective=edition.strategy.perspectives[objective.perspective_id].perspective_name,
        score=edition.edges.write(node.score if node is not None else None),
        status=node_status(node),
    )
