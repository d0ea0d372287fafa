"""The scoring rules as one Python function, which runs the very SQL that scores the warehouse.

Not here: the rules themselves (`sql/score/macros.sql`), and which points they need (`scorecard.points`).
"""

import math
import threading
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

import duckdb

from scorecard.points import (
    HIGHEST,
    POINT_NAMES,
    RULES,
    Problem,
    Scoring,
    point_problems,
    setting_problems,
)
from scorecard.shape import did_you_mean
from scorecard.strategy import Direction, Rule
from transforms.steps import step_text

_SQL = Path(__file__).with_name("sql") / "rules" / "score_actual.sql"
_SETTINGS: Mapping[str, tuple[str | None, ...]] = {
    "form": ("plain", "inverse"),
    "at_zero_target": (None, "full_if_met"),
}
"""What stands among the points of the rule `ratio` and is a word, with the words that it can be."""
_PAIRED = ("steps", "curve")
_one_at_a_time = threading.Lock()

Number = int | float | Decimal
Pairs = Sequence[Sequence[Number]]
"""Pairs of value and score."""


class PointsError(ValueError):
    """Points or settings that a rule cannot score with; says which, and the mend."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep what is wrong, one sentence and one mend each."""
        self.problems = tuple(problems)
        super().__init__(
            "\n".join(f"{problem.message} {problem.mend}".strip() for problem in problems)
        )


def score_actual(
    rule: str,
    points: Mapping[str, Any] | Pairs,
    actual: Number | None,
    *,
    direction: str | None = "higher_is_better",
    cap: float | Literal["none"] | None = HIGHEST,
) -> float | None:
    """Score one actual: 0 to 100, or to the cap; None where the actual is None or no finite number.

    `points` are named as in `targets.csv`. A rule is written for 'higher is better'; 'lower is better' is its mirror image
    through the same points, whose order turns round (except `min` and `max`).

    | rule | points | score, clamped to 0..cap |
    |---|---|---|
    | `linear` | `red`, `target`; `worst`, `best` | through (worst, 0) (red, 33.33) (target, 66.67) (best, 100); left out, `worst` is as far beyond red, and `best` beyond target, as red is from target. Spider Impact's goal and red flag, times ten |
    | `min_max` | `min`, `max` | (a - min) / (max - min) x 100; lower is better: (max - a) / (max - min) x 100. BSC Designer, performance |
    | `progress` | `baseline`, `target` | (a - baseline) / (target - baseline) x 100. BSC Designer, progress |
    | `ratio` | `target`; `basis`, `form`, `at_zero_target` | a / t x 100; lower is better: 100 - (a - t) / t x 100, or with `form` `inverse` t / a x 100 (the cap for a <= 0); with basis b, either way: (b - a) / (b - t) x 100. Target 0 needs a basis or `at_zero_target` `full_if_met` (100 if met, else 0); below 0 a basis |
    | `range` | `low`, `high`; `tolerance`, or `tolerance_below`, `tolerance_above` | 100 inside, falling to 0 at the tolerance's end |
    | `steps` | (value, score) pairs | the last step reached, lower edge inclusive; 0 below the first |
    | `curve` | (value, score) pairs | piecewise linear, flat beyond the ends |
    | `binary` | `target` | 100 where met, else 0 |

    Args:
        rule: one of the eight.
        points: numbers by name; for `steps` and `curve` a list of (value, score) pairs, values rising and scores within
            0..100, or a mapping with that list under the key `points`. A pair may be a mapping: `value` (for steps also
            `from`) and `score`. `tolerance` may be a pair, below and above. What is None is left out.
        actual: the measured number.
        direction: `higher_is_better` or `lower_is_better`; of no effect on `range`, `steps` and `curve`.
        cap: the highest score, 100 or more; None, or "none" as in strategy.yaml, for none. Only `ratio` goes above 100, so
            that for other rules "no cap" is 100, and a number above 100 is refused.

    Raises:
        PointsError: an unknown rule, direction or setting; points that are missing, unknown to the rule, no finite numbers
            up to 1e29, in the wrong order, or without a gap; a cap that the rule does not take.

    """
    given = _named(rule, points)
    settings = _settings(rule, given, direction, cap)
    given = {name: value for name, value in given.items() if name not in _SETTINGS}
    problems = [*setting_problems(settings), *point_problems(settings, given)]
    if problems:
        raise PointsError(problems)
    if actual is None or not math.isfinite(actual):
        return None
    highest = None if settings.cap == "none" else HIGHEST if settings.cap is None else settings.cap
    return _scored(
        {
            **{name: _double(given.get(name)) for name in POINT_NAMES if name != "points"},
            "points": [
                {"value": float(value), "score": float(score)}
                for value, score in given.get("points", ())
            ],
            "rule": settings.rule,
            "direction": settings.direction,
            "form": settings.form,
            "at_zero_target": settings.at_zero_target,
            "cap": highest,
            "actual": float(actual),
        }
    )


