"""The check says what the sources need of the environment, as warnings: it may well be set where the night runs."""

from pathlib import Path

from pipelines import checking
from pipelines.state import State
from tests.scorecard.small import Edit, write

KEY = "0123456789abcdef"


def lacking(root: Path, environment: dict[str, str], *edits: Edit) -> list[str]:
    """Check the small workspace in an environment, and give what is not set in it."""
    _, findings = checking.check(
        write(root, *edits), State(root / "state"), environment=environment
    )
    return [str(finding) for finding in findings if "environment" in finding.message]


def test_a_variable_without_a_default_that_is_not_set_is_warned_of(tmp_path: Path) -> None:
    assert lacking(tmp_path, {}) == [
        "sources.yaml:16: warning: The source crm needs CRM_TOKEN, which is not set in this environment. "
        "Mend: Set CRM_TOKEN where `steelyard run` runs."
    ]
    assert lacking(tmp_path, {"CRM_TOKEN": ""}) == lacking(tmp_path, {})


def test_nothing_is_said_of_variables_that_are_set_or_have_a_default(tmp_path: Path) -> None:
    assert lacking(tmp_path, {"CRM_TOKEN": "x"}) == []


def test_variables_in_folders_and_parameters_are_looked_at(tmp_path: Path) -> None:
    edits = (
        ("sources.yaml", "folder: data", "folder: ${DROP}"),
        ("sources.yaml", "cursor_param: since", "cursor_param: since\n        params: {tenant: '${TENANT}'}"),
    )  # fmt: skip
    found = lacking(tmp_path, {"CRM_TOKEN": "x"}, *edits)
    assert [line.split(", which")[0] for line in found] == [
        "sources.yaml:6: warning: The source shop needs DROP",
        "sources.yaml:23: warning: The source crm needs TENANT",
    ]


def test_hashing_without_a_key_is_warned_of(tmp_path: Path) -> None:
    hashed = (
        "sources.yaml",
        "path: /customers",
        "path: /customers\n        personal: {email: hash}",
    )
    for key in ("", "short"):
        (told,) = lacking(tmp_path, {"CRM_TOKEN": "x", "STEELYARD_HASH_KEY": key}, hashed)
        assert told.startswith("sources.yaml:20: warning: The table crm.customer hashes columns")
    assert lacking(tmp_path, {"CRM_TOKEN": "x", "STEELYARD_HASH_KEY": KEY}, hashed) == []
