"""Casts that give on Spark what they give in DuckDB: one rule for each pair of kinds, and none for the others.

DuckDB rounds where Spark cuts off, and rounds a floating number to a decimal by the number itself, where Spark rounds its shortest
spelling; text is read on Spark only in the plain forms that both engines read alike, and is an error in any other.

Not here: which casts a definition asks for (transpile), and the proof (tests/transforms/engines).
"""

from collections.abc import Callable

from transforms.engines.kinds import UNKNOWN, as_decimal, digits, is_unsigned, kind, spark_type

SAFE_DIGITS = 15
"""Decimals of so many digits are whole below 2 to the 53rd, so that both engines give the nearest floating number."""
_BEYOND = "9007199254740992"
_FORMS = {
    "integer": "^-?[0-9]+$",
    "decimal": r"^-?[0-9]+(\\.[0-9]+)?$",
    "double": r"^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$",
    "date": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "timestamp": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?(Z|\\+00:00)?)?$",
}
"""Text that both engines read alike, by the kind that it is read as; backslashes as Spark's literals have them."""


class Unproven(Exception):
    """No rule for what is asked; the text names it."""


def cast(sql: str, *, given: str, wanted: str) -> str:
    """Write the cast of a Spark expression from one DuckDB type to another; the result is null or that type's.

    Raises:
        Unproven: with the name of the cast.

    """
    if given == wanted or UNKNOWN in (given, wanted):
        return sql
    pair = kind(given), kind(wanted)
    target = spark_type(wanted)
    if target is not None and pair[0] == "null":
        return _plain(sql, given, wanted)
    if target is None or pair not in _RULES or is_unsigned(wanted):
        raise Unproven(cast_name(given, wanted))
    return _RULES[pair](sql, given, wanted)


def cast_name(given: str, wanted: str) -> str:
    """Name a cast as the list of what is allowed has it."""
    whole = wanted.lower() if is_unsigned(wanted) else kind(wanted)
    return f"cast {kind(given)} to {whole}"


def cast_names() -> set[str]:
    """Name every cast that there is a rule for."""
    return {f"cast {given} to {wanted}" for given, wanted in _RULES}


def _plain(sql: str, _: str, wanted: str) -> str:
    return f"cast({sql} as {spark_type(wanted)})"


def _decimal_to_integer(sql: str, given: str, wanted: str) -> str:
    """Round half away from zero; Spark alone would cut off."""
    whole = f"decimal({min(digits(given).whole + 1, 38)},0)"
    return f"cast(cast({sql} as {whole}) as {spark_type(wanted)})"


def _decimal_to_double(sql: str, given: str, _: str) -> str:
    """Beyond 2 to the 53rd DuckDB takes the whole and the rest apart."""
    number = digits(given)
    if number.whole + number.scale <= SAFE_DIGITS or not number.scale:
        return f"cast({sql} as double)"
    whole = f"(case when {sql} < 0 then ceil({sql}) else floor({sql}) end)"
    limit = f"cast('{_shifted(_BEYOND, number.scale)}' as decimal(38,{number.scale}))"
    return (
        f"(case when abs({sql}) <= {limit} then cast({sql} as double) "
        f"else cast({whole} as double) + cast({sql} - {whole} as double) end)"
    )


def _shifted(text: str, scale: int) -> str:
    padded = text.rjust(scale + 1, "0")
    return f"{padded[:-scale]}.{padded[-scale:]}"


def _double_to_decimal(sql: str, _: str, wanted: str) -> str:
    scale = digits(wanted).scale
    shifted = f"({sql} * 1e{scale}D)"
    unscaled = f"cast(round({shifted}) as bigint)"
    if not scale:
        return f"cast({unscaled} as {spark_type(wanted)})"
    one = f"cast('{_shifted('1', scale)}' as decimal({scale + 1},{scale}))"
    return f"cast(cast({unscaled} as decimal(19,0)) * {one} as {spark_type(wanted)})"


def _double_to_integer(sql: str, _: str, wanted: str) -> str:
    """Round half to even, as DuckDB does."""
    return f"cast(cast(rint({sql}) as bigint) as {spark_type(wanted)})"


def _integer_to_double(sql: str, given: str, _: str) -> str:
    return f"cast(cast({sql} as {as_decimal(given)}) as double)"


def _text(sql: str, _: str, wanted: str) -> str:
    """Read text only where it has a form that both engines read alike."""
    form = _FORMS[kind(wanted)]
    message = f"Spark reads text as {wanted} in plain form alone, and this has another: "
    checked = (
        f"(case when {sql} is null or {sql} rlike '{form}' then {sql} "
        f"else raise_error(concat('{message}', {sql})) end)"
    )
    return f"cast({checked} as {spark_type(wanted)})"


_RULES: dict[tuple[str, str], Callable[[str, str, str], str]] = {
    ("integer", "integer"): _plain,
    ("integer", "decimal"): _plain,
    ("integer", "double"): _integer_to_double,
    ("integer", "varchar"): _plain,
    ("decimal", "decimal"): _plain,
    ("decimal", "integer"): _decimal_to_integer,
    ("decimal", "double"): _decimal_to_double,
    ("decimal", "varchar"): _plain,
    ("double", "decimal"): _double_to_decimal,
    ("double", "integer"): _double_to_integer,
    ("boolean", "integer"): _plain,
    ("boolean", "varchar"): _plain,
    ("varchar", "integer"): _text,
    ("varchar", "decimal"): _text,
    ("varchar", "double"): _text,
    ("varchar", "date"): _text,
    ("varchar", "timestamp"): _text,
    ("date", "timestamp"): _plain,
    ("date", "varchar"): _plain,
    ("timestamp", "date"): _plain,
    ("timestamp", "varchar"): _plain,
    ("timestamptz", "timestamp"): _plain,
    ("timestamp", "timestamptz"): _plain,
}
