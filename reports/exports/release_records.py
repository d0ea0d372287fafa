"""The rows of the releases that a reader takes away: what each gave, and what it changed of what stood reported before.

Not here: the reports of one KPI (kpi_records).
"""

from collections.abc import Iterator

from reports.archive import Archive, archive_of, count_of, is_restated, told_by
from reports.edition import Edition
from reports.exports.columns import Column, Record, cell_of, must, ordered, plain
from reports.exports.scorecard_records import joined
from reports.views.releases import TOLD_RELEASES
from reports.warehouse import rows
from reports.warehouse.reported import Counted
from reports.words.text import later

RUN = (
    must("run_id", "text", later("The run that published it.")),
    must("release_id", "text", later("The release.")),
    Column("base_run_id", "text", later("The run that it followed.")),
    must("as_of_date", "day", later("Business day of the release.")),
    must("period_start_date", "day", later("First day of its headline month.")),
)
RELEASES = (
    *RUN,
    must("reported_at", "time", later("When it was published, UTC.")),
    must("is_current_line", "flag", later("It led here: it was not rolled back.")),
    must("value_count", "integer", later("Values that it reported for the first time or anew.")),
    Column("score", "number", later("The scorecard's score of its headline month, as reported.")),
    Column("band", "text", later("on_track, at_risk or off_track; empty without a score.")),
    must("new_count", "integer", later("Values of which none had been reported before.")),
    must(
        "restated_count",
        "integer",
        later("Values and scores that had been reported otherwise, or are no longer measured."),
    ),
)
CHANGED = (
    RUN[0],
    must("level", "text", later("scorecard, perspective, objective or kpi.")),
    must("id", "text", later("Identifier within its level.")),
    must("number", "text", later("value or score.")),
    Column("reasons", "text", later("Why they were reported otherwise.")),
    must("is_withdrawn", "flag", later("The report took back what had been reported.")),
    must("count", "integer", later("How many they are.")),
)
GIVEN = (
    RUN[0],
    must("what", "text", later("definition (changed), target, weight or unit (its place).")),
    must("id", "text", later("Of which KPI, objective, perspective or unit.")),
)


def release_records(edition: Edition) -> dict[str, list[Record]]:
    """Return every release, the newest first, then what those that a page tells of changed."""
    archive = archive_of(edition)
    told = [row for row in archive.releases[:TOLD_RELEASES] if archive.base_of(row) is not None]
    return {
        "rows": [_release(archive, row) for row in edition.published.reports.releases],
        "changed": [found for row in told for found in _changed(archive, row)],
        "given": [found for row in told for found in _given(archive, row)],
    }


def _release(archive: Archive, row: rows.PastRelease) -> Record:
    scored, told = archive.score_of(row), told_by(archive, row)
    by_run = archive.edition.published.reports.values_by_run
    return ordered(
        RELEASES,
        plain(RUN, row)
        | {
            "reported_at": f"{cell_of(row.reported_at)}Z",
            "is_current_line": row.is_current_line,
            "value_count": by_run.get(row.run_id, 0),
            "score": scored.score if scored is not None else None,
            "band": scored.band if scored is not None else None,
            "new_count": count_of(each for each in told.values if not is_restated(each)),
            "restated_count": count_of(told.restated),
        },
    )


def _changed(archive: Archive, row: rows.PastRelease) -> Iterator[Record]:
    told = told_by(archive, row)
    for number, found in (("value", told.values), ("score", told.scores)):
        yield from (_counted(number, each) for each in found if is_restated(each))


def _counted(number: str, each: Counted) -> Record:
    return {
        "run_id": each.run_id,
        "level": each.level,
        "id": each.node_id,
        "number": number,
        "reasons": joined(list(each.reasons)),
        "is_withdrawn": each.is_withdrawn,
        "count": each.number,
    }


def _given(archive: Archive, row: rows.PastRelease) -> Iterator[Record]:
    changes = archive.changes
    for what, by_run in (
        ("definition", changes.definitions),
        ("target", changes.targets),
        ("weight", changes.weights),
        ("unit", changes.units),
    ):
        for each in by_run.get(row.run_id, ()):
            yield {"run_id": row.run_id, "what": what, "id": each}
