"""Tables of where the numbers come from: measures, loads, contracts, lineage, warnings.

Not here: who reported them before (history).
"""

import json
from datetime import UTC, date, datetime

from tests.reports.warehouse.organisation import HEADLINE, KPIS, Rows
from tests.reports.warehouse.scoring import last_date


def measure_rows(rows: Rows) -> None:
    """Add the measures and how their tables hang together."""
    for spec in KPIS:
        if spec.measure is None:
            continue
        rows["measure.dim_measure"].append(
            {
                "measure_id": spec.id,
                "description": f"What {spec.id} is made of.",
                "sql_text": f"-- Source of {spec.id}. </pre><script>alert(2)</script>\nselect unit, period, 1 as numerator\nfrom staging.tills__sale\nwhere amount < 10 and name = 'x'",
                "kind": "keys" if spec.aggregation == "distinct" else "components",
                "is_manual": spec.is_manual,
                "dimensions": [
                    "channel",
                    *(("entered_by", "entered_at") if spec.is_manual else ()),
                ],
                "data_as_of_date": last_date(HEADLINE),
                "first_period_start_date": spec.first,
                "row_count": 144,
                "is_broken": False,
            }
        )
        rows["quality.table_lineage"].append(
            {"table_name": f"measure.{spec.id}", "depends_on": "staging.tills__sale"}
        )
        rows["history.definition"].append(
            {
                "kpi_id": spec.id,
                "definition_id": f"d{KPIS.index(spec) + 1:07x}",
                "run_id": "20261002T020000Z-aaaaaa",
                "definition_json": "{}",
            }
        )
    rows["quality.table_lineage"].extend(
        [
            {"table_name": "staging.tills__sale", "depends_on": "raw.tills__sale"},
            {"table_name": "staging.tills__sale", "depends_on": "staging.hr__person"},
            {"table_name": "staging.hr__person", "depends_on": "raw.hr__person"},
        ]
    )
    rows["quality.staging_table"].extend(
        [
            {
                "staging_id": "tills__sale",
                "description": "Sales, cleaned.",
                "sql_text": "select * from raw.tills__sale",
                "row_count": 1200,
            },
            {
                "staging_id": "hr__person",
                "description": "People.",
                "sql_text": "select * from raw.hr__person",
                "row_count": 80,
            },
        ]
    )
    rows["measure.unplaced"].append(
        {
            "measure_id": "net_sales",
            "unit_id": "<atlantis>",
            "period_start_date": HEADLINE,
            "row_count": 3,
        }
    )


def quality_rows(rows: Rows) -> None:
    """Add sources in every state, their loads, verdicts and quarantined rows."""
    sources = (
        (
            "tills",
            "sale",
            "Tills",
            "operations",
            "good",
            None,
            last_date(HEADLINE),
            True,
            "passed",
        ),
        (
            "hr",
            "person",
            "HR files",
            "hr",
            "rejected",
            "hours_is_not_negative: 12 of 80 rows are below 0",
            date(2026, 9, 30),
            False,
            "failed",
        ),
        (
            "crm",
            "reply",
            'Help desk "Q" <b>',
            "crm",
            "failed",
            "The server at the help desk did not answer (3 tries).",
            date(2026, 9, 27),
            False,
            "passed",
        ),
        (
            "ledger",
            "posting",
            "Finance ledger",
            "finance",
            "good",
            None,
            last_date(HEADLINE),
            True,
            "unchecked",
        ),
    )
    for source, table, name, area, outcome, message, known, fresh, verdict in sources:
        good = f"20261001T0200{len(source):02d}Z"
        rows["quality.source_status"].append(
            {
                "source_id": source,
                "table_id": table,
                "source_name": name,
                "owner_name": "IT lead",
                "area": area,
                "outcome": outcome,
                "message": message,
                "selected_load_id": good,
                "data_as_of_date": known,
                "is_fresh": fresh,
            }
        )
        loads = [(good, "passed" if verdict == "failed" else verdict, True)]
        if verdict == "failed":
            loads.append((f"20261102T0200{len(source):02d}Z", "failed", False))
        for load, said, used in loads:
            rows["quality.load"].append(
                {
                    "source_id": source,
                    "table_id": table,
                    "load_id": load,
                    "row_count": 1240,
                    "byte_count": 20480,
                    "content_hash": "ab" * 32,
                    "columns": json.dumps({"id": "bigint"}),
                    "cursor_value": None,
                    "extracted_at": datetime(2026, 11, 2, 2, 5, tzinfo=UTC),
                    "data_as_of_date": known,
                    "is_snapshot": True,
                    "verdict": said,
                    "is_selected": used,
                    "quarantined_count": 6 if source == "tills" else 0,
                }
            )
            rows["quality.contract_result"].extend(
                [
                    {
                        "source_id": source,
                        "table_id": table,
                        "load_id": load,
                        "check_name": "hours_is_not_negative",
                        "expectation": "expect_column_values_to_be_between",
                        "severity": "fail",
                        "outcome": "failed" if said == "failed" else "passed",
                        "unexpected_count": 12 if said == "failed" else 0,
                        "row_count": 80,
                        "observed_value": None,
                        "message": "hours must lie between 0 and 200",
                    },
                    {
                        "source_id": source,
                        "table_id": table,
                        "load_id": load,
                        "check_name": "row_count_is_usual",
                        "expectation": "expect_table_row_count_to_be_between",
                        "severity": "warn",
                        "outcome": "crashed" if source == "crm" else "passed",
                        "unexpected_count": None,
                        "row_count": 80,
                        "observed_value": "80",
                        "message": "between 10 and 100 rows",
                    },
                ]
            )
    rows["quality.quarantined_row"].extend(
        {
            "source_id": "tills",
            "table_id": "sale",
            "load_id": "20261001T020005Z",
            "row_number": number,
            "rule_name": "amount_is_positive",
            "reason": "A sale of nothing is no sale.",
            "row_json": json.dumps(
                {"id": number, "amount": -1, "note": "<img src=x onerror=alert(3)>"}
            ),
        }
        for number in range(1, 121)
    )
