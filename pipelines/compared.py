"""A comparison of two releases in words, as CSV and as JSON, for `steelyard diff` and `steelyard simulate`.

Not here: the comparison itself (`transforms.difference`).
"""

import csv
import difflib
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from pipelines.plural import counted
from transforms.difference import (
    DefinitionDifference,
    Difference,
    ScoreDifference,
    ValueDifference,
)

SHOWN = 20
"""Rows of each kind that the text shows unless told otherwise."""
LEVELS = ("scorecard", "perspective", "objective", "kpi")
_COLUMNS = (
    "what", "level", "node_id", "unit_id", "grain", "period_start_date", "change", "reasons",
    "score_before", "score_after", "band_before", "band_after", "data_state_before", "data_state_after",
    "coverage_before", "coverage_after", "actual_before", "actual_after", "numerator_before", "numerator_after",
    "denominator_before", "denominator_after", "weight_before", "weight_after", "points_before", "points_after",
    "valid_from_date", "per", "parent_unit_id", "valid_to_date_before", "valid_to_date_after",
    "definition_id_before", "definition_id_after",
)  # fmt: skip


# --- text ----------------------------------------------------------------------------------------------------------------


def text(found: Difference, *, limit: int | None) -> Iterator[str]:
    """Say what differs: counts and reasons first, then what was decided otherwise, then numbers, biggest changes first."""
    if found.is_empty:
        yield "Nothing differs."
        return
    yield from summary(found)
    yield from decisions(found)
    shown = SHOWN if limit is None else limit
    restated = [row for row in found.scores if row.change != "new"]
    yield from _section("Scores that differ", [score_line(row) for row in restated], shown)
    values = [row for row in found.values if row.change != "new"]
    yield from _section("Values that differ", [value_line(row) for row in values], shown)


def simulated(found: Difference, *, limit: int | None) -> Iterator[str]:
    """Say which statuses would have been different, and by how much."""
    moved = [row for row in found.scores if row.is_status]
    if not moved:
        yield "No status would have been different."
    else:
        periods = {(row.grain, row.period_start_date) for row in moved}
        statuses = f"{len(moved):,} {'status' if len(moved) == 1 else 'statuses'}"
        yield f"{statuses} would have been different, in {counted(len(periods), 'period')}:"
        shown = SHOWN if limit is None else limit
        for heading, keys in _statuses(moved).items():
            yield from _ranked(heading.replace("_", " ").replace("kpi", "KPI"), keys, shown)
        lines = [score_line(row) for row in moved]
        yield from _section("Statuses that would have been different", lines, shown)
    yield ""
    yield from text(found, limit=limit)


def _ranked(heading: str, keys: Counter[str], limit: int) -> Iterator[str]:
    said = [f"{name} {count:,}" for name, count in keys.most_common(limit)]
    more = len(keys) - len(said)
    said += [f"and {more:,} more"] if more > 0 else []
    if said:
        yield f"  {heading:<10} {', '.join(said)}"


def summary(found: Difference) -> Iterator[str]:
    """Count what differs, by level and reason."""
    yield f"Values       {_counts(row.change for row in found.values)}"
    for level in LEVELS:
        rows = [row for row in found.scores if row.level == level]
        statuses = sum(row.is_status for row in rows)
        moved = f"; {statuses:,} {'status' if statuses == 1 else 'statuses'} moved"
        yield f"Scores       {level + 's':<13}{_counts(row.change for row in rows)}{moved if rows else ''}"
    reasons = _reasons(found)
    said = [f"{reason.replace('_', ' ')} {count:,}" for reason, count in reasons.most_common()]
    yield f"Reasons      {', '.join(said) or 'none: nothing that stood reported was restated'}"
    changed = (
        (found.definitions, "definition"),
        (found.targets, "row"),
        (found.weights, "weight"),
        (found.places, "place"),
    )
    kinds = [counted(len(rows), noun) for rows, noun in changed]
    yield f"Decided      {kinds[0]}, {kinds[1]} of targets, {kinds[2]}, {kinds[3]} in the unit trees"


def decisions(found: Difference) -> Iterator[str]:
    """Say which definitions, targets, weights and places differ, definitions line by line."""
    for each in found.definitions:
        yield ""
        yield _definition_heading(each)
        yield from (f"  {line}" for line in unified(each))
    targets = [
        f"{row.kpi_id}, {row.unit_id}, per {row.per}, from {row.valid_from_date}: "
        f"{row.points_before or 'none'} -> {row.points_after or 'none'}"
        for row in found.targets
    ]
    weights = [
        f"{row.level} {row.node_id}, from {_since(row.valid_from_date)}: "
        f"{_number(row.weight_before)} -> {_number(row.weight_after)}"
        for row in found.weights
    ]
    places = [
        f"{row.unit_id} under {row.parent_unit_id}, from {_since(row.valid_from_date)}: "
        f"{_until(row.valid_to_date_before)} -> {_until(row.valid_to_date_after)}"
        for row in found.places
    ]
    for heading, lines in (
        ("Targets that differ", targets),
        ("Weights that differ", weights),
        ("Units that stand elsewhere", places),
    ):
        yield from _section(heading, lines, len(lines))


def unified(each: DefinitionDifference) -> list[str]:
    """Give the unified diff of a definition: its JSON, and each SQL file that it depends on."""
    return list(
        difflib.unified_diff(
            _definition_lines(each.definition_before),
            _definition_lines(each.definition_after),
            fromfile=each.definition_id_before or "none",
            tofile=each.definition_id_after or "none",
            lineterm="",
            n=2,
        )
    )


