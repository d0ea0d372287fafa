"""Rows of the finance database: sales, costs, cash, capital and budgets.

Rows carry `updated_at`: what was not yet posted at a moment is left out when the data are asked for as of that moment.

Not here: the database (`files`).
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from examples.roastery.generator import stories
from examples.roastery.generator.organisation import (
    DEPARTMENTS,
    PLACES,
    WEEK_SHAPE,
    Department,
    Month,
    Place,
    chance,
    closed_months,
    days,
    season,
    years_since_start,
)

Row = dict[str, Any]
CLOSING_DAY = 3
"""Costs of a month are posted on this day of the next."""


class Group(NamedTuple):
    """A product group: its share of a channel's revenue, and its cost of goods per EUR at the first prices."""

    name: str
    share: float
    cost_ratio: float
    coffee_share: float
    """Share of its cost that follows the price of green coffee."""


GROUPS = {
    "shop": (
        Group("drinks", 0.47, 0.24, 0.35),
        Group("beans", 0.27, 0.50, 0.70),
        Group("food", 0.19, 0.45, 0.0),
        Group("equipment", 0.07, 0.62, 0.0),
    ),
    "online": (Group("beans", 0.78, 0.50, 0.70), Group("equipment", 0.22, 0.62, 0.0)),
    "wholesale": (Group("beans", 0.92, 0.56, 0.75), Group("equipment", 0.08, 0.66, 0.0)),
}
DAILY_REVENUE = {"shop": 1900.0, "online": 5600.0, "wholesale": 4400.0}
GROWTH = {"shop": 0.026, "online": 0.085, "wholesale": 0.034}
BASKET = {"shop": 7.40, "online": 46.0, "wholesale": 395.0}
NOISE = {"shop": 0.07, "online": 0.10, "wholesale": 0.16}


def cents(value: float) -> Decimal:
    """Give an amount of money."""
    return Decimal(round(value * 100)).scaleb(-2)


def sales_ledger(seed: int, *, until: date) -> list[Row]:
    """One row per place, day and product group; the day's till or shop system posts it in the night after."""
    draw = chance(seed, "sales")
    rows = [
        row
        for day in days(until=until)
        for place in PLACES
        for row in _day_of_sales(draw, place, day)
    ]
    rows += _late_credit_notes()
    rows.sort(key=lambda row: row["updated_at"])
    return [{"entry_no": number, **row} for number, row in enumerate(rows, start=1)]


def _day_of_sales(draw: Random, place: Place, day: date) -> Iterator[Row]:
    weekday = day.weekday()
    if place.channel == "wholesale" and weekday > 4:  # noqa: PLR2004 Friday is 4
        return
    shape = WEEK_SHAPE[weekday] if place.channel == "shop" else 1.0
    volume = (
        DAILY_REVENUE[place.channel]
        * place.size
        * shape
        * season(day)
        * (1 + GROWTH[place.channel]) ** years_since_start(day)
        * stories.revenue_factor(place.region, day)
    )
    for group in GROUPS[place.channel]:
        yield _sale(draw, place, day, group=group, volume=volume * group.share)


def _sale(draw: Random, place: Place, day: date, *, group: Group, volume: float) -> Row:
    """`volume` is revenue at the first prices; receipts and cost of goods follow it, not the price rise."""
    volume *= max(draw.gauss(1.0, NOISE[place.channel]), 0.3)
    coffee = 1 + group.coffee_share * (stories.green_coffee_index(day) - 1)
    revenue = volume * stories.price_factor(place.channel, day)
    return {
        "posting_date": day,
        "unit_code": place.code,
        "channel": place.channel,
        "product_group": group.name,
        "receipts_count": max(round(volume / BASKET[place.channel]), 1),
        "net_amount": cents(revenue),
        "cost_of_goods_amount": cents(volume * group.cost_ratio * coffee),
        "new_product_amount": cents(revenue * _new_product_share(draw, group, day)),
        "document": "sale",
        "updated_at": _at(day + timedelta(days=1), time(2, 15)),
    }


def _new_product_share(draw: Random, group: Group, day: date) -> float:
    """Coffees launched within twelve months: a growing share of beans since the research kitchen opened in 2024."""
    if group.name != "beans":
        return 0.0
    return max(0.11 + 0.022 * years_since_start(day) + draw.gauss(0, 0.015), 0.0)


