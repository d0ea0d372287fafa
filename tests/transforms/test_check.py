"""The check of a workspace's SQL: what it reads, what it yields, and where it goes wrong."""

from pathlib import Path

import pytest

from scorecard.workspace import read_workspace
from tests.scorecard.small import Edit, write
from transforms.check import check_sql

RAW = {
    "shop__sale": {
        "sale_id": "INTEGER",
        "shop": "VARCHAR",
        "sold_on": "VARCHAR",
        "amount": "DECIMAL(18,2)",
        "delay": "INTEGER",
        "load_id": "VARCHAR",
    },
    "crm__customer": {"id": "INTEGER", "amount": "DOUBLE", "updated_at": "TIMESTAMP"},
}


def findings(root: Path, *, bound: bool = False) -> list[str]:
    """Check the SQL of the workspace below `root`, by its text alone or against the columns of RAW."""
    found = check_sql(read_workspace(root), raw_columns=RAW if bound else None)
    return [str(finding) for finding in found]


@pytest.mark.parametrize("bound", [False, True])
def test_a_flawless_workspace_has_no_findings(tmp_path: Path, bound: bool) -> None:
    assert findings(write(tmp_path), bound=bound) == []


BY_TEXT = [
    (("staging/sale.sql", "from raw.shop__sale", "from raw.shop__sales"), "staging/sale.sql:8: error: The table raw.shop__sales does not exist here. Mend: Did you mean raw.shop__sale?"),
    (("staging/sale.sql", "from raw.shop__sale", "from read_csv('/etc/passwd')"), "staging/sale.sql:8: error: The function read_csv is not let through"),
    (("measures/delay.sql", "from staging.sale", "from staging.sales"), "measures/delay.sql:8: error: The table staging.sales does not exist here. Mend: Did you mean staging.sale?"),
    (("measures/delay.sql", "sum(delay) as", "sum(delay as"), "measures/delay.sql:6: error: SQL syntax:"),
    (("measures/delay.sql", "count(*) as denominator", "random() as denominator"), "measures/delay.sql:7: error: The function random is not let through"),
    (("measures/delay.sql", "from staging.sale", "from measure.delay"), "measures/delay.sql:3: error: Definitions read each other in a ring: measure.delay reads measure.delay."),
    (("staging/sale.sql", "from raw.shop__sale", "from measure.revenue"), "measures/revenue.sql:3: error: Definitions read each other in a ring: measure.revenue reads staging.sale reads measure.revenue."),
    (("measures/delay.sql", "count(*) as denominator", "count(*) as denominater"), "measures/delay.sql:3: error: The measure yields no column denominator, which the KPI delay needs, since its aggregation is ratio. Mend: Did you mean denominater? Name it `denominator`."),
    (("measures/revenue.sql", "as numerator", "as amount"), "measures/revenue.sql:3: error: The measure yields no column numerator, which the KPI revenue needs."),
    (("measures/revenue.sql", "date_trunc('month', sold_on) as period", "date_trunc('month', sold_on)"), "measures/revenue.sql:3: error: Column 2 of the final SELECT has no name."),
    (("measures/revenue.sql", "    unit,\n", "    unit as shop,\n"), "measures/revenue.sql:3: error: The measure yields no column unit, which every measure needs."),
    (("strategy.yaml", "aggregation: sum", "aggregation: distinct"), "measures/revenue.sql:3: error: The measure yields no column key, which the KPI revenue needs, since its aggregation is distinct."),
    (("strategy.yaml", "aggregation: sum", "aggregation: sum\n            min_observations: 5"), "measures/revenue.sql:3: error: The measure yields no column observations, which the KPI revenue needs, since it has min_observations."),
    (("measures/revenue.sql", "sum(amount) as numerator", "sum(amount) as key"), "measures/revenue.sql:6: error: The measure yields keys to be counted, but the KPI revenue is a sum."),
    (("measures/spare.sql", "", "select unit, period from measure.revenue"), "measures/spare.sql:1: error: The measure yields no column numerator, which every measure needs, unless it yields a key or an answer."),
    (("staging/spare.sql", "", "select 1 as x"), "staging/spare.sql:1: warning: Nothing reads staging.spare."),
    (("contracts/shop__sale.yaml", "to_not_be_null", "to_not_be_nul"), "contracts/shop__sale.yaml:2: error: expect_column_values_to_not_be_nul is not among"),
    (("contracts/shop__sale.yaml", "to_not_be_null", "to_not_be_nul"), "Did you mean expect_column_values_to_not_be_null?"),
    (("contracts/shop__sale.yaml", "{column: sale_id}", "{colum: sale_id}"), "contracts/shop__sale.yaml:2: error: expect_column_values_to_not_be_null needs column."),
    (("contracts/shop__sale.yaml", "amount > 0", "sum(amount) > 0"), "contracts/shop__sale.yaml:5: error: The row rule amount_is_positive: A row rule is one condition over the columns of one row."),
    (("contracts/shop__sale.yaml", "amount > 0", "amount > (select max(x) from raw.t)"), "contracts/shop__sale.yaml:5: error: The row rule amount_is_positive: The table raw.t does not exist here."),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "said"), BY_TEXT, ids=lambda value: str(value)[:60])
