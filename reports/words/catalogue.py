"""Reads a language's file, and finds what is wrong in it: a sentence that names what the English one does not, or leaves it out.

One bad sentence must not cost a night: it is left out, and the English one stands in its place. `python -m
reports.words.catalogue FILE …` says what was left out and how much is still to be translated. Not here: how sentences are
put together (text).
"""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

COUNT = "count"
"""A sentence of one thing may well do without its number."""
_NAME = re.compile(r"\w+")


@dataclass(frozen=True)
class Fault:
    """A sentence that cannot be used, and why."""

    line: int
    text: str
    """In English."""
    what: str


def read_language(path: Path, language: str) -> Catalog:
    """Return a language's sentences, without those that cannot be used.

    Raises:
        ValueError: for a file that is no catalogue at all.

    """
    found = _read(path, language)
    for message, _ in list(_faulty(found)):
        found.delete(message.id, message.context)
    return found


def faults(path: Path) -> tuple[Fault, ...]:
    """Return what is wrong in a language's file, in its order.

    Raises:
        ValueError: for a file that is no catalogue at all.

    """
    return tuple(
        Fault(line=message.lineno or 0, text=_english(message)[0], what=what)
        for message, what in _faulty(_read(path, path.stem))
    )


def missing(path: Path, listed: Path) -> tuple[str, ...]:
    """Return the English sentences of a list that a language's file does not translate, or only as a guess."""
    known = _read(path, path.stem)
    return tuple(
        _english(message)[0]
        for message in _read(listed, None)
        if message.id and not _is_translated(known.get(message.id))
    )


def _read(path: Path, language: str | None) -> Catalog:
    try:
        with path.open("rb") as lines:
            return read_po(lines, locale=language, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} cannot be read as a catalogue: {error}") from error


def _is_translated(message: Message | None) -> bool:
    return message is not None and all(_strings(message)) and not message.fuzzy


def _faulty(found: Catalog) -> Iterator[tuple[Message, str]]:
    for message in found:
        whats = [_fault(message, text) for text in _strings(message) if message.id and text]
        what = next((what for what in whats if what), "")
        if what:
            yield message, what


def _fault(message: Message, translated: str) -> str:
    english = [_names(text) for text in _english(message)]
    known = frozenset().union(*(names or () for names in english))
    needed = known.intersection(*(names or () for names in english)) - {COUNT}
    if message.id == _english(message)[0]:
        needed |= known & {COUNT}
    names = _names(translated)
    if names is None:
        return "a brace is open, or holds more than a name"
    if names - known:
        return f"it names {_listed(names - known)}, which the English text does not"
    if needed - names:
        return f"it leaves out {_listed(needed - names)}"
    return ""


def _names(text: str) -> frozenset[str] | None:
    """Return what a sentence names in braces; nothing where it cannot be put together."""
    try:
        fields = list(Formatter().parse(text))
    except ValueError:
        return None
    named = [(name, spec, turn) for _, name, spec, turn in fields if name is not None]
    if any(spec or turn or not _NAME.fullmatch(name) for name, spec, turn in named):
        return None
    return frozenset(name for name, _, _ in named)


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def _english(message: Message) -> Sequence[str]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _strings(message: Message) -> Sequence[str]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def main(paths: Sequence[str]) -> int:
    """Print what is wrong in the files and how much is missing; return 1 where something is wrong."""
    wrong = 0
    for path in map(Path, paths):
        found = faults(path)
        wrong += len(found)
        lines = [f"{path.name}:{fault.line}: {fault.what}: {fault.text}" for fault in found]
        left = len(missing(path, path.parent / "messages.pot"))
        lines.append(f"{path.name}: {len(found)} cannot be used, {left} are not translated yet.")
        sys.stdout.write("\n".join(lines) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
