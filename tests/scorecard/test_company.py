"""Units over time: parents on a day, the dated closure, and moves that cannot be."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scorecard.check import check_workspace
from scorecard.company import Company
from scorecard.workspace import read_workspace
from tests.scorecard.small import write

DAY = date(2026, 8, 15)


def company(*moves: tuple[str, str, date]) -> Company:
    """Give a company with the tree north (n1, n2), south and moves."""
    listed: list[dict[str, Any]] = [
        {"unit": unit, "parent": parent, "valid_from": first} for unit, parent, first in moves
    ]
    north = {"id": "north", "name": "N", "units": [{"id": "n1", "name": "1"}, {"id": "n2", "name": "2"}]}  # fmt: skip
    return Company.model_validate(
        {
            "organisation": {"id": "all", "name": "All"},
            "currency": "EUR",
            "trees": [
                {"id": "land", "name": "Land", "units": [north, {"id": "south", "name": "S"}],
                 "moves": listed},
                {"id": "trade", "name": "Trade", "units": [{"id": "online", "name": "O"}]},
            ],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "parent"),
    [
        (date(2026, 8, 14), "north"),
        (DAY, "south"),
        (date(2026, 9, 30), "south"),
        (date(2026, 10, 1), "all"),
    ],
)
def test_a_units_parent_is_the_one_of_its_last_move(day: date, parent: str) -> None:
    found = company(("n1", "all", date(2026, 10, 1)), ("n1", "south", DAY)).parents(day)
    assert found["n1"] == parent
    assert found["n2"] == "north"
    assert found["all"] is None
    assert list(found) == ["all", "north", "n1", "n2", "south", "online"]


def test_without_moves_the_closure_has_no_dates() -> None:
    rows = {
        (row.ancestor, row.unit): (row.distance, row.first, row.last) for row in company().closure()
    }
    assert rows["north", "n1"] == (1, date.min, date.max)
    assert rows["all", "n1"] == (2, date.min, date.max)
    assert rows["n1", "n1"] == (0, date.min, date.max)
    assert ("south", "n1") not in rows
    assert len(rows) == 6 + 5 + 2


def test_the_closure_says_who_stood_where_and_how_far_below() -> None:
    moved = company(("north", "south", DAY), ("n1", "all", date(2026, 10, 1)))
    rows = [
        (row.ancestor, row.distance, row.first, row.last)
        for row in moved.closure()
        if row.unit == "n1"
    ]
    before, after = date(2026, 8, 14), date(2026, 9, 30)
    assert sorted(rows) == sorted(
        [
            ("n1", 0, date.min, date.max),
            ("north", 1, date.min, after),
            ("south", 2, DAY, after),
            ("all", 2, date.min, before),
            ("all", 3, DAY, after),
            ("all", 1, date(2026, 10, 1), date.max),
        ]
    )


def test_a_unit_that_comes_back_stands_there_twice() -> None:
    moved = company(("n1", "south", DAY), ("n1", "north", date(2026, 10, 1)))
    north = [row for row in moved.closure() if (row.ancestor, row.unit) == ("north", "n1")]
    assert [(row.first, row.last) for row in north] == [
        (date.min, date(2026, 8, 14)),
        (date(2026, 10, 1), date.max),
    ]
    assert len([row for row in moved.closure() if (row.ancestor, row.unit) == ("all", "n1")]) == 1


TREE_END = "      - {id: south, name: South}\n"
SECOND_TREE = "  - {id: trade, name: Trade, units: [{id: online, name: Online}]}\n"
MOVES = [
    (["{unit: kiel, parent: south, valid_from: 2026-04-15}"], None),
    (["{unit: kiel, parent: acme, valid_from: 2026-04-15}"], None),
    (["{unit: kile, parent: south, valid_from: 2026-04-15}"],
     "company.yaml:12: error: The unit kile of a move in the tree territory is in no tree. Mend: Did you mean kiel?"),
    (["{unit: acme, parent: south, valid_from: 2026-04-15}"],
     "company.yaml:12: error: The unit acme of a move in the tree territory is the organisation, which stands still."),
    (["{unit: kiel, parent: suoth, valid_from: 2026-04-15}"],
     "company.yaml:12: error: The parent suoth of a move in the tree territory is in no tree. Mend: Did you mean south?"),
    (["{unit: kiel, parent: online, valid_from: 2026-04-15}"],
     "company.yaml:12: error: The parent online of a move in the tree territory is in the tree trade."),
    (["{unit: kiel, parent: south, valid_from: 2026-04-15}", "{unit: kiel, parent: acme, valid_from: 2026-04-15}"],
     "company.yaml:13: error: The unit kiel moves twice on 2026-04-15; first in line 12."),
    (["{unit: kiel, parent: north, valid_from: 2026-04-15}"],
     "company.yaml:12: warning: The unit kiel moves on 2026-04-15 under north, where it stands already."),
    (["{unit: kiel, parent: south, valid_from: 2026-04-15}", "{unit: kiel, parent: south, valid_from: 2026-05-15}"],
     "company.yaml:13: warning: The unit kiel moves on 2026-05-15 under south, where it stands already."),
    (["{unit: north, parent: kiel, valid_from: 2026-04-15}"],
     "company.yaml:12: error: From 2026-04-15 on the unit north would stand below itself: kiel is below it."),
    (["{unit: south, parent: south, valid_from: 2026-04-15}"],
     "company.yaml:12: error: From 2026-04-15 on the unit south would stand below itself"),
    # each would be sound alone
    (["{unit: south, parent: kiel, valid_from: 2026-04-15}", "{unit: north, parent: south, valid_from: 2026-04-15}"],
     "company.yaml:13: error: From 2026-04-15 on the unit north would stand below itself: south is below it."),
    (["{unit: south, parent: kiel, valid_from: 2026-06-01}", "{unit: kiel, parent: south, valid_from: 2026-04-15}"],
     "company.yaml:12: error: From 2026-06-01 on the unit south would stand below itself"),
    # sound, whatever the order of the lines: kiel is away before north comes under it
    (["{unit: north, parent: kiel, valid_from: 2026-06-01}", "{unit: kiel, parent: acme, valid_from: 2026-04-15}"], None),
    (["{unit: north, parent: kiel, valid_from: 2026-04-15}", "{unit: kiel, parent: acme, valid_from: 2026-04-15}"], None),
]  # fmt: skip


@pytest.mark.parametrize(("moves", "said"), MOVES)
def test_moves_are_checked(tmp_path: Path, moves: list[str], said: str | None) -> None:
    listed = "".join(f"      - {move}\n" for move in moves)
    root = write(
        tmp_path, ("company.yaml", TREE_END, f"{TREE_END}    moves:\n{listed}{SECOND_TREE}")
    )
    findings = [str(finding) for finding in check_workspace(read_workspace(root))]
    if said is None:
        assert findings == []
    else:
        assert any(line.startswith(said) for line in findings), "\n".join(findings)
