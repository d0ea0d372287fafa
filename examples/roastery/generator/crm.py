"""Rows of the CRM as its API gives them: nested JSON with names in camelCase, moments in UTC.

Not here: the API (`crm_server`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from examples.roastery.generator import stories
from examples.roastery.generator.names import person, wholesaler
from examples.roastery.generator.organisation import (
    FIRST_DAY,
    ONLINE,
    PLACES,
    SHOPS,
    WHOLESALE,
    Month,
    Place,
    chance,
    months,
    season,
    years_since_start,
)

Json = dict[str, Any]


@dataclass(frozen=True)
class Customer:
    """A customer and the time in which they buy; `left` is never, where they still do."""

    number: int
    place: Place
    since: date
    left: date

    @property
    def id(self) -> str:
        """The CRM's identifier."""
        return f"C-{self.number:05d}"


@dataclass(frozen=True)
class Kind:
    """A kind of customer: how many there were, come and leave per month and place."""

    places: tuple[Place, ...]
    at_start: int
    new_per_month: float
    churn_per_month: float
    orders_per_month: float


WHOLESALE_KIND = Kind(WHOLESALE, 27, 0.85, 0.011, 2.3)
CLUB_KIND = Kind((ONLINE,), 380, 24.0, 0.034, 0.65)
LOYALTY_KIND = Kind(SHOPS, 75, 7.2, 0.0, 0.0)
KINDS = (WHOLESALE_KIND, CLUB_KIND, LOYALTY_KIND)
NEVER = date(2099, 12, 31)

SHIP_METHODS = {"wholesale": ("own_van", "pallet"), "online": ("parcel", "express")}
SHIP_DAYS = {"own_van": 2.3, "pallet": 3.6, "parcel": 3.0, "express": 1.2}


def customers(seed: int, *, until: date) -> list[Customer]:
    """Give every customer, in the order in which they came."""
    draw = chance(seed, "customers")
    found = [
        Customer(0, place, since, _leaving(draw, place, kind, since=since, until=until))
        for kind in KINDS
        for place in kind.places
        for since in _arrivals(draw, kind, place, until=until)
    ]
    found.sort(key=lambda customer: (customer.since, customer.place.code))
    return [
        Customer(number, customer.place, customer.since, customer.left)
        for number, customer in enumerate(found, start=1)
    ]


def _arrivals(draw: Random, kind: Kind, place: Place, *, until: date) -> Iterator[date]:
    for _ in range(round(kind.at_start * place.size)):
        yield FIRST_DAY - timedelta(days=draw.randint(20, 900))
    for month in months(until=until):
        shape = season(month.first_day) * 1.06 ** years_since_start(month.first_day)
        unhappy = 1 + stories.nps_shift(place.region, month)
        expected = kind.new_per_month * place.size * shape * unhappy
        for _ in range(int(expected + draw.random())):
            day = month.first_day + timedelta(days=draw.randrange(month.last_day.day))
            if day < until:
                yield day


def _leaving(draw: Random, place: Place, kind: Kind, *, since: date, until: date) -> date:
    if kind.churn_per_month == 0:
        return NEVER
    for month in months(until=until):
        churn = kind.churn_per_month
        if place.channel == "wholesale":
            churn += stories.churn_shift(place.region, month)
        if draw.random() < churn and month.first_day > since:
            return month.first_day
    return NEVER


def customer_rows(found: list[Customer], *, seed: int, until: date) -> list[Json]:
    """One object per customer. A handful are marked deleted: entered twice."""
    draw = chance(seed, "customer details")
    rows = [_customer(draw, customer, until=until) for customer in found]
    return [*rows, *_duplicates(rows)]


def _customer(draw: Random, customer: Customer, *, until: date) -> Json:
    first, last = person(draw)
    is_firm = customer.place.channel == "wholesale"
    touched = min(customer.since + timedelta(days=draw.randint(0, 700)), until - timedelta(days=1))
    return {
        "id": customer.id,
        "segment": {"wholesale": "wholesale", "online": "club", "shop": "loyalty"}[
            customer.place.channel
        ],
        "name": wholesaler(draw) if is_firm else f"{first} {last}",
        "contact": {
            "name": f"{first} {last}",
            "email": f"{first}.{last}.{customer.number}@example.org".lower(),
        },
        "homeUnit": {"code": customer.place.code, "channel": customer.place.channel},
        "createdAt": _utc(customer.since, draw),
        "updatedAt": _utc(max(touched, customer.since), draw, late=True),
        "isDeleted": False,
    }


def _duplicates(rows: list[Json]) -> list[Json]:
    """Enter some people twice; the CRM's owner cleared them up in spring 2026."""
    twice = rows[40:1000:97]
    return [
        {
            **row,
            "id": f"C-9{number:04d}",
            "isDeleted": True,
            "updatedAt": f"2026-04-08T09:{number:02d}:00Z",
        }
        for number, row in enumerate(twice)
    ]


def orders(found: list[Customer], *, seed: int, until: date) -> list[Json]:
    """One object per order of a wholesale customer or club member, with the delivery to come."""
    draw = chance(seed, "orders")
    buyers = [customer for customer in found if customer.place.channel != "shop"]
    rows = [
        row
        for month in months(until=until)
        for customer in buyers
        for row in _orders_in(draw, customer, month, until=until)
    ]
    rows.sort(key=lambda row: (row["orderedAt"], row["customer"]["id"]))
    return [{"id": f"O-{number:06d}", **row} for number, row in enumerate(rows, start=1)]


