"""Dependencies are locked by content, their bill of materials is made from the lock, and an audit says plainly what it knows.

Not here: that the locks are those of pyproject.toml (`make lock` writes them).
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.dependencies import audit, sbom
from tests.dependencies.lock import DEVELOPMENT, ROOT, RUNTIME, Locked, LockUnreadable, read_lock

LOCKS = [RUNTIME, DEVELOPMENT, ROOT / "requirements-spark.lock", ROOT / "benchmarks" / "requirements-dbt.lock"]  # fmt: skip


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_line_of_a_lock_is_one_version_with_its_hashes(lock: Path) -> None:
    locked = read_lock(lock)
    assert len(locked) > 50
    assert all(each.hashes for each in locked)
    assert len(locked) == len(re.findall(r"^\S+==", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_no_lock_names_an_index_a_host_or_a_path(lock: Path) -> None:
    text = lock.read_text()
    assert not re.search(r"--(index|extra-index|find-links|trusted|no-index)|://|file:|@ |^-", text, re.MULTILINE)  # fmt: skip


def test_what_runs_is_locked_alike_in_both() -> None:
    development = {(each.name, each.version) for each in read_lock(DEVELOPMENT)}
    assert {(each.name, each.version) for each in read_lock(RUNTIME)} <= development


@pytest.mark.parametrize(
    "line",
    ["requests>=2", "requests==2.32.0", "-e .", "--index-url x", "requests @ https://example.org/x.whl", "requests==2.0 --hash=md5:00"],
)  # fmt: skip
def test_a_lock_that_says_anything_else_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "requirements.lock"
    path.write_text(line + "\n")
    with pytest.raises(LockUnreadable, match="make lock"):
        read_lock(path)


def test_installing_asks_for_the_hashes() -> None:
    installs = re.findall(r"pip install.*-r \S+\.lock", (ROOT / "Makefile").read_text())
    assert {ROOT / each.split()[-1] for each in installs} == set(LOCKS)
    assert all("--require-hashes" in each for each in installs)


# --- bill of materials ------------------------------------------------------------------------------------------------


def test_the_bill_of_materials_lists_what_runs_and_nothing_else(tmp_path: Path) -> None:
    path = sbom.main(tmp_path)
    found = json.loads(path.read_text())
    listed = {(each["name"], each["version"]) for each in found["components"]}
    assert listed == {(each.name, each.version) for each in read_lock(RUNTIME)}
    duckdb = next(each for each in found["components"] if each["name"] == "duckdb")
    assert duckdb["purl"] == f"pkg:pypi/duckdb@{duckdb['version']}"
    locked = next(each for each in read_lock(RUNTIME) if each.name == "duckdb")
    assert {each["content"] for each in duckdb["hashes"]} == set(locked.hashes)
    assert found["metadata"]["component"]["name"] == "steelyard"
    assert path.name == f"steelyard-{sbom.version()}.cdx.json"


def test_equal_locks_give_equal_bytes_and_others_another_number() -> None:
    one = (Locked("a", "1", None, ("0" * 64,)), Locked("b", "2", "sys_platform == 'win32'", ("1" * 64,)))  # fmt: skip
    document = sbom.document(one, version="1.0")
    assert document == sbom.document(one, version="1.0")
    assert "timestamp" not in document
    other = json.loads(sbom.document(one[:1], version="1.0"))
    assert other["serialNumber"] != json.loads(document)["serialNumber"]


def test_the_bill_of_materials_is_one_by_the_standard() -> None:
    document = sbom.document(read_lock(RUNTIME), version=sbom.version())
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document) is None


# --- audit ------------------------------------------------------------------------------------------------------------


def _answer(**more: Any) -> dict[str, Any]:
    return {"name": "x", "version": "1", "vulns": []} | more


ADVISORY = {"id": "PYSEC-2026-1", "fix_versions": ["2"], "aliases": [], "description": ""}


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        ([_answer()], 0, "nothing is known against 1 packages"),
        ([_answer(vulns=[ADVISORY]), _answer()], 1, "x 1: PYSEC-2026-1; mended in: 2"),
        ([_answer(vulns=[ADVISORY | {"fix_versions": []}])], 1, "mended in: none yet"),
        ([_answer(), {"name": "y", "skip_reason": "not found"}], 4, "Nothing is known either way"),
        ([], 4, "Nothing is known either way"),
    ],
)
def test_an_audit_says_what_it_found(
    capsys: pytest.CaptureFixture[str], found: list[dict[str, Any]], code: int, said: str
) -> None:
    assert audit.judge(found, name="requirements.lock") == code
    assert said in capsys.readouterr().out


def _refuse(*_: object, **__: object) -> None:
    raise requests.ConnectionError


def _time_out(*_: object, **__: object) -> None:
    raise requests.Timeout


@pytest.mark.parametrize("failure", [_refuse, _time_out])
def test_an_audit_that_cannot_ask_says_so(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: Callable[..., None],
) -> None:
    """Nothing known because nobody was asked is no good news."""
    monkeypatch.setattr(requests, "post", failure)
    assert audit.main() == 4
    assert "could not be asked" in capsys.readouterr().out
