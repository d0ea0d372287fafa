"""The board pack: the organisation's scorecard of one month as a PDF to be printed or sent.

Its words and values go to the template as JSON, so that no text from outside is ever read as markup. Not here: the layout
(pack.typ).
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import typst

from reports.downloads import BOARD_PACK
from reports.edition import Edition
from reports.hierarchy import coverage_text, node_of, points_lost
from reports.periods import add_months
from reports.standing import Standing, change_of, period_mark, standings
from reports.views.initiatives import InitiativeItem, InitiativesPage, initiatives_page
from reports.views.sources import SourcesSection, sources_section
from reports.warehouse import rows
from reports.words import points
from reports.words.characters import writable
from reports.words.language import NONE, Edges
from reports.words.status import Status, node_status
from reports.words.text import say, say_count

TEMPLATE = Path(__file__).parent / "pack.typ"
Data = dict[str, Any]


def write_pack(edition: Edition, out: Path) -> int:
    """Write the board pack; return that it is one file."""
    (out / BOARD_PACK).write_bytes(pack(edition))
    return 1


def pack(edition: Edition) -> bytes:
    """Return the board pack; its only date is the release's.

    It is tagged, with a title and a language. PDF/UA is not asked for by name: that would refuse a whole pack for one
    character in a name that no font has.
    """
    day = edition.strategy.release.as_of_date
    made = datetime.combine(day, time(), tzinfo=UTC)
    found = typst.compile(
        TEMPLATE,
        sys_inputs={"pack": json.dumps(_written(_pack(edition)), ensure_ascii=False)},
        timestamp=int(made.timestamp()),
    )
    return bytes(found)


def _written(told: Any) -> Any:
    """Return what goes to the template with every text as a PDF can hold it."""
    match told:
        case str():
            return writable(told)
        case dict():
            return {key: _written(each) for key, each in told.items()}
        case list():
            return [_written(each) for each in told]
        case _:
            return told


def _pack(edition: Edition) -> Data:
    strategy, whole = edition.strategy, edition.organisation_id
    items = standings(edition, whole)
    scorecard = strategy.scorecard.scorecard_name
    organisation, period = strategy.organisation.unit_name, edition.language.month(edition.month)
    sources = sources_section(edition)
    needs, work = _needs(edition, items), initiatives_page(edition)
    day = edition.language.day(strategy.release.as_of_date)
    return {
        "title": say(
            "{organisation}: {scorecard}, {period}",
            organisation=organisation,
            scorecard=scorecard,
            period=period,
        ),
        "language": edition.spoken,
        "direction": edition.language.dates.text_direction,
        "organisation": organisation,
        "scorecard": scorecard,
        "period": period,
        "as_of": say("As of {day}", day=day),
        "release": say(
            "Release {release}, as of {day}", release=strategy.release.release_id, day=day
        ),
        "finding": _finding(edition),
        "words": _words(),
        "parts": _parts(edition),
        "summary": _summary(len(needs), work, sources),
        "needs": needs,
        "initiatives": [_initiative(item) for item in work.items],
        "perspectives": _perspectives(edition, items),
        "kpis": [_listed(edition, item) for item in items],
        "data": f"{sources.heading}.",
        "sources": [
            {
                "name": source.name,
                "data_to": source.data_to,
                "status": _status(source.status),
                "owner": source.owner,
                "note": source.note,
            }
            for source in sources.sources
        ],
    }


def _summary(off_track: int, work: InitiativesPage, sources: SourcesSection) -> list[str]:
    """Return what the first page says below the score: KPIs off track, initiatives, data."""
    off = (
        say_count("{count} KPI is off track.", "{count} KPIs are off track.", off_track)
        if off_track
        else say("No KPI is off track.")
    )
    return [off, f"{work.frame.finding}.", f"{sources.heading}."]


def _initiative(item: InitiativeItem) -> Data:
    return {
        "name": item.name,
        "objective": item.objective,
        "owner": item.owner,
        "dates": item.dates,
        "status": _status(item.status),
        "note": "".join(part.text for part in item.sentence),
    }


def _words() -> dict[str, str]:
    return {
        "page": say("Page {page} of {pages}", page="{page}", pages="{pages}"),
        "contents": say("Contents"),
        "scorecard": say("Scorecard and perspectives"),
        "part": say("Part"),
        "score": say("Score"),
        "of_100": say("Of 100"),
        "status": say("Status"),
        "change": say("Change"),
        "coverage": say("Coverage"),
        "needs": say("KPIs off track"),
        "none_off_track": say("No KPI is off track."),
        "kpi": say("KPI"),
        "actual": say("Actual"),
        "target": say("Target"),
        "points_lost": say("Points lost"),
        "owner": say("Owner"),
        "comment": say("Comment"),
        "initiatives": say("Initiatives"),
        "initiative": say("Initiative"),
        "dates": say("From, to"),
        "state": say("State"),
        "full": say("The full scorecard"),
        "list": say("List of KPIs"),
        "period": say("Period"),
        "objective": say("Objective"),
        "data": say("How fresh the data are"),
        "source": say("Source"),
        "data_to": say("Data to"),
        "note": say("Note"),
    }


def _finding(edition: Edition) -> str:
    month = edition.language.month(edition.month)
    node = node_of(
        edition,
        "scorecard",
        edition.strategy.scorecard.scorecard_id,
        edition.organisation_id,
    )
    if node is None or node.score is None:
        return say("No score for {month}", month=month)
    return say(
        "{status} in {month}: {score} of 100",
        status=node_status(node).words,
        month=month,
        score=edition.edges.write(node.score),
    )


def _status(status: Status) -> Data:
    return {
        "marks": [{"key": mark.key, "word": mark.word} for mark in status.marks],
        "notes": list(status.notes),
    }


def _bar(score: float | None, edges: Edges) -> Data:
    """Return a score's bar: shares of its width; above 100 it is full."""
    return {
        "share": None if score is None else min(max(score, 0.0), points.FULL) / points.FULL,
        "edges": [edges.at_risk / points.FULL, edges.on_track / points.FULL],
    }