def score_line(row: ScoreDifference) -> str:
    """Say how one score differs."""
    before = standing(row.score_before, row.band_before, row.data_state_before)
    after = standing(row.score_after, row.band_after, row.data_state_after)
    place = f"{row.level:<11} {row.node_id:<26} {row.unit_id:<16} {row.grain:<7} {row.period_start_date:%Y-%m}"
    return f"{place}  {before} -> {after}{_why(row.reasons)}"


def value_line(row: ValueDifference) -> str:
    """Say how one value differs."""
    after = "withdrawn" if row.change == "withdrawn" else _number(row.actual_after)
    place = f"{row.kpi_id:<26} {row.unit_id:<16} {row.grain:<7} {row.period_start_date:%Y-%m}"
    return f"{place}  {_number(row.actual_before)} -> {after}{_why(row.reasons)}"


def standing(score: float | None, band: str | None, state: str | None) -> str:
    """Say a score with its band and, where it is not the plain one, the state of its data."""
    if state is None:
        return "not reported"
    number = "no score" if score is None else f"{score:.2f}"
    words = [(band or "").replace("_", " "), "" if state == "current" else state.replace("_", " ")]
    return ", ".join(filter(None, [number, *words]))


def _section(heading: str, lines: Sequence[str], limit: int) -> Iterator[str]:
    if not lines:
        return
    yield ""
    yield f"{heading}: {len(lines):,}"
    yield from (f"  {line}" for line in lines[:limit])
    if len(lines) > limit:
        yield f"  … and {len(lines) - limit:,} more; --limit shows more, --format csv all."


def _reasons(found: Difference) -> Counter[str]:
    reasons = Counter(reason for row in found.scores for reason in row.reasons)
    return reasons + Counter(reason for row in found.values for reason in row.reasons)


def _counts(changes: Iterable[str]) -> str:
    count = Counter(changes)
    return f"{count['changed']:,} changed, {count['new']:,} new, {count['withdrawn']:,} withdrawn"


def _definition_heading(each: DefinitionDifference) -> str:
    if each.definition_id_before is None:
        return f"Added: {each.level} {each.node_id}"
    if each.definition_id_after is None:
        return f"Removed: {each.level} {each.node_id}"
    return f"Definition of {each.level} {each.node_id}"


def _definition_lines(text: str | None) -> list[str]:
    if text is None:
        return []
    read: dict[str, Any] = json.loads(text)
    sql = read.pop("sql", {})
    lines = json.dumps(read, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
    for name, statement in sorted(sql.items()):
        lines += ["", f"-- {name}", *statement.splitlines()]
    return lines


def _why(reasons: Sequence[str]) -> str:
    return f"  ({', '.join(reason.replace('_', ' ') for reason in reasons)})" if reasons else ""


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:,.6g}"


def _since(day: date) -> str:
    return "the beginning" if day.year == 1 else day.isoformat()


def _until(day: date | None) -> str:
    if day is None:
        return "not there"
    return "for good" if day.year == date.max.year else f"until {day}"


# --- CSV and JSON --------------------------------------------------------------------------------------------------------


def rows(found: Difference, *, limit: int | None) -> Iterator[dict[str, Any]]:
    """Yield one flat row per difference, at most `limit` of each kind."""
    kinds: tuple[tuple[str, Sequence[NamedTuple]], ...] = (
        ("definition", found.definitions),
        ("target", found.targets),
        ("weight", found.weights),
        ("place", found.places),
        ("score", found.scores),
        ("value", found.values),
    )
    for what, differences in kinds:
        for each in differences[:limit]:
            row = each._asdict()
            if "kpi_id" in row:
                row = {"level": "kpi", "node_id": row.pop("kpi_id")} | row
            yield {"what": what} | row


def as_csv(found: Difference, *, limit: int | None) -> str:
    """Write a table with one row per difference; definitions by their ids."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows(found, limit=limit):
        writer.writerow(row | {"reasons": " ".join(row.get("reasons", ()))})
    return out.getvalue()


def as_json(found: Difference, *, limit: int | None, **more: Any) -> str:
    """Write everything as one object, definitions with their unified diffs."""
    listed: dict[str, list[dict[str, Any]]] = {}
    for row in rows(found, limit=limit):
        listed.setdefault(f"{row.pop('what')}s", []).append(row)
    for row, each in zip(listed.get("definitions", ()), found.definitions, strict=False):
        row["diff"] = unified(each)
    return json.dumps(more | {"counts": counts(found)} | listed, indent=2, default=_plain)


def counts(found: Difference) -> dict[str, Any]:
    """Count what differs: by level and change, by reason, and statuses that moved by level."""
    return {
        "values": Counter(row.change for row in found.values),
        "scores": {
            level: Counter(row.change for row in found.scores if row.level == level)
            for level in LEVELS
        },
        "statuses": _statuses([row for row in found.scores if row.is_status]),
        "reasons": _reasons(found),
        "definitions": len(found.definitions),
        "targets": len(found.targets),
        "weights": len(found.weights),
        "places": len(found.places),
    }


def _statuses(moved: Sequence[ScoreDifference]) -> dict[str, Counter[str]]:
    return {
        "by_level": Counter(row.level for row in moved),
        "by_kpi": Counter(row.node_id for row in moved if row.level == "kpi"),
        "by_unit": Counter(row.unit_id for row in moved),
        "by_period": Counter(f"{row.grain} {row.period_start_date:%Y-%m}" for row in moved),
    }


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
