"""The documentation names what there is: every file and key of a workspace."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from dagster._config import validate_config
from dagster._core.instance.config import dagster_instance_config_schema
from pydantic import BaseModel

from connectors.dlt_pipeline import column_name, field_name
from connectors.values import TYPES, Loose, duckdb_type, plain_text
from scorecard import company, contracts, plans, sources, strategy
from scorecard.base import Part
from scorecard.check import READ, check_workspace
from scorecard.contracts import Contract, Expectation
from scorecard.shape import fit
from scorecard.workspace import read_workspace
from scorecard.yaml_lines import read_yaml
from transforms.check import check_sql
from transforms.contracts.expectations import column_fault, expectation_faults
from transforms.publishing import PUBLISHED
from transforms.sql_guard import guard, guard_condition

PROJECT = Path(__file__).parents[1]
WORKSPACE = PROJECT / "docs" / "reference" / "workspace.md"
CONTRACTS = PROJECT / "docs" / "reference" / "contracts.md"
HOW_TO = PROJECT / "docs" / "how-to.md"
LINE_NUMBER = ("Target", "line")
"""Set by the reader, not by a person."""


def parts() -> list[type[BaseModel]]:
    """List every part of the model that a person writes."""
    modules = (company, sources, contracts, strategy, plans)
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Part) and value.__module__ == module.__name__
        if value is not sources.ThroughPeriod  # made by the reader for manual measures, never declared
    ]  # fmt: skip


def described(part: type[BaseModel], key: str) -> str:
    """Give the documentation's row for a key of a part."""
    text = (part.model_fields[key].description or "").replace("\n", " ")
    return f"| `{key}` | {text} |"


@pytest.mark.parametrize("part", parts(), ids=lambda part: part.__name__)
def test_every_key_of_the_workspace_is_documented_with_its_meaning(part: type[BaseModel]) -> None:
    documented = WORKSPACE.read_text("utf-8")
    missing = [
        described(part, key)
        for key in part.model_fields
        if (part.__name__, key) != LINE_NUMBER and described(part, key) not in documented
    ]
    assert missing == []


def test_every_default_of_a_plain_value_is_documented() -> None:
    documented = WORKSPACE.read_text("utf-8")
    missing = [
        f"{part.__name__}.{key}"
        for part in parts()
        for key, field in part.model_fields.items()
        if isinstance(field.default, bool | int | float | str) and field.default != "" and (part.__name__, key) != LINE_NUMBER
        if f"{described(part, key)} `{str(field.default).lower() if isinstance(field.default, bool) else field.default}` |" not in documented
    ]  # fmt: skip
    assert missing == []


def test_every_file_of_the_workspace_is_documented() -> None:
    documented = WORKSPACE.read_text("utf-8")
    assert [name for name in READ if f"[`{name}" not in documented] == []


def test_every_column_of_a_measure_is_documented() -> None:
    documented = WORKSPACE.read_text("utf-8")
    assert [name for name in PUBLISHED if f"| `{name}` |" not in documented] == []


def test_every_column_that_is_published_under_another_name_is_documented() -> None:
    documented = WORKSPACE.read_text("utf-8")
    for yielded, (published, _) in PUBLISHED.items():
        if yielded != published:
            assert re.search(rf"^\| `{yielded}` \| `{published}`", documented, flags=re.MULTILINE)


def test_every_column_that_is_dropped_in_hr_is_documented() -> None:
    listed = re.findall(r"`(\w+)`", WORKSPACE.read_text("utf-8"))
    assert set(listed) >= sources.PERSONAL_IN_HR


# --- columns in the lake ----------------------------------------------------------------------------------------------


def section(page: Path, heading: str) -> str:
    """Give the text below a heading, up to the next one of any level; code is not searched for headings."""
    text = page.read_text("utf-8").split(f"\n{heading}\n", 1)[1]
    return re.split(r"\n##+ ", text, maxsplit=1)[0]


def blocks(text: str, language: str) -> list[str]:
    """Give the code of one language in a text."""
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_columns_are_called_in_the_lake_as_documented() -> None:
    text = section(WORKSPACE, "### Columns in the lake")
    rows = re.findall(r"^\| (`.+`) \| `(\w+)` \|$", text, flags=re.MULTILINE)
    assert len(rows) > 5
    for source, lake in rows:
        keys = re.findall(r"`([^`]+)`", source)
        assert (column_name(keys[0]) if len(keys) == 1 else field_name(keys)) == lake


@pytest.mark.parametrize("name", ["updatedAt", "Employee No", "contact__lastName"])
def test_a_name_of_the_lake_stands_for_itself(name: str) -> None:
    """`sources.yaml` takes either name, because both are brought to the same."""
    assert column_name(column_name(name)) == column_name(name)


