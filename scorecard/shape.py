"""Values checked against the typed model; what does not fit becomes a finding with its line and the mend.

Not here: reading files, and whether names mean something across files.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scorecard.findings import Finding
from scorecard.yaml_lines import Lines, Place, line_of

Model = TypeVar("Model", bound=BaseModel)

SECRET_WORDS = ("secret", "token", "password", "passwd", "url", "api_key", "access_key", "params")
"""Words in the name of a key whose value is never repeated in a message."""


def did_you_mean(word: str, known: Sequence[str] | Iterator[str]) -> str:
    """Give "Did you mean …?" for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word.lower(), sorted(known), n=1)
    return f"Did you mean {near[0]}?" if near else ""


def fit(
    model: type[Model], value: Any, *, file: str, lines: Lines
) -> tuple[Model | None, list[Finding]]:
    """Give `value` as `model`, or None and one finding for each place that does not fit."""
    if not isinstance(value, dict | None):
        return None, [
            Finding(
                file,
                line_of(lines, ()),
                "error",
                "The file must hold keys with values.",
                "Write `key: value` lines.",
            )
        ]
    try:
        return model.model_validate(value or {}), []
    except ValidationError as error:
        found: dict[Place, Finding] = {}
        for place, detail in _causes(error, value or {}):
            about = place if detail["type"] != "missing" else (*place, detail["loc"][-1])
            message, mend = _explain(detail, place, model, value or {})
            found.setdefault(about, Finding(file, line_of(lines, place), "error", message, mend))
        return None, list(found.values())


def _causes(error: ValidationError, value: Any) -> Iterator[tuple[Place, ErrorDetails]]:
    """Yield what is wrong with its place, less what merely follows from it.

    Where an entry of a list does not fit, pydantic also says that the list is too short, or is no number where it might
    have been one: what is said of a whole counts only if nothing is said of its parts.
    """
    found = []
    for detail in error.errors(include_url=False):
        place = _place(detail["loc"], value)
        found.append(((*place, "kind") if detail["type"] == "union_tag_invalid" else place, detail))
    wholes = {place[:end] for place, _ in found for end in range(len(place))}
    for place, detail in found:
        is_of_a_key = detail["type"] in _OF_A_KEY or detail["loc"][-1] == "[key]"
        if is_of_a_key or place not in wholes:
            yield place, detail


def _place(loc: Sequence[str | int], value: Any) -> Place:
    """Keep the parts of pydantic's `loc` that are in the file; it also names members of unions, and missing keys."""
    place: list[str | int] = []
    current = value
    for part in loc:
        if isinstance(current, Mapping):
            is_there = part in current
        else:
            is_there = isinstance(current, list) and isinstance(part, int) and part < len(current)
        if is_there:
            current = current[part]
            place.append(part)
    return tuple(place)


def _explain(
    detail: ErrorDetails, place: Place, model: type[BaseModel], value: Any
) -> tuple[str, str]:
    """Say what is wrong, and the mend."""
    kind, name = detail["type"], str(detail["loc"][-1])
    if kind == "missing":
        return _missing(name, place, model, value)
    if kind == "extra_forbidden":
        return _unknown_key(str(place[-1]), place, model, value)
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        expected = (
            str(detail.get("ctx", {}).get("expected_tags", ""))
            or "'sql', 'rest', 'files', 'columnar'"
        )
        return (
            f"{_title(tuple(part for part in place if part != 'kind'))} has no known kind.",
            f"Write `kind:` with one of {expected}.",
        )
    return _wrong_value(detail, place)


def _missing(name: str, place: Place, model: type[BaseModel], value: Any) -> tuple[str, str]:
    inner = _model_at(model, place, value)
    field = inner.model_fields.get(name) if inner else None
    meaning = f" ({_first_line(field.description)})" if field and field.description else ""
    return (
        f"{_title(place)} lacks the key {name}{meaning}.",
        f"Add `{name}: …`{' to it' if place else ''}.",
    )


def _unknown_key(name: str, place: Place, model: type[BaseModel], value: Any) -> tuple[str, str]:
    inner = _model_at(model, place[:-1], value)
    known = list(inner.model_fields) if inner else []
    mend = did_you_mean(name, known) or f"Keys here are: {', '.join(known)}."
    return f"{_title(place[:-1])} knows no key {name}.", mend


def _wrong_value(detail: ErrorDetails, place: Place) -> tuple[str, str]:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    key = next((str(part) for part in reversed(place) if isinstance(part, str)), "it")
    shown = _shown(key, value)
    if kind == "string_pattern_mismatch" and "a-z0-9_" in str(context):
        return (
            f"{shown} is not an identifier.",
            f"Use lower-case letters, digits and underscores, a letter first: {_identifier(str(value))}.",
        )
    if kind == "literal_error":
        expected = str(context.get("expected", ""))
        options = re.findall(r"'([^']*)'", expected)
        near = did_you_mean(str(value), options)
        return f"{key} cannot be {shown}.", f"{near} It is one of {expected}.".strip()
    if kind == "string_type" and isinstance(value, bool | int | float):
        return f"{key} must be text, and {shown} is not.", "Put it in quotes."
    must_be, mend = _FORMS.get(str(context.get("pattern", kind)), _OTHER)
    limits = {name: _limit(limit) for name, limit in context.items()}
    entry = f"An entry of {key}" if place and isinstance(place[-1], int) else key
    return f"{entry} must be {must_be.format(**limits)}, and is {shown}.", mend.format(**limits)


