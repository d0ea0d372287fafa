"""Rows of the roastery's own records: roasts, deliveries, stock, machines, projects, and the market it sells to.

Not here: Parquet and CSV (`files`).
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from examples.roastery.generator import stories
from examples.roastery.generator.organisation import (
    FIRST_DAY,
    PLACES,
    REGIONS,
    SHOPS,
    WHOLESALE,
    Month,
    Place,
    chance,
    closed_months,
    months,
    season,
    years_since_start,
)

Row = dict[str, Any]
ROASTER_OF = {"north": "R1", "east": "R2", "south": "R3", "west": "R1", "online": "R2"}
ROASTERS = ("R1", "R2", "R3")


def units() -> list[Row]:
    """One row per place: the codes that the systems share, and the unit of the scorecard that each stands for."""
    return [
        {
            "unit_code": place.code,
            "unit_id": place.unit_id,
            "region": place.region,
            "channel": place.channel,
        }
        for place in PLACES
    ]


def roast_batches(seed: int, *, until: date) -> dict[Month, list[Row]]:
    """One row per batch, by month of its start: what went in and came out, and the bags that failed the check."""
    draw = chance(seed, "roasts")
    number = 0
    by_month: dict[Month, list[Row]] = {}
    for month in months(until=until):
        rows = []
        for day in (day for day in month.working_days() if day < until):
            for region in (*REGIONS, "online"):
                for _ in range(_batches(draw, day)):
                    number += 1
                    rows.append(_batch(draw, region, day, number=number))
        by_month[month] = rows
    return by_month


def _batches(draw: Random, day: date) -> int:
    return int(2.1 * season(day) * 1.03 ** years_since_start(day) + draw.random())


def _batch(draw: Random, region: str, day: date, *, number: int) -> Row:
    started = datetime.combine(day, time(draw.randint(6, 15), draw.randrange(60)))
    weight_in = round(draw.gauss(118, 6), 1)
    bags = int(weight_in * 0.84 * 2)
    rate = stories.defect_rate(region, day) * (0.955 ** years_since_start(day))
    is_hot = rate > 2 * stories.USUAL_DEFECT_RATE
    loss = draw.gauss(0.158, 0.008) + (0.021 if is_hot else 0.0)
    expected = bags * rate
    return {
        "batch_no": f"B{number:06d}",
        "roaster": ROASTER_OF[region],
        "unit_id": region,
        "started_at": started,
        "ended_at": started + timedelta(minutes=round(draw.gauss(14.5, 1.2))),
        "weight_in_kg": weight_in,
        "weight_out_kg": round(weight_in * (1 - loss), 1),
        "bags_packed_count": bags,
        "bags_defective_count": min(max(round(draw.gauss(expected, expected**0.5)), 0), bags),
    }


SHIP_SHARE = {"own_van": 0.5, "pallet": 0.3, "parcel": 0.2}
PROMISED_DAYS = {"own_van": 2, "pallet": 4, "parcel": 3}
LATE_SHARE = {"own_van": 0.045, "pallet": 0.105, "parcel": 0.08}


def deliveries(seed: int, *, until: date) -> list[Row]:
    """One row per delivery from the roastery to a shop or a region's wholesale customers."""
    draw = chance(seed, "deliveries")
    rows = [
        _delivery(draw, place, day)
        for month in months(until=until)
        for day in month.working_days()
        if day < until
        for place in (*SHOPS, *WHOLESALE)
        for _ in range(_trips(draw, place))
    ]
    return [{"delivery_no": f"D{number:06d}", **row} for number, row in enumerate(rows, start=1)]


def _trips(draw: Random, place: Place) -> int:
    wanted = 0.36 if place.channel == "shop" else 1.35
    return int(wanted * place.size + draw.random())


def _delivery(draw: Random, place: Place, day: date) -> Row:
    method = draw.choices(tuple(SHIP_SHARE), tuple(SHIP_SHARE.values()))[0]
    promised = day + timedelta(days=PROMISED_DAYS[method])
    crowded = 2.0 if day.month == 12 else 1.0  # noqa: PLR2004 December
    is_late = draw.random() < LATE_SHARE[method] * crowded * 0.93 ** years_since_start(day)
    slip = draw.randint(1, 4) if is_late else -int(draw.random() < 0.3)  # noqa: PLR2004 a share
    delivered = promised + timedelta(days=slip)
    return {
        "unit_code": place.code,
        "ship_method": method,
        "ordered_on": day,
        "promised_on": promised,
        "delivered_on": delivered,
        "weight_kg": round(
            draw.gauss(60, 15) if place.channel == "shop" else draw.gauss(140, 40), 1
        ),
    }