def test_a_flaw_is_found_in_the_text_alone(tmp_path: Path, edit: Edit, said: str) -> None:
    """Before the first load no column is known, and yet most mistakes show."""
    found = findings(write(tmp_path, edit))
    assert any(said in line for line in found), "\n".join(found)


BOUND = [
    (("staging/sale.sql", "shop as unit", "shopp as unit"), "staging/sale.sql:4: error: Referenced column \"shopp\" not found in FROM clause. Mend: Candidate bindings"),
    (("staging/sale.sql", "cast(delay as integer)", "round(shop)"), "staging/sale.sql:7: error: "),
    (("measures/delay.sql", "sum(delay)", "sum(dely)"), "measures/delay.sql:6: error: Referenced column \"dely\" not found"),
    (("measures/revenue.sql", "sum(amount)", "max(unit)"), "measures/revenue.sql:6: error: The column numerator must be a number, and is VARCHAR. Mend: Write `cast(… as decimal(38, 9)) as numerator`."),
    (("measures/revenue.sql", "date_trunc('month', sold_on) as", "strftime(sold_on, '%Y-%m') as"), "measures/revenue.sql:5: error: The column period must be a date, and is VARCHAR."),
    (("staging/sale.sql", "shop as unit", "sale_id as unit"), "measures/revenue.sql:4: error: The column unit must be text, and is INTEGER."),
    (("staging/sale.sql", "cast(delay as integer) as delay", "delay, delay"), "staging/sale.sql:7: error: It yields the column delay twice."),
    (("contracts/shop__sale.yaml", "amount > 0", "amout > 0"), "contracts/shop__sale.yaml:5: error: The row rule amount_is_positive: There is no column amout. Mend: Did you mean amount?"),
    (("contracts/shop__sale.yaml", "amount > 0", "amount + 1"), "contracts/shop__sale.yaml:5: error: The row rule amount_is_positive: its condition is not true or false, but DECIMAL"),
    (("contracts/shop__sale.yaml", "amount > 0", "amount > strptime(shop)"), "contracts/shop__sale.yaml:5: error: The row rule amount_is_positive: "),
    (("contracts/shop__sale.yaml", "{column: sale_id}", "{column: saleid}"), "contracts/shop__sale.yaml:2: error: expect_column_values_to_not_be_null: The column saleid is missing"),
    (("contracts/shop__sale.yaml", "{column: sale_id}", "{column: saleid}"), "Did you mean sale_id?"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "said"), BOUND, ids=lambda value: str(value)[:60])
def test_a_flaw_is_found_against_the_columns_of_the_last_loads(
    tmp_path: Path, edit: Edit, said: str
) -> None:
    found = findings(write(tmp_path, edit), bound=True)
    assert any(said in line for line in found), "\n".join(found)


def test_what_reads_a_table_that_was_never_loaded_is_checked_by_its_text(tmp_path: Path) -> None:
    root = write(tmp_path, ("staging/sale.sql", "shop as unit", "shopp as unit"))
    found = check_sql(read_workspace(root), raw_columns={"crm__customer": RAW["crm__customer"]})
    assert found == []


def test_a_star_in_a_measure_is_resolved_once_columns_are_known(tmp_path: Path) -> None:
    edit = (
        "measures/revenue.sql",
        "",
        "with sale as (select unit, sold_on as period, amount from staging.sale) select * from sale",
    )
    said = ["measures/revenue.sql:1: error: The measure yields no column numerator, which the KPI revenue needs. Mend: Yield a column named numerator."]  # fmt: skip
    assert findings(write(tmp_path, edit)) == said
    assert findings(write(tmp_path, edit), bound=True) == said


def test_the_face_with_all_loads_has_the_load_and_its_moment(tmp_path: Path) -> None:
    """A source's own column load_id is called source_load_id there."""
    edit = (
        "staging/sale.sql",
        "from raw.shop__sale",
        "from raw.shop__sale__loads where extracted_at < $as_of and load_id > source_load_id",
    )
    assert findings(write(tmp_path, edit), bound=True) == []


def test_every_flaw_is_said_at_once(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        ("staging/sale.sql", "shop as unit", "shopp as unit"),
        ("measures/delay.sql", "sum(delay) as", "sum(delay as"),
        ("contracts/shop__sale.yaml", "amount > 0", "amout > 0"),
    )
    assert len(findings(root, bound=True)) == 3
