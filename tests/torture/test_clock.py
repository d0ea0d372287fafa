"""Nights when clocks change, on a leap day, at the end of a year, and for other dates than the present."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from pipelines import runs
from pipelines.night import Order, begin_context
from pipelines.runs import RunRecord
from scorecard.workspace import read_workspace
from tests.pipelines.conftest import SALES, Tiny
from tests.torture.daemon import daemon
from tests.torture.told import is_long, tell
from transforms.build import headline


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def begun(tiny: Tiny, now: str, **asked: Any) -> tuple[date, bool]:
    """Give the business date of a run that begins now, and whether it publishes."""
    context = begin_context(
        read_workspace(tiny.workspace), tiny.state, Order(**asked), environment={}, now=at(now)
    )
    return context.as_of, context.publishes


@pytest.fixture
def living(tiny: Tiny) -> Tiny:
    """Give the organisation without a fixed business date: in Berlin, by the clock."""
    company = (tiny.workspace / "company.yaml").read_text("utf-8")
    tiny.write("company.yaml", company.replace("today: 2026-04-05\n", ""))
    return tiny


@pytest.mark.parametrize(
    ("now", "as_of", "month"),
    [
        # the hour from 2 to 3 is left out on 29 March 2026, and comes twice on 25 October
        ("2026-03-28T22:59", "2026-03-28", "2026-02-01"),
        ("2026-03-28T23:30", "2026-03-29", "2026-02-01"),
        ("2026-03-29T01:30", "2026-03-29", "2026-02-01"),
        ("2026-03-31T21:59", "2026-03-31", "2026-02-01"),
        ("2026-03-31T22:00", "2026-04-01", "2026-03-01"),
        ("2026-10-25T00:30", "2026-10-25", "2026-09-01"),
        ("2026-10-25T01:30", "2026-10-25", "2026-09-01"),
        ("2026-10-31T22:59", "2026-10-31", "2026-09-01"),
        ("2026-10-31T23:00", "2026-11-01", "2026-10-01"),
        # a leap day, and the day after
        ("2028-02-28T23:30", "2028-02-29", "2028-01-01"),
        ("2028-02-29T23:30", "2028-03-01", "2028-02-01"),
        ("2026-12-31T22:30", "2026-12-31", "2026-11-01"),
        ("2026-12-31T23:30", "2027-01-01", "2026-12-01"),
    ],
)
def test_the_business_date_is_the_organisations_own_day(
    living: Tiny, now: str, as_of: str, month: str
) -> None:
    day, publishes = begun(living, now)
    assert (day.isoformat(), publishes) == (as_of, True)
    assert headline(day).isoformat() == month


@pytest.mark.parametrize(
    ("asked", "publishes"),
    [
        ("2026-12-31", False),
        ("2027-01-01", True),
        ("2027-01-02", False),
        ("2028-02-29", False),
        ("2024-02-29", False),
    ],
)
def test_only_the_present_day_is_published_unasked(
    living: Tiny, asked: str, publishes: bool
) -> None:
    day = date.fromisoformat(asked)
    assert begun(living, "2026-12-31T23:30", as_of=day) == (day, publishes)
    assert begun(living, "2026-12-31T23:30", as_of=day, publish=True) == (day, True)


@pytest.mark.parametrize(
    ("schedule", "last", "now", "missed"),
    [
        ("0 3 * * *", "2028-02-28T03:00:05", "2028-03-01T12:00", ["2028-02-29", "2028-03-01"]),
        ("0 3 29 2 *", "2024-02-29T02:00:05", "2028-03-01T12:00", ["2028-02-29"]),
        ("0 3 * * *", "2026-12-31T02:00:05", "2027-01-01T12:00", ["2027-01-01"]),
        ("59 23 31 12 *", "2025-12-31T22:59:05", "2027-01-01T12:00", ["2026-12-31"]),
    ],
)
def test_missed_nights_are_told_over_leap_days_and_years(
    schedule: str, last: str, now: str, missed: list[str]
) -> None:
    record = RunRecord.model_validate(
        {
            "run_id": runs.new_run_id(at(last)),
            "kind": "nightly",
            "status": "published",
            "started_at": at(last),
            "pid": 1,
            "as_of": at(last).date(),
        }
    )
    found = runs.missed_nights([record], schedule=schedule, time_zone="Europe/Berlin", now=at(now))
    assert [night.isoformat() for night in found] == missed


@pytest.mark.skipif(not is_long(), reason="starts a server of Dagster: make torture")
def test_nights_missed_while_the_machine_was_off_are_caught_up_by_one(published: Tiny) -> None:
    """A night is for the present day: one for each that was missed would build the same release several times."""
    with daemon(published) as server:
        before = server.instance.get_runs_count()
        asked = []
        for moment in (
            "2026-11-20T12:00",  # the daemon starts
            "2026-11-21T02:00:10",  # its first night, at 3 in Berlin
            "2026-11-25T12:00",  # it was off for four nights
            "2026-11-25T12:01",
        ):
            server.turn_the_schedule(at(moment))
            asked.append(server.instance.get_runs_count() - before)
    assert asked == [0, 1, 2, 2]
    tell("clock", "off for four nights", "one run catches up")


@pytest.mark.skipif(not is_long(), reason="a whole night: make torture")
def test_what_is_sold_on_a_leap_day_counts_in_february(published: Tiny) -> None:
    published.write("shop/sale.csv", SALES + "7,south,2028-02-29,12.00\n")
    record = published.run(as_of=date(2028, 3, 1))
    found = published.query(
        "select actual from scorecard.kpi_value where kpi_id = 'revenue' and unit_id = 'acme' "
        "and grain = 'month' and period_start_date = date '2028-02-01'",
        release=record.run_id,
    )
    assert (record.status, found) == ("built", [(12.0,)])
    tell("clock", "leap day", "29 February counts in February")
