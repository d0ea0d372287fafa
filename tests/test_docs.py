"""The documentation names what there is: every file and key of a workspace."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from scorecard import company, contracts, plans, sources, strategy
from scorecard.base import Part
from scorecard.check import READ
from scorecard.contracts import Expectation
from transforms.contracts.expectations import expectation_faults
from transforms.measures import PUBLISHED

WORKSPACE = Path(__file__).parents[1] / "docs" / "reference" / "workspace.md"
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


def test_every_column_that_is_dropped_in_hr_is_documented() -> None:
    listed = re.findall(r"`(\w+)`", WORKSPACE.read_text("utf-8"))
    assert set(listed) >= sources.PERSONAL_IN_HR


def test_every_type_of_expectation_is_documented() -> None:
    unknown = Expectation(type="expect_nothing")
    ((_, mend),) = expectation_faults(unknown)
    types = re.findall(r"expect_\w+", mend)
    documented = WORKSPACE.read_text("utf-8")
    assert len(types) > 10
    assert [name for name in types if f"| `{name}` |" not in documented] == []
