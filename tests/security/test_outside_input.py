"""YAML, CSV, workbooks, folders and answers from outside: nothing runs, unfolds, leads out, or is asked of another server.

Not here: what is reported of such input in its details (tests/scorecard, tests/connectors).
"""

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from connectors.errors import SourceBroken, SourceError
from scorecard.findings import WorkspaceError
from scorecard.manual import read_manual
from scorecard.sources import ColumnarTable, FileTable, Paging, RestTable
from scorecard.workspace import read_workspace
from scorecard.yaml_lines import read_yaml
from tests.connectors.conftest import FakeCrm, Fault, Landing
from tests.scorecard.small import write
from tests.security.hostile_files import (
    EXTERNAL,
    LAUGHS,
    cell,
    workbook,
    zip_that_claims,
)

SECRET = "what lies outside"
BOOK = FileTable(files="book.xlsx", sheet="S", primary_key=("id",))
DEALS = RestTable(path="/deals", primary_key=("id",))

# --- YAML -------------------------------------------------------------------------------------------------------------

CODE = [
    "!!python/object/apply:os.system ['touch {mark}']",
    "a: !!python/object/apply:os.system ['touch {mark}']",
    "!!python/object/new:subprocess.Popen [[touch, '{mark}']]",
    "a: !!python/name:os.system",
    "!!python/module:os",
    "a: !<tag:yaml.org,2002:python/object/apply:os.system> ['touch {mark}']",
    "a: !include /etc/passwd",
    "a: !!binary cGFzc3dk",
    '!!python/object/apply:eval [\'__import__("os").system("touch {mark}")\']',
]


@pytest.mark.parametrize("text", CODE)
def test_yaml_runs_nothing(tmp_path: Path, text: str) -> None:
    mark = tmp_path / "ran"
    read = read_yaml(text.replace("{mark}", str(mark)), file="company.yaml")
    assert any("is not let through" in finding.message for finding in read.findings)
    assert not mark.exists()


BOMBS = [
    "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(10)),
    "a: &a {k: v}\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} {{{', '.join(f'k{i}: *{chr(97 + n)}' for i in range(10))}}}\n" for n in range(10)),
    "a: &a [*a, *a]",
    "[" * 5000,
    "{a: " * 5000,
    "- " * 5000,
    "? " * 5000,
]  # fmt: skip


@pytest.mark.parametrize("text", BOMBS, ids=range(len(BOMBS)))
def test_yaml_unfolds_to_nothing_large(text: str) -> None:
    read = read_yaml(text, file="company.yaml")
    assert read.value is None
    assert read.findings


# --- workbooks --------------------------------------------------------------------------------------------------------

ROWS = cell("A1", "id") + cell("A2", "x&l11;") + '<row r="3"><c r="A3"><f>1+1</f></c></row>'
HOSTILE_BOOKS = {
    "entities of entities": workbook(ROWS, before=LAUGHS),
    "an entity that is a file": workbook(cell("A1", "id") + cell("A2", "&file;"), before=EXTERNAL),
    "a cell in the last row and column": workbook(cell("A1", "id") + cell("XFD1048576", "x")),
    "no workbook": b"PK\x03\x04 and nothing more",
    "a row beyond the last": workbook(cell("A1", "id") + cell("A4294967295", "x")),
}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory")
@pytest.mark.parametrize("content", HOSTILE_BOOKS.values(), ids=HOSTILE_BOOKS)
def test_a_hostile_workbook_is_refused_wherever_it_is_read(
    landing: Landing, content: bytes
) -> None:
    """One cell in the last row and column made the reader ask for 500 GB, and the process abort."""
    landing.write("book.xlsx", "").write_bytes(content)
    with pytest.raises(SourceBroken, match=r"book\.xlsx"):
        landing.load(BOOK, folder="drop")
    measure, findings = read_manual("book", "manual/book.xlsx", content)
    assert measure is None
    assert "workbook" in findings[0].message