def _late_credit_notes() -> Iterator[Row]:
    """Credit notes to wholesale customers in South for roasts that they had sent back."""
    for month, amount in zip(stories.LATE_POSTING_MONTHS, (-6840.0, -4125.5), strict=True):
        yield {
            "posting_date": month.last_day,
            "unit_code": "W-S",
            "channel": "wholesale",
            "product_group": "beans",
            "receipts_count": 0,
            "net_amount": cents(amount),
            "cost_of_goods_amount": cents(0),
            "new_product_amount": cents(0),
            "document": "credit_note",
            "updated_at": _at(stories.LATE_POSTED_ON, time(16, 40)),
        }


def cost_entries(seed: int, *, until: date) -> list[Row]:
    """One row per department, kind of cost and month, and the invoices that came late."""
    draw = chance(seed, "costs")
    rows = [
        _cost(draw, department, kind, month=month)
        for month in closed_months(until=until)
        for department in DEPARTMENTS
        for kind in department.monthly_costs
    ]
    rows += _late_invoices()
    rows.sort(key=lambda row: row["updated_at"])
    return [{"entry_no": number, **row} for number, row in enumerate(rows, start=1)]


def _cost(draw: Random, department: Department, kind: str, *, month: Month) -> Row:
    usual = department.monthly_costs[kind]
    inflation = 1.024 ** (month.index / 12)
    volume = season(month.first_day) if kind in {"energy", "freight", "packaging"} else 1.0
    amount = usual * inflation * volume * _course(department, kind, month) * draw.gauss(1, 0.025)
    return _cost_row(department, kind, month, amount=amount, posted=_closing(month))


def _course(department: Department, kind: str, month: Month) -> float:
    """Give what was done about a cost: less gas since the heat recovery of 2025, more research, more training."""
    years = month.index / 12
    if kind == "energy":
        return 0.88 if month.index >= Month(2025, 5).index else 1.0
    if kind == "maintenance":
        return 2.2 if month == Month(2026, 4) else 1.0
    if department.unit_id == "research":
        return 1.0 + 0.06 * years
    if kind == "training":
        return 1.6 if month.index >= Month(2026, 1).index else 1.0
    return 1.0 + 0.004 * years


def _late_invoices() -> list[Row]:
    late = (("roasting", "energy", 7420.0), ("packing", "freight", 5310.0))
    by_unit = {department.unit_id: department for department in DEPARTMENTS}
    posted = _at(stories.LATE_POSTED_ON, time(16, 40))
    return [
        _cost_row(by_unit[unit], kind, month, amount=amount * factor, posted=posted)
        for month, factor in zip(stories.LATE_POSTING_MONTHS, (1.0, 0.8), strict=True)
        for unit, kind, amount in late
    ]


def _cost_row(
    department: Department, kind: str, month: Month, *, amount: float, posted: datetime
) -> Row:
    return {
        "posting_date": month.last_day,
        "cost_centre": department.cost_centre,
        "cost_kind": kind,
        "amount": cents(amount),
        "updated_at": posted,
    }


def budgets(seed: int, *, until: date) -> list[Row]:
    """One row per department and month of each calendar year with data: last year's course plus what was agreed."""
    draw = chance(seed, "budgets")
    wiggle = {
        (department.unit_id, year): draw.gauss(1.0, 0.012)
        for year in range(2023, until.year + 1)
        for department in DEPARTMENTS
    }
    return [
        {
            "month_end_date": month.last_day,
            "cost_centre": department.cost_centre,
            "amount": cents(_agreed(department, month) * wiggle[department.unit_id, month.year]),
        }
        for month in _budget_months(until)
        for department in DEPARTMENTS
    ]


def _agreed(department: Department, month: Month) -> float:
    """Give what the budget round expects: a little less inflation than comes, and the changes known by then."""
    known_by = Month(month.year, 1)
    inflation: float = 1.021 ** (month.index / 12)
    return sum(
        usual * inflation * _course(department, kind, known_by)
        for kind, usual in department.monthly_costs.items()
    )


def _budget_months(until: date) -> list[Month]:
    return closed_months(until=date(until.year + 1, 1, 1))


