"""Pages to look things up: the data dictionary and the method.

The dictionary says what the warehouse says of itself. Not here: the terms one by one (glossary), the releases (releases).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.downloads import DATA, page_downloads
from reports.edition import Edition, Frame
from reports.views.glossary import term_links
from reports.views.legend import legend
from reports.warehouse import rows
from reports.words.text import Part, later, say, say_count, say_parts

SCHEMA_WORDS = {
    "scorecard": later("The scorecard: values, scores and the strategy as tables."),
    "measure": later("Measures and their components."),
    "quality": later("Loads, contracts and where tables come from."),
    "history": later("What was reported, and when."),
    "staging": later("Cleaned tables of the sources."),
    "raw": later("Rows as they left their sources."),
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
    caption: tuple[Part, ...]
    comment: str
    columns: tuple[ColumnItem, ...]


@dataclass(frozen=True)
class SchemaItem:
    """A schema."""

    name: str
    heading: str
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
        by_schema.setdefault(table.schema_name, []).append(_table(table, columns))
    order = list(SCHEMA_WORDS)
    names = sorted(
        by_schema, key=lambda name: (order.index(name) if name in order else len(order), name)
    )
    tables = _tables_in_words(len(known.tables))
    return DictionaryPage(
        frame=edition.frame(
            title=say("Data dictionary: {tables}", tables=tables),
            finding=_finding(by_schema),
            page="dictionary.html",
            downloads=page_downloads(edition, DATA["dictionary"]),
        ),
        lede=(
            Part(
                say(
                    "What the published warehouse says of itself; the same stands in the comments of its tables and columns."
                )
            ),
        ),
        schemas=tuple(_schema(name, by_schema[name]) for name in names),
    )


def _finding(by_schema: Mapping[str, list[TableItem]]) -> str:
    count = sum(len(table.columns) for tables in by_schema.values() for table in tables)
    return say_count(
        "{tables} and {count} column, each in its own words",
        "{tables} and {count} columns, each in its own words",
        count,
        tables=_tables_in_words(sum(len(tables) for tables in by_schema.values())),
    )


def _tables_in_words(count: int) -> str:
    return say_count("{count} table", "{count} tables", count)


def _table(table: rows.Table, columns: list[rows.Column]) -> TableItem:
    name = f"{table.schema_name}.{table.table_name}"
    return TableItem(
        id=name,
        name=name,
        caption=say_parts("Columns of {table}", table=Part(name, style="outside")),
        comment=table.comment or "",
        columns=tuple(
            ColumnItem(row.column_name, row.data_type.lower(), row.comment or "") for row in columns
        ),
    )


def _schema(name: str, tables: list[TableItem]) -> SchemaItem:
    words = SCHEMA_WORDS.get(name)
    return SchemaItem(
        name=name,
        heading=_tables_in_words(len(tables)),
        words="" if words is None else say(words),
        tables=tuple(tables),
    )


@dataclass(frozen=True)
class RuleItem:
    """A scoring rule in use."""

    name: str
    text: str
    kpis: tuple[Part, ...]


RULES = {
    "linear": later(
        "The score runs along a broken line: the worst value scores 0, the red flag 33.33, the target 66.67, the best 100. "
        "Where worst or best is not given, it lies as far beyond the red flag or the target as these lie apart."
    ),
    "min_max": later(
        "The score grows evenly from 0 at one end to 100 at the other: (actual − min) / (max − min) × 100."
    ),
    "progress": later(
        "The score is the part of the way from the baseline to the target: (actual − baseline) / (target − baseline) × 100."
    ),
    "ratio": later(
        "The score is the actual as a percentage of the target. Where lower is better, it is 100 less what the actual lies above "
        "the target, in per cent of it, or, in the inverse form, target / actual. With a basis it is (basis − actual) / (basis − target) × 100. "
        "A cap may let it exceed 100."
    ),
    "range": later(
        "Every value from low to high scores 100; outside, the score falls evenly to 0 where the tolerance ends."
    ),
    "steps": later(
        "The value reaches a step and has that step’s score; a step begins with its own value. Below the first step it is 0."
    ),
    "curve": later(
        "The score runs straight from point to point, and stays flat beyond the first and the last."
    ),
    "binary": later("Met scores 100, missed 0."),
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
    terms: Mapping[str, tuple[Part, ...]]
    """The terms that each section uses, linked."""
    min_coverage: str
    mission: str
    vision: str
    strategy: str


SHOWN_KPIS = 6
SECTION_TERMS = {
    "score": ("score", "actual", "target", "red_flag", "rule", "baseline", "derived"),
    "survey": ("interval", "suppressed"),
    "status": ("status", "bands", "bullet"),
    "roll": ("weight", "coverage", "gate", "roll_up", "points_lost", "balance"),
    "signal": ("signal", "usual_range"),
    "moved": ("contribution",),
    "links": ("link", "lag", "strategy_map", "leading"),
    "again": ("restated", "release", "definition", "unit_tree"),
    "bad": ("stale", "unverified", "contract", "held_back", "load", "provisional"),
}


def _rule(edition: Edition, rule: str) -> RuleItem:
    """Return a rule with the KPIs that it scores."""
    own = [kpi for kpi in edition.strategy.kpis.values() if kpi.rule == rule]
    parts: list[Part] = []
    for index, kpi in enumerate(own[:SHOWN_KPIS]):
        joint = [Part(", ")] if index else []
        href = edition.kpi_href(kpi.kpi_id, edition.organisation_id)
        parts += [*joint, Part(kpi.kpi_name, href)]
    if len(own) > SHOWN_KPIS:
        more = len(own) - SHOWN_KPIS
        parts.append(Part(say_count(" and {count} more", " and {count} more", more)))
    return RuleItem(rule, say(RULES[rule]), tuple(parts))


def method_page(edition: Edition) -> MethodPage:
    """Return the page on the method, with the settings of this scorecard."""
    scorecard, kpis = edition.strategy.scorecard, edition.strategy.kpis.values()
    return MethodPage(
        frame=edition.frame(
            title=say("Method: how numbers become scores"),
            finding=say("How numbers become scores"),
            page="method.html",
        ),
        rules=tuple(
            _rule(edition, rule) for rule in RULES if any(kpi.rule == rule for kpi in kpis)
        ),
        has_surveys=any(kpi.survey or kpi.min_observations_count for kpi in kpis),
        has_slower=any(kpi.frequency != "month" for kpi in kpis),
        has_manual=bool(edition.published.evidence.entries),
        words=legend(edition),
        terms={name: term_links(edition.root, terms) for name, terms in SECTION_TERMS.items()},
        min_coverage=edition.language.percent(scorecard.min_coverage),
        mission=scorecard.mission or "",
        vision=scorecard.vision or "",
        strategy=scorecard.strategy or "",
    )
