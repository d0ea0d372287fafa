"""The pages of the method tell the truth: every example on them is computed as the warehouse computes it.

Three forms are checked: tables of a rule's actuals and scores, through the public `score_actual`; blocks marked
`yaml example`, each a workspace of manual measures, with tables of the published warehouse below it; and arithmetic in
inline code, `3 / 1.128 = 2.66`.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

import duckdb
import pytest
import yaml

from scorecard.strategy import Aggregation, Kpi, RollUp, Rule, Survey
from tests.method_workspace import scored_nights
from transforms.catalogue import catalogue
from transforms.rules import PointsError, score_actual

PROJECT = Path(__file__).parents[1]
OVERVIEW = PROJECT / "docs" / "reference" / "method.md"
HOW_TO = PROJECT / "docs" / "how-to.md"
PAGES = (OVERVIEW, *sorted((PROJECT / "docs" / "reference" / "method").glob("*.md")))
HIDDEN = "–"
"""How a table writes that there is no value."""


# --- reading the pages ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Table:
    """A table of a page: where it stands, its header and its rows."""

    place: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def records(self) -> list[dict[str, str]]:
        """Give the rows by column name."""
        return [dict(zip(self.header, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Example:
    """A block marked `yaml example`, and the tables of the warehouse below it."""

    place: str
    text: str
    tables: tuple[Table, ...]


def blocks(page: Path) -> list[str | Table]:
    """Give a page's marked examples (as text) and its tables, in order."""
    pattern = re.compile(
        r"^```yaml example\n(.*?)^```|((?:^\|[^\n]*\|\n)+)", re.DOTALL | re.MULTILINE
    )
    text = page.read_text("utf-8") + "\n"
    found: list[str | Table] = []
    for match in pattern.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        found.append(match[1] or _table(match[2], f"{page.stem}:{line}"))
    return found


def _table(text: str, place: str) -> Table:
    header, _, *rows = [_cells(line) for line in text.strip().splitlines()]
    return Table(place, header, tuple(rows))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def tables_of(first: str) -> list[Table]:
    """Give every table of all pages whose first column is called so."""
    return [each for page in PAGES for each in blocks(page) if isinstance(each, Table) and each.header[0] == first]  # fmt: skip


def examples() -> list[Example]:
    """Give the marked examples, each with the tables of the warehouse between it and the next."""
    found: list[Example] = []
    for page in PAGES:
        here: list[Example] = []
        for block in blocks(page):
            if isinstance(block, str):
                here.append(Example(f"{page.stem}-{len(here) + 1}", block, ()))
            elif block.header[0] in catalogue():
                last = here.pop()
                here.append(Example(last.place, last.text, (*last.tables, block)))
        found += here
    return found


def company() -> Mapping[str, Any]:
    """Give the company that the overview says every example is of."""
    text = OVERVIEW.read_text("utf-8")
    (found,) = re.findall(r"```yaml\n(organisation:.*?)```", text, flags=re.DOTALL)
    company: Mapping[str, Any] = yaml.safe_load(found)
    return company


def test_every_page_shows_what_it_says() -> None:
    shown = {example.place.rsplit("-", 1)[0] for example in examples()}
    assert shown == {page.stem for page in PAGES[1:]}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    named = re.findall(r"`([\w/]+\.(?:sql|py))`", text)
    places = [PROJECT, PROJECT / "transforms" / "sql" / "score"]
    missing = [name for name in named if not any((place / name).is_file() for place in places)]
    assert missing == []


# --- the rules --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A row of a table of a rule."""

    place: str
    rule: str
    points: Any
    options: Mapping[str, Any]
    expected: str


def points_of(text: str) -> Any:
    """Read points as a page writes them: `red: 500, target: 700`, or `0:0 10:80` for steps and curve."""
    plain = text.strip("`")
    if re.fullmatch(r"[-\d.:\s]+", plain):
        return [tuple(float(part) for part in pair.split(":")) for pair in plain.split()]
    return yaml.safe_load(f"{{{plain}}}")


def cases(first: str) -> list[Case]:
    """Give every row of the tables whose first column is called `first`."""
    found = []
    for table in (each for each in tables_of(first) if "direction" in each.header):
        for record in table.records():
            options: dict[str, Any] = {}
            if record["direction"]:
                options["direction"] = record["direction"].replace(" ", "_")
            if record.get("cap"):
                options["cap"] = None if record["cap"] == "none" else float(record["cap"])
            rule = record[first].strip("`")
            found.append(Case(table.place, rule, points_of(record["points"]), options, list(record.values())[-1]))  # fmt: skip
    return found


def rule_cases() -> list[Case]:
    return [case for case in cases("rule") if "→" in case.expected]


