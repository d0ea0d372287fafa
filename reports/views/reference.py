"""Pages to look things up: the data dictionary, the releases and the method.

The dictionary says what the warehouse says of itself. The release page is the only one on which run ids and clock times stand.
"""

from dataclasses import dataclass

from reports.edition import Edition, Frame
from reports.text import Part
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
class RuleItem:
    """A scoring rule in use."""

    name: str
    text: str
    kpis: tuple[Part, ...]


RULES = {
    "linear": "The score runs along a broken line: the worst value scores 0, the red flag 33.33, the target 66.67, the best 100. "
    "Where worst or best is not given, it lies as far beyond the red flag or the target as these lie apart.",
    "min_max": "The score grows evenly from 0 at one end to 100 at the other: (actual − min) / (max − min) × 100.",
    "progress": "The score is the part of the way from the baseline to the target: (actual − baseline) / (target − baseline) × 100.",
    "ratio": "The score is the actual as a percentage of the target. Where lower is better, it is 100 less what the actual lies above "
    "the target, in per cent of it, or, in the inverse form, target / actual. With a basis it is (basis − actual) / (basis − target) × 100. "
    "A cap may let it exceed 100.",
    "range": "Every value from low to high scores 100; outside, the score falls evenly to 0 where the tolerance ends.",
    "steps": "The value reaches a step and has that step’s score; a step begins with its own value. Below the first step it is 0.",
    "curve": "The score runs straight from point to point, and stays flat beyond the first and the last.",
    "binary": "Met scores 100, missed 0.",
}
"""Each rule in a reader's words, in the order of the method."""


@dataclass(frozen=True)
class MethodPage:
    """How numbers become scores."""

    frame: Frame
    rules: tuple[RuleItem, ...]
    has_surveys: bool
    has_slower: bool
    has_manual: bool
    words: tuple[tuple[str, str], ...]
    on_track: str
    at_risk: str
    min_coverage: str
    mission: str
    vision: str
    strategy: str


SHOWN_KPIS = 6


def _rule(edition: Edition, rule: str) -> RuleItem:
    """Return a rule with the KPIs that it scores."""
    own = [kpi for kpi in edition.strategy.kpis.values() if kpi.rule == rule]
    parts: list[Part] = []
    for index, kpi in enumerate(own[:SHOWN_KPIS]):
        joint = [Part(", ")] if index else []
        href = edition.kpi_href(kpi.kpi_id, edition.organisation_id)
        parts += [*joint, Part(kpi.kpi_name, href)]
    if len(own) > SHOWN_KPIS:
        parts.append(Part(f" and {len(own) - SHOWN_KPIS} more"))
    return RuleItem(rule, RULES[rule], tuple(parts))


def method_page(edition: Edition) -> MethodPage:
    """Return the page on the method, with the settings of this scorecard."""
    scorecard, kpis = edition.strategy.scorecard, edition.strategy.kpis.values()
    return MethodPage(
        frame=edition.frame(
            title="Method: how numbers become scores",
            finding="How numbers become scores",
            page="method.html",
        ),
        rules=tuple(
            _rule(edition, rule) for rule in RULES if any(kpi.rule == rule for kpi in kpis)
        ),
        has_surveys=any(kpi.survey or kpi.min_observations_count for kpi in kpis),
        has_slower=any(kpi.frequency != "month" for kpi in kpis),
        has_manual=bool(edition.published.evidence.entries),
        words=legend(edition),
        on_track=edition.language.number(scorecard.on_track_edge, 2),
        at_risk=edition.language.number(scorecard.at_risk_edge, 2),
        min_coverage=edition.language.percent(scorecard.min_coverage),
        mission=scorecard.mission or "",
        vision=scorecard.vision or "",
        strategy=scorecard.strategy or "",
    )