def _limit(limit: Any) -> str:
    return f"{limit:g}" if isinstance(limit, int | float | Decimal) else str(limit)


_OF_A_KEY = frozenset({"missing", "extra_forbidden"})
"""Errors that speak of a key, so that they stand beside errors further down."""
_OTHER = ("something else", "Look it up in docs/reference/workspace.md.")
_SET = ("a set of keys with values", "Write keys with values, indented below it.")
_TEXT = ("text", "Write some text.")
_WHOLE = ("a whole number", "Write a whole number: 3.")
_NUMBER = ("a number", "Write a plain number with a decimal point: 0.25.")
_AMOUNT = (
    "a number",
    "Write a plain number with a decimal point and no thousands separators: 1250000.5, and 0.05 for 5 %.",
)
_DIGITS = (
    "a number of at most 29 digits before the decimal point and 9 after it",
    "Write fewer digits.",
)
_FLAG = ("true or false", "Write true or false.")
_DAY = ("a day", "Write days as 2026-09-30.")
_FORMS = {
    "tuple_type": ("a list", "Write a list: lines that begin with `- `, or [a, b]."),
    "too_short": ("a list of at least {min_length}", "Add at least {min_length}."),
    "dict_type": _SET,
    "model_type": _SET,
    "model_attributes_type": _SET,
    "string_type": _TEXT,
    "string_too_short": _TEXT,
    "string_too_long": ("at most {max_length} characters long", "Make it shorter."),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": ("a finite number", "Write a finite number."),
    "decimal_type": _AMOUNT,
    "decimal_parsing": _AMOUNT,
    "decimal_max_digits": _DIGITS,
    "decimal_max_places": _DIGITS,
    "decimal_whole_digits": _DIGITS,
    "greater_than_equal": ("{ge} or more", "Write {ge} or more."),
    "less_than_equal": ("{le} or less", "Write {le} or less."),
    "greater_than": ("more than {gt}", "Write more than {gt}."),
    "less_than": ("less than {lt}", "Write less than {lt}."),
    "bool_type": _FLAG,
    "bool_parsing": _FLAG,
    "value_error": _DAY,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "^[A-Z]{3}$": ("three capital letters", "Write the currency as ISO 4217 has it: EUR, USD."),
    "^expect_[a-z_]+$": (
        "the name of an expectation",
        "Write one of those in docs/reference/contracts.md: expect_column_values_to_be_unique.",
    ),
}
"""What a value must be and the mend, by pydantic's name of the error, or by the pattern that the value is to have."""


def _shown(key: str, value: Any) -> str:
    """Show a value in a message, unless it is long or might be a secret."""
    if any(word in key.lower() for word in SECRET_WORDS):
        return "what is written there"
    if value is None or value == "":
        return "empty"
    if isinstance(value, Mapping):
        return "a set of keys"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    text = str(value)
    return f"'{text if len(text) <= 60 else text[:57] + '…'}'"  # noqa: PLR2004 - fits a line


def _identifier(text: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return plain if plain[:1].isalpha() else f"x_{plain}".rstrip("_")


def _first_line(text: str) -> str:
    return text.strip().split("\n\n", maxsplit=1)[0].replace("\n", " ").rstrip(".")


def _title(place: Place) -> str:
    """Name a place as a person would: `perspectives[1].objectives[2]`, counted from 1."""
    if not place:
        return "The file"
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


def _model_at(model: Any, place: Place, value: Any) -> type[BaseModel] | None:
    """Find the model that describes `place`, following `value` where several could."""
    kind = _only_model(model, value)
    if not place:
        return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
    step, inner = place[0], _inner(value, place[0])
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = kind.model_fields.get(str(step))
        return _model_at(field.annotation, place[1:], inner) if field else None
    arguments = get_args(kind)
    if not arguments:
        return None
    return _model_at(arguments[1] if get_origin(kind) is dict else arguments[0], place[1:], inner)


def _inner(value: Any, step: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _only_model(annotation: Any, value: Any) -> Any:
    """Choose among the members of a union: by `kind`, else the one whose form is that of the value."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _only_model(get_args(annotation)[0], value)
    if origin not in {Union, UnionType}:
        return annotation
    members = [_only_model(member, value) for member in get_args(annotation)]
    for member in members:
        if _is_kind(member, value):
            return member
    wanted = tuple if isinstance(value, list) else dict if isinstance(value, Mapping) else None
    return next((m for m in members if get_origin(m) is wanted and wanted), members[0])


def _is_kind(member: Any, value: Any) -> bool:
    fields = getattr(member, "model_fields", {})
    if "kind" not in fields or not isinstance(value, Mapping):
        return False
    annotation = fields["kind"].annotation
    return get_origin(annotation) is Literal and value.get("kind") in get_args(annotation)