def _orders_in(draw: Random, customer: Customer, month: Month, *, until: date) -> Iterator[Json]:
    if not customer.since <= month.last_day or customer.left <= month.first_day:
        return
    kind = WHOLESALE_KIND if customer.place.channel == "wholesale" else CLUB_KIND
    for _ in range(int(kind.orders_per_month * season(month.first_day) + draw.random())):
        day = month.first_day + timedelta(days=draw.randrange(month.last_day.day))
        if customer.since <= day < until:
            yield _order(draw, customer, day)


def _order(draw: Random, customer: Customer, day: date) -> Json:
    method = SHIP_METHODS[customer.place.channel][draw.random() < 0.3]  # noqa: PLR2004 a share
    crowded = 1.25 if day.month == 12 else 1.0  # noqa: PLR2004 December
    improved = 0.96 ** years_since_start(day)
    took = max(draw.gauss(SHIP_DAYS[method] * crowded * improved, 0.9), 0.4)
    ordered = datetime.combine(day, time(draw.randint(6, 17), draw.randrange(60)), UTC)
    delivered = ordered + timedelta(hours=round(took * 24))
    amount = draw.gauss(410, 120) if customer.place.channel == "wholesale" else draw.gauss(44, 13)
    return {
        "customer": {"id": customer.id},
        "orderedAt": _text(ordered),
        "deliveredAt": _text(delivered),
        "status": "delivered",
        "fulfilment": {"unitCode": customer.place.code, "shipMethod": method},
        "total": {"amount": round(max(amount, 12.0), 2), "currency": "EUR"},
        "updatedAt": _text(delivered),
    }


def tickets(seed: int, *, until: date) -> list[Json]:
    """One object per complaint or question."""
    draw = chance(seed, "tickets")
    rows = [
        _ticket(draw, place, day)
        for month in months(until=until)
        for place in PLACES
        for day in _ticket_days(draw, place, month, until=until)
    ]
    rows.sort(key=lambda row: (row["createdAt"], row["unit"]["code"]))
    return [{"id": f"T-{number:05d}", **row} for number, row in enumerate(rows, start=1)]


def _ticket_days(draw: Random, place: Place, month: Month, *, until: date) -> list[date]:
    usual = {"shop": 5.2, "online": 21.0, "wholesale": 5.0}[place.channel] * place.size
    expected = usual * season(month.first_day) * stories.complaint_factor(place.region, month)
    wanted = max(round(draw.gauss(expected, expected**0.5)), 0)
    found = [
        month.first_day + timedelta(days=draw.randrange(month.last_day.day)) for _ in range(wanted)
    ]
    return sorted(day for day in found if day < until)


def _ticket(draw: Random, place: Place, day: date) -> Json:
    slow = stories.ticket_days_factor(stories.month_of(day))
    created = datetime.combine(day, time(draw.randint(7, 19), draw.randrange(60)), UTC)
    resolved = created + timedelta(hours=round(draw.expovariate(1 / (5.5 * slow)) * 24) + 1)
    return {
        "unit": {"code": place.code},
        "kind": "complaint" if draw.random() < 0.62 else "question",  # noqa: PLR2004 a share
        "createdAt": _text(created),
        "resolvedAt": _text(resolved),
        "updatedAt": _text(resolved),
    }


def survey_responses(seed: int, *, until: date) -> list[Json]:
    """One object per answer to 'How likely are you to recommend Kestrel to a friend?', 0 to 10."""
    draw = chance(seed, "survey")
    rows = [
        row
        for month in months(until=until)
        for place in PLACES
        for row in _responses(draw, place, month, until=until)
    ]
    rows.sort(key=lambda row: (row["submittedAt"], row["unit"]["code"]))
    return [{"id": f"R-{number:06d}", **row} for number, row in enumerate(rows, start=1)]


def _responses(draw: Random, place: Place, month: Month, *, until: date) -> Iterator[Json]:
    usual = {"shop": 22, "online": 60, "wholesale": 16}[place.channel]
    for _ in range(round(usual * draw.uniform(0.85, 1.15))):
        day = month.first_day + timedelta(days=draw.randrange(month.last_day.day))
        if day < until:
            moment = _utc(day, draw)
            yield {
                "submittedAt": moment,
                "unit": {"code": place.code},
                "answers": {"recommend": _recommend(draw, place, month)},
                "updatedAt": moment,
            }


NPS_BY_REGION = {"north": 0.47, "east": 0.43, "south": 0.46, "west": 0.38, "online": 0.44}
PASSIVES = 0.26


def _recommend(draw: Random, place: Place, month: Month) -> int:
    score = (
        NPS_BY_REGION[place.region]
        + 0.02 * month.index / 12
        + stories.nps_shift(place.region, month)
    )
    detractors = (1 - PASSIVES - score) / 2
    dice = draw.random()
    if dice < detractors:
        return draw.choice((0, 2, 3, 4, 5, 5, 6, 6, 6))
    if dice < detractors + PASSIVES:
        return draw.choice((7, 8, 8))
    return draw.choice((9, 9, 10))


def _utc(day: date, draw: Random, *, late: bool = False) -> str:
    hour = draw.randint(18, 21) if late else draw.randint(6, 17)
    return _text(datetime.combine(day, time(hour, draw.randrange(60)), UTC))


def _text(moment: datetime) -> str:
    return f"{moment.isoformat()[:19]}Z"
