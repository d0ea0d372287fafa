"""The kinds of data files, each with its parts, and their JSON Schema.

A file of data lies beside its page, under the page's address. Not here: what is in the rows (the modules of records), which
pages have a file (data).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from reports.exports import kpi_records as kpi
from reports.exports import quality_records as quality
from reports.exports import release_records as releases
from reports.exports import scorecard_records as scorecard
from reports.exports import span_records as spans
from reports.exports import strategy_records as strategy
from reports.exports import unit_records as units
from reports.exports.columns import Column, Columns, Record
from reports.words.text import later, say

TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "flag": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "date-time"},
}
ROWS = "rows"
"""The part that is the CSV file with the page's own address; every other list has a file `<address>-<part>.csv`."""


class Part(NamedTuple):
    """A part of a file."""

    key: str
    meaning: str
    columns: Columns
    is_list: bool = True


@dataclass(frozen=True)
class Document:
    """The data of one page."""

    address: str
    """The page's, without its ending."""
    kind: str
    parts: dict[str, Record | list[Record]]
    """By key, in the order of the kind's parts; without the release."""


RELEASE = Part("release", later("The release."), scorecard.RELEASE, is_list=False)
TREND = Part("trend", later("Its scores over the months that its page shows."), scorecard.TREND)
MOVED = Part("moved", later("What moved the scores since the month before."), scorecard.MOVED)
RESCORED = Part(
    "rescored",
    later("All reports of the periods whose score was reported more than once."),
    scorecard.REPORTED_SCORE,
)
OWN_INITIATIVES = Part(
    "initiatives", later("The initiatives that are to move it."), strategy.INITIATIVES
)
OWN_LINKS = Part("links", later("The links of its objective."), strategy.LINKS)
NODE = (
    RELEASE,
    Part("node", later("What it is."), scorecard.NODE, is_list=False),
    Part(ROWS, later("It, and what is below it, in the headline month."), scorecard.SCORECARD),
    TREND,
    MOVED,
    RESCORED,
    OWN_INITIATIVES,
)
OF = Part("of", later("Whose scorecard it is, and of which month."), scorecard.OF, is_list=False)
CARD = Part(
    ROWS, later("The scorecard: the whole, perspectives, objectives, KPIs."), scorecard.SCORECARD
)
KINDS: dict[str, tuple[Part, ...]] = {
    "scorecard": (
        RELEASE,
        OF,
        Part("purpose", later("What it serves."), scorecard.PURPOSE, is_list=False),
        CARD,
        TREND,
        MOVED,
        RESCORED,
    ),
    "past-scorecard": (RELEASE, OF, CARD),
    "periods": (
        RELEASE,
        Part(ROWS, later("The scores of every period that has a page."), spans.PERIODS),
    ),
    "perspective": NODE,
    "objective": (*NODE, OWN_LINKS),
    "kpi": (
        RELEASE,
        Part("kpi", later("What the KPI is."), kpi.DEFINITION, is_list=False),
        Part(ROWS, later("Its periods, of every unit."), kpi.KPI),
        Part("targets", later("Its targets."), kpi.TARGETS),
        Part("points", later("The points of targets with steps or a curve."), kpi.TARGET_POINTS),
        Part("comments", later("What was said of it."), kpi.COMMENTS),
        Part(
            "baselines",
            later("Where a person began its usual range anew."),
            kpi.BASELINES,
        ),
        Part("moved", later("What the units did to the value above them."), kpi.PARTS),
        Part(
            "gap",
            later("What each unit has of the whole, of its gap to target and of the points lost."),
            units.GAPS,
        ),
        Part(
            "dimensions",
            later("The headline month by dimension, shown and never scored."),
            units.DIMENSIONS,
        ),
        Part(
            "restated",
            later("All reports of the periods whose value was reported more than once."),
            kpi.REPORTED,
        ),
        RESCORED,
        Part("terms", later("What it is computed from."), kpi.TERMS),
        Part("measures", later("The measures behind it."), quality.MEASURES),
        Part("staging", later("The cleaned tables behind these."), quality.STAGING),
        Part("loads", later("The loads behind those."), quality.LOADS),
        OWN_INITIATIVES,
        OWN_LINKS,
    ),
    "initiatives": (
        RELEASE,
        Part(ROWS, later("All initiatives."), strategy.INITIATIVES),
        Part("milestones", later("Their milestones."), strategy.MILESTONES),
    ),
    "initiative": (
        RELEASE,
        Part(ROWS, later("The initiative."), strategy.INITIATIVES),
        Part("milestones", later("Its milestones."), strategy.MILESTONES),
        Part("objective", later("The objective that it is to move."), scorecard.SCORECARD),
    ),
    "strategy-map": (
        RELEASE,
        Part(ROWS, later("The links, with what the data say of them."), strategy.LINKS),
        Part("lags", later("The same at every lag that was tried."), strategy.LAGS),
        Part("nodes", later("Perspectives and objectives."), scorecard.SCORECARD),
    ),
    "heat-map": (
        RELEASE,
        Part(ROWS, later("Every KPI by month."), strategy.HEAT),
    ),
    "quality": (
        RELEASE,
        Part(ROWS, later("Every table of every source."), quality.SOURCES),
        Part("loads", later("Every load."), quality.LOADS),
        Part("checks", later("Every check."), quality.CHECKS),
        Part("held", later("How many rows each rule held back."), quality.HELD),
        Part("quarantined", later("Rows that were held back, the first 100."), quality.QUARANTINED),
        Part("warnings", later("What is to be known of KPIs."), quality.WARNINGS),
        Part("unplaced", later("Rows of units that are in no tree."), quality.UNPLACED),
    ),
    "dictionary": (
        RELEASE,
        Part(ROWS, later("Every column."), quality.COLUMNS),
        Part("tables", later("Every table and view."), quality.TABLES),
    ),
    "releases": (
        RELEASE,
        Part(ROWS, later("Every release, the newest first."), releases.RELEASES),
        Part(
            "changed",
            later("What each of the newest changed of the numbers that stood reported."),
            releases.CHANGED,
        ),
        Part(
            "given",
            later("What each of them gave or changed in the strategy itself."),
            releases.GIVEN,
        ),
    ),
}
"""The parts of every kind of file, in their order."""


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the files."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": say("Steelyard's published data"),
        "oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in KINDS],
        "$defs": {kind: _document(kind, parts) for kind, parts in KINDS.items()},
    }


def _document(kind: str, parts: Sequence[Part]) -> dict[str, Any]:
    found: dict[str, Any] = {"$schema": {"type": "string"}, "kind": {"const": kind}}
    for part in parts:
        row = _closed({column.name: _column(column) for column in part.columns})
        listed = {"type": "array", "items": row} if part.is_list else row
        found[part.key] = {"description": say(part.meaning), **listed}
    return _closed(found)


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _column(column: Column) -> dict[str, Any]:
    found = dict(TYPES[column.kind])
    if column.is_optional:
        found["type"] = [found["type"], "null"]
    return {"description": say(column.meaning), **found}
