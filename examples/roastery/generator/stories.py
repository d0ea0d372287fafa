"""What happens at Kestrel Coffee in these three years: the planted stories, each as numbers that the systems follow.

1. *The South roast.* Roaster R3, which serves South, runs too hot from February to April 2026. Defective bags show it
   at once, the recommendation score (NPS) of South two months later, its revenue three months later; wholesale
   customers leave.
2. *The summer leavers.* Engagement in the shops falls from March 2026; in June and July people leave in numbers, and
   tickets pile up.
3. *The price rise.* Green coffee grows dear from June 2025; prices rise on 1 October 2025.
4. *The broken HR file.* Payroll's absence export of March 2026 holds spreadsheet errors in place of days.
5. *The late postings.* Invoices and credit notes for June and July 2026 are posted in September, after both had closed.

Not here: seasons, trends and noise, which belong to the tables.
"""

from datetime import date

from examples.roastery.generator.organisation import Month

INCIDENT_REGION = "south"
INCIDENT_ROASTER = "R3"
INCIDENT_FIRST_DAY = date(2026, 2, 9)
INCIDENT_LAST_DAY = date(2026, 4, 17)
USUAL_DEFECT_RATE = 0.017
INCIDENT_DEFECT_RATE = 0.078

LEAVERS = {
    Month(2026, 6): {"retail": 8, "roasting": 1},
    Month(2026, 7): {"retail": 8, "roasting": 1},
    Month(2026, 8): {"retail": 2},
    Month(2026, 9): {"retail": 2},
}
"""People who leave beside the usual ones, by month and department."""

PRICE_RISE_DAY = date(2025, 10, 1)
PRICE_RISE = {"shop": 1.06, "online": 1.06, "wholesale": 1.04}

BROKEN_HR_MONTH = Month(2026, 3)
BROKEN_HR_DEPARTMENTS = ("retail", "packing")
BROKEN_HR_VALUE = "#WERT!"

LATE_POSTING_MONTHS = (Month(2026, 6), Month(2026, 7))
LATE_POSTED_ON = date(2026, 9, 14)

_NPS_SHIFT = {
    Month(2026, 3): -0.04,
    Month(2026, 4): -0.22,
    Month(2026, 5): -0.40,
    Month(2026, 6): -0.36,
    Month(2026, 7): -0.24,
    Month(2026, 8): -0.14,
    Month(2026, 9): -0.07,
}
_REVENUE_SHIFT = {
    Month(2026, 4): 0.985,
    Month(2026, 5): 0.93,
    Month(2026, 6): 0.86,
    Month(2026, 7): 0.84,
    Month(2026, 8): 0.88,
    Month(2026, 9): 0.92,
    Month(2026, 10): 0.95,
}
_CHURN_SHIFT = {Month(2026, month): 0.055 for month in (4, 5, 6, 7)}
_ENGAGEMENT_SHIFT = {
    Month(2026, 3): -0.06,
    Month(2026, 4): -0.10,
    Month(2026, 5): -0.15,
    Month(2026, 6): -0.18,
    Month(2026, 7): -0.15,
    Month(2026, 8): -0.10,
    Month(2026, 9): -0.07,
}


def month_of(day: date) -> Month:
    """Give the month of a day."""
    return Month(day.year, day.month)


def defect_rate(region: str, day: date) -> float:
    """Give the share of bags that are defective in what is roasted for a region on a day."""
    struck = region == INCIDENT_REGION and INCIDENT_FIRST_DAY <= day <= INCIDENT_LAST_DAY
    return INCIDENT_DEFECT_RATE if struck else USUAL_DEFECT_RATE


def nps_shift(region: str, month: Month) -> float:
    """Give what the incident takes from a region's NPS, as a fraction."""
    return _NPS_SHIFT.get(month, 0.0) if region == INCIDENT_REGION else 0.0


def revenue_factor(region: str, day: date) -> float:
    """Give the share of its usual revenue that a region keeps."""
    return _REVENUE_SHIFT.get(month_of(day), 1.0) if region == INCIDENT_REGION else 1.0


def churn_shift(region: str, month: Month) -> float:
    """Give the additional share of wholesale customers who leave in a month."""
    return _CHURN_SHIFT.get(month, 0.0) if region == INCIDENT_REGION else 0.0


def complaint_factor(region: str, month: Month) -> float:
    """Give how many complaints come for each usual one."""
    struck = (
        region == INCIDENT_REGION and Month(2026, 2).index < month.index <= Month(2026, 6).index
    )
    return 3.4 if struck else 1.0


def engagement_shift(department: str, month: Month) -> float:
    """Give what the summer takes from the share of favourable answers."""
    return _ENGAGEMENT_SHIFT.get(month, 0.0) if department == "retail" else 0.0


def ticket_days_factor(month: Month) -> float:
    """Give how much longer a ticket takes while the shops are short of people."""
    return {Month(2026, 7): 1.7, Month(2026, 8): 2.1, Month(2026, 9): 1.6}.get(month, 1.0)


def price_factor(channel: str, day: date) -> float:
    """Give the price level of a channel."""
    return PRICE_RISE[channel] if day >= PRICE_RISE_DAY else 1.0


def green_coffee_index(day: date) -> float:
    """Give the price of green coffee against the first month: it climbs from June to November 2025."""
    climbed = (month_of(day).index - Month(2025, 6).index + 1) / 6
    return 1.0 + 0.13 * min(max(climbed, 0.0), 1.0)
