"""The data of the pages as JSON and CSV under stable addresses: which pages have a file, and how it is written.

Not here: kinds of files and their schema (documents), the workbook, the board pack.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from reports.downloads import DATA, SCHEMA, SCORECARD, kpi_data, period_data, unit_data
from reports.edition import Edition
from reports.exports import kpi_records as kpi_rows
from reports.exports import quality_records as quality
from reports.exports import scorecard_records as scorecard
from reports.exports import strategy_records as strategy
from reports.exports import unit_records as unit_rows
from reports.exports.columns import NUMBERS, Cell, Column, Record, plain
from reports.exports.documents import KINDS, ROWS, Document, schema
from reports.exports.release_records import release_records
from reports.exports.span_records import period_records, span_of_record, span_records
from reports.longer import Longer, read_longer
from reports.past import read_past, reading
from reports.spans import INDEX, QUARTER, YEAR, address_of, spans_of
from reports.views.derivation import tables_behind
from reports.warehouse import rows

RUN_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet that opens a CSV file runs text that begins with one of these."""
Records = list[Record]


def write_data(edition: Edition, out: Path) -> int:
    """Write the data of all pages but those of units, KPIs and past months, and the schema; return how many files that are."""
    _write_json(out / SCHEMA, schema())
    return 1 + _write_all(edition, out, _documents(edition))


def write_unit_data(edition: Edition, out: Path, units: Sequence[str]) -> int:
    """Write the data of some units' scorecards; return how many files that are."""
    edition.published.plan(tuple(edition.strategy.kpis), units)
    return _write_all(edition, out, _units(edition, units))


def write_kpi_data(edition: Edition, out: Path, kpis: Sequence[str]) -> int:
    """Write the data of some KPIs, each with all its units; return how many files that are."""
    edition.published.plan(kpis, tuple(edition.strategy.units))
    of_kpis = (_kpi(edition, edition.strategy.kpis[kpi_id]) for kpi_id in kpis)
    return _write_all(edition, out, of_kpis)


def write_period_data(edition: Edition, out: Path, units: Sequence[str]) -> int:
    """Write the data of some units' pages of past months, or of the organisation's; return how many files that are."""
    return _write_all(edition, out, _periods(edition, units))


def _units(edition: Edition, units: Sequence[str]) -> Iterator[Document]:
    for unit in (edition.strategy.units[unit_id] for unit_id in units):
        card = scorecard.scorecard_records(edition, unit.unit_id)
        yield _scorecard(edition, unit_data(unit.unit_id), unit, card)


def _documents(edition: Edition) -> Iterator[Document]:
    card = scorecard.scorecard_records(edition)
    yield _scorecard(edition, SCORECARD, edition.strategy.organisation, card)
    for perspective in edition.strategy.perspectives.values():
        node_id = perspective.perspective_id
        record = scorecard.perspective_record(perspective)
        yield _node(edition, "perspective", node_id, record, card)
    for objective in edition.strategy.objectives.values():
        node_id = objective.objective_id
        record = scorecard.objective_record(objective)
        yield _node(edition, "objective", node_id, record, card)
    yield from _initiatives(edition, card)
    yield _strategy_map(edition, card)
    yield Document(DATA["heat-map"], "heat-map", {ROWS: strategy.heat_records(edition)})
    yield _quality(edition)
    yield _dictionary(edition)
    yield Document(DATA["releases"], "releases", {**release_records(edition)})


def _scorecard(edition: Edition, address: str, unit: rows.Unit, card: Records) -> Document:
    nodes = tuple(scorecard.nodes_of(edition))
    whole = nodes[0]
    return Document(
        address,
        "scorecard",
        {
            "of": scorecard.of_record(edition, unit),
            "purpose": scorecard.purpose_record(edition),
            ROWS: card,
            "trend": scorecard.trend_records(edition, unit.unit_id, nodes),
            "moved": scorecard.moved_records(edition, unit.unit_id, nodes),
            "rescored": scorecard.reported_score_records(edition, *whole, unit.unit_id),
        },
    )


