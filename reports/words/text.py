"""The words of the pages: each sentence under its English text, in the language of the catalogue that is in use.

A language is one file: `languages/<language>.po`, in GNU gettext's format. `make text` collects what is to be
translated into `languages/messages.pot`. What a sentence names (a KPI, a number, a link) is put in by name, so that a
translation may order its words as its language does.

Not here: numbers, dates and money (language), and which sentence stands where (views, templates).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache, wraps
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import ParamSpec, TypeVar

from babel.messages.mofile import write_mo

from reports.words.catalogue import read_language

Given = ParamSpec("Given")
Made = TypeVar("Made")

LANGUAGES = Path(__file__).parents[1] / "languages"
SOURCE_LANGUAGE = "en"
"""The language in which the texts are written in the code; it needs no catalogue."""

_FIELD = re.compile(r"\{(\w+)\}")
_catalogue: ContextVar[NullTranslations | None] = ContextVar("catalogue", default=None)


@dataclass(frozen=True)
class Part:
    """A piece of a sentence: plain, a link, or a name from outside that keeps its own direction of writing."""

    text: str
    href: str | None = None
    style: str = ""
    """Class of the piece: strong, quiet."""


def say(text: str, /, **named: object) -> str:
    """Return a text in the language in use, `{name}` replaced by what is named.

    Raises:
        KeyError: where the text names what is not given.

    """
    said = (_catalogue.get() or _read(SOURCE_LANGUAGE)).gettext(text)
    return said.format_map(named) if "{" in said else said


def say_count(one: str, many: str, number: int, /, **named: object) -> str:
    """Return the text for a count in the language in use; `{count}` is the number unless it is given in words."""
    return _filled(_translations().ngettext(one, many, number), {"count": number, **named})


def say_parts(text: str, /, **named: Part | str | Sequence[Part]) -> tuple[Part, ...]:
    """Return a sentence in the language in use as its parts, so that names and links stand in their place.

    What is named may itself be several parts, as a list of names is (lists).

    Raises:
        KeyError: where the text names what is not given.

    """
    return _in_parts(_translations().gettext(text), named)


def say_count_parts(
    one: str, many: str, number: int, /, **named: Part | str | Sequence[Part]
) -> tuple[Part, ...]:
    """Return the sentence for a count as its parts; `{count}` is the number unless it is given in words."""
    text = _translations().ngettext(one, many, number)
    return _in_parts(text, {"count": str(number), **named})


def said_once(write: Callable[Given, Made], /) -> Callable[Given, Made]:
    """Remember what a function says of a few keys, in each language."""

    @lru_cache(maxsize=512)
    def remembered(_: NullTranslations, *given: Given.args, **named: Given.kwargs) -> Made:
        return write(*given, **named)

    @wraps(write)
    def said(*given: Given.args, **named: Given.kwargs) -> Made:
        return remembered(_translations(), *given, **named)  # type: ignore[arg-type]  # keys are hashable

    return said


def later(text: str, /) -> str:
    """Mark a text for the catalogue where no language is in use yet, as in a table of a module; `say` it where it is shown."""
    return text


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Use the catalogue of a language, of English where there is none, as long as the context lasts."""
    before = _catalogue.set(_read(language))
    try:
        yield
    finally:
        _catalogue.reset(before)


def spoken(language: str) -> str:
    """Return the language in which the pages of a company are written: its own where there is a catalogue, else English."""
    return language if _file(language).is_file() else SOURCE_LANGUAGE


def _translations() -> NullTranslations:
    return _catalogue.get() or _read(SOURCE_LANGUAGE)


def _file(language: str) -> Path:
    return LANGUAGES / f"{language}.po"


@cache
def _read(language: str) -> NullTranslations:
    if spoken(language) == SOURCE_LANGUAGE:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_language(_file(language), language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _in_parts(text: str, named: Mapping[str, Part | str | Sequence[Part]]) -> tuple[Part, ...]:
    found: list[Part] = []
    for piece in _pieces(text):
        given = named[piece] if isinstance(piece, str) else piece
        if isinstance(given, Part):
            found.append(given)
        elif isinstance(given, str):
            found.append(Part(given))
        else:
            found += given
    return tuple(part for part in found if part.text)


@lru_cache(maxsize=1024)
def _pieces(text: str) -> tuple[Part | str, ...]:
    """Return a sentence in pieces: what it says, and the names of what is put in."""
    pieces = enumerate(_FIELD.split(text))
    return tuple(piece if at % 2 else Part(piece) for at, piece in pieces)


def _filled(text: str, named: Mapping[str, object]) -> str:
    if "{" not in text:
        return text
    return text.format_map(named)
