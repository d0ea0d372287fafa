"""Makes all data of Kestrel Coffee below a folder, once: it is left alone while seed, date and this code are the same.

    data/finance.db                 finance: SQLite, or any other database (`fill_finance`)
    data/crm/*.json                 what the CRM server answers from
    data/hr/                        the drop folder: CSV and a workbook
    data/operations/                Parquet and CSV

Not here: rows and forms of files.
"""

import hashlib
import shutil
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from examples.roastery.generator import crm, finance, hr, knowledge, operations
from examples.roastery.generator.files import (
    Rows,
    date_files,
    open_database,
    write_csv,
    write_database,
    write_json,
    write_parquet,
    write_workbook,
)
from examples.roastery.generator.organisation import TODAY

SEED = 20261005
STAMP = "made-from.txt"
FINANCE_KEYS = {
    "sales_ledger": ("entry_no",),
    "cost_entry": ("entry_no",),
    "cash_posting": ("posting_no",),
    "capital_balance": ("month_end_date", "item"),
    "budget": ("month_end_date", "cost_centre"),
}


def build(folder: Path, *, seed: int = SEED, known_on: date = TODAY) -> bool:
    """Make the data as they were known on the morning of `known_on`; say whether there was anything to do.

    An earlier `known_on` gives an earlier state of the same world: what had not happened or was not yet posted is absent.
    """
    stamp = _stamp(seed, known_on)
    marker = folder / STAMP
    if marker.exists() and marker.read_text("utf-8") == stamp:
        return False
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for make in (_finance, _crm, _hr, _operations):
        make(fresh, seed, known_on)
    date_files(fresh, known_on)
    (fresh / STAMP).write_text(stamp, "utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return True


def finance_tables(*, seed: int = SEED, known_on: date = TODAY) -> dict[str, Rows]:
    """Give the rows of each table of the finance database."""
    sales = finance.sales_ledger(seed, until=TODAY)
    costs = finance.cost_entries(seed, until=TODAY)
    cash = finance.cash_postings(sales, costs, seed=seed)
    capital = finance.capital_balances(seed, until=TODAY)
    budgets = finance.budgets(seed, until=TODAY)
    return {
        "sales_ledger": knowledge.posted(sales, known_on=known_on),
        "cost_entry": knowledge.posted(costs, known_on=known_on),
        "cash_posting": knowledge.posted(cash, known_on=known_on),
        "capital_balance": knowledge.ended(capital, "month_end_date", known_on=known_on),
        "budget": knowledge.budgeted(budgets, known_on=known_on),
    }


def fill_finance(url: str, *, seed: int = SEED, known_on: date = TODAY) -> bool:
    """Write the finance tables to the database behind `url` if they are not there; say whether they were written."""
    engine = open_database(url)
    try:
        is_there = sa.inspect(engine).has_table("sales_ledger")
    finally:
        engine.dispose()
    if not is_there:
        write_database(url, finance_tables(seed=seed, known_on=known_on), keys=FINANCE_KEYS)
    return not is_there


def _finance(folder: Path, seed: int, known_on: date) -> None:
    path = folder / "finance.db"
    path.parent.mkdir(parents=True)
    fill_finance(f"sqlite:///{path}", seed=seed, known_on=known_on)


def _crm(folder: Path, seed: int, known_on: date) -> None:
    found = crm.customers(seed, until=TODAY)
    customers = crm.customer_rows(found, seed=seed, until=TODAY)
    orders = crm.orders(found, seed=seed, until=TODAY)
    tickets = crm.tickets(seed, until=TODAY)
    responses = crm.survey_responses(seed, until=TODAY)
    collections: dict[str, Rows] = {
        "customers": knowledge.recorded(customers, begun="createdAt", known_on=known_on),
        "orders": knowledge.recorded(
            orders, begun="orderedAt", over="deliveredAt", known_on=known_on
        ),
        "tickets": knowledge.recorded(
            tickets, begun="createdAt", over="resolvedAt", known_on=known_on
        ),
        "survey-responses": knowledge.recorded(responses, begun="submittedAt", known_on=known_on),
    }
    for name, rows in collections.items():
        write_json(folder / "crm" / f"{name}.json", rows)


def _hr(folder: Path, seed: int, known_on: date) -> None:
    everybody = hr.employees(seed, until=TODAY)
    drop = folder / "hr"
    staff = knowledge.employed(everybody, known_on=known_on)
    _write_export(drop / "employees.csv", hr.employee_rows(staff, seed=seed))
    for month, rows in hr.absence_rows(everybody, seed=seed, until=known_on).items():
        _write_export(drop / f"absence_{month}.csv", rows)
    sheets: dict[str, Rows] = {
        "Training": hr.training_rows(everybody, seed=seed, until=known_on),
        "Certificates": hr.certificate_rows(everybody, seed=seed, until=known_on),
        "Pulse": hr.pulse_rows(everybody, seed=seed, until=known_on),
    }
    titles = {"Pulse": "Monthly pulse survey, answers without names"}
    write_workbook(drop / "people_development.xlsx", sheets, titles=titles)


def _write_export(path: Path, rows: Rows) -> None:
    write_csv(path, rows, delimiter=";", encoding="cp1252")


def _operations(folder: Path, seed: int, known_on: date) -> None:
    records = folder / "operations"
    for month, batches in operations.roast_batches(seed, until=known_on).items():
        if batches:
            write_parquet(records / "roast_batches" / f"{month}.parquet", batches)
    deliveries = operations.deliveries(seed, until=TODAY)
    projects = operations.innovation_projects(seed, until=TODAY)
    tables: dict[str, Rows] = {
        "units": operations.units(),
        "deliveries": knowledge.under_way(
            deliveries, begun="ordered_on", over="delivered_on", known_on=known_on
        ),
        "stock_counts": operations.stock_counts(seed, until=known_on),
        "machine_downtime": operations.machine_downtime(seed, until=known_on),
        "market_benchmark": operations.market_benchmark(seed, until=known_on),
        "innovation_projects": knowledge.under_way(
            projects, begun="started_on", over="launched_on", known_on=known_on
        ),
    }
    for name, rows in tables.items():
        write_csv(records / f"{name}.csv", rows)


def _stamp(seed: int, known_on: date) -> str:
    """Name what the data are made from: the seed, the date and the code."""
    code = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        code.update(path.read_bytes())
    return f"seed {seed}\nknown on {known_on}\ncode {code.hexdigest()[:16]}\n"