def named(case: Case) -> str:
    return f"{case.place}-{case.rule}-{case.points}-{case.options.get('cap', '')}"


@pytest.mark.parametrize("case", rule_cases(), ids=named)
def test_a_rule_scores_as_documented(case: Case) -> None:
    pairs = [pair.split("→") for pair in case.expected.split(";")]
    assert pairs
    for actual, score in pairs:
        found = score_actual(case.rule, case.points, float(actual), **case.options)
        assert found is not None
        assert shown(found, score.strip()) == score.strip(), actual


@pytest.mark.parametrize("case", cases("refused"), ids=named)
def test_points_are_refused_as_documented(case: Case) -> None:
    with pytest.raises(PointsError):
        score_actual(case.rule, case.points, 1.0, **case.options)


def test_every_rule_has_worked_values() -> None:
    rules = {case.rule for case in rule_cases()}
    assert rules == {"linear", "min_max", "progress", "ratio", "range", "steps", "curve", "binary"}


@pytest.mark.parametrize(("page", "count"), [(OVERVIEW, 3), (HOW_TO, 1)])
def test_calls_give_what_stands_beside_them(page: Path, count: int) -> None:
    calls = re.findall(r"^(score_actual\(.*\)) +# (\S+)$", page.read_text("utf-8"), flags=re.M)
    assert len(calls) == count
    for call, expected in calls:
        tree = ast.parse(call, mode="eval").body
        assert isinstance(tree, ast.Call)
        arguments = [ast.literal_eval(each) for each in tree.args]
        options = {each.arg or "": ast.literal_eval(each.value) for each in tree.keywords}
        assert score_actual(*arguments, **options) == float(expected)


# --- examples as workspaces -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.place)
def test_an_example_is_what_the_warehouse_publishes(example: Example, tmp_path: Path) -> None:
    assert example.tables, "an example without a table shows nothing"
    nights = scored_nights(yaml.safe_load(example.text), company(), tmp_path)
    for table in example.tables:
        for record in table.records():
            night = int(record.pop("night", len(nights)))
            with duckdb.connect(str(nights[night - 1]), read_only=True) as warehouse:
                warehouse.execute("set timezone = 'UTC'")
                found = published(warehouse, table.header[0], record, run=str(night))
            wanted = {name: cell.replace("`", "") for name, cell in record.items()}
            assert {name: shown(found[name], cell) for name, cell in wanted.items()} == wanted, table.place  # fmt: skip


def published(
    warehouse: duckdb.DuckDBPyConnection, name: str, record: Mapping[str, str], *, run: str
) -> dict[str, Any]:
    """Give the one row of a table that a page's row speaks of, by the page's columns."""
    usual = {"unit_id": "acme", "parent_unit_id": "acme", "grain": "month", "run_id": run}
    where = {}
    for column in catalogue()[name].key:
        cell = record.get(column, record[name] if column == _subject(name) else usual.get(column))
        if column == "period_start_date" and cell is None:
            cell = "2026-09-01"
        if cell is not None:
            where[column] = cell.strip("`")
    condition = " and ".join(f"{column}::varchar = ${column}" for column in where)
    cursor = warehouse.execute(f"select * from {name} where {condition}", where)
    columns = [each[0] for each in cursor.description or []]
    rows = cursor.fetchall()
    assert len(rows) == 1, (where, rows)
    row = dict(zip(columns, rows[0], strict=True))
    return {name: row[_subject(name)], **{column: row[column] for column in record if column != name}}  # fmt: skip


def _subject(table: str) -> str:
    """Give the column that the first column of a page's table stands for: what the rows are of."""
    special = {
        "scorecard.child_cost": "parent_id", "scorecard.score_contribution": "child_id",
        "history.reported_score": "node_id", "scorecard.balance": "unit_id", "quality.warning": "kpi_id",
    }  # fmt: skip
    return special.get(table, catalogue()[table].key[0])


def shown(value: Any, like: str) -> str:
    """Write a value as a cell does: with as many decimals."""
    if value is None:
        return HIDDEN if like == HIDDEN else ""
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | str):
        return str(value)
    decimals = len(like.split(".")[1]) if "." in like else 0
    text = f"{float(value):.{decimals}f}"
    is_exact = decimals > 0 or math.isclose(value, float(text), rel_tol=1e-12)
    return text.removeprefix("-") if float(text) == 0 else text if is_exact else repr(value)


# --- arithmetic -------------------------------------------------------------------------------------------------------

OPERATORS: Mapping[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.USub: operator.neg,
}  # fmt: skip


