"""The types that land in the lake, and how a source's values become them: exactly, or not at all.

Landed types: text, BIGINT, DECIMAL, DOUBLE, BOOLEAN, DATE, TIMESTAMP (with and without zone), TIME, BLOB. A value that does
not fit its type raises `BadValue`; nothing turns into null, nothing is cut or rounded in silence.

Not here: where types are declared (`sources.yaml`, the database, the Parquet file), and files, rows and messages.
"""

import decimal
import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from scorecard.sources import Column

DECIMAL_PLACES = 9
TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(38, DECIMAL_PLACES),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
"""The types that a column of a file may be declared with."""

ZONED = pa.timestamp("us", tz="UTC")
_TRUE = frozenset({"true", "t", "yes", "y", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "0"})
_PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_GROUPED_NUMBER = re.compile(r"[+-]?\d{1,3}((,\d{3})+\.\d+|(,\d{3}){2,})")
_EXACT_IN_DOUBLE = 2**53
_WIDE = decimal.Context(prec=38)
_EXCEL_DIGITS = 15


class BadValue(ValueError):
    """A value that is not what its column is declared to hold."""

    def __init__(self, value: object, expected: str, *, row: int = 0) -> None:
        """Keep the value, what was expected, and its position among those looked at, from 0."""
        self.value = value
        self.expected = expected
        self.row = row
        super().__init__(f"{value!r} is not {expected}")


def duckdb_type(kind: pa.DataType) -> str:
    """Name a landed type as DuckDB does."""
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    names = {
        pa.string(): "VARCHAR",
        pa.int64(): "BIGINT",
        pa.float64(): "DOUBLE",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.timestamp("us"): "TIMESTAMP",
        ZONED: "TIMESTAMP WITH TIME ZONE",
        pa.time64("us"): "TIME",
        pa.binary(): "BLOB",
    }
    return names[kind]


def arrow_type(name: str) -> pa.DataType:
    """Read the name of a landed type back: the inverse of `duckdb_type`."""
    if match := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", name):
        return pa.decimal128(int(match[1]), int(match[2]))
    known = [*TYPES.values(), ZONED, pa.time64("us"), pa.binary()]
    return {duckdb_type(kind): kind for kind in known}[name]


# Declared text: CSV fields and text cells.


def from_text(values: pa.Array, column: Column) -> pa.Array:
    """Read an array of text as a column is declared; blank fields of any type but text are null."""
    kind = TYPES[column.type]
    if column.type == "text":
        return values
    plain = _plain_cast(values, column)
    if plain is not None:
        return plain
    encoded = values.dictionary_encode()
    read = [_read_or_point(text, column, values) for text in encoded.dictionary.to_pylist()]
    return pa.array(read, kind).take(encoded.indices)


_PLAIN = {
    "integer": r"^-?\d{1,18}$",
    "decimal": r"^-?\d{1,28}(\.\d{1,9})?$",
    "double": r"^-?\d{1,15}(\.\d{1,15})?$",
    "date": r"^\d{4}-\d\d-\d\d$",
}


def _plain_cast(values: pa.Array, column: Column) -> pa.Array | None:
    """Cast in one go where every value is in the plainest form; None where it is not."""
    if column.type not in _PLAIN or column.decimal_comma or column.format:
        return None
    if not pc.all(pc.match_substring_regex(values, _PLAIN[column.type])).as_py():
        return None if values.null_count < len(values) else values.cast(TYPES[column.type])
    try:
        return values.cast(TYPES[column.type])
    except pa.ArrowInvalid:  # a thirtieth of February: the slow way names it
        return None


def _read_or_point(text: str, column: Column, values: pa.Array) -> Any:
    try:
        return text_value(text, column)
    except BadValue as bad:
        row = pc.index(values, pa.scalar(text, values.type)).as_py()
        raise BadValue(bad.value, bad.expected, row=row) from None


def text_value(text: str, column: Column) -> Any:
    """Read one text as a column is declared."""
    if column.type == "text":
        return text
    stripped = text.strip()
    if not stripped:
        return None
    try:
        return _READERS[column.type](stripped, column)
    except (ValueError, ArithmeticError):
        raise BadValue(text, _expected(column)) from None


def _expected(column: Column) -> str:
    form = f" in the form {column.format}" if column.format else ""
    if column.type in ("date", "timestamp") and not form:
        form = " in ISO 8601 form"
    if column.type == "decimal" and not column.decimal_comma:
        form = f" with a decimal point and at most {DECIMAL_PLACES} decimal places"
    article = "an" if column.type == "integer" else "a"
    return f"{article} {column.type}{form}{' with a decimal comma' if column.decimal_comma else ''}"


def _number(text: str, column: Column) -> str:
    """Give a number's plain form. Thousands separators count only where they cannot be a decimal sign."""
    if column.decimal_comma:
        text = text.translate(str.maketrans(".,", ",."))
    if _GROUPED_NUMBER.fullmatch(text):
        text = text.replace(",", "")
    if not _PLAIN_NUMBER.fullmatch(text):
        raise ValueError(text)
    return text


