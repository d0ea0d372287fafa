"""Tables of what was reported before: releases, restated values and scores.

Not here: what stands now (results).
"""

from datetime import UTC, date, datetime

from tests.reports.warehouse.organisation import AS_OF, HEADLINE, KPIS, Rows, add_months

OLD_RUN, NEW_RUN = "20261002T020000Z-aaaaaa", "20261102T020000Z-bbbbbb"
RESTATED = add_months(HEADLINE, -2)


def release_rows(rows: Rows) -> None:
    """Add two releases."""
    old, new = OLD_RUN, NEW_RUN
    rows["history.release"].extend(
        [
            {
                "run_id": old,
                "release_id": "r-aaaaaaaaaa",
                "base_run_id": None,
                "as_of_date": date(2026, 10, 2),
                "period_start_date": add_months(HEADLINE, -1),
                "reported_at": datetime(2026, 10, 2, 2, 31, tzinfo=UTC),
                "is_current_line": True,
            },
            {
                "run_id": new,
                "release_id": "r-0123456789",
                "base_run_id": old,
                "as_of_date": AS_OF,
                "period_start_date": HEADLINE,
                "reported_at": datetime(2026, 11, 2, 4, 12, tzinfo=UTC),
                "is_current_line": True,
            },
        ]
    )


def reported_rows(rows: Rows) -> None:
    """Add what both releases reported of values: the second restates August's deliveries and adds October."""
    old, new, restated = OLD_RUN, NEW_RUN, RESTATED
    definitions = {row["kpi_id"]: row["definition_id"] for row in rows["scorecard.dim_kpi"]}
    grains = {spec.id: spec.frequency for spec in KPIS}
    for row in rows["scorecard.kpi_value"]:
        if row["is_provisional"] or row["grain"] != grains[row["kpi_id"]]:
            continue
        value = {
            key: row[key]
            for key in (
                "kpi_id",
                "unit_id",
                "period_start_date",
                "grain",
                "numerator",
                "denominator",
                "actual",
            )
        } | {"definition_id": definitions[row["kpi_id"]], "reasons": [], "is_withdrawn": False}
        if (row["kpi_id"], row["unit_id"], row["period_start_date"]) == (
            "on_time",
            "kettle",
            restated,
        ):
            rows["history.reported_value"].append(
                value
                | {
                    "run_id": old,
                    "actual": row["actual"] + 0.007,
                    "numerator": row["numerator"] + 28,
                }
            )
            rows["history.reported_value"].append(
                value | {"run_id": new, "reasons": ["late_data", "changed_unit_tree"]}
            )
        else:
            rows["history.reported_value"].append(
                value | {"run_id": new if row["period_start_date"] == HEADLINE else old}
            )


def rescored_rows(rows: Rows) -> None:
    """Add what both releases reported of scores: the second restates two for a new target and a new weight."""
    old, new, restated = OLD_RUN, NEW_RUN, RESTATED
    grains = {spec.id: spec.frequency for spec in KPIS}
    for level, table in (
        ("kpi", "kpi_score"),
        ("objective", "objective_score"),
        ("perspective", "perspective_score"),
        ("scorecard", "scorecard_score"),
    ):
        for row in rows[f"scorecard.{table}"]:
            if row["grain"] in {"month", grains.get(row.get("kpi_id"), "month")}:
                rows["history.reported_score"].extend(
                    told | {"run_id": new if row["period_start_date"] == HEADLINE else old}
                    for told in [
                        {
                            "level": level,
                            "node_id": row[f"{level}_id"],
                            "unit_id": row["unit_id"],
                            "period_start_date": row["period_start_date"],
                            "grain": row["grain"],
                            "reasons": [],
                            "actual": row.get("actual"),
                            "target": row.get("target"),
                            "weight": 1.0,
                            "score": row["score"],
                            "band": row["band"],
                            "data_state": row["data_state"],
                            "coverage": row["coverage"],
                            "is_withdrawn": False,
                        }
                    ]
                )
    rescored = {
        ("kpi", "refills"): "changed_target",
        ("objective", "grow"): "changed_weight",
        ("scorecard", "balanced"): "changed_weight",
    }
    for row in [row for row in rows["history.reported_score"] if row["unit_id"] == "kettle"]:
        reason = rescored.get((row["level"], row["node_id"]))
        if reason and row["period_start_date"] == restated:
            rows["history.reported_score"].append(
                row | {"run_id": new, "reasons": [reason], "score": row["score"]}
            )
            row |= {"score": row["score"] + 9, "band": "on_track"}
