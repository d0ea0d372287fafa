"""Whether the data support the links of the strategy map: the changes of two KPIs held against each other at several lags.

A link is a hypothesis between two objectives, each represented by a KPI of the organisation. Its evidence is Spearman's rank
correlation of month-over-month changes with a bootstrap interval. It never claims causation: two KPIs that share a season or
an outside cause go together as well.

The interval is the percentile interval of a circular block bootstrap (Politis and Romano 1992): blocks of three neighbouring
pairs are drawn, not single ones, since neighbouring changes share a month's value. Taking them for independent makes the
interval too narrow: of links between unrelated noise it calls 4 to 6 in a hundred supported, where 2.5 is the aim; blocks of
three call 2 to 5 of 36 months, 3 to 6 of 24 months at a lag of 6, which leaves 17 pairs, and 4 to 7 of the least, 12 pairs.
Three is the cube root of the usual number of months (Künsch 1989).

Ranks and their sums are whole numbers up to the last division, which doubles hold exactly, and the draws are the raw numbers of a generator whose stream is
fixed for good, so that equal data give equal bytes on every machine.

Not here: scores (`transforms.scoring`), and how a map is drawn (reports).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from transforms.strategy_tables import Row, insert_rows

SQL = Path(__file__).with_name("sql") / "evidence"
LAGS = range(7)
"""Lags that are always looked at, in months; the declared one besides."""
LEAST_MONTHS = 24
"""Months in which both KPIs have a value; with fewer nothing is said of the link at any lag."""
LEAST_PAIRS = 12
"""Pairs of changes; with fewer, left by gaps or a long lag, nothing is said of the lag: the interval would be too narrow."""
RESAMPLES = 2000
BLOCK = 3
"""Neighbouring pairs that are drawn together."""
PARTS = 10
"""Resamples are worked through in so many parts, each small enough for the processor's cache."""
TAIL = RESAMPLES // 40
"""Resamples beyond each end of the 95 % interval."""
DIGITS = 12
"""Changes that differ only beyond these digits of the series' size are ties: arithmetic on doubles made the difference."""

Doubles = NDArray[np.float64]
Series = Mapping[int, float]
"""Levels by month, counted in months."""


@dataclass(frozen=True)
class Association:
    """How two KPIs' changes go together at one lag: pairs, Spearman's correlation, its 95 % interval, and the verdict.

    The verdict is `supported`, `not_supported` or `not_enough_data`.
    """

    pair_count: int
    correlation: float | None = None
    interval_low: float | None = None
    interval_high: float | None = None
    evidence: str = "not_enough_data"


@dataclass(frozen=True)
class LinkedKpis:
    """A link of the strategy map and the KPIs that stand for it."""

    cause_objective_id: str
    effect_objective_id: str
    lag_months: int
    cause_kpi_id: str | None
    effect_kpi_id: str | None

    def lags(self) -> list[int]:
        """Give the lags that are looked at."""
        return sorted({*LAGS, self.lag_months})

    def seed(self, lag: int) -> int:
        """Give the seed of one lag's draws: the link's own, whatever other links there are."""
        name = f"{self.cause_objective_id} {self.effect_objective_id} {lag}"
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])


