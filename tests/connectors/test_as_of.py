from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from connectors.as_of import data_as_of
from scorecard.sources import DataAsOf, ThroughPeriod
from scorecard.terms import Grain

NIGHT = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
"""In Berlin it is the first of November already."""
ROWS = pa.table({"day": [date(2026, 10, 20), date(2026, 10, 31), None]})


@pytest.mark.parametrize(
    ("declared", "zone", "today", "day"),
    [
        (DataAsOf(), "UTC", None, date(2026, 10, 30)),
        (DataAsOf(), "Europe/Berlin", None, date(2026, 10, 31)),
        (DataAsOf(), "UTC", date(2026, 10, 5), date(2026, 10, 4)),
        (DataAsOf(), "UTC", date(2030, 1, 1), date(2026, 10, 30)),
        (DataAsOf(kind="column", column="day"), "UTC", None, date(2026, 10, 30)),
        (DataAsOf(kind="column", column="day"), "Europe/Berlin", None, date(2026, 10, 31)),
        (DataAsOf(kind="column", column="day"), "UTC", date(2026, 10, 5), date(2026, 10, 4)),
    ],
)
def test_no_load_is_complete_beyond_the_day_before_it_was_made(
    declared: DataAsOf, zone: str, today: date | None, day: date
) -> None:
    """A load of 15:00 on the 31st once made October look complete, when the source was down the night after."""
    given: dict[str, Any] = {"since": None, "newest_file": None}
    found = data_as_of(
        declared, ROWS, place="s.t", now=NIGHT, zone=ZoneInfo(zone), today=today, **given
    )
    assert found == day


@pytest.mark.parametrize(
    ("frequency", "starts", "periods", "expected"),
    [
        ("month", 1, ["2026-05", "2026-04-30", None], date(2026, 5, 31)),
        ("quarter", 1, ["2026-05"], date(2026, 6, 30)),
        ("quarter", 2, ["2026-05-02"], date(2026, 7, 31)),
        ("half", 4, ["2026-03-01 00:00:00"], date(2026, 3, 31)),
        ("year", 1, ["2025-02", "2024-12"], date(2025, 12, 31)),
        ("year", 1, ["2026-01"], date(2026, 8, 14)),
        ("month", 1, ["2062-01"], date(2026, 8, 14)),
        ("month", 1, ["9999-12"], date(2026, 8, 14)),
        ("month", 1, [], date(2026, 8, 14)),
        ("month", 1, ["2026-05", "soon"], date(2026, 5, 31)),
    ],
)
def test_a_reading_entered_for_a_period_reaches_to_its_end_and_never_beyond_yesterday(
    frequency: Grain, starts: int, periods: list[str | None], expected: date
) -> None:
    declared = ThroughPeriod(
        kind="column", column="period", frequency=frequency, fiscal_year_start_month=starts
    )
    assert (
        data_as_of(
            declared,
            pa.table({"period": pa.array(periods, pa.string())}),
            place="manual.mood",
            now=datetime(2026, 8, 15, 3, tzinfo=UTC),
            zone=ZoneInfo("Europe/Berlin"),
            today=None,
            since=None,
            newest_file=None,
        )
        == expected
    )