def _integer(text: str, column: Column) -> int:
    number = int(_number(text, column))
    if not -(2**63) <= number < 2**63:
        raise ValueError(text)
    return number


def _decimal(text: str, column: Column) -> Decimal:
    return exact_decimal(Decimal(_number(text, column)), DECIMAL_PLACES)


def exact_decimal(number: Decimal, scale: int) -> Decimal:
    """Give a number the scale, refusing to round."""
    scaled = number.quantize(Decimal(1).scaleb(-scale), context=_WIDE)
    if scaled != number:
        raise ValueError(str(number))
    return scaled


def _double(text: str, column: Column) -> float:
    number = float(_number(text, column))
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _boolean(text: str, _: Column) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError(text)


def _date(text: str, column: Column) -> date:
    return _day(_timestamp(text, column))


def _day(moment: datetime) -> date:
    if moment.time() != time(0):
        raise ValueError(str(moment))
    return moment.date()


def _timestamp(text: str, column: Column) -> datetime:
    if column.format:
        return _naive(datetime.strptime(text, column.format))  # noqa: DTZ007 - sources often know no zone
    return iso_timestamp(text)


def iso_timestamp(text: str) -> datetime:
    """Read ISO 8601; a moment with an offset is given in UTC, without zone."""
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(text)
    return _naive(datetime.fromisoformat(text))


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


_READERS: dict[str, Callable[[str, Column], Any]] = {
    "integer": _integer,
    "decimal": _decimal,
    "double": _double,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}


# Cells of workbooks: numbers, dates and text side by side.


def cell_value(cell: Any, column: Column) -> Any:
    """Read one cell as its column is declared. Native numbers and dates need no format; empty cells are null."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return text_value(cell, column)
    if column.type == "text":
        return plain_text(cell)
    iso = Column(type=column.type)
    try:
        return text_value(plain_text(cell), iso)
    except BadValue:
        raise BadValue(plain_text(cell), _expected(column)) from None


def plain_text(value: Any) -> str:
    """Write any value as text: whole numbers without a point, dates in ISO form, structures as JSON."""
    if isinstance(value, str):
        return value
    for types, write in _WRITERS:
        if isinstance(value, types):
            return write(value)
    return str(value)


def _float_text(value: float) -> str:
    whole = value.is_integer() and abs(value) < 10**_EXCEL_DIGITS
    return str(int(value)) if whole else repr(value)


def _json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=plain_text)


_WRITERS: tuple[tuple[tuple[type, ...], Callable[[Any], str]], ...] = (
    ((bool,), lambda value: "true" if value else "false"),
    ((float,), _float_text),
    ((datetime,), lambda value: value.isoformat(sep=" ")),
    ((date, time), lambda value: value.isoformat()),
    ((dict, list, tuple), _json_text),
    ((bytes, memoryview), lambda value: value.hex()),
)
"""The first that fits writes the value: a truth value is an integer too, and a moment a date."""


# Values as database drivers give them.


def from_driver(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Make an array of the declared type of values from a database driver, of whatever Python types they are."""
    fast = _fast_driver(values, kind)
    if fast is not None:
        return fast
    one = _driver_reader(kind)
    read = []
    for row, value in enumerate(values):
        try:
            read.append(None if value is None else one(value))
        except (ValueError, TypeError, ArithmeticError):
            raise BadValue(value, f"a value of type {duckdb_type(kind)}", row=row) from None
    return pa.array(read, kind)


def _fast_driver(values: Sequence[Any], kind: pa.DataType) -> pa.Array | None:
    """Convert in one go where that is exact; None where the values need a look one by one."""
    try:
        inferred = pa.array(values)
        if pa.types.is_null(inferred.type) or inferred.type == kind:
            return inferred.cast(kind)
        if pa.types.is_decimal(kind) and pa.types.is_floating(inferred.type):
            return _decimals_of_floats(inferred, kind)
        if pa.types.is_boolean(kind) and pa.types.is_integer(inferred.type):
            return _truth_of_integers(inferred)
        return inferred.cast(kind) if _casts_exactly(inferred.type, kind) else None
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return None


def _casts_exactly(found: pa.DataType, kind: pa.DataType) -> bool:
    """Tell whether Arrow casts between the two without loss, or refuses."""
    if pa.types.is_timestamp(found) and pa.types.is_timestamp(kind):
        return (found.tz is None) == (kind.tz is None)
    if pa.types.is_integer(found):
        return bool(pa.types.is_decimal(kind) or pa.types.is_floating(kind))
    if pa.types.is_decimal(found):
        return bool(pa.types.is_decimal(kind))
    return _is_iso(found, kind)


def _is_iso(found: pa.DataType, kind: pa.DataType) -> bool:
    """Tell whether text is to become a date or a timestamp without zone, which Arrow reads in ISO form only."""
    return bool(pa.types.is_string(found) and kind in (pa.date32(), pa.timestamp("us")))


