"""Rows of HR's drop folder: employees, absences, training, certificates and the pulse survey.

Texts are as HR's exports have them: German dates, decimal commas, and the names of people.

Not here: encodings, workbooks and files (`files`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from examples.roastery.generator import stories
from examples.roastery.generator.names import person
from examples.roastery.generator.organisation import (
    DEPARTMENTS,
    FIRST_DAY,
    SHOPS,
    Month,
    chance,
    closed_months,
    months,
    years_since_start,
)

Cell = str | int | float | date | None
Row = dict[str, Cell]
NEVER = date(2099, 12, 31)
MONTHLY_LEAVING = {"retail": 0.014, "roasting": 0.006, "packing": 0.010}
USUAL_LEAVING = 0.006


@dataclass(frozen=True)
class Employee:
    """A person's employment; `left` is the last day, or never."""

    number: str
    department: str
    shop: str
    hired: date
    left: date
    weekly_hours: int

    def works_in(self, month: Month) -> bool:
        """Tell whether they are employed on the last day of a month."""
        return self.hired <= month.last_day < self.left


def employees(seed: int, *, until: date) -> list[Employee]:
    """Give everybody who worked here since the first day: those there at the start, and who replaced whom."""
    draw = chance(seed, "employees")
    staff = [
        _hire(draw, department.unit_id, FIRST_DAY - timedelta(days=draw.randint(60, 2600)))
        for department in DEPARTMENTS
        for _ in range(department.heads)
    ]
    for month in months(until=until):
        for index in _leavers(draw, staff, month):
            last_day = month.first_day + timedelta(days=draw.randrange(month.last_day.day))
            staff[index] = replace(staff[index], left=last_day)
            staff.append(_hire(draw, staff[index].department, _replacement_day(draw, last_day)))
    staff.sort(key=lambda employee: (employee.hired, employee.department))
    return [replace(one, number=f"K{1000 + place}") for place, one in enumerate(staff)]


def _hire(draw: Random, department: str, day: date) -> Employee:
    shop = draw.choice(SHOPS).code if department == "retail" else ""
    hours = draw.choice((20, 30, 40)) if department == "retail" else draw.choice((30, 40, 40))
    return Employee("", department, shop, day, NEVER, hours)


def _leavers(draw: Random, staff: list[Employee], month: Month) -> list[int]:
    there = [
        index
        for index, one in enumerate(staff)
        if one.hired < month.first_day and one.left == NEVER
    ]
    leaving = [
        index
        for index in there
        if draw.random() < MONTHLY_LEAVING.get(staff[index].department, USUAL_LEAVING)
    ]
    for department, number in stories.LEAVERS.get(month, {}).items():
        others = [i for i in there if i not in leaving and staff[i].department == department]
        leaving += draw.sample(others, number)
    return leaving


def _replacement_day(draw: Random, last_day: date) -> date:
    """Give the day on which a place is filled again: after some weeks, and longer while many leave."""
    weeks = draw.randint(2, 9) + (6 if stories.month_of(last_day) in stories.LEAVERS else 0)
    return last_day + timedelta(weeks=weeks)


def employee_rows(staff: list[Employee], *, seed: int) -> list[Row]:
    """One row per employment, with the personal columns that must not reach the lake."""
    draw = chance(seed, "employee details")
    return [_employee_row(draw, one) for one in staff]


def _employee_row(draw: Random, one: Employee) -> Row:
    first, last = person(draw)
    born = one.hired - timedelta(days=draw.randint(20 * 365, 45 * 365))
    return {
        "Employee No": one.number,
        "First Name": first,
        "Last Name": last,
        "E-Mail": f"{first}.{last}@kestrel.example".lower(),
        "Birth Date": german(born),
        "Gender": draw.choice(("f", "m", "d")),
        "Street": f"Lange Straße {draw.randint(1, 180)}",
        "Department": one.department.upper(),
        "Shop": one.shop,
        "Hire Date": german(one.hired),
        "Leave Date": german(one.left) if one.left != NEVER else "",
        "Weekly Hours": one.weekly_hours,
    }


def absence_rows(staff: list[Employee], *, seed: int, until: date) -> dict[Month, list[Row]]:
    """One file per month, one row per person at work in it: days scheduled and days sick."""
    draw = chance(seed, "absence")
    return {
        month: [_absence_row(draw, one, month) for one in staff if one.works_in(month)]
        for month in closed_months(until=until)
    }


