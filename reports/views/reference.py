"""Pages to look things up: the data dictionary, the releases and the method.

The dictionary says what the warehouse says of itself. The release page is the only one on which run ids and clock times stand.
"""

from dataclasses import dataclass

from reports.edition import Edition, Frame, Part
from reports.views.front import legend

SCHEMA_WORDS = {
    "scorecard": "The scorecard: values, scores and the strategy as tables",
    "measure": "Measures and their components",
    "quality": "Loads, contracts and where tables come from",
    "history": "What was reported, and when",
    "staging": "Cleaned tables of the sources",
    "raw": "Rows as they left their sources",
}


@dataclass(frozen=True)
class ColumnItem:
    """A column."""

    name: str
    kind: str
    comment: str


@dataclass(frozen=True)
class TableItem:
    """A table."""

    id: str
    name: str
    comment: str
    columns: tuple[ColumnItem, ...]


@dataclass(frozen=True)
class SchemaItem:
    """A schema."""

    name: str
    words: str
    tables: tuple[TableItem, ...]


@dataclass(frozen=True)
class DictionaryPage:
    """The data dictionary."""

    frame: Frame
    lede: tuple[Part, ...]
    schemas: tuple[SchemaItem, ...]


def dictionary_page(edition: Edition) -> DictionaryPage:
    """Return the data dictionary, from the comments of the warehouse itself."""
    known = edition.published.dictionary
    by_schema: dict[str, list[TableItem]] = {}
    for table in known.tables:
        columns = known.columns.get((table.schema_name, table.table_name), [])
        by_schema.setdefault(table.schema_name, []).append(
            TableItem(
                id=f"{table.schema_name}.{table.table_name}",
                name=f"{table.schema_name}.{table.table_name}",
                comment=table.comment or "",
                columns=tuple(
                    ColumnItem(row.column_name, row.data_type.lower(), row.comment or "")
                    for row in columns
                ),
            )
        )
    order = list(SCHEMA_WORDS)
    names = sorted(
        by_schema, key=lambda name: (order.index(name) if name in order else len(order), name)
    )
    count = sum(len(tables) for tables in by_schema.values())
    column_count = sum(len(table.columns) for tables in by_schema.values() for table in tables)
    finding = f"{count} tables and {column_count} columns, each in its own words"
    return DictionaryPage(
        frame=edition.frame(
            title=f"Data dictionary: {count} tables", finding=finding, page="dictionary.html"
        ),
        lede=(
            Part(
                "What the published warehouse says of itself; the same stands in the comments of its tables and columns."
            ),
        ),
        schemas=tuple(
            SchemaItem(name, SCHEMA_WORDS.get(name, ""), tuple(by_schema[name])) for name in names
        ),
    )


@dataclass(frozen=True)
class ReleaseItem:
    """A release."""

    release_id: str
    run_id: str
    is_present: bool
    state: str
    as_of: str
    period: str
    reported: str
    base: str
    values: str


@dataclass(frozen=True)
class ReleasesPage:
    """All releases."""

    frame: Frame
    lede: tuple[Part, ...]
    releases: tuple[ReleaseItem, ...]


def releases_page(edition: Edition) -> ReleasesPage:
    """Return the page of all releases, with the run and the moment of each."""
    reports = edition.published.reports
    names = {row.run_id: row.release_id for row in reports.releases}
    present = edition.strategy.release.release_id
    newest = next(
        (row for row in reports.releases if row.release_id == present and row.is_current_line), None
    )
    found = tuple(
        ReleaseItem(
            release_id=row.release_id,
            run_id=row.run_id,
            is_present=row is newest,
            state="" if row.is_current_line else "rolled back",
            as_of=edition.language.short_day(row.as_of_date),
            period=edition.language.month(row.period_start_date),
            reported=f"{edition.language.short_day(row.reported_at.date())}, {row.reported_at:%H:%M} UTC",
            base=names.get(row.base_run_id or "", "none"),
            values=edition.language.number(reports.values_by_run.get(row.run_id, 0)),
        )
        for row in reports.releases
    )
    count = len(found)
    finding = (
        "No release is published yet"
        if not count
        else f"{count} {'release' if count == 1 else 'releases'}; this is {present}"
    )
    return ReleasesPage(
        frame=edition.frame(title=f"Releases: {finding}", finding=finding, page="releases.html"),
        lede=(
            Part(
                "Equal content has an equal name. What a release reported stays in the ledger, also after the release itself is pruned."
            ),
        ),
        releases=found,
    )


@dataclass(frozen=True)
class MethodPage:
    """How numbers become scores."""

    frame: Frame
    words: tuple[tuple[str, str], ...]
    on_track: str
    at_risk: str
    min_coverage: str
    mission: str
    vision: str
    strategy: str


def method_page(edition: Edition) -> MethodPage:
    """Return the page on the method, with the settings of this scorecard."""
    scorecard = edition.strategy.scorecard
    return MethodPage(
        frame=edition.frame(
            title="Method: how numbers become scores",
            finding="How numbers become scores",
            page="method.html",
        ),
        words=legend(edition),
        on_track=edition.language.number(scorecard.on_track_edge, 2),
        at_risk=edition.language.number(scorecard.at_risk_edge, 2),
        min_coverage=edition.language.percent(scorecard.min_coverage),
        mission=scorecard.mission or "",
        vision=scorecard.vision or "",
        strategy=scorecard.strategy or "",
    )
