"""Every parser of outside text, given anything: it answers, or raises the errors that it documents, and nothing else.

The examples are few and always the same; `make fuzz` takes many more, and others each time (`STEELYARD_FUZZ` says how many).
SQL made of its own words is in tests/transforms/test_sql_guard.

Not here: what each parser says of what is wrong.
"""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import lake as lakes
from connectors.delimited import CsvFile, Form
from connectors.environment import Secrets, expand, unset
from connectors.errors import LakeDamaged, SourceBroken, SourceError
from connectors.personal import Personal
from connectors.rest import answer
from connectors.values import BadValue, cell_value, from_text
from pipelines import cli, runs
from pipelines.runs import RecordUnreadable
from reports.serve import find
from scorecard.check import check_workspace
from scorecard.commentary import read_comment
from scorecard.company import Company
from scorecard.contracts import Contract
from scorecard.expression import ExpressionError, names, parse
from scorecard.findings import WorkspaceError
from scorecard.load import LoadManifest
from scorecard.manual import read_manual
from scorecard.plans import Initiatives
from scorecard.shape import fit
from scorecard.sources import Column, ColumnarTable, FileTable, Paging, RestTable, Sources, SqlTable
from scorecard.strategy import Strategy
from scorecard.targets_csv import read_targets
from scorecard.workspace import read_workspace
from scorecard.yaml_lines import read_yaml
from tests.connectors.conftest import FakeCrm, Fault, Landing
from tests.scorecard.small import FILES, write
from transforms import ledger
from transforms.ledger import LedgerError
from transforms.sql_guard import SqlRefused, guard, guard_condition

MANY = int(os.environ.get("STEELYARD_FUZZ", "0"))


def fuzzed(examples: int) -> Callable[[Any], Any]:
    """Take so many examples, always the same; with `make fuzz` as many as are asked for, and others."""
    return settings(
        max_examples=MANY or examples,
        derandomize=not MANY,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def changed(text: str) -> st.SearchStrategy[str]:
    """Give a text with a few places cut out, doubled, or replaced by something strange."""
    pieces = st.one_of(
        st.text(max_size=8),
        st.sampled_from(["\x00", "\ufeff", "\u2028", "\ud7ff", "'", '"', ":", "- ", "\t", "{", "}", "[", "]", "&a ", "*a", "!!x ", "${A}", "${", "1e999", "-0", "nan", "9" * 400, "2026-02-30", "0000-00-00", "\n", "\r", "%", "|", ">", "#", ","]),
    )  # fmt: skip
    edit = st.tuples(st.integers(0, len(text)), st.integers(0, 12), pieces)
    return st.lists(edit, min_size=1, max_size=4).map(lambda edits: _edited(text, edits))


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    for place, length, piece in edits:
        text = text[:place] + piece + text[place + length :]
    return text


def changed_bytes(content: bytes) -> st.SearchStrategy[bytes]:
    """Give content with a few bytes replaced or cut off."""
    edits = st.lists(
        st.tuples(st.integers(0, len(content)), st.integers(0, 4), st.binary(max_size=4)),
        min_size=1,
        max_size=4,
    )

    def edited(edits: list[tuple[int, int, bytes]]) -> bytes:
        made = content
        for place, length, piece in edits:
            made = made[:place] + piece + made[place + length :]
        return made

    return st.one_of(edits.map(edited), st.integers(0, len(content)).map(lambda end: content[:end]))


# --- the workspace ----------------------------------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.dates()
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzzed")


@fuzzed(250)
@given(
    st.one_of(st.text(), *[changed(text) for name, text in FILES.items() if name.endswith(".yaml")])
)
def test_yaml(text: str) -> None:
    read = read_yaml(text, file="company.yaml")
    assert all(finding.line >= 0 for finding in read.findings)


@fuzzed(150)
@given(st.sampled_from([Company, Sources, Strategy, Initiatives, Contract]), ANYTHING)
def test_values_of_any_shape(model: Any, value: Any) -> None:
    fitted, findings = fit(model, value, file="x.yaml", lines={(): 1})
    assert (fitted is None) == bool(findings)


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_of_a_workspace(folder: Path, name: str) -> None:
    root = write(folder / "workspace")

    @fuzzed(12)
    @given(st.one_of(changed(FILES[name]).map(lambda text: text.encode("utf-8", "replace")), changed_bytes(FILES[name].encode())))  # fmt: skip
    def fuzz(content: bytes) -> None:
        (root / name).write_bytes(content)
        with suppress(WorkspaceError):
            list(check_workspace(read_workspace(root)))

    fuzz()
    write(root)


WORDS = ["*", "*/5", "0", "3", "60", "-1", "1-5", "5-1", "L", "#", "?", "@daily", "mon", "JAN", "99999999999", "1/0", "*/0", "R", "H", "²", ""]  # fmt: skip


@fuzzed(50)
@given(st.one_of(st.text(max_size=20), st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)))
def test_cron_and_time_zone(folder: Path, text: str) -> None:
    root = write(folder / "scheduled")
    company = (
        FILES["company.yaml"] + f"schedule: {json.dumps(text)}\ntime_zone: {json.dumps(text)}\n"
    )
    (root / "company.yaml").write_text(company, "utf-8", "replace")
    with suppress(WorkspaceError):
        workspace = read_workspace(root)
        findings = list(check_workspace(workspace))
        if not any("schedule" in str(each) or "time" in str(each) for each in findings):
            now = datetime(2026, 3, 29, 1, tzinfo=UTC)
            runs.missed_nights([], schedule=text, time_zone="Europe/Berlin", now=now)


