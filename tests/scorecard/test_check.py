"""The check across files: every finding has its file, line, severity and the mend."""

from pathlib import Path

import pytest

from scorecard.check import check_workspace
from scorecard.workspace import read_workspace
from tests.scorecard.small import FILES, Edit, write


def findings(root: Path) -> list[str]:
    """Read and check the workspace below `root`."""
    return [str(finding) for finding in check_workspace(read_workspace(root))]


def test_a_flawless_workspace_has_no_findings(tmp_path: Path) -> None:
    assert findings(write(tmp_path)) == []


REVENUE_WEIGHT = "is_leading: true\n            weight:"
FINDINGS = [
    # company.yaml
    ([("company.yaml", "id: kiel", "id: acme")], "company.yaml:9: error: The unit acme has the id of the organisation in line 1."),
    ([("company.yaml", "id: kiel", "id: territory")], "company.yaml:9: error: The unit territory has the id of the tree in line 3."),
    ([("company.yaml", "id: south", "id: kiel")], "company.yaml:10: error: The unit kiel has the id of the unit in line 9."),
    ([("company.yaml", "locale: en", "catch_all: souht")], "company.yaml:14: error: The catch-all unit souht is in no tree. Mend: Did you mean south?"),
    ([("company.yaml", "Europe/Berlin", "Europe/Berlim")], "company.yaml:12: error: There is no time zone Europe/Berlim. Mend: Did you mean Europe/Berlin?"),
    ([("company.yaml", '"0 3 * * *"', '"0 25 * * *"')], "company.yaml:13: error: The schedule '0 25 * * *' is not a cron expression."),
    ([("company.yaml", '"0 3 * * *"', "nightly")], "company.yaml:13: error: The schedule 'nightly' is not a cron expression."),
    ([("company.yaml", '"0 3 * * *"', '"0 3 31 2 *"')], "company.yaml:13: error: The schedule '0 3 31 2 *' never comes."),
    ([("company.yaml", "locale: en", "locale: elvish")], "company.yaml:14: error: There is no locale elvish."),
    ([("company.yaml", "currency: EUR", "currency: EUX")], "company.yaml:11: error: There is no currency EUX."),
    ([("company.yaml", "locale: en", "publish_staging: [sales]")], "company.yaml:14: error: There is no staging/sales.sql to publish. Mend: Did you mean sale?"),
    # sources.yaml and contracts
    ([("sources.yaml", "        cursor_param: since\n", "")], "sources.yaml:21: error: crm.customer: a cursor of a REST table needs cursor_param."),
    ([("sources.yaml", "        cursor: updated_at\n", "")], "sources.yaml:21: error: crm.customer: cursor_param without a cursor has no effect."),
    ([("sources.yaml", "primary_key: [id]", "primary_key: [id]\n        personal: {id: drop}")], "sources.yaml:20: error: crm.customer: the column id is personal and does not reach the lake as it is, but primary_key needs it."),
    ([("sources.yaml", "name: CRM", "name: CRM\n    area: hr"), ("sources.yaml", "primary_key: [id]", "primary_key: [email]")], "sources.yaml:21: error: crm.customer: the column email is personal"),
    ([("sources.yaml", "primary_key: [id]", "primary_key: [id]\n        personal: {updated_at: hash}")], "sources.yaml:22: error: crm.customer: the column updated_at is personal and does not reach the lake as it is, but cursor needs it."),
    ([("sources.yaml", "primary_key: [id]", "primary_key: [id, id]")], "sources.yaml:20: error: crm.customer: a column is twice in the primary key."),
    ([("sources.yaml", "files: sale.csv", "files: sale.csv\n        deletes: {column: gone}")], "sources.yaml:10: error: shop.sale: deletes are for tables with a cursor;"),
    ([("sources.yaml", "files: sale.csv", "files: sale.csv\n        data_as_of: {kind: column}")], "sources.yaml:10: error: shop.sale: data_as_of of kind column needs `column`"),
    ([("sources.yaml", "path: /customers", "path: /customers\n        data_as_of: {kind: file_modified}")], "sources.yaml:20: error: crm.customer: a source of kind rest has no files that are modified."),
    ([("sources.yaml", "files: sale.csv", "files: sale.csv\n        columns: {amount: {type: decimal, format: '%d'}}")], "sources.yaml:10: error: shop.sale: the column amount has a date format, but is no date."),
    ([("sources.yaml", "files: sale.csv", "files: sale.csv\n        columns: {day: {type: date, decimal_comma: true}}")], "sources.yaml:10: error: shop.sale: the column day has a decimal comma"),
    ([("sources.yaml", "kind: columnar", "kind: files"), ("sources.yaml", "files: sale.csv", "files: sale.csv\n        encoding: utf-ate")], "sources.yaml:10: error: shop.sale: there is no encoding utf-ate."),
    ([("sources.yaml", "kind: columnar", "kind: files"), ("sources.yaml", "files: sale.csv", "files: sale.csv\n        delimiter: ';;'")], "sources.yaml:10: error: shop.sale: the delimiter is one character."),
    ([("sources.yaml", "kind: columnar", "kind: files"), ("sources.yaml", "files: sale.csv", "files: sale.csv\n        sheet: a")], "sources.yaml:10: error: shop.sale: a CSV file has no sheets."),
    ([("sources.yaml", "kind: columnar", "kind: files"), ("sources.yaml", "files: sale.csv", "files: sale.xlsx")], "sources.yaml:9: error: shop.sale: which sheet of the workbook is read?"),
    ([("sources.yaml", "    kind: columnar\n", "    kind: sql\n    url: ${DB}\n"), ("sources.yaml", "    folder: data\n", ""), ("sources.yaml", "files: sale.csv", "columns: [amount]")], "sources.yaml:9: error: shop.sale: the column sale_id is needed, but is not among the columns to take."),
    ([("sources.yaml", "      customer:\n", "      customer__loads:\n        path: /x\n        primary_key: [id]\n      customer:\n")], "sources.yaml:18: error: Two tables would both be called raw.crm__customer__loads."),
    ([("sources.yaml", "      sale:", "      sales:"), ], "sources.yaml:8: warning: The table shop__sales has no contract"),
    ([("sources.yaml", "      sale:", "      sales:"), ], "contracts/shop__sale.yaml: error: There is no table shop__sale for this contract. Mend: Did you mean shop__sales?"),
    ([("contracts/shop__sale.yaml", "", "description: nothing\n")], "contracts/shop__sale.yaml:1: warning: The contract promises nothing."),
    ([("contracts/shop__sale.yaml", "    reason: A sale has an amount.\n", "    reason: A sale has an amount.\n  - {name: amount_is_positive, condition: 1=1, reason: x}\n")], "contracts/shop__sale.yaml:8: error: Two row rules are called amount_is_positive."),
    # strategy.yaml
    ([("strategy.yaml", "id: delight", "id: grow")], "strategy.yaml:21: error: The objective grow has the id of the objective in line 7."),
    ([("strategy.yaml", "id: complaints", "id: customer")], "strategy.yaml:25: error: The KPI customer has the id of the perspective in line 18."),
    ([("strategy.yaml", "measure: revenue", "measure: revenu")], "strategy.yaml:14: error: The KPI revenue has no measure: there is no measures/revenu.sql and no manual/revenu.csv. Mend: Did you mean revenue?"),
    ([("strategy.yaml", "measure: revenue", "measure: delay")], "measures/revenue.sql:1: warning: No KPI uses the measure revenue."),
    ([("strategy.yaml", "is_leading: true", "is_leading: true\n            applies_to: [north, sout]")], "strategy.yaml:18: error: The KPI revenue applies to sout, which is no unit and no tree. Mend: Did you mean south?"),
    ([("strategy.yaml", "is_leading: true", f"{REVENUE_WEIGHT} 0")], "strategy.yaml:7: error: Nothing counts in the objective grow: every weight below it is 0."),
    ([("strategy.yaml", "is_leading: true", f"{REVENUE_WEIGHT} [{{valid_from: 2026-01-01, weight: 1}}, {{valid_from: 2026-07-01, weight: 0}}]")], "strategy.yaml:7: error: Nothing counts in the objective grow from 2026-07-01 on"),
    ([("strategy.yaml", "is_leading: true", f"{REVENUE_WEIGHT}\n              - {{valid_from: 2026-07-01, weight: 1}}\n              - {{valid_from: 2026-07-01, weight: 2}}")], "strategy.yaml:20: error: The weight of revenue from 2026-07-01 comes after the one from 2026-07-01."),
    ([("strategy.yaml", "name: Acme\n", "name: Acme\nbands: {on_track: 30, at_risk: 60}\n")], "strategy.yaml:3: error: on_track (30) must be above at_risk (60)."),
    ([("strategy.yaml", "is_leading: true", "is_leading: true\n            bands: {on_track: 20}")], "strategy.yaml:18: error: on_track (20) must be above at_risk (33.33)."),
    ([("strategy.yaml", "cause: deliver", "cause: delivery")], "strategy.yaml:48: error: The link's cause delivery is no objective. Mend: Did you mean deliver?"),
    ([("strategy.yaml", "cause: deliver", "cause: delight")], "strategy.yaml:48: error: The objective delight is linked to itself."),
    ([("strategy.yaml", "cause: deliver, effect: delight", "cause: delight, effect: grow")], "strategy.yaml:48: error: The link from delight to grow is here twice."),
    ([("strategy.yaml", "effect: delight}\n", "effect: delight}\n  - {cause: grow, effect: deliver}\n")], "strategy.yaml:49: error: The links form a ring:"),
    ([("strategy.yaml", "name: Financial", "name: Financial\n    weight: 2")], "strategy.yaml:6: warning: The perspective financial has 50% of the weight, more than 40%"),
    ([("strategy.yaml", "name: Financial", "name: Financial\n    weight: 0.1")], "strategy.yaml:6: warning: The perspective financial has 5% of the weight, less than 10%"),
    ([("strategy.yaml", "name: Acme\n", "name: Acme\nbalance: {highest_share: 0.1, lowest_share: 0.2}\n")], "strategy.yaml:3: error: lowest_share must be below highest_share."),
    ([("strategy.yaml", "is_leading: true", "is_leading: false")], "strategy.yaml:4: warning: The perspective financial has no leading KPI"),
    ([("strategy.yaml", "      - id: deliver\n", "      - {id: idle, name: Idle, owner: Jo}\n      - id: deliver\n")], "strategy.yaml:35: warning: The objective idle has no KPI"),
    ([("strategy.yaml", "      - id: deliver\n", "      - {id: idle, name: Idle, owner: Jo}\n      - id: deliver\n")], "strategy.yaml:35: warning: The objective idle has neither a cause-and-effect link nor an initiative"),
    # targets, initiatives, commentary
    ([("targets.csv", "revenue,acme", "revenu,acme")], "targets.csv:2: error: There is no KPI revenu. Mend: Did you mean revenue?"),
    ([("targets.csv", "revenue,acme", "revenu,acme")], "strategy.yaml:11: warning: The KPI revenue has no target"),
    ([("targets.csv", "1200,,\n", "1200,,\nrevenue,north,year,2026-01-01,400,500,,\n")], "strategy.yaml:11: warning: The KPI revenue has targets for units beside south, but none for it."),
    ([("targets.csv", "revenue,acme", "revenue,acne")], "targets.csv:2: error: There is no unit acne. Mend: Did you mean acme?"),
    ([("targets.csv", "900,1200", "1200,900")], "targets.csv:2: error: red (1200) of revenue must be below target (900), since higher is better."),
    ([("targets.csv", "900,1200", "900,900")], "targets.csv:2: error: red and target of revenue are both 900: there is no gap to score in."),
    ([("targets.csv", "0.05,0.02", "0.02,0.05")], "targets.csv:3: error: red (0.02) of complaints must be above target (0.05), since lower is better."),
    ([("targets.csv", "0.05,0.02,0.10,0", "0.05,0.02,0.01,0")], "targets.csv:3: error: worst (0.01) of complaints must be above red (0.05)"),
    ([("targets.csv", "0.05,0.02,0.10,0", "0.05,0.02,0.10,0.03")], "targets.csv:3: error: target (0.02) of complaints must be above best (0.03)"),
    ([("targets.csv", "5,3,,", "5,3,,\ndelay,acme,month,2026-01-01,6,3,,")], "targets.csv:5: error: The target of delay for acme per month from 2026-01-01 is here twice; the first is in line 4."),
    ([("targets.csv", "1200,,\n", "1200,,\nrevenue,acme,month,2025-01-01,70,100,,\n")], "targets.csv:2: warning: No month takes the target of revenue for acme per year from 2026-01-01: the older one per month from 2025-01-01 in line 3 still stands. Mend: Write rows per month from 2026-01-01, or remove the older row."),
    ([("initiatives.yaml", "objective: delight", "objective: deligh")], "initiatives.yaml:4: error: There is no objective deligh. Mend: Did you mean delight?"),
    ([("initiatives.yaml", "end: 2026-12-31", "end: 2025-12-31")], "initiatives.yaml:7: error: The initiative hotline ends on 2025-12-31, before it starts."),
    ([("initiatives.yaml", "status: running\n", "status: running\n  - {id: hotline, name: B, objective: grow, owner: Jo, start: 2026-01-01, end: 2026-02-01, status: done}\n")], "initiatives.yaml:9: error: Two initiatives are called hotline; the first is in line 2."),
    ([("commentary/revenu/2026-09.md", "", "Good.")], "commentary/revenu/2026-09.md: error: There is no KPI revenu. Mend: Did you mean revenue?"),
    ([("commentary/revenue/2026-09.md", "unit: north", "unit: norht")], "commentary/revenue/2026-09.md:3: error: There is no unit norht. Mend: Did you mean north?"),
    # names of files
    ([("measure/x.sql", "", "select 1")], "measure: warning: measure is not read. Mend: Rename it to measures"),
    ([("target.csv", "", "x")], "target.csv: warning: target.csv is not read."),
    ([("commentary/2026-09.md", "", "x")], "commentary/2026-09.md: warning: The comment is not read."),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "said"), FINDINGS, ids=[said[:70] for _, said in FINDINGS])
