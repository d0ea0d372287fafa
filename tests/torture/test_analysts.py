"""Analysts who read the published warehouse through a night, and one who never closes it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from pipelines import releases
from scorecard.company import Retention
from tests.pipelines.conftest import SALES, Tiny
from tests.torture.reader import REVENUE_IN_MARCH, look
from tests.torture.told import is_long, tell

ANALYSTS = 50 if is_long() else 5
ANALYST = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    for line in sys.stdin:
        print(*connection.execute(sys.argv[2]).fetchone(), flush=True)
"""


class Analysts:
    """Each with a session of its own, in a process of its own."""

    def __init__(self, sessions: list[subprocess.Popen[str]]) -> None:
        self._sessions = sessions

    def ask(self) -> list[float]:
        """Have each ask for March's revenue."""
        for each in self._sessions:
            assert each.stdin is not None
            each.stdin.write("\n")
            each.stdin.flush()
        return [float(each.stdout.readline()) for each in self._sessions if each.stdout]


@contextmanager
def analysts(tiny: Tiny, count: int) -> Iterator[Analysts]:
    """Open the published warehouse so many times, for as long as the block lasts."""
    warehouse = tiny.state.current.resolve() / "warehouse.duckdb"
    command = [sys.executable, "-c", ANALYST, str(warehouse), REVENUE_IN_MARCH]
    with ExitStack() as stack:
        yield Analysts(
            [
                stack.enter_context(
                    subprocess.Popen(
                        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                    )
                )
                for _ in range(count)
            ]
        )


def test_many_analysts_read_through_a_night_and_keep_what_they_opened(published: Tiny) -> None:
    with analysts(published, ANALYSTS) as many:
        assert many.ask() == [200.0] * ANALYSTS
        published.write("shop/sale.csv", SALES + "7,south,2026-03-31,10.00\n")
        assert published.run().status == "published"
        assert many.ask() == [200.0] * ANALYSTS
        with analysts(published, 2) as fresh:
            assert fresh.ask() == [210.0, 210.0]
    tell("warehouse", f"{ANALYSTS} readers through a night", "all read on, and the night published")


def test_one_who_never_closes_neither_stops_pruning_nor_loses_what_was_opened(
    published: Tiny,
) -> None:
    opened = published.state.current.resolve()
    with analysts(published, 1) as one:
        assert one.ask() == [200.0]
        published.write("shop/sale.csv", SALES + "7,south,2026-03-31,10.00\n")
        assert published.run().status == "published"
        gone = releases.prune(published.state, keep=Retention(releases=1), now=datetime.now(tz=UTC))
        assert gone == [opened.name]
        assert not opened.exists()
        assert one.ask() == [200.0]
    assert look(published.state.current.resolve()).is_one
    tell(
        "warehouse",
        "a reader that never closes",
        "its release was pruned, and it still reads what it opened",
    )