TARGETS = "kpi,unit,per,valid_from,red,target\nrevenue,all,month,2026-01-01,1,2\n"


@fuzzed(150)
@given(st.one_of(st.text(), changed(TARGETS)))
def test_targets(text: str) -> None:
    targets, findings = read_targets(text)
    assert isinstance(targets, tuple)
    assert all(finding.message for finding in findings)


@fuzzed(100)
@given(changed("---\nauthor: Jo\nunit: all\n---\nWe *sold* more.\n"), st.text(max_size=9))
def test_commentary(text: str, period: str) -> None:
    comment, findings, _ = read_comment(text, file="commentary/x/y.md", kpi="x", period=period)
    assert (comment is None) <= bool(findings)


MANUAL = "period,unit,value,who,when\n2026-09,all,12.5,Jo,2026-10-01\n"


@fuzzed(150)
@given(st.one_of(st.binary(), changed_bytes(MANUAL.encode())))
def test_manual_measures(content: bytes) -> None:
    measure, findings = read_manual("x", "manual/x.csv", content)
    assert (measure is None) == bool(findings)


@fuzzed(150)
@given(st.one_of(st.text(), changed("(a + b) / max(c, 1) * -2.5")))
def test_expressions(text: str) -> None:
    with suppress(ExpressionError):
        parse(text)
        names(text)


@fuzzed(150)
@given(st.one_of(st.text(), changed("${NAME:-${X}}/${A}@${B:-x}")), st.text())
def test_references_to_the_environment(text: str, value: str) -> None:
    with suppress(SourceBroken):
        expand(text, {"A": value}, place="s: url")
    unset(text, {"A": value})
    secrets = Secrets()
    secrets.add(value)
    secrets.add_from_url(text)
    secrets.redact(text)


# --- SQL --------------------------------------------------------------------------------------------------------------

SQL = "-- Sold.\n-- Grain: one.\nwith a as (select x, $as_of as d from staging.sale where x > 1) select sum(x) as s, max(d) over (order by x) from a group by all"


@fuzzed(80)
@given(st.one_of(st.text(), changed(SQL)))
def test_sql(text: str) -> None:
    with suppress(SqlRefused):
        guard(text, name="measure.x", tables=("staging.sale",))
    with suppress(SqlRefused):
        guard_condition(text, columns=("x",))


# --- values, CSV, workbooks, Parquet ----------------------------------------------------------------------------------