def cash_postings(sales: list[Row], costs: list[Row], *, seed: int) -> list[Row]:
    """Cash that came and went: customers weekly, suppliers and staff monthly, tax quarterly, machines when bought."""
    draw = chance(seed, "cash")
    rows = [*_receipts(draw, sales), *_payments(draw, sales, costs), *_machines()]
    rows.sort(key=lambda row: (row["value_date"], row["flow"], row["purpose"]))
    return [
        {"posting_no": number, **row, "updated_at": _at(row["value_date"], time(18, 5))}
        for number, row in enumerate(rows, start=1)
    ]


def _receipts(draw: Random, sales: list[Row]) -> Iterator[Row]:
    """Yield takings in the same week, and wholesale customers' payments in the middle of the next month."""
    takings: dict[date, float] = {}
    invoiced = _by_month([row for row in sales if row["channel"] == "wholesale"], "net_amount")
    for row in sales:
        if row["channel"] != "wholesale":
            day = _pay_day(row["posting_date"])
            takings[day] = takings.get(day, 0.0) + float(row["net_amount"])
    for day, amount in sorted(takings.items()):
        yield _cash(day, "operating", "shops and online shop", amount)
    before = next(iter(invoiced.values()))  # the month before the first was much like it
    for month, amount in invoiced.items():
        middle = month.first_day + timedelta(days=14)
        yield _cash(middle, "operating", "wholesale customers", before * draw.gauss(1.0, 0.04))
        before = amount


def _pay_day(day: date) -> date:
    """Give the Friday of the week, or the month's last day if that comes first."""
    friday = day + timedelta(days=(4 - day.weekday()) % 7)
    return min(friday, stories.month_of(day).last_day)


def _payments(draw: Random, sales: list[Row], costs: list[Row]) -> Iterator[Row]:
    goods = _by_month(sales, "cost_of_goods_amount")
    spent = _by_month(costs, "amount")
    for month, amount in goods.items():
        day = month.working_days()[-1]
        yield _cash(day, "operating", "coffee and goods", -amount * draw.gauss(1.01, 0.05))
        if month in spent:
            yield _cash(day, "operating", "staff and running costs", -spent[month])
        if day.month % 3 == 0:
            yield _cash(day, "operating", "tax", -draw.gauss(84000, 5000))


def _by_month(rows: list[Row], column: str) -> dict[Month, float]:
    found: dict[Month, float] = {}
    for row in sorted(rows, key=lambda row: row["posting_date"]):
        month = stories.month_of(row["posting_date"])
        found[month] = found.get(month, 0.0) + float(row[column])
    return found


def _machines() -> Iterator[Row]:
    yield _cash(date(2024, 3, 20), "investing", "packing line", -212000)
    yield _cash(date(2025, 4, 16), "investing", "heat recovery", -168000)
    yield _cash(date(2025, 11, 19), "investing", "roaster R4", -385000)
    yield _cash(date(2025, 11, 21), "financing", "bank loan", 300000)
    yield _cash(date(2026, 5, 20), "investing", "burner of roaster R3", -74000)


def _cash(day: date, flow: str, purpose: str, amount: float) -> Row:
    return {"value_date": day, "flow": flow, "purpose": purpose, "amount": cents(amount)}


def capital_balances(seed: int, *, until: date) -> list[Row]:
    """One row per month's end and item of the capital employed."""
    draw = chance(seed, "capital")
    rows = []
    for month in closed_months(until=until):
        fixed = (
            4_350_000
            - 24_000 * month.index
            + sum(
                -float(row["amount"])
                for row in _machines()
                if row["flow"] == "investing" and row["value_date"] <= month.last_day
            )
        )
        shape = season(month.first_day)
        items = {
            "fixed assets": fixed,
            "inventory": 760_000 * shape * stories.green_coffee_index(month.first_day) * draw.gauss(1, 0.03),
            "receivables": 520_000 * shape * draw.gauss(1, 0.03),
            "payables": -640_000 * shape * draw.gauss(1, 0.03),
        }  # fmt: skip
        rows += [
            {"month_end_date": month.last_day, "item": item, "amount": cents(amount)}
            for item, amount in items.items()
        ]
    return rows


def _closing(month: Month) -> datetime:
    return _at(month.last_day + timedelta(days=CLOSING_DAY), time(17, 30))


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment)
