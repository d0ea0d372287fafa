"""Secrets appear in no message, no chained exception, no log, and no file."""

import logging
import traceback
from pathlib import Path
from typing import Any

import pytest

from connectors.environment import Secrets, expand
from connectors.errors import SourceBroken, SourceError
from scorecard.sources import FileTable, RestTable, SqlTable
from tests.connectors.conftest import FakeCrm, Fault, Landing

PLANTED = "pl@nted/s3cret"
IN_URL = "pl%40nted%2Fs3cret"
ENVIRONMENT = {"PASSWORD": IN_URL, "TOKEN": PLANTED}
TABLE = SqlTable(primary_key=("id",))
DEALS = RestTable(path="/deals", primary_key=("id",), params={"api_key": "${TOKEN}"})


@pytest.mark.parametrize(
    ("table", "settings"),
    [
        (TABLE, {"url": "postgresql://me:${PASSWORD}@127.0.0.1:1/db"}),
        (TABLE, {"url": "mysql+nothing://me:${PASSWORD}@127.0.0.1:1/db"}),
        (TABLE, {"url": "me:${PASSWORD}@nonsense"}),
        (TABLE, {"url": "postgresql://127.0.0.1:1/db?user=me&password=${PASSWORD}"}),
        (DEALS, {"base_url": "http://me:${PASSWORD}@127.0.0.1:1", "token": "${TOKEN}"}),
        (DEALS, {"base_url": "nonsense://${PASSWORD}", "token": "${TOKEN}"}),
    ],
)
def test_no_failure_tells_a_secret(
    landing: Landing,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    table: Any,
    settings: Any,
) -> None:
    """SQLAlchemy's exceptions carry the address, those of requests the query."""
    caplog.set_level(logging.DEBUG)
    landing.environment = ENVIRONMENT
    with pytest.raises(SourceError) as failure:
        landing.load(table, **settings)
    told = (
        "".join(traceback.format_exception(failure.value))
        + caplog.text
        + "".join(capfd.readouterr())
    )
    assert failure.value.__cause__ is None
    assert failure.value.__context__ is None
    for form in (PLANTED, IN_URL, "s3cret"):
        assert form not in told


@pytest.mark.parametrize(
    "fault", [Fault(401), Fault(404), Fault(500), Fault(302, {"Location": "http://127.0.0.2/"})]
)
def test_no_answer_makes_a_secret_told(landing: Landing, crm: FakeCrm, fault: Fault) -> None:
    landing.environment = ENVIRONMENT
    crm.faults = [fault] * 9
    with pytest.raises(SourceError) as failure:
        landing.load(DEALS, base_url=crm.url, token="${TOKEN}")
    assert crm.requests[0]["api_key"] == [PLANTED]
    assert "s3cret" not in "".join(traceback.format_exception(failure.value))


def test_no_secret_is_written(landing: Landing, crm: FakeCrm, tmp_path: Path) -> None:
    landing.environment = {"TOKEN": str(crm.token)}
    crm.serve([{"id": 1}])
    landing.load(DEALS, base_url=crm.url, token="${TOKEN}")
    assert not [
        path
        for path in tmp_path.rglob("*")
        if path.is_file() and str(crm.token).encode() in path.read_bytes()
    ]


def test_a_missing_variable_is_named_with_its_source(landing: Landing) -> None:
    with pytest.raises(
        SourceBroken, match="s: url: the environment variable FINANCE_URL is not set"
    ):
        landing.load(TABLE, url="${FINANCE_URL}")


def test_a_default_stands_in_for_a_missing_variable(landing: Landing) -> None:
    landing.write("p.csv", "id\n1\n")
    assert landing.rows(
        FileTable(files="p.csv", primary_key=("id",)), folder="${HR_FOLDER:-drop}"
    ) == [{"id": "1"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "1"),
        ("${A:-2}", "1"),
        ("${B:-2}", "2"),
        ("${EMPTY:-2}", "2"),
        ("${B:-}", ""),
        ("${B:-http://h:1/x}/${A}", "http://h:1/x/1"),
        ("$A", "$A"),
    ],
)
def test_references_are_expanded(text: str, expected: str) -> None:
    assert expand(text, {"A": "1", "EMPTY": ""}, place="p") == expected


def test_longer_secrets_are_struck_out_first() -> None:
    secrets = Secrets()
    secrets.add("abcd")
    secrets.add("abcdef")
    assert secrets.redact("xabcdefx abcd") == "x***x ***"