def _decimals_of_floats(floats: pa.Array, kind: pa.DataType) -> pa.Array | None:
    """Give binary floats their declared scale; None where one has more decimal places than that."""
    decimals = floats.cast(kind)
    error = pc.abs(pc.subtract(decimals.cast(pa.float64()), floats))
    noise = pc.add(pc.multiply(pc.abs(floats), 1e-15), 10.0 ** -(kind.scale + 6))
    return decimals if pc.all(pc.less_equal(error, noise)).as_py() is not False else None


def _truth_of_integers(integers: pa.Array) -> pa.Array | None:
    """Give truth values kept as 0 and 1; None where another number is among them."""
    extremes = pc.min_max(integers).as_py()
    return integers.cast(pa.bool_()) if extremes["min"] >= 0 and extremes["max"] <= 1 else None


def _driver_reader(kind: pa.DataType) -> Callable[[Any], Any]:
    if pa.types.is_decimal(kind):
        return lambda value: exact_decimal(_number_of(value), kind.scale)
    return {
        pa.string(): plain_text,
        pa.int64(): _driver_integer,
        pa.float64(): _driver_double,
        pa.bool_(): _driver_boolean,
        pa.date32(): lambda value: _day(_moment_of(value)),
        pa.timestamp("us"): _moment_of,
        ZONED: lambda value: _moment_of(value).replace(tzinfo=UTC),
        pa.time64("us"): lambda value: time.fromisoformat(plain_text(value)),
        pa.binary(): bytes,
    }[kind]


def _number_of(value: Any) -> Decimal:
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(plain_text(value))
    if not number.is_finite():
        raise ValueError(value)
    return number


def _driver_integer(value: Any) -> int:
    return int(exact_decimal(_number_of(value), 0))


def _driver_double(value: Any) -> float:
    if isinstance(value, int) and abs(value) > _EXACT_IN_DOUBLE:
        raise ValueError(value)
    return float(value)


def _driver_boolean(value: Any) -> bool:
    return _boolean(plain_text(value), Column(type="boolean"))


def _moment_of(value: Any) -> datetime:
    if isinstance(value, datetime):
        return _naive(value)
    return iso_timestamp(plain_text(value))


# Columns whose type nobody declares: JSON fields, expressions in views.


class Loose:
    """The sorts of values seen in columns without a declared type; they travel as text, and are typed at the end.

    Whole numbers become BIGINT, mixed with others DOUBLE; truth values BOOLEAN; anything else, or any other mixture, text.
    A column that is null throughout is text.
    """

    def __init__(self) -> None:
        """Start with no column."""
        self._sorts: dict[str, set[str]] = {}

    def meet(self, column: str) -> None:
        """Note that a column exists."""
        self._sorts.setdefault(column, set())

    def text(self, column: str, value: Any) -> str | None:
        """Note the sort of a value, and give it as text."""
        sorts = self._sorts.setdefault(column, set())
        if value is None:
            return None
        sorts.add(_sort(value))
        return repr(value) if isinstance(value, float) else plain_text(value)

    def texts(self, column: str, values: Iterable[Any]) -> pa.Array:
        """Note the sorts of many values, and give them as an array of text."""
        self.meet(column)
        return pa.array([self.text(column, value) for value in values], pa.string())

    def types(self) -> dict[str, pa.DataType]:
        """Tell the type of each column met so far, after all its values."""
        return {
            column: _type_of_sorts(sorts)
            for column, sorts in self._sorts.items()
            if sorts or not self._is_parent(column)
        }

    def _is_parent(self, column: str) -> bool:
        """Tell whether a column that is only null stands for an object that has fields in other rows."""
        return any(other.startswith(f"{column}__") for other in self._sorts)


def _sort(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            return "text"
        return "integer" if abs(value) <= _EXACT_IN_DOUBLE else "long integer"
    return "double" if isinstance(value, float) else "text"


def _type_of_sorts(sorts: set[str]) -> pa.DataType:
    if sorts == {"boolean"}:
        return pa.bool_()
    if sorts and sorts <= {"integer", "long integer"}:
        return pa.int64()
    if sorts and sorts <= {"integer", "double"}:
        return pa.float64()
    return pa.string()


# The cursor's greatest value, kept as text.


def cursor_text(value: Any) -> str:
    """Write a cursor value so that `cursor_from_text` reads the same value back."""
    if isinstance(value, datetime):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else plain_text(value)


def cursor_from_text(text: str, kind: pa.DataType) -> Any:
    """Read a cursor value back as its column's type."""
    if pa.types.is_decimal(kind):
        return Decimal(text)
    readers: dict[pa.DataType, Callable[[str], Any]] = {
        pa.int64(): int,
        pa.float64(): float,
        pa.date32(): date.fromisoformat,
        pa.timestamp("us"): datetime.fromisoformat,
        ZONED: datetime.fromisoformat,
    }
    return readers.get(kind, str)(text)
