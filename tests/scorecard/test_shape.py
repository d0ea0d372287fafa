"""Values that do not fit the model: one finding for each cause, in plain words, with the mend."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from scorecard.company import Company
from scorecard.contracts import Contract
from scorecard.plans import Initiatives, Target
from scorecard.shape import fit
from scorecard.sources import Sources
from scorecard.strategy import Strategy

KPI: dict[str, Any] = {
    "id": "k", "name": "K", "owner": "o", "measure": "m", "aggregation": "sum", "direction": "higher_is_better",
    "bands": {"on_track": 70, "at_risk": 40}, "change": {"against": "previous"}, "gate": 10, "weight": 1, "decimals": 1,
    "is_leading": True, "min_observations": 1, "max_age": 1, "applies_to": ["a"], "measured_in": "days",
}  # fmt: skip
STRATEGY: dict[str, Any] = {
    "id": "a", "name": "A", "min_coverage": 0.5, "balance": {"highest_share": 0.4, "lowest_share": 0.1},
    "perspectives": [{"id": "p", "name": "P", "objectives": [{"id": "o", "name": "O", "owner": "x", "kpis": [KPI]}]}],
    "links": [{"cause": "o", "effect": "p", "lag_months": 3}],
}  # fmt: skip
SOURCES: dict[str, Any] = {
    "sources": {
        "crm": {
            "kind": "rest", "name": "n", "owner": "o", "base_url": "u", "token": "t", "timeout_seconds": 3, "retries": 1,
            "max_age_days": 2, "paging": {"next": "a", "param": "b"}, "data_as_of": {"kind": "extracted"},
            "tables": {"t": {"path": "p", "primary_key": ["a"], "params": {"a": 1}, "personal": {"a": "hash"}}},
        },
        "hr": {
            "kind": "files", "name": "n", "owner": "o", "folder": "f",
            "tables": {"t": {"files": "f", "primary_key": ["a"], "header_row": 1, "columns": {"a": {"type": "date", "decimal_comma": False}}}},
        },
    }
}  # fmt: skip
COMPANY = {
    "organisation": {"id": "a", "name": "b"}, "currency": "EUR", "fiscal_year_start_month": 1, "today": "2026-10-05",
    "trees": [{"id": "t", "name": "T", "units": [{"id": "u", "name": "U"}]}], "keep": {"releases": 3, "days": 4},
    "publish_staging": ["a"],
}  # fmt: skip
CONTRACT = {
    "quarantine_limit": 0.1, "quarantine_rows": 1,
    "expectations": [{"type": "expect_a", "severity": "warn", "kwargs": {"column": "a"}, "reason": "r"}],
    "row_rules": [{"name": "n", "condition": "c", "reason": "r"}],
}  # fmt: skip
INITIATIVES = {
    "initiatives": [
        {"id": "a", "name": "A", "objective": "o", "owner": "o", "start": "2026-01-01", "end": "2026-02-01", "status": "done",
         "budget": 3, "milestones": [{"name": "m", "due": "2026-01-01"}]}
    ]
}  # fmt: skip
TARGET = {
    "kpi": "k", "unit": "u", "per": "month", "valid_from": "2026-01-01", "red": "1", "target": "2",
    "worst": "0", "best": "3", "line": 2,
}  # fmt: skip
FILES: list[tuple[type[BaseModel], dict[str, Any]]] = [
    (Strategy, STRATEGY), (Sources, SOURCES), (Company, COMPANY), (Contract, CONTRACT), (Initiatives, INITIATIVES), (Target, TARGET),
]  # fmt: skip
WRONG: tuple[Any, ...] = (
    None, "", "x", "?!", True, -1, 0, 1.5, 8e9, 10**40, float("nan"), float("inf"), [], ["x"], [[]], {}, {"a": 1}, {"A b": {}},
    "2026-13-01", "x" * 61, "1e9999", "0.0000000000000001",
)  # fmt: skip
FOREIGN = re.compile(
    r"tuple|should|\bvalid\b|validation|unable|\bparse|input|instance|dictionary|boolean|integer|string|something else",
    re.IGNORECASE,
)
"""Words of pydantic's, and of the sentence that stands in for what nobody has thought of."""


