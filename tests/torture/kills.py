"""Nights that are killed: at every boundary and at random moments, while readers read.

After every kill, what was reported must be there as it was, and the pointer must go to a whole release. Every so often a night
runs to its end: it must publish what the sources say, and leave nothing lying about.

Not here: other faults than death (test_faults, test_damage).
"""

import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import dagster as dg

from pipelines import releases
from pipelines.job import dagster_instance
from tests.pipelines.conftest import Tiny
from tests.torture.kept import Kept, leftovers
from tests.torture.organisation import make, sell
from tests.torture.reader import REVENUE_IN_MARCH

READERS = 2
WHOLE_EVERY = 10
"""After so many kills, a night runs to its end."""
DAGSTER_EVERY = 6
"""Every so many random kills are of a night that Dagster runs; the others leave out what Dagster adds."""
HEALTHY_NIGHTS = 5
"""Before the first kill: so many that the oldest release is pruned."""
_TELLING = re.compile(r"ledger|current|releases/#|audit|removing|lake/\w+/\w+/#")
"""Boundaries that come first: where a release, a load or a report becomes what it is."""
_UNFINISHED = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]

Boundary = tuple[str, int]


@dataclass
class Toll:
    """What a campaign did and saw."""

    random_kills: int = 0
    boundaries_killed: list[str] = field(default_factory=list)
    boundaries_not_reached: list[str] = field(default_factory=list)
    boundaries_left: int = 0
    """Boundaries whose turn had not come when the time was over."""
    parts: Counter[str] = field(default_factory=Counter)
    """Random kills by the part of the night in which they fell."""
    ended_before: int = 0
    """Nights that were over before the moment drawn."""
    dagster_kills: int = 0
    whole_nights: int = 0
    published: int = 0
    reads: int = 0
    moved_on: int = 0
    releases_read: int = 0
    mismatches: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What was lost, or did not heal."""
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing torn, everything healed."""
        return not self.mismatches and not self.faults

    def __add__(self, other: "Toll") -> "Toll":
        """Count two campaigns together; they ran at the same time."""
        both = {name: getattr(self, name) + getattr(other, name) for name in vars(self)}
        return Toll(**both | {"seconds": max(self.seconds, other.seconds)})


