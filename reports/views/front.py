"""The front page, and the same for every unit: how are we doing, what changed, what needs the reader.

Not here: its parts, each with its sentences (headline, balance, signals, needs, late, since, moved), the rows of the full
scorecard (card) and the state of the sources (sources).
"""

from collections.abc import Callable
from dataclasses import dataclass

from reports.card import Card, card
from reports.downloads import page_downloads, scorecard_downloads, unit_data
from reports.edition import Choice, Crumb, Edition, Frame, Switch
from reports.figures.small import Beam
from reports.roll import Roll
from reports.standing import standings
from reports.views.balance import beam_note, beam_of, roll_of
from reports.views.definition import stood_under
from reports.views.headline import explained, finding_of, title_of, unit_heading
from reports.views.late import Late, late_initiatives
from reports.views.legend import legend
from reports.views.moved import Moved, score_moves
from reports.views.needs import Needs, few_needs, needs_of
from reports.views.signals import Signals, signals_of
from reports.views.since import Since, since_last_release
from reports.views.sources import Source, SourcesSection, sources_section
from reports.warehouse import rows
from reports.words.text import Part, say, say_count

SHOWN_TROUBLED = 2
"""Sources that are not fresh, on the first screen; all stand in the table below."""


@dataclass(frozen=True)
class FrontPage:
    """The scorecard of the organisation or of a unit."""

    frame: Frame
    is_whole: bool
    """It is the organisation's."""
    lede: tuple[Part, ...]
    notes: tuple[tuple[Part, ...], ...]
    """What else must be known of the unit."""
    roll: Roll
    beam: Beam | None
    beam_note: tuple[Part, ...]
    signals: Signals
    needs: Needs
    late: Late | None
    troubled: tuple[Source, ...]
    troubled_note: str
    """How many more sources are not fresh."""
    sources: SourcesSection | None
    moved: Moved | None
    since: Since | None
    card: Card
    card_heading: str
    words: tuple[tuple[str, str], ...]


def front_page(edition: Edition) -> FrontPage:
    """Return the front page: the organisation's scorecard, with its sources and the last release."""
    return _page(edition, edition.strategy.organisation)


def unit_page(edition: Edition, unit: rows.Unit) -> FrontPage:
    """Return a unit's scorecard."""
    return _page(edition, unit)


def _page(edition: Edition, unit: rows.Unit) -> FrontPage:
    whole = unit.unit_id == edition.organisation_id
    items = standings(edition, unit.unit_id)
    shown, scores = card(edition, unit.unit_id, items), roll_of(edition, unit)
    sources = sources_section(edition) if whole else None
    troubled = [source for source in sources.sources if source.is_troubled] if sources else []
    return FrontPage(
        frame=_frame(edition, unit),
        is_whole=whole,
        lede=explained(edition, unit.unit_id),
        notes=tuple(note for note in (stood_under(edition, unit),) if note),
        roll=scores,
        beam=beam_of(edition, unit.unit_id),
        beam_note=beam_note(edition, unit.unit_id),
        signals=signals_of(edition, items),
        needs=needs_of(edition, unit.unit_id, items, few=few_needs(len(scores.rows) - 1)),
        late=late_initiatives(edition) if whole else None,
        troubled=tuple(troubled[:SHOWN_TROUBLED]),
        troubled_note=_more_troubled(len(troubled) - SHOWN_TROUBLED),
        sources=sources,
        moved=score_moves(
            edition, "scorecard", edition.strategy.scorecard.scorecard_id, unit.unit_id
        ),
        since=since_last_release(edition) if whole else None,
        card=shown,
        card_heading=_card_heading(shown),
        words=legend(edition),
    )


def _frame(edition: Edition, unit: rows.Unit) -> Frame:
    whole = unit.unit_id == edition.organisation_id
    return edition.frame(
        title=title_of(edition, unit),
        finding=finding_of(edition, unit.unit_id),
        heading=() if whole else unit_heading(edition, unit),
        page="index.html" if whole else "",
        crumbs=() if whole else _crumbs(edition, unit),
        switches=unit_switches(edition, unit, edition.unit_href),
        previous=_previous(edition, unit),
        downloads=scorecard_downloads(edition)
        if whole
        else page_downloads(edition, unit_data(unit.unit_id)),
    )


def _card_heading(shown: Card) -> str:
    objectives = say_count("{count} objective", "{count} objectives", shown.objective_count)
    kpis = say_count("{count} KPI", "{count} KPIs", shown.kpi_count)
    return say("Full scorecard: {objectives}, {kpis}", objectives=objectives, kpis=kpis)


def _more_troubled(count: int) -> str:
    if count <= 0:
        return ""
    return say_count("{count} more is not fresh.", "{count} more are not fresh.", count)


def _crumbs(edition: Edition, unit: rows.Unit) -> tuple[Crumb, ...]:
    above = edition.strategy.path(unit.unit_id)
    steps = [Crumb(step.unit_name, edition.unit_href(step.unit_id)) for step in above[:-1]]
    return (*steps, Crumb(unit.unit_name, None))


def _previous(edition: Edition, unit: rows.Unit) -> Choice | None:
    past = edition.past_months
    if not past:
        return None
    return Choice(edition.language.month(past[-1]), edition.period_href(past[-1], unit.unit_id))


def unit_switches(
    edition: Edition, unit: rows.Unit, href: Callable[[str], str]
) -> tuple[Switch, ...]:
    """Offer the units below by tree and, for a unit, those beside it."""
    found = []
    if unit.parent_unit_id is not None:
        siblings = [
            other
            for other in edition.strategy.children(unit.parent_unit_id)
            if other.tree_id == unit.tree_id
        ]
        if len(siblings) > 1:
            choices = tuple(_choice(other, unit, href) for other in siblings)
            found.append(Switch(say("Beside it"), choices))
    below: dict[str, list[rows.Unit]] = {}
    for child in edition.strategy.children(unit.unit_id):
        below.setdefault(child.tree_name or say("Units"), []).append(child)
    for tree, children in below.items():
        label = tree if unit.parent_unit_id is None else say("Below it")
        found.append(Switch(label, tuple(_choice(child, unit, href) for child in children)))
    return tuple(found)


def _choice(other: rows.Unit, unit: rows.Unit, href: Callable[[str], str]) -> Choice:
    return Choice(other.unit_name, href(other.unit_id), other.unit_id == unit.unit_id)