def replaced(value: Any, wrong: Any) -> Iterator[Any]:
    """Give copies of a value, each with one part replaced."""
    if isinstance(value, dict):
        parts: list[tuple[Any, Any]] = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    else:
        return
    for key, inner in parts:
        for changed in (wrong, *replaced(inner, wrong)):
            copy = value.copy()
            copy[key] = changed
            yield copy


def told(model: type[BaseModel], value: Any) -> list[str]:
    """Give the findings, as they are printed."""
    return [str(finding) for finding in fit(model, value, file="f", lines={})[1]]


@pytest.mark.parametrize(("model", "value"), FILES, ids=lambda part: getattr(part, "__name__", ""))
def test_the_flawless_values_fit(model: type[BaseModel], value: dict[str, Any]) -> None:
    assert told(model, value) == []


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize(("model", "value"), FILES, ids=lambda part: getattr(part, "__name__", ""))
def test_whatever_is_wrong_is_said_in_plain_words(
    model: type[BaseModel], value: dict[str, Any], wrong: Any
) -> None:
    said = {line for copy in replaced(value, wrong) for line in told(model, copy)}
    assert [
        line for line in said
        if FOREIGN.search(re.sub(r"'[^']*'|\([^)]*\)", "", line).replace("or 'double', 'boolean'", ""))
    ] == []  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"decimals": 8}, "f: error: decimals must be 6 or less, and is '8'. Mend: Write 6 or less."),
        ({"weight": -1}, "f: error: weight must be 0 or more, and is '-1'. Mend: Write 0 or more."),
        ({"weight": [{"valid_from": "2026-13-01", "weight": 1}]}, "f: error: valid_from must be a day, and is '2026-13-01'. Mend: Write days as 2026-09-30."),
        ({"is_leading": "maybe"}, "f: error: is_leading must be true or false, and is 'maybe'. Mend: Write true or false."),
        ({"name": ""}, "f: error: name must be text, and is empty. Mend: Write some text."),
        ({"id": "x" * 61}, f"f: error: id must be at most 60 characters long, and is '{'x' * 57}…'. Mend: Make it shorter."),
        ({"applies_to": ["A b"]}, "f: error: 'A b' is not an identifier. Mend: Use lower-case letters, digits and underscores, a letter first: a_b."),
        ({"change": {"against": "x"}}, "f: error: against cannot be 'x'. Mend: It is one of 'previous' or 'last_year'."),
    ],
)  # fmt: skip
def test_one_wrong_value_is_one_finding(changes: dict[str, Any], said: str) -> None:
    """`decimals: 8` also gave "perspectives tuple should have at least 1 item after validation, not 0"."""
    objective = {"id": "o", "name": "O", "owner": "x", "kpis": [KPI | changes]}
    perspective = {"id": "p", "name": "P", "objectives": [objective]}
    assert told(Strategy, STRATEGY | {"perspectives": [perspective]}) == [said]


def test_a_list_that_is_truly_empty_is_still_said() -> None:
    assert told(Strategy, STRATEGY | {"perspectives": []}) == [
        "f: error: perspectives must be a list of at least 1, and is an empty list. Mend: Add at least 1."
    ]


def test_a_wrong_name_of_a_table_is_said_beside_what_is_wrong_in_it() -> None:
    crm = SOURCES["sources"]["crm"] | {"tables": {"T x": {"path": "p"}}}
    said = told(Sources, {"sources": {"crm": crm}})
    assert [line.split(" Mend")[0] for line in said] == [
        "f: error: 'T x' is not an identifier.",
        "f: error: sources.crm.tables.T x lacks the key primary_key (Columns that together tell rows apart).",
    ]


@pytest.mark.parametrize("value", [-1, 1.5, "many", None])
def test_quarantine_rows_is_a_count(value: Any) -> None:
    assert fit(Contract, {"quarantine_rows": 2}, file="f", lines={})[0] is not None
    assert len(told(Contract, {"quarantine_rows": value})) == 1