def _node(edition: Edition, level: str, node_id: str, record: Record, card: Records) -> Document:
    whole, own = edition.organisation_id, [(level, node_id)]
    found = scorecard.below(card, level, node_id)
    objectives = {row["id"] for row in found if row["level"] == "objective"}
    work = [row for row in edition.strategy.initiatives if row.objective_id in objectives]
    shown = [(str(row["level"]), str(row["id"])) for row in found if row["level"] != "kpi"]
    parts: dict[str, Record | Records] = {
        "node": record,
        ROWS: found,
        "trend": scorecard.trend_records(edition, whole, shown),
        "moved": scorecard.moved_records(edition, whole, own),
        "rescored": scorecard.reported_score_records(edition, level, node_id, whole),
        "initiatives": strategy.initiative_records(work),
    }
    if level == "objective":
        parts["links"] = strategy.link_records(edition, node_id)
    return Document(f"{level}s/{node_id}", level, parts)


def _kpi(edition: Edition, kpi: rows.Kpi) -> Document:
    evidence = edition.published.evidence
    terms = edition.strategy.terms.get(kpi.kpi_id, [])
    measures = dict.fromkeys([kpi.measure_id, *(term.measure_id for term in terms)])
    named = [f"measure.{name}" for name in measures if name]
    behind = list(dict.fromkeys(table for name in named for table in tables_behind(edition, name)))
    work = [row for row in edition.strategy.initiatives if row.objective_id == kpi.objective_id]
    return Document(
        kpi_data(kpi.kpi_id),
        "kpi",
        {
            "kpi": kpi_rows.definition_record(kpi),
            ROWS: kpi_rows.history_records(edition, kpi),
            "targets": kpi_rows.target_records(edition, kpi),
            "points": kpi_rows.target_point_records(edition, kpi),
            "comments": kpi_rows.comment_records(edition, kpi),
            "baselines": kpi_rows.baseline_records(edition, kpi),
            "moved": kpi_rows.part_records(edition, kpi),
            "gap": unit_rows.gap_records(edition, kpi),
            "dimensions": unit_rows.dimension_records(edition, kpi),
            "restated": kpi_rows.reported_records(edition, kpi),
            "rescored": kpi_rows.rescored_records(edition, kpi),
            "terms": kpi_rows.term_records(edition, kpi),
            "measures": [
                plain(quality.MEASURES, evidence.measures[name])
                for table in [*named, *behind]
                if (name := table.removeprefix("measure.")) in evidence.measures
                and table.startswith("measure.")
            ],
            "staging": [
                plain(quality.STAGING, evidence.staging[name])
                for table in behind
                if (name := table.removeprefix("staging.")) in evidence.staging
                and table.startswith("staging.")
            ],
            "loads": _loads(edition, behind),
            "initiatives": strategy.initiative_records(work),
            "links": strategy.link_records(edition, kpi.objective_id),
        },
    )


def _loads(edition: Edition, tables: Iterable[str]) -> Records:
    """Return the loads that numbers were read from, of some raw tables."""
    raw = {
        table.removeprefix("raw.").removesuffix("__loads")
        for table in tables
        if table.startswith("raw.")
    }
    loads = edition.published.evidence.loads
    return quality.load_records(
        [
            load
            for key in sorted(loads)
            if "__".join(key) in raw
            for load in loads[key]
            if load.is_selected
        ]
    )


def _initiatives(edition: Edition, card: Records) -> Iterator[Document]:
    found = edition.strategy.initiatives
    yield Document(
        DATA["initiatives"],
        "initiatives",
        {
            ROWS: strategy.initiative_records(found),
            "milestones": strategy.milestone_records(edition, found),
        },
    )
    for row in found:
        yield Document(
            f"initiatives/{row.initiative_id}",
            "initiative",
            {
                ROWS: strategy.initiative_records([row]),
                "milestones": strategy.milestone_records(edition, [row]),
                "objective": scorecard.below(card, "objective", row.objective_id),
            },
        )


def _strategy_map(edition: Edition, card: Records) -> Document:
    return Document(
        DATA["strategy-map"],
        "strategy-map",
        {
            ROWS: strategy.link_records(edition),
            "lags": strategy.lag_records(edition),
            "nodes": [row for row in card if row["level"] in {"perspective", "objective"}],
        },
    )


