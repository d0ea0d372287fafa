"""Data-as-of: up to which day a load's rows are complete, by the way that the table or its source declares.

Not here: whether that day is too long ago (pipelines).
"""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from connectors.errors import SourceBroken
from scorecard.load import LoadManifest
from scorecard.sources import DataAsOf, ThroughPeriod
from scorecard.terms import MONTHS


def data_as_of(
    declared: DataAsOf,
    rows: pa.Table,
    *,
    place: str,
    now: datetime,
    zone: ZoneInfo,
    today: date | None,
    since: LoadManifest | None,
    newest_file: datetime | None,
) -> date:
    """Find the day. `since` is the load that an increment builds on; None for snapshots.

    No load is complete beyond the day before it was made: the day itself goes on, and days after it (a typing error, a
    plan) have not been. `today` is the business date where the workspace fixes one before the present.
    """
    made = now.astimezone(zone).date()
    last = min(made, today or made) - timedelta(days=1)
    if declared.kind == "extracted":
        return last
    if isinstance(declared, ThroughPeriod):
        return min(_newest_period_end(declared, rows, last), last)
    if declared.kind == "file_modified":
        return min(_file_day(newest_file, zone, place), last)
    days = [
        day
        for day in (
            _greatest_day(declared, rows, zone=zone, place=place),
            since and since.data_as_of,
        )
        if day
    ]
    if not days:
        raise SourceBroken(
            f"{place}: no row has a value in {declared.column}, which is to tell how far the data reach.",
            "declare another column in `data_as_of`, or `kind: extracted`.",
        )
    return min(max(days), last)


def _newest_period_end(declared: ThroughPeriod, rows: pa.Table, last: date) -> date:
    """Give the last day of the newest period with a row. Without any row the table is complete as it is: empty.

    Rows whose period cannot be read are left to the contract, which refuses them. Rows of a time to come, a mistyped year or
    a plan, do not say that what lies before them is complete.
    """
    texts = rows.column(declared.column).drop_null().unique().to_pylist()
    found = [(int(match[1]), int(match[2])) for text in texts if (match := _MONTH.match(text))]
    months = [month for month in found if _first_day(*month) <= last]
    if not months:
        return last
    year, month = max(months)
    length = MONTHS[declared.frequency]
    past = (month - declared.fiscal_year_start_month) % 12 % length
    return _first_day(year, month - past + length) - timedelta(days=1)


_MONTH = re.compile(r"\s*([1-9]\d{3})-(0[1-9]|1[0-2])")


def _first_day(year: int, month: int) -> date:
    """Give the first day of a month, counted on beyond December."""
    years, months = divmod(month - 1, 12)
    return date(min(year + years, date.max.year), months + 1, 1)


def _file_day(modified: datetime | None, zone: ZoneInfo, place: str) -> date:
    if modified is None:
        raise SourceBroken(
            f"{place}: `data_as_of: {{kind: file_modified}}`, but the table is not read from files.",
            "use `extracted`, or `column` with the name of a date column.",
        )
    return modified.astimezone(zone).date()


def _greatest_day(declared: DataAsOf, rows: pa.Table, *, zone: ZoneInfo, place: str) -> date | None:
    if declared.column is None or declared.column not in rows.column_names:
        raise SourceBroken(
            f"{place}: `data_as_of` names the column {declared.column}, which is not among {', '.join(rows.column_names)}.",
            "name a date column of the table as it lands, in lower case with underscores.",
        )
    greatest = pc.max(_moments(rows.column(declared.column), place, declared.column)).as_py()
    if isinstance(greatest, datetime):
        return (greatest.astimezone(zone) if greatest.tzinfo else greatest).date()
    return greatest if isinstance(greatest, date) else None


def _moments(values: pa.ChunkedArray, place: str, column: str) -> pa.ChunkedArray:
    """Give a column as days or moments; text is read as ISO 8601."""
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        return values
    try:
        moments = [
            datetime.fromisoformat(str(value)) for value in values.unique().drop_null().to_pylist()
        ]
    except ValueError:
        raise SourceBroken(
            f"{place}: {column}, which is to tell how far the data reach, does not hold dates in ISO form.",
            "declare the column as a date, or name another in `data_as_of`.",
        ) from None
    zoned = [moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in moments]
    if any(moment.tzinfo for moment in moments):
        return pa.array(zoned, pa.timestamp("us", tz="UTC"))
    return pa.array(moments, pa.timestamp("us"))
