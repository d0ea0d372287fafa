"""A small workspace without a flaw, which tests break in one place at a time."""

from pathlib import Path

COMPANY = """\
organisation: {id: acme, name: Acme}
trees:
  - id: territory
    name: Territories
    units:
      - id: north
        name: North
        units:
          - {id: kiel, name: Kiel}
      - {id: south, name: South}
currency: EUR
time_zone: Europe/Berlin
schedule: "0 3 * * *"
locale: en
today: 2026-10-05
"""
SOURCES = """\
sources:
  shop:
    kind: columnar
    name: Shop
    owner: Jo
    folder: data
    tables:
      sale:
        files: sale.csv
        primary_key: [sale_id]
  crm:
    kind: rest
    name: CRM
    owner: Jo
    base_url: ${CRM_URL:-http://localhost:8800}
    token: ${CRM_TOKEN}
    tables:
      customer:
        path: /customers
        primary_key: [id]
        cursor: updated_at
        cursor_param: since
"""
STRATEGY = """\
id: acme_scorecard
name: Acme
perspectives:
  - id: financial
    name: Financial
    objectives:
      - id: grow
        name: Grow
        owner: Jo
        kpis:
          - id: revenue
            name: Revenue
            owner: Jo
            measure: revenue
            aggregation: sum
            direction: higher_is_better
            is_leading: true
  - id: customer
    name: Customer
    objectives:
      - id: delight
        name: Delight
        owner: Jo
        kpis:
          - id: complaints
            name: Complaints
            owner: Jo
            measure: complaints
            aggregation: ratio
            direction: lower_is_better
            is_leading: true
  - id: process
    name: Process
    objectives:
      - id: deliver
        name: Deliver
        owner: Jo
        kpis:
          - id: delay
            name: Delay
            owner: Jo
            measure: delay
            aggregation: ratio
            direction: lower_is_better
            is_leading: true
links:
  - {cause: delight, effect: grow}
  - {cause: deliver, effect: delight}
"""
TARGETS = """\
kpi,unit,per,valid_from,red,target,worst,best
revenue,acme,year,2026-01-01,900,1200,,
complaints,acme,month,2026-01-01,0.05,0.02,0.10,0
delay,acme,month,2026-01-01,5,3,,
"""
INITIATIVES = """\
initiatives:
  - id: hotline
    name: A hotline
    objective: delight
    owner: Jo
    start: 2026-01-01
    end: 2026-12-31
    status: running
"""
CONTRACT = """\
expectations:
  - type: expect_column_values_to_not_be_null
    kwargs: {column: sale_id}
row_rules:
  - name: amount_is_positive
    condition: amount > 0
    reason: A sale has an amount.
"""
COMMENT = """\
---
author: Jo
unit: north
---
A good month.
"""
SALE = """\
-- Sales, typed.
-- Grain: one row per sale.
select
    shop as unit,
    cast(sold_on as date) as sold_on,
    cast(amount as decimal(18, 2)) as amount,
    cast(delay as integer) as delay
from raw.shop__sale
"""
REVENUE = """\
-- Revenue.
-- Grain: one row per unit and month.
select
    unit,
    date_trunc('month', sold_on) as period,
    sum(amount) as numerator
from staging.sale
group by all
"""
DELAY = """\
-- Days late per sale.
-- Grain: one row per unit and month.
select
    unit,
    date_trunc('month', sold_on) as period,
    sum(delay) as numerator,
    count(*) as denominator
from staging.sale
group by all
"""

FILES = {
    "company.yaml": COMPANY,
    "sources.yaml": SOURCES,
    "strategy.yaml": STRATEGY,
    "targets.csv": TARGETS,
    "initiatives.yaml": INITIATIVES,
    "contracts/shop__sale.yaml": CONTRACT,
    "contracts/crm__customer.yaml": CONTRACT.replace("sale_id", "id"),
    "commentary/revenue/2026-09.md": COMMENT,
    "staging/sale.sql": SALE,
    "measures/revenue.sql": REVENUE,
    "measures/complaints.sql": DELAY,
    "measures/delay.sql": DELAY,
}

Edit = tuple[str, str, str]
"""File, text to replace (once), text to put there. An empty text to replace stands for the whole file."""


def write(root: Path, *edits: Edit, without: tuple[str, ...] = ()) -> Path:
    """Write the workspace below `root`, changed by `edits` and without some files."""
    files = {name: text for name, text in FILES.items() if name not in without}
    for name, old, new in edits:
        if old == "":
            files[name] = new
            continue
        assert files[name].count(old) >= 1, f"{old!r} is not in {name}"
        files[name] = files[name].replace(old, new, 1)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    return root