BELOW = """
import resource, sys
from scorecard.sheets import assert_harmless
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
assert_harmless(sys.stdin.buffer.read())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory")
def test_a_workbook_is_read_where_the_process_may_take_less_than_the_bound() -> None:
    """A service with a limit of its own had every workbook refused, since no process may raise its limit."""
    done = subprocess.run(
        [sys.executable, "-c", BELOW],
        input=workbook(cell("A1", "id") + cell("A2", "1")),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread(landing: Landing) -> None:
    content = zip_that_claims(3 << 30)
    landing.write("book.xlsx", "").write_bytes(content)
    with pytest.raises(SourceBroken, match="unpacks to more than 2 GB"):
        landing.load(BOOK, folder="drop")
    _, findings = read_manual("book", "manual/book.xlsx", content)
    assert "unpacks to more than 2 GB" in findings[0].message


def test_entities_are_not_resolved_in_any_part_of_a_workbook(landing: Landing) -> None:
    """A formula has a second library look at the sheet, and that one reads parts that the first does not."""
    told = f"<?xml version='1.0'?>{LAUGHS}<x>&l11;</x>"
    parts = {"docProps/core.xml": told, "xl/theme/theme1.xml": told, "xl/styles.xml": told}
    rows = cell("A1", "id") + '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
    landing.write("book.xlsx", "").write_bytes(workbook(rows, more=parts))
    read: object = "refused"
    with suppress(SourceBroken):
        read = landing.rows(BOOK, folder="drop")
    assert read in ("refused", [{"id": "2"}])


def test_names_of_parts_lead_nowhere(landing: Landing, tmp_path: Path) -> None:
    more = {"../../../evil.xml": "x", "/steelyard-evil.xml": "x", "xl/../../evil.xml": "x"}
    landing.write("book.xlsx", "").write_bytes(
        workbook(cell("A1", "id") + cell("A2", "1"), more=more)
    )
    assert landing.rows(BOOK, folder="drop") == [{"id": "1"}]
    assert list(tmp_path.rglob("*evil*")) == []
    assert not Path("/steelyard-evil.xml").exists()


# --- folders ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Give a file outside the drop folder and the workspace."""
    path = tmp_path / "elsewhere" / "secret.csv"
    path.parent.mkdir()
    path.write_text(f"id\n{SECRET}\n")
    return path


@pytest.mark.parametrize(
    "pattern", ["../elsewhere/*.csv", "x/../../elsewhere/*.csv", "/etc/*", ".."]
)
@pytest.mark.parametrize("kind", [FileTable, ColumnarTable])
def test_a_pattern_stays_below_its_folder(
    landing: Landing, outside: Path, pattern: str, kind: type[FileTable | ColumnarTable]
) -> None:
    landing.write("x/a.csv", "id\n1\n")
    assert outside.exists()
    with pytest.raises(SourceError) as refused:
        landing.load(kind(files=pattern, primary_key=("id",)), folder="drop")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("kind", [FileTable, ColumnarTable])
@pytest.mark.parametrize("is_folder", [False, True])
def test_a_link_in_a_drop_folder_does_not_lead_out(
    landing: Landing, outside: Path, kind: type[FileTable | ColumnarTable], is_folder: bool
) -> None:
    """Who may drop files is not thereby allowed to read those that the nightly run may read."""
    landing.write("a.csv", "id\n1\n")
    link = landing.root / "drop" / ("sub" if is_folder else "b.csv")
    link.symlink_to(outside.parent if is_folder else outside)
    pattern = "sub/*.csv" if is_folder else "*.csv"
    with pytest.raises(SourceBroken, match="leads out of the folder"):
        landing.load(kind(files=pattern, primary_key=("id",)), folder="drop")
    assert SECRET not in "".join(
        path.read_text(errors="replace") for path in landing.lake.rglob("*") if path.is_file()
    )


def test_a_link_within_the_drop_folder_is_followed(landing: Landing) -> None:
    landing.write("a.csv", "id\n1\n")
    (landing.root / "drop" / "newest.csv").symlink_to("a.csv")
    table = FileTable(files="newest.csv", primary_key=("id",))
    assert landing.rows(table, folder="drop") == [{"id": "1"}]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes on this system")
def test_a_pipe_is_no_file(landing: Landing) -> None:
    landing.write("a.csv", "id\n1\n")
    os.mkfifo(landing.root / "drop" / "b.csv")
    assert landing.rows(FileTable(files="*.csv", primary_key=("id",)), folder="drop") == [
        {"id": "1"}
    ]


