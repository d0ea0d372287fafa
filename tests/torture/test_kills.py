"""Nights that are killed where it hurts most, and at a few random moments; `make torture` does all of them."""

from pathlib import Path

from tests.torture.kills import Campaign, nights, readers

WORST = [
    "audit of the site ends",
    "mkdir ledger/parts/.writing-#",
    "rename ledger/parts/#",
    "rename current",
]


def test_killed_nights_lose_nothing_and_the_next_one_heals(tmp_path: Path) -> None:
    with nights(tmp_path) as made:
        found = Campaign(made, seed=5)
        with readers(made.tiny.state.root, found.toll, count=1):
            for label in WORST:
                found.at((label, 1))
            for _ in range(2):
                found.at_random()
            found.whole()
    toll = found.toll
    assert toll.boundaries_killed == [f"{label} (1)" for label in WORST]
    assert (toll.mismatches, toll.faults) == ([], [])
    assert toll.reads > 0