KINDS = ("text", "integer", "decimal", "double", "boolean", "date", "timestamp")
NUMBERS = st.one_of(
    st.text(max_size=12),
    st.text("0123456789.,-+eE' \u00a0\u2212", max_size=14),
    st.sampled_from(["1.234,5", "1e999", "-0", "nan", "inf", "9" * 60, "١٢", "2026-02-30", "2026-09-30T25:00", "30.09.2026", "1.1.1", "true", "0x10", "1_000", "9999-12-31", "0001-01-01", "2026-09-30T00:00:00+99:99"]),
)  # fmt: skip


@fuzzed(300)
@given(
    st.lists(st.one_of(st.none(), NUMBERS), max_size=5),
    st.sampled_from(KINDS),
    st.sampled_from([None, "%d.%m.%Y", "%Y-%m-%dT%H:%M:%S%z", "%", "%j", "nonsense", "%d.%m.%y"]),
    st.booleans(),
)
def test_numbers_and_dates_in_text(
    texts: list[str | None], kind: Any, form: str | None, comma: bool
) -> None:
    column = Column(type=kind, format=form, decimal_comma=comma)
    with suppress(BadValue):
        assert len(from_text(pa.array(texts, pa.string()), column)) == len(texts)


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.datetimes(), st.dates(), st.times(), st.timedeltas()
)  # fmt: skip


@fuzzed(200)
@given(CELLS, st.sampled_from(KINDS))
def test_cells_of_workbooks(cell: Any, kind: Any) -> None:
    with suppress(BadValue):
        cell_value(cell, Column(type=kind))


CSV = 'id,Name,amount,day\n1,"Ä, ""x""",1.5,2026-09-30\n2,,,\n'
PERSONAL = Personal("s.t", MappingProxyType({}), is_hr=False, key=None, needed=frozenset())


@fuzzed(250)
@given(
    st.one_of(st.binary(), changed_bytes(CSV.encode())),
    st.sampled_from(["utf-8", "cp1252", "utf-16", "ascii"]),
    st.sampled_from([",", ";", "\t"]),
    st.integers(1, 3),
)
def test_csv(folder: Path, content: bytes, encoding: str, delimiter: str, header: int) -> None:
    path = folder / "x.csv"
    path.write_bytes(content)
    columns = {"id": Column(type="integer"), "amount": Column(type="decimal"), "day": Column(type="date")}  # fmt: skip
    file = CsvFile(path, "x.csv", Form(encoding, delimiter, header, columns), "s.t")
    with suppress(SourceBroken):
        file.columns()
        list(file.tables(PERSONAL))


def _parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": [1, 2], "name": ["a", None], "s": [{"x": 1}, None]}), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("table", "name", "content"),
    [
        (ColumnarTable(files="x.parquet", primary_key=("id",)), "x.parquet", _parquet()),
        (FileTable(files="x.csv", primary_key=("id",)), "x.csv", CSV.encode()),
    ],
    ids=["parquet", "csv"],
)
def test_files_on_their_way_into_the_lake(
    landing: Landing, table: Any, name: str, content: bytes
) -> None:
    @fuzzed(10)
    @given(changed_bytes(content))
    def fuzz(damaged: bytes) -> None:
        landing.write(name, "").write_bytes(damaged)
        landing.next_night()
        with suppress(SourceError):
            landing.load(table, folder="drop")

    fuzz()


# --- APIs and databases -----------------------------------------------------------------------------------------------

JSON = '{"results": [{"id": 1, "a": {"b": [1, null, 2.5e3]}}], "paging": {"next": {"after": "x"}}}'


@fuzzed(200)
@given(st.one_of(st.binary(), changed_bytes(JSON.encode())))
def test_answers_of_an_api(content: bytes) -> None:
    response = requests.Response()
    response._content = content
    with suppress(SourceBroken):
        answer(response, "s.t")