def _parts(edition: Edition) -> list[Data]:
    strategy = edition.strategy
    scorecard = strategy.scorecard
    return [
        _part(edition, "scorecard", scorecard.scorecard_id, scorecard.scorecard_name),
        *(
            _part(edition, "perspective", row.perspective_id, row.perspective_name)
            for row in strategy.perspectives.values()
        ),
    ]


def _part(edition: Edition, level: str, node_id: str, name: str) -> Data:
    node = node_of(edition, level, node_id, edition.organisation_id)
    month = add_months(edition.month, -1)
    before = node_of(edition, level, node_id, edition.organisation_id, month)
    score = node.score if node is not None else None
    return {
        "name": name,
        "is_whole": level == "scorecard",
        "score": edition.edges.write(score),
        "bar": _bar(score, edition.edges),
        "status": _status(node_status(node)),
        "change": edition.edges.write_change(score, before.score if before is not None else None),
        "coverage": coverage_text(edition, node),
    }


def _needs(edition: Edition, items: Sequence[Standing]) -> list[Data]:
    """Return the KPIs off track, the one that costs most first, with what their owners say."""
    lost = points_lost(edition, edition.organisation_id)
    bad = [item for item in items if item.score is not None and item.score.band == "off_track"]
    bad.sort(key=lambda item: (-lost.get(item.kpi.kpi_id, 0.0), item.kpi.kpi_id))
    return [
        {
            **_kpi(edition, item),
            "lost": edition.language.number(lost.get(item.kpi.kpi_id), 1),
            "comment": _comment(edition, item),
        }
        for item in bad
    ]


def _comment(edition: Edition, item: Standing) -> list[str]:
    comments = edition.strategy.comments.get((item.kpi.kpi_id, item.unit_id), [])
    found = [row for row in comments if row.period_start_date == edition.month]
    parts = [part.strip() for row in found for part in row.comment_text.split("\n\n")]
    month = edition.language.month(edition.month)
    return [part for part in parts if part] or [say("No comment for {month} yet.", month=month)]


def _kpi(edition: Edition, item: Standing) -> Data:
    goal = points.goal(item.kpi, item.score, item.scale)
    edges = edition.edges_of(item.kpi)
    return {
        "name": item.kpi.kpi_name,
        "unit": item.scale.unit_beside(item.kpi.kpi_name),
        "actual": item.scale.bare(item.actual),
        "target": goal.short if goal is not None else NONE,
        "score": edges.write(item.points),
        "bar": _bar(item.points, edges),
        "status": _status(item.status),
        "change": change_of(edition, item).text,
        "owner": item.kpi.owner_name,
    }


def _listed(edition: Edition, item: Standing) -> Data:
    month = edition.language.short_month(edition.month)
    return {
        **_kpi(edition, item),
        "period": period_mark(edition, item) or month,
        "objective": edition.strategy.objectives[item.kpi.objective_id].objective_name,
    }


def _perspectives(edition: Edition, items: Sequence[Standing]) -> list[Data]:
    found = [
        _perspective(edition, row, [item for item in items if _belongs(item, row)])
        for row in edition.strategy.perspectives.values()
    ]
    return [group for group in found if group["objectives"]]


def _belongs(item: Standing, perspective: rows.Perspective) -> bool:
    return item.kpi.perspective_id == perspective.perspective_id


def _perspective(edition: Edition, row: rows.Perspective, items: Sequence[Standing]) -> Data:
    node = node_of(edition, "perspective", row.perspective_id, edition.organisation_id)
    coverage = coverage_text(edition, node)
    return {
        "name": row.perspective_name,
        "note": say("Coverage {coverage}", coverage=coverage),
        "score": edition.edges.write(node.score if node is not None else None),
        "status": _status(node_status(node)),
        "objectives": [
            _objective(edition, objective, kpis)
            for objective in edition.strategy.objectives.values()
            if (kpis := [item for item in items if item.kpi.objective_id == objective.objective_id])
        ],
    }


def _objective(edition: Edition, row: rows.Objective, items: Sequence[Standing]) -> Data:
    node = node_of(edition, "objective", row.objective_id, edition.organisation_id)
    return {
        "name": row.objective_name,
        "score": edition.edges.write(node.score if node is not None else None),
        "status": _status(node_status(node)),
        "kpis": [_kpi(edition, item) for item in items],
    }
