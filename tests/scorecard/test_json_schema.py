"""JSON Schemas of the workspace's files: up to date, and agreeing with the model."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scorecard.json_schema import FOLDER, MODELS, schemas, write
from scorecard.yaml_lines import read_yaml
from tests.scorecard.small import FILES

FILE_OF = {
    "company": "company.yaml",
    "sources": "sources.yaml",
    "strategy": "strategy.yaml",
    "initiatives": "initiatives.yaml",
    "contract": "contracts/shop__sale.yaml",
}


@pytest.mark.parametrize("name", MODELS)
def test_the_documented_schema_is_up_to_date(name: str) -> None:
    """Run `python -m scorecard.json_schema --write` after a change of the model."""
    documented = json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    assert documented == json.loads(json.dumps(schemas()[name]))


@pytest.mark.parametrize("name", MODELS)
def test_a_schema_is_valid_and_accepts_what_the_model_accepts(name: str) -> None:
    schema = schemas()[name]
    Draft202012Validator.check_schema(schema)
    value = json.loads(json.dumps(read_yaml(FILES[FILE_OF[name]], file="x").value, default=str))
    assert not list(Draft202012Validator(schema).iter_errors(value))


@pytest.mark.parametrize("name", MODELS)
def test_a_schema_refuses_unknown_keys(name: str) -> None:
    value = {"no_such_key": 1}
    assert list(Draft202012Validator(schemas()[name]).iter_errors(value))


def test_every_key_is_described() -> None:
    """Editors show the description while typing."""
    parts = [
        (part.get("title", name), key, field)
        for name, schema in schemas().items()
        for part in [schema, *schema.get("$defs", {}).values()]
        for key, field in part.get("properties", {}).items()
    ]
    assert parts
    assert [f"{part}.{key}" for part, key, field in parts if not field.get("description")] == []


def test_schemas_are_written_where_an_editor_finds_them(tmp_path: Path) -> None:
    written = write(tmp_path / ".schema")
    assert [path.name for path in written] == [f"{name}.schema.json" for name in MODELS]