def add_evidence(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `scorecard.link_evidence`, and the KPIs and verdict of `scorecard.strategy_link`, on a connection that has just scored."""
    levels = _levels(connection)
    links: list[Row] = []
    rows: list[Row] = []
    for link in _linked(connection):
        cause = levels.get(link.cause_kpi_id or "", {})
        effect = levels.get(link.effect_kpi_id or "", {})
        found = {lag: associate(cause, effect, lag=lag, seed=link.seed(lag)) for lag in link.lags()}
        rows += _evidence_rows(link, found)
        links.append({**vars(link), "evidence": found[link.lag_months].evidence})
    insert_rows(connection, "scorecard.link_evidence", rows)
    _complete_links(connection, links)


def associate(cause: Series, effect: Series, *, lag: int, seed: int) -> Association:
    """Hold each month's change of the cause against the effect's change `lag` months later.

    Whether there are data enough is asked of the months that both have, not of the pairs that a lag leaves of them.
    """
    earlier, later = _changes(cause), _changes(effect)
    months = [month for month in sorted(earlier) if month + lag in later]
    if len(cause.keys() & effect.keys()) < LEAST_MONTHS or len(months) < LEAST_PAIRS:
        return Association(len(months))
    x = np.array([earlier[month] for month in months])
    y = np.array([later[month + lag] for month in months])
    observed = _spearman(x, y, np.ones((1, len(months))))[0]
    if np.isnan(observed):
        return Association(len(months), evidence="not_supported")
    parts = [_spearman(x, y, times) for times in _draws(len(months), seed)]
    drawn = np.sort(np.nan_to_num(np.concatenate(parts)))
    low, high = float(drawn[TAIL]), float(drawn[-TAIL - 1])
    evidence = "supported" if low > 0 else "not_supported"
    return Association(len(months), float(observed), low, high, evidence)


def _changes(levels: Series) -> dict[int, float]:
    """Give month-over-month changes, in shares of the greatest level, by the later month."""
    size = max((abs(level) for level in levels.values()), default=0.0) or 1.0
    return {
        month: round((level - levels[month - 1]) / size, DIGITS)
        for month, level in levels.items()
        if month - 1 in levels
    }


def _draws(count: int, seed: int) -> Iterator[Doubles]:
    """Draw blocks of neighbouring pairs, the last pair's neighbour being the first; yield how often each pair was drawn."""
    blocks = -(-count // BLOCK)
    raw = np.random.PCG64(seed).random_raw(RESAMPLES * blocks) % np.uint64(count)
    width = count + BLOCK
    for starts in np.array_split(raw.astype(np.int64).reshape(RESAMPLES, blocks, 1), PARTS):
        drawn = (starts + np.arange(BLOCK)).reshape(len(starts), -1)[:, :count]
        place = (drawn + width * np.arange(len(starts))[:, None]).ravel()
        times = np.bincount(place, minlength=len(starts) * width).reshape(-1, width)
        times[:, :BLOCK] += times[:, count:]
        yield times[:, :count].astype(np.float64)


def _spearman(x: Doubles, y: Doubles, times: Doubles) -> Doubles:
    """Give Spearman's correlation for each row of how often each pair counts; nan where one side of it is all equal."""
    a, b = _ranks(x, times), _ranks(y, times)
    weighed = a * times
    product = np.einsum("ij,ij->i", weighed, b)
    size = np.einsum("ij,ij->i", weighed, a) * np.einsum("ij,ij->i", b * times, b)
    correlation: Doubles = np.full(len(times), np.nan)
    np.divide(product, np.sqrt(size), out=correlation, where=size > 0)
    return correlation


def _ranks(values: Doubles, times: Doubles) -> Doubles:
    """Give twice each pair's rank among those that count, from the mean rank; equal values share theirs."""
    order = np.argsort(values, kind="stable")
    is_new = np.diff(values[order], prepend=-np.inf) > 0
    counts = times[:, order]
    if not is_new.all():
        counts = np.add.reduceat(counts, np.flatnonzero(is_new), axis=1)
    ranks = 2 * np.cumsum(counts, axis=1) - counts - times.sum(axis=1, keepdims=True)
    kind = np.empty(len(order), dtype=np.int64)
    kind[order] = np.cumsum(is_new) - 1
    each: Doubles = ranks[:, kind]
    return each


def _linked(connection: duckdb.DuckDBPyConnection) -> list[LinkedKpis]:
    return [LinkedKpis(*row) for row in connection.execute(_text("linked_kpi")).fetchall()]


def _levels(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[int, float]]:
    levels: dict[str, dict[int, float]] = {}
    for kpi, month, level in connection.execute(_text("organisation_month")).fetchall():
        levels.setdefault(kpi, {})[month] = level
    return levels


def _evidence_rows(link: LinkedKpis, found: Mapping[int, Association]) -> Iterator[Row]:
    for lag, association in found.items():
        yield {
            "cause_objective_id": link.cause_objective_id,
            "effect_objective_id": link.effect_objective_id,
            "lag_months": lag,
            "is_declared": lag == link.lag_months,
            "pair_count": association.pair_count,
            "correlation": association.correlation,
            "interval_low": association.interval_low,
            "interval_high": association.interval_high,
        }


def _complete_links(connection: duckdb.DuckDBPyConnection, links: Sequence[Row]) -> None:
    for link in links:
        connection.execute(
            "update scorecard.strategy_link set cause_kpi_id = $cause_kpi_id, "
            "effect_kpi_id = $effect_kpi_id, evidence = $evidence "
            "where cause_objective_id = $cause_objective_id "
            "and effect_objective_id = $effect_objective_id and lag_months = $lag_months",
            link,
        )


@cache
def _text(step: str) -> str:
    return (SQL / f"{step}.sql").read_text("utf-8")