def test_a_flaw_is_found_with_its_line(tmp_path: Path, edits: list[Edit], said: str) -> None:
    found = findings(write(tmp_path, *edits))
    assert any(line.startswith(said) for line in found), "\n".join(found)


def test_a_measure_that_another_measure_reads_is_used(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        ("measures/base.sql", "", "select 1 as unit"),
        ("measures/revenue.sql", "from staging.sale", "from measure.base"),
    )
    assert findings(root) == []


def test_targets_that_are_absent_altogether_are_warned_of(tmp_path: Path) -> None:
    found = findings(write(tmp_path, without=("targets.csv",)))
    assert len([line for line in found if "has no target" in line]) == 3


def test_one_perspective_has_nothing_to_balance(tmp_path: Path) -> None:
    start = FILES["strategy.yaml"].index("  - id: customer")
    alone = FILES["strategy.yaml"][:start]
    root = write(
        tmp_path,
        ("strategy.yaml", "", alone),
        ("initiatives.yaml", "objective: delight", "objective: grow"),
    )
    assert not any("of the weight" in line for line in findings(root))


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        ("[{valid_from: 2026-01-01, weight: 2}, {valid_from: 2027-01-01, weight: 1}]",
         ["financial has 50% of the weight from 2026-01-01, more than 40%: it dominates the scorecard."]),
        ("[{valid_from: 2026-01-01, weight: 1}, {valid_from: 2027-01-01, weight: 2}]",
         ["financial has 50% of the weight from 2027-01-01, more than 40%: it dominates the scorecard."]),
        ("[{valid_from: 2026-01-01, weight: 2}, {valid_from: 2027-01-01, weight: 2}]",
         ["financial has 50% of the weight from 2026-01-01, more than 40%: it dominates the scorecard."]),
    ],
    ids=["today, mended later", "later", "said once"],
)  # fmt: skip
def test_a_perspective_dominates_at_each_date_at_which_weights_change(
    tmp_path: Path, weight: str, said: list[str]
) -> None:
    named = "name: Financial"
    root = write(tmp_path, ("strategy.yaml", named, f"{named}\n    weight: {weight}"))
    found = [line for line in findings(root) if "of the weight" in line]
    assert [line.split(" Mend: ")[0].split("The perspective ")[1] for line in found] == said