def sums() -> list[tuple[str, str, str]]:
    """Give every piece of arithmetic in inline code: page, expression, result."""
    pattern = re.compile(r"`([-\d.()+*/ a-z]*\d[-\d.()+*/ a-z]*) = (-?[\d.]+)`")
    return [(page.stem, left, right) for page in PAGES for left, right in pattern.findall(page.read_text("utf-8"))]  # fmt: skip


def computed(node: ast.AST) -> float:
    """Compute arithmetic of numbers, + - * / and the functions ln, exp and sqrt."""
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](computed(node.left), computed(node.right))
    if isinstance(node, ast.UnaryOp):
        return OPERATORS[type(node.op)](computed(node.operand))
    assert isinstance(node, ast.Call), ast.dump(node)
    assert isinstance(node.func, ast.Name)
    functions = {"ln": math.log, "exp": math.exp, "sqrt": math.sqrt}
    return functions[node.func.id](computed(node.args[0]))


@pytest.mark.parametrize(("page", "left", "right"), sums())
def test_arithmetic_is_right(page: str, left: str, right: str) -> None:
    assert shown(computed(ast.parse(left.strip(), mode="eval").body), right) == right, page


# --- sources, and when to use what ------------------------------------------------------------------------------------

CITATION = r"\[(\d+)\]\([^)]*#sources\)"
"""A reference to the numbered list of sources."""
WITHOUT_FORMULA = {
    "rules": {"What holds for all", "What is refused", *get_args(Rule)},
    "values": {"Components", "Units that move", "KPIs of different frequency", "Manual measures"},
}
"""Sections that state no formula of their own; the rules have theirs in the table above them. History states none."""


def is_sourced(text: str) -> bool:
    """Tell whether a text cites a source by its number, or says that the formula is the project's own."""
    return re.search(rf"{CITATION}|\bours\b", text) is not None


def says_when_to_use(text: str) -> bool:
    """Tell whether a text says when to use what it describes: in a sentence, or in a column of a table."""
    return re.search(r"(?:^|\. |\n|\| )[Uu]se (?:it|the|a|weights|bands|`)", text) is not None


def sections() -> list[tuple[str, str, str]]:
    """Give every section that states a formula: page, heading, text."""
    found = []
    for page in (page for page in PAGES[1:] if page.stem != "history"):
        text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
        for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
            heading, _, body = section.partition("\n")
            if heading not in WITHOUT_FORMULA.get(page.stem, set()):
                found.append((page.stem, heading, body))
    return found


def test_every_source_is_cited_beside_what_it_is_the_source_of() -> None:
    listed = re.findall(
        r"^(\d+)\. ", OVERVIEW.read_text("utf-8").split("## Sources")[1], flags=re.M
    )
    cited = {number for page in PAGES[1:] for number in re.findall(CITATION, page.read_text("utf-8"))}  # fmt: skip
    assert listed == [str(place) for place in range(1, len(listed) + 1)]
    assert cited == set(listed)


@pytest.mark.parametrize(
    ("first", "kinds"),
    [
        ("rule", get_args(Rule)),
        ("aggregation", get_args(Aggregation)),
        ("roll_up", get_args(RollUp)),
        ("survey", get_args(Survey)),
        ("phasing", (*get_args(Kpi.model_fields["phasing"].annotation), "by period")),
    ],
    ids=["rule", "aggregation", "roll_up", "survey", "phasing"],
)
def test_each_is_told_with_when_to_use_it_and_its_source(
    first: str, kinds: tuple[str, ...]
) -> None:
    told = {}
    for table in (table for name in (first, f"`{first}`") for table in tables_of(name)):
        for column in (name for name in table.header if name.startswith("use it")):
            for record in table.records():
                name = next(iter(record.values())).split("]")[0].strip("[`")
                told[name] = (record[column] != "", is_sourced(record.get("source", "")))
    assert told == dict.fromkeys(kinds, (True, True))


def test_every_cell_for_a_source_names_one() -> None:
    tables = [block for page in PAGES for block in blocks(page) if isinstance(block, Table)]
    cells = [(table.place, record["source"]) for table in tables for record in table.records() if "source" in record]  # fmt: skip
    assert cells
    assert [cell for cell in cells if not is_sourced(cell[1])] == []


@pytest.mark.parametrize(("page", "heading", "text"), sections(), ids=[f"{page}-{heading}" for page, heading, _ in sections()])  # fmt: skip
def test_every_formula_has_a_source_and_says_when_to_use_it(
    page: str, heading: str, text: str
) -> None:
    assert (is_sourced(text), says_when_to_use(text)) == (True, True), f"{page}: {heading}"


@pytest.mark.parametrize("text", ["", "BSC Designer", "common; of yours", "[9](surveys.md)"])
def test_a_name_without_a_number_is_no_source(text: str) -> None:
    assert not is_sourced(text)