ORIGINS = {"Brazil": 15200, "Colombia": 9800, "Ethiopia": 7400, "Guatemala": 4300, "India": 3100}
PRICE_PER_KG = {"Brazil": 5.2, "Colombia": 6.4, "Ethiopia": 7.3, "Guatemala": 7.0, "India": 5.0}


def stock_counts(seed: int, *, until: date) -> list[Row]:
    """One row per origin and Sunday: green coffee in the store, at what it cost."""
    draw = chance(seed, "stock")
    return [_count(draw, origin, sunday) for sunday in _sundays(until=until) for origin in ORIGINS]


def _count(draw: Random, origin: str, sunday: date) -> Row:
    shape = 2.0 - season(sunday)
    lean = 0.95 ** years_since_start(sunday)
    weight = round(ORIGINS[origin] * shape * lean * draw.gauss(1.0, 0.06))
    price = PRICE_PER_KG[origin] * stories.green_coffee_index(sunday)
    return {
        "counted_on": sunday,
        "origin": origin,
        "weight_kg": weight,
        "value_amount": f"{weight * price:.2f}",
    }


def machine_downtime(seed: int, *, until: date) -> list[Row]:
    """One row per roaster and week: hours planned and hours lost. R3 stands still while its burner is changed."""
    draw = chance(seed, "downtime")
    return [
        {
            "week_ending": sunday,
            "roaster": roaster,
            "planned_hours": 50,
            "downtime_hours": f"{_lost(draw, roaster, sunday):.2f}",
        }
        for sunday in _sundays(until=until)
        for roaster in ROASTERS
    ]


def _lost(draw: Random, roaster: str, sunday: date) -> float:
    is_repair = roaster == stories.INCIDENT_ROASTER and (
        stories.INCIDENT_LAST_DAY < sunday <= stories.INCIDENT_LAST_DAY + timedelta(days=14)
    )
    return 31.0 if is_repair else min(draw.expovariate(1 / 1.9), 20.0)


def _sundays(*, until: date) -> Iterator[date]:
    sunday = FIRST_DAY + timedelta(days=(6 - FIRST_DAY.weekday()) % 7)
    while sunday < until:
        yield sunday
        sunday += timedelta(days=7)


MARKET_PER_MONTH = {
    "north": 1_900_000,
    "east": 2_150_000,
    "south": 2_900_000,
    "west": 2_450_000,
    "online": 1_450_000,
}


def market_benchmark(seed: int, *, until: date) -> list[Row]:
    """One row per region and month: sales of speciality coffee as the trade association estimates them."""
    draw = chance(seed, "market")
    return [
        {
            "month_end_date": month.last_day,
            "unit_id": region,
            "market_amount": round(
                usual
                * season(month.first_day) ** 0.9
                * (1.041 if region != "online" else 1.06) ** (month.index / 12)
                * draw.gauss(1, 0.012),
                -3,
            ),
        }
        for month in closed_months(until=until)
        for region, usual in MARKET_PER_MONTH.items()
    ]


COFFEES = (
    "Heron",
    "Merlin",
    "Plover",
    "Siskin",
    "Curlew",
    "Wren",
    "Osprey",
    "Dunlin",
    "Lapwing",
    "Swift",
)


def innovation_projects(seed: int, *, until: date) -> list[Row]:
    """One row per new coffee; one or two are launched each month, the youngest are still in the research kitchen."""
    draw = chance(seed, "innovation")
    rows = [
        _project(draw, month)
        for month in _with_next(months(until=until))
        for _ in range(draw.choice((1, 1, 2)))
    ]
    found = sorted(rows, key=lambda row: (row["started_on"], row["launched_on"]))
    return [
        {
            "project_no": f"P{number:03d}",
            "coffee": f"{COFFEES[number % 10]} {number // 10 + 1}",
            **row,
        }
        for number, row in enumerate(found, start=1)
    ]


def _with_next(found: Iterator[Month]) -> Iterator[Month]:
    """Go on for half a year: projects that are not yet launched."""
    *earlier, last = found
    yield from (*earlier, last)
    for number in range(last.month, last.month + 6):
        yield Month(last.year + number // 12, number % 12 + 1)


def _project(draw: Random, month: Month) -> Row:
    launched = draw.choice(month.working_days())
    took = round(draw.gauss(168 * 0.93 ** years_since_start(launched), 21))
    return {
        "started_on": launched - timedelta(days=took),
        "launched_on": launched,
    }