def _absence_row(draw: Random, one: Employee, month: Month) -> Row:
    scheduled = round(len(month.working_days()) * one.weekly_hours / 40 * 2) / 2
    flu = 1.4 if month.month in {1, 2, 12} else 0.9
    strain = 1.0 - 3.0 * stories.engagement_shift(one.department, month)
    is_ill = draw.random() < 0.26 * flu * strain
    sick = min(round(draw.expovariate(1 / 2.6) * 2 + 1) / 2, scheduled) if is_ill else 0.0
    is_broken = month == stories.BROKEN_HR_MONTH and one.department in stories.BROKEN_HR_DEPARTMENTS
    return {
        "Employee No": one.number,
        "Month End": german(month.last_day),
        "Department": one.department.upper(),
        "Scheduled Days": comma(scheduled),
        "Sick Days": stories.BROKEN_HR_VALUE if is_broken else comma(sick),
    }


def training_rows(staff: list[Employee], *, seed: int, until: date) -> list[Row]:
    """One row per person and course; more of them since the barista academy began in January 2026."""
    draw = chance(seed, "training")
    rows = [
        row
        for month in closed_months(until=until)
        for one in staff
        if one.works_in(month)
        for row in _courses(draw, one, month)
    ]
    return [{"Entry No": number, **row} for number, row in enumerate(rows, start=1)]


def _courses(draw: Random, one: Employee, month: Month) -> Iterator[Row]:
    academy = month.index >= Month(2026, 1).index and one.department == "retail"
    if draw.random() < (0.50 if academy else 0.33):
        yield {
            "Course Date": draw.choice(month.working_days()),
            "Employee No": one.number,
            "Department": one.department.upper(),
            "Course": "Barista academy"
            if academy
            else draw.choice(("Sensory", "Safety", "Service")),
            "Hours": draw.choice((2, 3, 4, 4, 8)),
        }


def certificate_rows(staff: list[Employee], *, seed: int, until: date) -> list[Row]:
    """One row per barista certificate, of people in the shops; each is good for two years."""
    draw = chance(seed, "certificates")
    earned = sorted(
        (day, one.number)
        for one in staff
        if one.department == "retail"
        for day in _days_of_certificates(draw, one)
        if day < min(until, one.left)
    )
    return [
        {
            "Certificate No": number,
            "Employee No": employee,
            "Earned On": day,
            "Valid Until": day + timedelta(days=730),
        }
        for number, (day, employee) in enumerate(earned, start=1)
    ]


def _days_of_certificates(draw: Random, one: Employee) -> Iterator[date]:
    chances = 0.86 + 0.03 * years_since_start(max(one.hired, FIRST_DAY))
    day = one.hired + timedelta(days=draw.randint(40, 260))
    while draw.random() < chances:
        yield day
        day += timedelta(days=draw.randint(600, 760))


STATEMENTS = ("I have what I need", "My work is recognised", "I can grow here", "I would stay")
BASE_FAVOURABLE = {"retail": 0.71, "roasting": 0.76, "packing": 0.69}


def pulse_rows(staff: list[Employee], *, seed: int, until: date) -> list[Row]:
    """One row per answer sheet of the monthly pulse: four statements from 1 to 5, and the recommendation from 0 to 10."""
    draw = chance(seed, "pulse")
    rows = [
        _sheet(draw, one, month)
        for month in closed_months(until=until)
        for one in staff
        if one.works_in(month) and draw.random() < 0.62  # noqa: PLR2004 a share
    ]
    return [{"Answer No": number, **row} for number, row in enumerate(rows, start=1)]


def _sheet(draw: Random, one: Employee, month: Month) -> Row:
    favourable = BASE_FAVOURABLE.get(one.department, 0.75) + 0.008 * month.index / 12
    favourable += stories.engagement_shift(one.department, month)
    mood = draw.gauss(0, 0.10)
    answers = {
        statement: draw.choice((4, 4, 5))
        if draw.random() < favourable + mood
        else draw.choice((1, 2, 3, 3))
        for statement in STATEMENTS
    }
    return {
        "Month End": month.last_day,
        "Department": one.department.upper(),
        **answers,
        "Recommend": _recommend(draw, favourable + mood),
    }


def _recommend(draw: Random, favourable: float) -> int:
    dice = draw.random()
    if dice < favourable - 0.24:
        return draw.choice((9, 9, 10))
    return draw.choice((7, 8)) if dice < favourable + 0.07 else draw.choice((3, 4, 5, 6, 6))


def german(day: date) -> str:
    """Give a date as 31.12.2026."""
    return f"{day.day:02d}.{day.month:02d}.{day.year}"


def comma(number: float) -> str:
    """Give a number with a decimal comma, and without a needless one."""
    return f"{number:g}".replace(".", ",")
