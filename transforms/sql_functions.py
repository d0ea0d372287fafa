"""Which functions SQL of a workspace may call, and why others may not: the lists of `sql_functions.yaml`.

Not here: finding the calls in a text (sql_guard).
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from scorecard.yaml_lines import own_yaml

LISTS = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Refusal:
    """Why a function is refused, and what to write instead."""

    because: str
    mend: str


@dataclass(frozen=True)
class _Reason:
    refusal: Refusal
    functions: frozenset[str]
    prefixes: tuple[str, ...]

    def covers(self, name: str) -> bool:
        return name in self.functions or (bool(self.prefixes) and name.startswith(self.prefixes))


@cache
def allowed() -> frozenset[str]:
    """Name the functions and operators that are let through, in lower case."""
    return frozenset(word for words in _lists()["allowed"].values() for word in words.split())


def why_refused(name: str) -> Refusal:
    """Say why a function that is not allowed is refused; `name` in lower case."""
    for reason in _reasons():
        if reason.covers(name):
            return reason.refusal
    near = difflib.get_close_matches(name, allowed(), n=1)
    mend = f"Did you mean {near[0]}?" if near else "Write it with other functions of DuckDB."
    return Refusal("it is not on the list of known functions", mend)


@cache
def _lists() -> Mapping[str, Any]:
    lists: Mapping[str, Any] = own_yaml(LISTS.read_text("utf-8"))
    return lists


@cache
def _reasons() -> tuple[_Reason, ...]:
    return tuple(
        _Reason(
            refusal=Refusal(entry["because"], entry["mend"]),
            functions=frozenset(entry["functions"].split()),
            prefixes=tuple(entry.get("prefixes", "").split()),
        )
        for entry in _lists()["refused"].values()
    )
