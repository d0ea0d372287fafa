"""Secrets in a workspace's files are found, and never repeated."""

from pathlib import Path

import pytest

from scorecard.check import check_workspace
from scorecard.secrets import find_secrets, secret_in
from scorecard.workspace import read_workspace
from tests.scorecard.small import write

SECRET = "hunter2hunter2"
HEX = "0123456789abcdef"

HELD = [
    "token: hunter2hunter2",
    "    token: 'hunter2hunter2'",
    'password = "hunter2hunter2"',
    "params: {api_key: hunter2hunter2, page: 1}",
    "token: ${CRM_TOKEN:-hunter2hunter2}",
    '"client_secret": "hunter2hunter2"',
    "# old password: hunter2hunter2",
    "url: postgresql://jo:hunter2hunter2@db/finance",
    "url: ${FINANCE_URL:-postgresql://jo:hunter2hunter2@db/finance}",
    "url: postgresql://jo:${PW:-hunter2hunter2}@db/finance",
    "base_url: https://api.example.com/v1?api_key=hunter2hunter2",
    "authorization: Bearer hunter2hunter2",
]
FREE = [
    "token: ${CRM_TOKEN}",
    'token: "${CRM_TOKEN}"',
    "token:",
    "url: ${FINANCE_URL:-sqlite:///data/finance.sqlite}",
    "url: postgresql://jo:${FINANCE_PASSWORD}@db/finance",
    "url: postgresql://db/finance",
    "personal: {token: drop, password: hash}",
    "columns: {token: {type: text}}",
    "primary_key: [customer_id]",
    "description: the password is in the environment",
    "base_url: http://localhost:8800/v1?page=1",
    "next: paging.next.after",
]
PATTERNS = [
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "ghp_" + "a" * 36,
    "github_pat_" + "a" * 30,
    "glpat-" + "a" * 20,
    "xoxb-" + "1234567890-abc",
    "AIza" + "a" * 35,
    "sk_live_" + "a" * 24,
    "pat-eu1-01234567-0123-0123-0123-0123456789ab",
    "eyJ" + "a" * 12 + ".eyJ" + "b" * 12 + ".c",
    "-----BEGIN RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("line", HELD)
def test_a_secret_is_found(line: str) -> None:
    assert secret_in(line, is_settings=True)


@pytest.mark.parametrize("line", FREE)
def test_what_is_no_secret_passes(line: str) -> None:
    assert secret_in(line, is_settings=True) is None


@pytest.mark.parametrize("line", PATTERNS)
def test_well_known_keys_are_found_in_any_text(line: str) -> None:
    assert secret_in(f"-- {line} x", is_settings=False)


def test_a_secret_is_an_error_at_its_line_that_does_not_repeat_it(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        ("sources.yaml", "token: ${CRM_TOKEN}", f"token: {SECRET}"),
        (".env", "", f"A=1\nCRM_TOKEN={SECRET}\n"),
        ("measures/revenue.sql", "-- Revenue.", "-- Revenue. ghp_" + "a" * 36),
    )
    found = [str(finding) for finding in check_workspace(read_workspace(root))]
    assert [line.split(" Mend")[0] for line in found] == [
        ".env:2: error: A secret (CRM_TOKEN) is written into the file.",
        "measures/revenue.sql:1: error: A GitHub token is written into the file.",
        "sources.yaml:16: error: A secret (token) is written into the file.",
    ]
    assert SECRET not in "".join(found)


def test_data_and_state_are_not_looked_through(tmp_path: Path) -> None:
    (tmp_path / ".steelyard").mkdir()
    (tmp_path / ".steelyard" / "x.yaml").write_text(f"token: {SECRET}")
    (tmp_path / "big.yaml").write_text(f"token: {SECRET}\n" + "x" * 1_000_001)
    (tmp_path / "blob.yaml").write_bytes(b"\x00token: " + SECRET.encode())
    assert list(find_secrets(tmp_path)) == []
