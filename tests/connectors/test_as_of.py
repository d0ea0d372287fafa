from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from connectors.as_of import data_as_of
from scorecard.sources import DataAsOf

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
