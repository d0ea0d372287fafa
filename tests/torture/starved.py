"""Nights that run out of something, or whose disk becomes read-only, at lake, build, ledger and publish.

    python -m tests.torture.starved FOLDER [--disks]

prints one line of JSON per fault: where, what befell the night, what was said, and what was lost. With `--disks` the folders of
lake, ledger and releases are small disks of their own, which are really filled and really remounted: that needs the right to
mount, which `unshare` gives. Without, limits of the process do it, which any user may set.

Not here: nights that are killed (kills), and what damage does to what is written (test_damage).
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.state import State
from tests.torture.kept import Kept, leftovers
from tests.torture.kills import Nights, nights
from tests.torture.night_server import FILLER
from tests.torture.reader import look

DISKS = {"lake": 32, "ledger": 16, "releases": 192}
"""Each one's size in megabytes."""
PLACES = {
    "lake": ("mkdir lake/shop/sale/.working-#/#", "lake"),
    "build": ("staging and measures begins", "releases"),
    "pages": ("pages begins", "releases"),
    "ledger": ("mkdir ledger/parts/.writing-#", "ledger"),
    "publish": ("rename releases/#", "releases"),
    "pointer": ("open ledger/moves/.#.json.writing", "ledger"),
}
"""Where in a night, and which disk it writes to there."""
LIMITS = {
    "no room for a file": "limit FSIZE 0",
    "no file descriptors": "limit NOFILE 0",
    "no memory": "limit AS 0",
}


@dataclass(frozen=True)
class Fault:
    """What befell a night, what it said, and what was wrong afterwards."""

    place: str
    fault: str
    said: str
    wrong: list[str]


def with_limits(made: Nights, *, places: list[str] | None = None) -> Iterator[Fault]:
    """Starve nights by limits of their process."""
    for place in places or PLACES:
        for fault, fate in LIMITS.items():
            yield _befall(made, place, fault, fate)


def with_disks(made: Nights, *, places: list[str] | None = None) -> Iterator[Fault]:
    """Fill the disks, and make them read-only."""
    for place in places or PLACES:
        folder = made.tiny.state.root / PLACES[place][1]
        yield _befall(made, place, "disk full", f"fill {folder}")
        yield _befall(made, place, "read-only folder", f"readonly {folder}")


def _befall(made: Nights, place: str, fault: str, fate: str) -> Fault:
    state = made.tiny.state
    kept = Kept(state)
    wrong = kept.faults()
    stood = state.current.resolve()
    answer = made.ask(at=[PLACES[place][0], 1], fate=fate)
    if not answer.get("boundary"):
        wrong.append(f"the night did not come to {PLACES[place][0]}")
    if answer["hung"]:
        wrong.append("the night neither ended nor died")
    wrong += [f"afterwards: {each}" for each in kept.faults()]
    current = state.current.resolve()
    # a night may come to its end with what little is left; then it must have done so in full
    if (answer.get("status") == "published") != (current != stood):
        wrong.append(
            f"the night ended as {answer.get('status')}, the pointer goes to {current.name}"
        )
    if not look(current).is_one:
        wrong.append(f"{current.name} is not whole")
    _mend(state)
    healed = made.again()
    if healed.get("status") not in ("published", "unchanged") or healed["problems"]:
        wrong.append(f"the next night did not heal: {healed}")
    wrong += [f"left lying about: {each}" for each in leftovers(state)]
    wrong += [f"healed: {each}" for each in kept.faults()]
    return Fault(place, fault, _said(answer), wrong)


def _mend(state: State) -> None:
    """Give the disks back what was taken."""
    for disk in DISKS:
        folder = state.root / disk
        if folder.is_mount():
            subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
        (folder / FILLER).unlink(missing_ok=True)


def _said(answer: dict[str, Any]) -> str:
    told = " ".join(answer.get("problems") or []) or answer.get("error") or ""
    if answer.get("status") == "published":
        return "nothing: it came to its end with what was left"
    return told or f"nothing: the process died, wait status {answer['wait_status']}"


def _mount(state: Path) -> None:
    for disk, size in DISKS.items():
        (state / disk).mkdir(parents=True)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}m", "torture", str(state / disk)],
            check=True,
        )


def main() -> None:
    """Starve, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--disks", action="store_true")
    parser.add_argument("--places", nargs="*")
    asked = parser.parse_args()
    if asked.disks:
        _mount(asked.folder / "state")
    with nights(asked.folder) as made:
        starve = with_disks if asked.disks else with_limits
        for each in starve(made, places=asked.places):
            print(json.dumps(asdict(each)), flush=True)  # noqa: T201 - read by the test
    sys.exit(0)


if __name__ == "__main__":
    main()