def test_declared_types_land_as_documented() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| `([A-Z0-9(),]+)` \|", WORKSPACE.read_text("utf-8"), flags=re.M
    )
    assert dict(rows) == {name: duckdb_type(kind) for name, kind in TYPES.items()}


def test_fields_of_json_land_as_documented() -> None:
    loose = Loose()
    found: list[dict[str, Any]] = [
        {
            "whole": 1,
            "number": 1,
            "truth": True,
            "day": "2026-09-01",
            "mixed": 1,
            "none": None,
            "list": [{"skuNo": "A"}],
        },
        {
            "whole": 2,
            "number": 1.5,
            "truth": False,
            "day": None,
            "mixed": "x",
            "none": None,
            "list": [],
        },
    ]
    for row in found:
        texts = {name: loose.text(name, value) for name, value in row.items()}
        assert texts["list"] in {'[{"skuNo":"A"}]', "[]"}
    assert {name: duckdb_type(kind) for name, kind in loose.types().items()} == {
        "whole": "BIGINT", "number": "DOUBLE", "truth": "BOOLEAN", "day": "VARCHAR", "mixed": "VARCHAR", "none": "VARCHAR",
        "list": "VARCHAR",
    }  # fmt: skip


def test_the_command_that_shows_a_tables_columns_works(tmp_path: Path) -> None:
    (command,) = blocks(section(WORKSPACE, "### Columns in the lake"), "sh")
    load = tmp_path / ".steelyard" / "lake" / "crm" / "deal" / "20260901T000000000000Z"
    load.mkdir(parents=True)
    pq.write_table(pa.table({"updated_at": ["x"], "amount": [1.5]}), load / "part-0000.parquet")
    python, *arguments = shlex.split(command)
    assert python == "python"
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert re.search(r"updated_at.*VARCHAR", done.stdout)
    assert re.search(r"amount.*DOUBLE", done.stdout)


# --- contracts --------------------------------------------------------------------------------------------------------


def test_the_page_of_contracts_lists_exactly_the_expectations_that_are_let_through() -> None:
    unknown = Expectation(type="expect_nothing")
    ((_, mend),) = expectation_faults(unknown)
    rows = re.findall(r"^\| `(expect_\w+)` \|", CONTRACTS.read_text("utf-8"), flags=re.MULTILINE)
    assert rows == sorted(re.findall(r"expect_\w+", mend))


def test_the_arguments_of_expectations_are_documented() -> None:
    """A missing argument and a foreign one are both answered with the argument's name."""
    rows = re.findall(
        r"^\| `(expect_\w+)` \| (.*) \| (.*) \|$", CONTRACTS.read_text("utf-8"), flags=re.M
    )
    for name, needs, may in rows:
        faults = list(expectation_faults(Expectation(type=name, kwargs={"foreign": 1})))
        needed = [found[1] for what, _ in faults if (found := re.search(r" needs (\w+)\.$", what))]
        (takes,) = [mend for what, mend in faults if what.endswith("does not take foreign.")]
        listed = re.findall(r"`(\w+)`", f"{needs} {may}")
        assert sorted(re.findall(r"`(\w+)`", needs)) == sorted(needed), name
        assert takes == f"It takes {', '.join(listed) or 'nothing'}.", name


def contract_of(text: str) -> Contract:
    """Read a contract from a block of YAML."""
    contract, findings = fit(Contract, read_yaml(text, file="x").value, file="x", lines={})
    assert findings == []
    assert contract is not None
    return contract


def test_the_contract_shown_is_let_through() -> None:
    (text,) = blocks(CONTRACTS.read_text("utf-8"), "yaml")
    contract = contract_of(text)
    columns = ("id", "stage", "customer_id", "opened_on", "closed_on", "product")
    kinds = {**dict.fromkeys(columns, "VARCHAR"), "amount": "DOUBLE"}
    for expectation in contract.expectations:
        assert list(expectation_faults(expectation)) == []
        assert column_fault(expectation, kinds) is None
    for rule in contract.row_rules:
        guard_condition(rule.condition, columns=tuple(kinds))


# --- the how-to -------------------------------------------------------------------------------------------------------

COMPANY = """\
organisation: {id: acme, name: Acme}
currency: EUR
trees: [{id: region, name: Region, units: [{id: north, name: North}]}]
"""
STRATEGY = """\
id: acme_scorecard
name: Acme
perspectives:
  - id: customer
    name: Customer
    objectives:
      - id: delight
        name: Delight
        owner: Jo
        kpis:
"""
TICKET = {
    "ticket_id": "BIGINT", "region": "VARCHAR", "opened_at": "TIMESTAMP", "closed_at": "TIMESTAMP", "updated_at": "TIMESTAMP",
    "requester_email": "VARCHAR",
}  # fmt: skip