class Nights:
    """The night server of one organisation."""

    def __init__(self, folder: Path) -> None:
        """Make the organisation."""
        self.tiny: Tiny = make(folder)
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._number = 0

    def start(self) -> None:
        """Start the server."""
        command = [sys.executable, "-m", "tests.torture.night_server", str(self._folder)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def stop(self) -> None:
        """End the server."""
        if self._process is not None:
            self._process.communicate(timeout=60)
            self._process = None

    def ask(self, **order: Any) -> dict[str, Any]:
        """Sell something new and start a night; say how it ended."""
        self._number += 1
        self.revenue = sell(self.tiny, self._number)
        return self.again(**order)

    def again(self, **order: Any) -> dict[str, Any]:
        """Start a night on the same data."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(
            json.dumps({"log": str(self._folder / "log.txt"), **order}) + "\n"
        )
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def nights(folder: Path) -> Iterator[Nights]:
    """Give a server for the organisation in `folder`, its first night published."""
    made = Nights(folder)
    made.start()
    try:
        first = made.ask()
        assert first["status"] == "published", first
        yield made
    finally:
        made.stop()


@contextmanager
def readers(state: Path, toll: Toll, *, count: int = READERS) -> Iterator[None]:
    """Let readers read until the end; add what they saw to `toll`."""
    command = [sys.executable, "-m", "tests.torture.reader", str(state)]
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in range(count)
        ]
        for reader in started:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "reading\n"
        yield
        seen = [json.loads(reader.communicate(timeout=60)[0]) for reader in started]
    toll.reads += sum(each["reads"] for each in seen)
    toll.moved_on += sum(each["moved_on"] for each in seen)
    toll.mismatches += [found for each in seen for found in each["mismatches"]]
    read = {run_id: told for each in seen for run_id, told in each["runs"].items()}
    toll.releases_read += len(read)


class Campaign:
    """Kills the nights of one organisation, one after the other."""

    def __init__(self, made: Nights, *, seed: int, log: TextIO | None = None) -> None:
        """Begin with the first release published; every step is noted in `log`."""
        self._log = log
        self.toll = Toll()
        self._nights = made
        self._kept = Kept(made.tiny.state)
        self._chance = random.Random(seed)  # noqa: S311 - a test's draw, to be repeated
        self._length = 5.0
        self._left: list[Boundary] = []
        self._note("at the beginning")

    def warm_up(self) -> list[Boundary]:
        """Run nights to their end until one prunes; give the boundaries of a night, and of one after a kill."""
        passed: dict[str, int] = {}
        for number in range(HEALTHY_NIGHTS):
            answer = self.whole(trace=number == HEALTHY_NIGHTS - 1)
        passed |= answer["trace"]
        self._length = answer["seconds"]
        self.at_random()
        passed |= self.whole(trace=True)["trace"]
        found = [each for label, times in passed.items() for each in _occurrences(label, times)]
        return sorted(found, key=lambda each: (_TELLING.search(each[0]) is None, each[1] > 1))

    def kills(self, boundaries: Sequence[Boundary], *, kills: int) -> Iterator[Callable[[], None]]:
        """Give the kills in their order: boundaries and random moments in turn, until there are enough of both."""
        left = self._left = list(boundaries)
        draws = 0
        while left or self.toll.random_kills < kills:
            if left:
                yield partial(self.at, left.pop(0))
            if self.toll.random_kills < kills:
                draws += 1
                by = "dagster" if draws % DAGSTER_EVERY == 0 else "command"
                yield partial(self.at_random, by=by)

    def at(self, boundary: Boundary) -> None:
        """Kill a night at a boundary."""
        named = f"{boundary[0]} ({boundary[1]})"
        answer = self._nights.ask(at=list(boundary))
        reached = (
            self.toll.boundaries_killed if answer["killed"] else self.toll.boundaries_not_reached
        )
        reached.append(named)
        if answer["hung"]:
            self.toll.faults.append(f"a night that was to be killed at {named} hung")
        self._note(f"killed at {named}")

    def at_random(self, *, by: str = "command") -> None:
        """Kill a night at a random moment of it."""
        moment = self._chance.uniform(0.0, self._length * (2 if by == "dagster" else 1))
        answer = self._nights.ask(kill_after=max(moment, 0.01), by=by)
        if answer["killed"]:
            self.toll.random_kills += 1
            self.toll.parts[answer["part"]] += 1
            self.toll.dagster_kills += by == "dagster"
        else:
            self.toll.ended_before += 1
        self._note(f"killed after {moment:.3f} s in {answer['part']}")

    def whole(self, *, by: str = "command", trace: bool = False) -> dict[str, Any]:
        """Run a night to its end: it must publish what the sources say, and leave nothing lying about."""
        answer = self._nights.ask(by=by, trace=trace)
        self.toll.whole_nights += 1
        state = self._nights.tiny.state
        if answer.get("status") != "published" or answer["problems"]:
            self.toll.faults.append(f"a night after kills did not heal: {answer}")
        elif (shown := self._nights.tiny.query(REVENUE_IN_MARCH)) != [(self._nights.revenue,)]:
            self.toll.faults.append(f"revenue is {shown}, {self._nights.revenue} was sold")
        self.toll.faults += [f"left lying about: {path}" for path in leftovers(state)]
        if by == "dagster":
            self.toll.faults += _blocked(self._nights.tiny)
        self._note("a whole night")
        return answer

    def end(self) -> Toll:
        """Run a last night of each kind, and give what was seen."""
        self.whole()
        self.whole(by="dagster")
        self.toll.boundaries_left = len(self._left)
        self.toll.published = len(releases.published_run_ids(self._nights.tiny.state))
        return self.toll

    def _note(self, when: str) -> None:
        self.toll.faults += [f"{when}: {fault}" for fault in self._kept.faults()]
        if self._log:
            kills = self.toll.random_kills, len(self.toll.boundaries_killed)
            self._log.write(
                f"{kills} {when}; {len(self.toll.faults)} faults {self.toll.faults[-1:]}\n"
            )
            self._log.flush()


def _occurrences(label: str, times: int) -> list[Boundary]:
    """Give where to kill at a boundary that a night passes several times: the first, the middle and the last."""
    return [(label, which) for which in sorted({1, (times + 1) // 2, times})]


def _blocked(tiny: Tiny) -> list[str]:
    """Give the runs that Dagster takes for alive, and that would hold its one place for ever."""
    with dagster_instance(tiny.state) as instance:
        alive = instance.get_run_ids(filters=dg.RunsFilter(statuses=_UNFINISHED))
    return [f"Dagster still counts the run {run_id} as running" for run_id in alive]


def campaign(
    folder: Path,
    *,
    kills: int,
    seed: int,
    share: tuple[int, int] = (0, 1),
    only: Sequence[str] | None = None,
    minutes: float | None = None,
) -> Toll:
    """Kill nights at boundaries (those whose label has one of `only` in it, where given) and at `kills` random moments.

    `share` says which of how many campaigns this is: each takes its part of the boundaries. After `minutes` no other night is
    killed: the toll says how many were.
    """
    began = time.monotonic()
    end = began + 60 * (minutes or 24 * 60)
    with nights(folder) as made, (folder / "campaign.log").open("w", encoding="utf-8") as log:
        found = Campaign(made, seed=seed + share[0], log=log)
        with readers(made.tiny.state.root, found.toll):
            boundaries = [
                each
                for each in found.warm_up()
                if only is None or any(text in each[0] for text in only)
            ]
            for number, kill in enumerate(
                found.kills(boundaries[share[0] :: share[1]], kills=kills), 1
            ):
                kill()
                if time.monotonic() > end:
                    break
                if number % WHOLE_EVERY == 0:
                    found.whole(by="dagster" if number % (3 * WHOLE_EVERY) == 0 else "command")
            toll = found.end()
    toll.seconds = time.monotonic() - began
    return toll