def _quality(edition: Edition) -> Document:
    evidence = edition.published.evidence
    loads = [load for key in sorted(evidence.loads) for load in evidence.loads[key]]
    return Document(
        DATA["quality"],
        "quality",
        {
            ROWS: quality.source_records(edition),
            "loads": quality.load_records(loads),
            "checks": [plain(quality.CHECKS, row) for row in evidence.checks],
            "held": [plain(quality.HELD, row) for row in evidence.held],
            "quarantined": [plain(quality.QUARANTINED, row) for row in evidence.quarantined],
            "warnings": [plain(quality.WARNINGS, row) for row in evidence.warnings],
            "unplaced": [plain(quality.UNPLACED, row) for row in evidence.unplaced],
        },
    )


def _dictionary(edition: Edition) -> Document:
    known = edition.published.dictionary
    columns = [column for key in sorted(known.columns) for column in known.columns[key]]
    return Document(
        DATA["dictionary"],
        "dictionary",
        {
            ROWS: [plain(quality.COLUMNS, row) for row in columns],
            "tables": [plain(quality.TABLES, row) for row in known.tables],
        },
    )


def _periods(edition: Edition, units: Sequence[str]) -> Iterator[Document]:
    """Yield the past months of some units, or of the organisation, with its longer periods."""
    is_whole = edition.organisation_id in units
    months = edition.past_months if is_whole else edition.past_unit_months
    if not months:
        return
    edition.published.plan(tuple(edition.strategy.kpis), units)
    with reading(edition) as connection:
        past = read_past(connection, edition, units, months[0])
        for month in months:
            seen = past.seen_in(edition, month)
            for unit_id in units:
                yield _past(seen, unit_id)
        if is_whole:
            yield from _spans(edition, read_longer(connection, edition, past))


def _spans(edition: Edition, longer: Longer) -> Iterator[Document]:
    """Yield the organisation's quarters and fiscal years, then the list of all periods."""
    for span in (*spans_of(edition, QUARTER), *spans_of(edition, YEAR)):
        yield Document(
            address_of(edition, span).removesuffix(".html"),
            "past-scorecard",
            {
                "of": span_of_record(edition, span),
                ROWS: span_records(edition, longer, span),
            },
        )
    yield Document(INDEX.removesuffix(".html"), "periods", {ROWS: period_records(edition, longer)})


def _past(seen: Edition, unit_id: str) -> Document:
    return Document(
        period_data(seen, unit_id),
        "past-scorecard",
        {
            "of": scorecard.of_record(seen, seen.strategy.units[unit_id]),
            ROWS: scorecard.scorecard_records(seen, unit_id),
        },
    )


def _write_all(edition: Edition, out: Path, found: Iterable[Document]) -> int:
    release = scorecard.release_record(edition)
    return sum(_write_document(out, document, release) for document in found)


def _write_document(out: Path, document: Document, release: Record) -> int:
    """Write one page's data: a JSON file with all parts, a CSV file for each list; return how many files that are."""
    root = "../" * document.address.count("/")
    told: dict[str, Any] = {"release": release, **document.parts}
    parts = KINDS[document.kind]
    head = {"$schema": f"{root}{SCHEMA}", "kind": document.kind}
    _write_json(
        out / f"{document.address}.json", head | {part.key: told[part.key] for part in parts}
    )
    lists = [part for part in parts if part.is_list]
    for part in lists:
        ending = "" if part.key == ROWS else f"-{part.key}"
        _write(out / f"{document.address}{ending}.csv", csv_text(part.columns, told[part.key]))
    return 1 + len(lists)


def csv_text(columns: Iterable[Column], found: Iterable[Record]) -> str:
    """Write rows as CSV (RFC 4180): text that a spreadsheet would run is led by an apostrophe, numbers stay numbers."""
    shown = tuple(columns)
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([column.name for column in shown])
    for row in found:
        writer.writerow([_cell(column, row[column.name]) for column in shown])
    return text.getvalue()


def _cell(column: Column, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if column.kind in NUMBERS:
        return json.dumps(cell)
    text = str(cell)
    return f"'{text}" if text.startswith(RUN_AS_FORMULA) else text


def _write_json(path: Path, found: Mapping[str, Any]) -> None:
    _write(
        path, json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