def test_a_source_and_a_kpi_are_added_as_the_how_to_says(tmp_path: Path) -> None:
    text = section(HOW_TO, "## Add a source and a KPI to an existing workspace")
    source, contract, kpi = blocks(text, "yaml")
    staging, measure = blocks(text, "sql")
    (target,) = blocks(text, "csv")
    for file, content in {
        "company.yaml": COMPANY,
        "sources.yaml": f"sources:\n{source}",
        "contracts/desk__ticket.yaml": contract,
        "staging/desk__ticket.sql": staging,
        "measures/tickets_in_time.sql": measure,
        "strategy.yaml": STRATEGY + kpi,
        "targets.csv": f"kpi,unit,per,valid_from,red,target\n{target}",
    }.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(content, "utf-8")
    workspace = read_workspace(tmp_path)
    found = [
        *check_workspace(workspace),
        *check_sql(workspace, raw_columns={"desk__ticket": TICKET}),
    ]
    assert {finding.message for finding in found} == {
        "The objective delight has neither a cause-and-effect link nor an initiative: nothing moves it, and it moves nothing."
    }


@pytest.mark.parametrize("page", [WORKSPACE, HOW_TO], ids=lambda page: page.stem)
def test_every_source_shown_is_a_source(page: Path) -> None:
    shown = [
        text
        for text in blocks(page.read_text("utf-8"), "yaml")
        if re.search(r"^ +kind: ", text, flags=re.M)
    ]
    assert len(shown) >= 3
    for text in shown:
        whole = text if text.startswith("sources:") else f"sources:\n{text}"
        assert fit(sources.Sources, read_yaml(whole, file="x").value, file="x", lines={})[1] == []


@pytest.mark.parametrize("page", [WORKSPACE, HOW_TO], ids=lambda page: page.stem)
def test_every_kpi_shown_is_a_kpi(page: Path) -> None:
    shown = [text for text in blocks(page.read_text("utf-8"), "yaml") if text.lstrip().startswith("- id: ")]  # fmt: skip
    assert shown
    for text in shown:
        whole = read_yaml(STRATEGY + text, file="x").value
        assert fit(strategy.Strategy, whole, file="x", lines={})[1] == [], text


def test_a_list_within_a_row_is_read_as_the_how_to_says() -> None:
    text = section(HOW_TO, "## Read a list within a row")
    (sql,) = blocks(text, "sql")
    let = guard(sql, name="staging.crm__deal_line", tables=("raw.crm__deal",))
    assert let.depends_on == ("raw.crm__deal",)
    lines = [
        {"skuNo": "A", "qty": 2, "unitPrice": 4.25},
        {"skuNo": "B", "qty": 1, "unitPrice": 4.0},
    ]
    with duckdb.connect() as connection:
        connection.execute(
            "create schema raw; create table raw.crm__deal (id varchar, line_items varchar, tags varchar)"
        )
        connection.executemany(
            "insert into raw.crm__deal values (?, ?, ?)",
            [
                ["d1", plain_text(lines), plain_text(["a", "b"])],
                ["d2", "[]", "[]"],
                ["d3", None, None],
            ],
        )
        rows = connection.execute(f"{sql} order by sku").fetchall()
        (plain,) = re.findall(r"`(from_json\(tags, [^`]+)`", text)
        (one,) = re.findall(r"`(line_items ->> [^`]+)`", text)
        values = f"select {plain} as tags, {one} as sku from raw.crm__deal"
        assert guard(values, name="staging.x", tables=("raw.crm__deal",)).columns == ("tags", "sku")
        tags, sku = connection.execute(f"{values} where id = 'd1'").fetchall()[0]
    assert [(deal, name, quantity, float(amount)) for deal, name, quantity, amount in rows] == [
        ("d1", "A", 2, 8.5),
        ("d1", "B", 1, 4.0),
    ]
    assert (tags, sku) == (["a", "b"], "A")


# --- links ------------------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """Give the addresses of a page's headings, as they are shown on the web."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "page", sorted((PROJECT / "docs").rglob("*.md")), ids=lambda page: page.stem
)
def test_every_link_leads_somewhere(page: Path) -> None:
    for file, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", page.read_text("utf-8")):
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), file
        assert not anchor or anchor in anchors(target), f"{file}#{anchor}"


def test_dagster_accepts_the_settings_of_the_how_to() -> None:
    """Its own schema of dagster.yaml, with PostgreSQL storage; nothing is connected to."""
    section = HOW_TO.read_text("utf-8").split("## Run Dagster on several machines")[1]
    block = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)[0]
    checked = validate_config(dagster_instance_config_schema(), yaml.safe_load(block))
    assert checked.success, checked.errors