def test_a_perspective_whose_weight_begins_later_is_not_neglected_before(tmp_path: Path) -> None:
    dated = {
        "Financial": "[{valid_from: 2026-01-01, weight: 1}]",
        "Customer": "[{valid_from: 2026-01-01, weight: 1}]",
        "Process": "[{valid_from: 2027-01-01, weight: 1}]",
    }
    edits = [
        ("strategy.yaml", f"name: {name}\n", f"name: {name}\n    weight: {weight}\n")
        for name, weight in dated.items()
    ]
    assert not any("hardly counts" in line for line in findings(write(tmp_path, *edits)))


@pytest.mark.parametrize(
    "row",
    [
        "revenue,acme,month,2026-01-01,70,100,,",
        "revenue,acme,month,2025-01-01,70,100,,\nrevenue,acme,month,2026-02-01,80,110,,",
        "revenue,north,month,2025-01-01,70,100,,",
        "complaints,acme,year,2027-01-01,0.05,0.02,,",
    ],
    ids=["of the same date", "months go on", "of another unit", "does not add up"],
)
def test_a_target_of_a_longer_period_is_taken_where_no_older_one_of_a_shorter_hides_it(
    tmp_path: Path, row: str
) -> None:
    root = write(tmp_path, ("targets.csv", "1200,,\n", f"1200,,\n{row}\n"))
    assert not any("takes the target" in line for line in findings(root))


def test_ratios_and_units_that_a_kpi_does_not_apply_to_need_no_target_of_their_own(
    tmp_path: Path,
) -> None:
    root = write(
        tmp_path,
        ("targets.csv", "5,3,,", "5,3,,\ndelay,north,month,2026-01-01,6,3,,"),
        ("targets.csv", "1200,,", "1200,,\nrevenue,north,year,2026-01-01,4,5,,"),
        (
            "strategy.yaml",
            "is_leading: true",
            "is_leading: true\n            applies_to: [acme, north]",
        ),
    )
    assert findings(root) == []
