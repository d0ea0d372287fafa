"""What SQL may say on another engine than DuckDB: the entries of `allowed.yaml`, each with the cases that prove it.

Not here: how a construct is written for Spark (expressions, aggregates, transpile, casts).
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scorecard.yaml_lines import own_yaml

LIST = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Entry:
    """One construct that is proven equal."""

    name: str
    section: str
    about: str
    """What the proof covers, and where it ends."""
    cases: tuple[str, ...]
    """Expressions over `staging.proof`, or whole SELECTs: both engines give the same."""
    fails: tuple[str, ...] = ()
    """What ends with an error on both engines."""
    stops: tuple[str, ...] = ()
    """What DuckDB answers and Spark ends with an error, rather than answer otherwise."""
    spark: str = ""
    """The template of a plain function."""
    takes: tuple[tuple[str, ...], ...] = ()
    """Kinds of the arguments, for each number of arguments."""

    def kinds_of(self, count: int) -> tuple[str, ...] | None:
        """Give what so many arguments must be; None where so many are not known."""
        return next((kinds for kinds in self.takes if len(kinds) == count), None)


@dataclass(frozen=True)
class Allowed:
    """The whole list."""

    entries: Mapping[str, Entry]
    mends: Mapping[str, str]
    """What to write in place of some constructs that are not on the list."""

    def mend(self, name: str) -> str:
        """Say what to write instead of what is not on the list."""
        if name in self.mends:
            return self.mends[name]
        near = difflib.get_close_matches(name, self.entries, n=1)
        also = f"Did you mean {near[0]}? " if near else ""
        return f"{also}Write it with what docs/reference/spark.md lists, or keep the workspace on DuckDB."


@cache
def allowed() -> Allowed:
    """Read the list."""
    read = own_yaml(LIST.read_text("utf-8"))
    found = {
        name: _entry(name, section, entry)
        for section, names in read["allowed"].items()
        for name, entry in names.items()
    }
    return Allowed(found, read["mends"])


def entries() -> Mapping[str, Entry]:
    """Give the entries by name."""
    return allowed().entries


def _entry(name: str, section: str, entry: Mapping[str, object]) -> Entry:
    def texts(key: str) -> tuple[str, ...]:
        found = entry.get(key, ())
        return tuple(map(str, found)) if isinstance(found, list) else ()

    return Entry(
        name=name,
        section=section,
        about=str(entry.get("about", "")),
        cases=texts("cases"),
        fails=texts("fails"),
        stops=texts("stops"),
        spark=str(entry.get("spark", "")),
        takes=tuple(tuple(each.split()) for each in texts("takes")),
    )