def test_answers_on_their_way_into_the_lake(landing: Landing, crm: FakeCrm) -> None:
    paging = Paging(next="paging.next.after", param="after")

    @fuzzed(15)
    @given(st.one_of(changed_bytes(JSON.encode()), ANYTHING.map(lambda rows: json.dumps({"results": [{"id": 1, "x": rows}]}, default=str).encode())))  # fmt: skip
    def fuzz(body: bytes) -> None:
        crm.token, crm.faults = None, [Fault(200, {}, body), Fault(200, {}, b'{"results": []}')]
        landing.next_night()
        with suppress(SourceError):
            landing.load(RestTable(path="/x", primary_key=("id",)), base_url=crm.url, paging=paging)

    fuzz()


def test_values_of_a_database_that_checks_none(landing: Landing) -> None:
    """SQLite lets any value into a column of any type."""
    path = landing.root / "x.sqlite"

    @fuzzed(12)
    @given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(), NUMBERS.map(lambda text: text.replace("\x00", "")), st.binary(max_size=5)), max_size=4))  # fmt: skip
    def fuzz(values: list[Any]) -> None:
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as connection:
            connection.execute("create table t (id integer, n decimal(9, 2), d date, m timestamp, b boolean, x)")  # fmt: skip
            rows = [(number, *[value] * 5) for number, value in enumerate(values)]
            connection.executemany("insert into t values (?, ?, ?, ?, ?, ?)", rows)
        connection.close()
        landing.next_night()
        with suppress(SourceError):
            landing.load(SqlTable(primary_key=("id",)), url="sqlite:///x.sqlite")

    fuzz()


# --- what Steelyard wrote itself, damaged -----------------------------------------------------------------------------

LOAD = LoadManifest(
    source="s", table="t", load_id="20261001T000000000000Z", row_count=1, byte_count=1, columns={"id": "BIGINT"}, primary_key=("id",),
    is_snapshot=True, extracted_at=datetime(2026, 10, 1, tzinfo=UTC), data_as_of=date(2026, 9, 30), content_hash="x", files=("part-0000.parquet",),
)  # fmt: skip


@fuzzed(100)
@given(changed_bytes(LOAD.model_dump_json().encode()))
def test_manifests_of_the_lake(folder: Path, content: bytes) -> None:
    load = folder / "lake" / "s" / "t" / LOAD.load_id
    load.mkdir(parents=True, exist_ok=True)
    (load / "part-0000.parquet").write_bytes(b"x")
    (load / lakes.MANIFEST).write_bytes(content)
    with suppress(LakeDamaged):
        lakes.loads(folder / "lake", "s", "t")


@fuzzed(100)
@given(st.binary())
def test_parts_of_the_ledger(folder: Path, content: bytes) -> None:
    part = folder / "ledger" / "run"
    part.mkdir(parents=True, exist_ok=True)
    for path in ("manifest.json", "part.json"):
        (part / path).write_bytes(content)
    with suppress(LedgerError):
        ledger.read_parts(part.parent, ["run"])


RECORD = '{"format": 1, "run_id": "r", "kind": "nightly", "status": "published", "started_at": "2026-10-01T00:00:00Z", "pid": 1, "as_of": "2026-10-01"}'


@fuzzed(100)
@given(changed_bytes(RECORD.encode()))
def test_records_of_runs(folder: Path, content: bytes) -> None:
    path = folder / "record.json"
    path.write_bytes(content)
    with suppress(RecordUnreadable):
        runs._read_record(path)


# --- the command line and the server ----------------------------------------------------------------------------------


@fuzzed(200)
@given(st.one_of(st.text(), changed("2026-09-30"), changed("2026-09-30T12:00:00+02:00")))
def test_dates_on_the_command_line(text: str) -> None:
    context = click.Context(click.Command("run"))
    for callback in (cli._day, cli._moment):
        with suppress(click.BadParameter):
            callback(context, click.Option(["--as-of"]), text)


@fuzzed(200)
@given(st.one_of(st.text(), changed("/kpis/../..//%2e%2e/index.html?x=1#y")))
def test_addresses_asked_of_the_server(folder: Path, text: str) -> None:
    site = folder / "site"
    site.mkdir(exist_ok=True)
    (folder / "outside.html").write_text("x")
    found = find(site, text)
    assert found is None or found.resolve().is_relative_to(site.resolve())