@pytest.mark.parametrize(
    "file",
    ["company.yaml", "measures/revenue.sql", "targets.csv", "commentary/revenue/2026-09.md", "manual/x.csv", "staging/x.sql"],
)  # fmt: skip
def test_a_workspace_reads_no_file_outside_itself(tmp_path: Path, outside: Path, file: str) -> None:
    """What a workspace holds is published: a link in it to somebody's key would put the key on a page."""
    root = write(tmp_path / "workspace")
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(outside)
    with pytest.raises(WorkspaceError) as refused:
        read_workspace(root)
    assert "leads out of the workspace" in str(refused.value)
    assert SECRET not in str(refused.value)


# --- HTTP -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def other() -> Iterator[FakeCrm]:
    """Give a server that sources.yaml does not name."""
    server = FakeCrm()
    server.serve([{"id": 1}])
    yield server
    server.close()


ELSEWHERE = [
    "{other}/deals",
    "//127.0.0.1:{port}/deals",
    "http://localhost:{port}/deals",
    "http://2130706433:{port}/deals",
    "http://0x7f.1:{port}/deals",
    "http://[::ffff:127.0.0.1]:{port}/deals",
    "{crm}@127.0.0.1:{port}/deals",
    "http://127.0.0.1:{port}#@{crm_host}/deals",
    "http:\\\\127.0.0.1:{port}\\deals",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/x",
    "http://127.0.0.1:{port}\\@{crm_host}/deals",
]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_redirect_leads_to_a_server_that_sources_yaml_does_not_name(
    landing: Landing, crm: FakeCrm, other: FakeCrm, target: str, status: int
) -> None:
    port = other.url.rsplit(":", 1)[1]
    where = target.format(
        other=other.url, port=port, crm=crm.url, crm_host=crm.url.removeprefix("http://")
    )
    crm.serve([{"id": 1}])
    crm.faults = [Fault(status, {"Location": where})]
    landing.environment = {"TOKEN": str(crm.token)}
    with suppress(SourceError):  # what begins with no scheme is taken for a path of the same server
        landing.load(DEALS, base_url=crm.url, token="${TOKEN}")
    assert crm.faults == []
    assert other.requests == []


@pytest.mark.parametrize(
    "cursor",
    ["{other}/deals", "//127.0.0.1:{port}/deals", "../../deals", "&token=x", "a\r\nHost: evil", "@127.0.0.1:{port}"],
)  # fmt: skip
def test_the_next_page_is_a_value_and_never_an_address(
    landing: Landing, crm: FakeCrm, other: FakeCrm, cursor: str
) -> None:
    """APIs give addresses of next pages; followed, an answer could send the token anywhere."""
    asked = cursor.format(other=other.url, port=other.url.rsplit(":", 1)[1])
    crm.token = None
    crm.pages = [
        {"results": [{"id": 1}], "paging": {"next": {"after": asked}}},
        {"results": [{"id": 2}]},
    ]
    paging = Paging(next="paging.next.after", param="after")
    assert len(landing.rows(DEALS, base_url=crm.url, paging=paging)) == 2
    assert [each.get("after") for each in crm.requests] == [None, [asked]]
    assert other.requests == []


@pytest.mark.parametrize("path", ["{other}/deals", "//127.0.0.1:{port}/deals", "HTTP://x/"])
def test_a_path_is_no_address(landing: Landing, crm: FakeCrm, other: FakeCrm, path: str) -> None:
    asked = path.format(other=other.url, port=other.url.rsplit(":", 1)[1])
    with pytest.raises(SourceBroken, match="whole address"):
        landing.load(RestTable(path=asked, primary_key=("id",)), base_url=crm.url)
    assert other.requests == []


def test_an_answer_that_unpacks_to_too_much_is_refused(landing: Landing, crm: FakeCrm) -> None:
    body = gzip.compress(b'{"results": [' + b" " * (300 << 20), compresslevel=1)
    crm.faults = [Fault(200, {"Content-Encoding": "gzip"}, body)]
    with pytest.raises(SourceBroken, match="longer than 256 MB"):
        landing.load(DEALS, base_url=crm.url)


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b'{"results": ' * 100_000, b"9" * 100_000, b"\xff\xfe", b"", b'{"results": [1e999]}'],
)  # fmt: skip
def test_an_answer_that_is_no_rows_is_refused(landing: Landing, crm: FakeCrm, body: bytes) -> None:
    crm.faults = [Fault(200, {}, body)]
    with pytest.raises(SourceBroken):
        landing.load(DEALS, base_url=crm.url)