def _named(rule: str, points: Mapping[str, Any] | Pairs) -> dict[str, Any]:
    """Give the points by name; refuse a rule that is not known, and a list where names are needed."""
    if rule not in RULES:
        known = f"Rules are: {', '.join(RULES)}."
        raise PointsError(
            [Problem(f"There is no rule {rule}.", did_you_mean(str(rule), RULES) or known)]
        )
    if isinstance(points, Mapping):
        named = {str(name): value for name, value in points.items() if value is not None}
        named |= _sides(named)
        return named | ({"points": _pairs(named["points"])} if "points" in named else {})
    if rule not in _PAIRED:
        raise PointsError(
            [
                Problem(
                    f"The rule {rule} needs points by name.", "Give a mapping of names to numbers."
                )
            ]
        )
    return {"points": _pairs(points)}


def _sides(named: dict[str, Any]) -> dict[str, Any]:
    """Take a tolerance that is a pair, below and above, apart."""
    width = named.get("tolerance")
    if not isinstance(width, list | tuple) or len(width) != 2:  # noqa: PLR2004 - a pair
        return {}
    del named["tolerance"]
    return {"tolerance_below": width[0], "tolerance_above": width[1]}


def _pairs(points: Any) -> list[Any]:
    """Give each pair as a sequence; what is no pair is left for the check of points to refuse."""
    if isinstance(points, str) or not isinstance(points, Iterable):
        raise PointsError(
            [Problem(f"{points!r} is no list of points.", "Give a list of (value, score) pairs.")]
        )
    return [_pair(pair) for pair in points]


def _pair(pair: Any) -> Any:
    if not isinstance(pair, Mapping) or "score" not in pair:
        return pair
    names = [name for name in ("value", "from") if name in pair]
    if len(names) != 1 or set(pair) != {names[0], "score"}:
        return pair
    return (pair[names[0]], pair["score"])


def _settings(
    rule: str,
    given: Mapping[str, Any],
    direction: str | None,
    cap: float | Literal["none"] | None,
) -> Scoring:
    words = {name: given[name] for name in _SETTINGS if name in given}
    problems = [*_unknown_words(rule, words), *_unknown_direction(direction), *_bad_cap(cap)]
    if problems:
        raise PointsError(problems)
    is_none = cap is None or cap == "none" or math.isinf(cap)
    if rule == "ratio":
        taken: float | Literal["none"] | None = "none" if is_none else float(cap or HIGHEST)
    else:
        taken = None if is_none or cap == HIGHEST else float(cap or HIGHEST)
    return Scoring(
        cast("Rule", rule),
        cast("Direction | None", direction),
        words.get("form", "plain"),
        words.get("at_zero_target"),
        cap=taken,
    )


def _unknown_words(rule: str, words: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(
            f"{name} of the rule {rule} cannot be {word!r}.", f"It is one of {_SETTINGS[name]}."
        )
        for name, word in words.items()
        if word not in _SETTINGS[name]
    ]


def _unknown_direction(direction: str | None) -> list[Problem]:
    known = get_args(Direction)
    if direction is None or direction in known:
        return []
    return [
        Problem(
            f"There is no direction {direction}.", f"It is {' or '.join(f'`{d}`' for d in known)}."
        )
    ]


def _bad_cap(cap: Any) -> list[Problem]:
    mend = "Give 100 or more, or None for none."
    if cap is None or cap == "none":
        return []
    if isinstance(cap, bool) or not isinstance(cap, int | float | Decimal):
        return [Problem(f"The cap {cap!r} is no number.", mend)]
    return [] if cap >= HIGHEST else [Problem(f"The cap {cap} is below 100.", mend)]


def _double(value: Number | None) -> float | None:
    return None if value is None else float(value)


def _scored(parameters: Mapping[str, Any]) -> float | None:
    """Run the SQL; temporary macros belong to one connection, which one thread may use at a time."""
    connection, text = _macros()
    with _one_at_a_time:
        row = connection.execute(text, dict(parameters)).fetchone()
    return None if row is None or row[0] is None else float(row[0])


@cache
def _macros() -> tuple[duckdb.DuckDBPyConnection, str]:
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute(step_text("macros"))
    return connection, _SQL.read_text("utf-8")
