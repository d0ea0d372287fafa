"""YAML read into plain values, together with the line of every key, so that each finding can say where.

YAML 1.2's reading of plain words, as editors have it: only `true` and `false` are booleans, so `no` stays Norway. A key
written twice, a tag of its own kind, a merge key and a text that would unfold without end are refused.

Not here: what the values mean.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml
from yaml import events

from scorecard.findings import Finding

Place = tuple[str | int, ...]
"""Where a value stands in a file: `("perspectives", 0, "weight")`."""
Lines = Mapping[Place, int]

MAX_DEPTH = 40
MAX_VALUES = 200_000
"""More values than any workspace has; a few aliases of aliases unfold to billions."""

_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""YAML's own list, which its parsers report without a line."""
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan"), ".NaN": float("nan"),
}  # fmt: skip
_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})
"""Tags that scalars may carry: none, or 'this is text'."""


def own_yaml(text: str) -> Any:
    """Read a file of this program's own, which needs no lines and has no faults; by libyaml, ten times as fast, where there is one."""
    return yaml.load(text, _LOADER)  # noqa: S506 - a safe loader


def line_of(lines: Lines, place: Place) -> int:
    """Give the line of `place`, or of the nearest part above it that has one; 0 where nothing is known."""
    for end in range(len(place), -1, -1):
        if place[:end] in lines:
            return lines[place[:end]]
    return 0


@dataclass
class YamlText:
    """What was read: the value, the line of each place, and what was wrong."""

    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


class _Unusable(Exception):
    """The text cannot be read further."""


def read_yaml(text: str, *, file: str) -> YamlText:
    """Read one YAML document; never raise for what the text says, but put it into the findings."""
    reader = _Reader(file)
    strange = _NOT_ALLOWED.search(text)
    if strange:
        line = text[: strange.start()].count("\n") + 1
        reader.add(
            line,
            f"The character U+{ord(strange[0]):04X} may not stand in a text file.",
            "Take it out.",
        )
        return reader.result
    try:
        reader.document(yaml.parse(text, Loader=_LOADER))
    except _Unusable:
        reader.result.value = None
    except yaml.MarkedYAMLError as error:
        _report_syntax(reader, error)
    return reader.result


def _report_syntax(reader: "_Reader", error: yaml.MarkedYAMLError) -> None:
    mark = error.problem_mark or error.context_mark
    reader.result.value = None
    reader.add(
        getattr(mark, "line", -1) + 1,
        f"YAML syntax: {error.problem or error.context or 'it cannot be read'}.",
        "Check the indentation, colons and quotes there and on the line above.",
    )


class _Reader:
    """Builds the value from the parser's events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.result = YamlText()
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.count = 0

    def add(self, line: int, message: str, mend: str) -> None:
        self.result.findings.append(Finding(self.file, line, "error", message, mend))

    def document(self, stream: Iterator[Any]) -> None:
        documents = 0
        for event in stream:
            if isinstance(event, events.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    line = _line(event)
                    self.add(line, "The file holds a second document.", "Leave out the line `---`.")
                    raise _Unusable
                self.result.lines[()] = 1
                self.result.value = self.value(next(stream), stream, ())

    def value(self, event: Any, stream: Iterator[Any], place: Place) -> Any:
        line = _line(event)
        self.result.lines.setdefault(place, line)
        self._count(1, line)
        if len(place) > MAX_DEPTH:
            self.add(line, f"Nested more than {MAX_DEPTH} levels deep.", "Write it flatter.")
            raise _Unusable
        if isinstance(event, events.AliasEvent):
            return self._alias(event, line)
        before = self.count
        value = self._fresh(event, stream, place, line)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.count - before + 1)
        return value

    def _fresh(self, event: Any, stream: Iterator[Any], place: Place, line: int) -> Any:
        if isinstance(event, events.ScalarEvent):
            return self._scalar(event, line)
        self._no_tag(event, line)
        if isinstance(event, events.SequenceStartEvent):
            return self._sequence(stream, place)
        return self._mapping(stream, place)

    def _count(self, values: int, line: int) -> None:
        self.count += values
        if self.count > MAX_VALUES:
            self.add(
                line, f"It unfolds to more than {MAX_VALUES} values.", "Leave out the aliases (*)."
            )
            raise _Unusable

    def _alias(self, event: Any, line: int) -> Any:
        if event.anchor not in self.anchors:
            self.add(
                line,
                f"The alias *{event.anchor} names no anchor above it.",
                f"Put &{event.anchor} where the value is, or write the value.",
            )
            raise _Unusable
        value, size = self.anchors[event.anchor]
        self._count(size, line)
        return value

    def _no_tag(self, event: Any, line: int) -> None:
        if event.tag not in _TAGS | {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}:
            self.add(
                line, f"The tag {event.tag} is not let through.", "Write the value without a tag."
            )

    def _scalar(self, event: Any, line: int) -> Any:
        if event.tag not in _TAGS:
            self._no_tag(event, line)
        is_plain = event.tag is None and event.style in {None, ""}
        if not is_plain:
            return event.value
        try:
            return _plain(event.value)
        except ValueError:
            return event.value

    def _sequence(self, stream: Iterator[Any], place: Place) -> list[Any]:
        items: list[Any] = []
        for event in stream:
            if isinstance(event, events.SequenceEndEvent):
                break
            items.append(self.value(event, stream, (*place, len(items))))
        return items

    def _mapping(self, stream: Iterator[Any], place: Place) -> dict[str, Any]:
        result: dict[str, Any] = {}
        seen: dict[str, int] = {}
        for event in stream:
            if isinstance(event, events.MappingEndEvent):
                break
            line = _line(event)
            key = self._key(event, stream, place, line)
            if key in seen:
                self.add(
                    line,
                    f"The key {key} is here a second time; the first is in line {seen[key]}.",
                    "Keep one of the two.",
                )
            seen.setdefault(key, line)
            self.result.lines.setdefault((*place, key), line)
            result[key] = self.value(next(stream), stream, (*place, key))
        return result

    def _key(self, event: Any, stream: Iterator[Any], place: Place, line: int) -> str:
        if not isinstance(event, events.ScalarEvent):
            self.add(line, "A key is a plain word.", "Write `key: value`.")
            self.value(event, stream, (*place, "?"))
            return "?"
        self._count(1, line)
        if event.value == "<<" and event.style in {None, ""}:
            self.add(line, "Merge keys (<<) are not let through.", "Write the keys out.")
        return str(event.value)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _plain(text: str) -> Any:
    """Read an unquoted word as YAML 1.2 does, and days besides."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    return text
