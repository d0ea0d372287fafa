"""What a person sees while a run goes on: its parts, as they begin and end.

Not here: what the parts are (`pipelines.night`) and the closing summary (`pipelines.cli`).
"""

import logging
from typing import Protocol

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from pipelines.runs import RunRecord

_LOG = logging.getLogger("steelyard")


class Progress(Protocol):
    """Told by a run how far it is."""

    def begin(self, part: str) -> None:
        """Note that a part begins."""

    def end(self, part: str, *, seconds: float, summary: str) -> None:
        """Note that a part has ended; `summary` says in a few words what came of it."""

    def say(self, message: str) -> None:
        """Pass on what a person must know while the run goes on."""

    def finished(self, record: RunRecord) -> None:
        """Take the run's final record."""


class LogProgress:
    """Writes to the log `steelyard`; for runs that Dagster starts by itself."""

    def begin(self, part: str) -> None:
        """Note that a part begins."""
        _LOG.debug("%s begins", part)

    def end(self, part: str, *, seconds: float, summary: str) -> None:
        """Note that a part has ended."""
        _LOG.info("%s: %s (%.1f s)", part, summary, seconds)

    def say(self, message: str) -> None:
        """Warn."""
        _LOG.warning("%s", message)

    def finished(self, record: RunRecord) -> None:
        """Note how the run ended."""
        _LOG.info("run %s: %s", record.run_id, record.status)


class LineProgress:
    """One line per part, for output that is no terminal."""

    def __init__(self, console: Console) -> None:
        """Write to `console`."""
        self._console = console
        self.record: RunRecord | None = None

    def begin(self, part: str) -> None:
        """Stay silent until there is something to say."""

    def end(self, part: str, *, seconds: float, summary: str) -> None:
        """Print the part's line."""
        self._console.print(_line(part, seconds=seconds, summary=summary), highlight=False)

    def say(self, message: str) -> None:
        """Print the message."""
        self._console.print(message, highlight=False, markup=False)

    def finished(self, record: RunRecord) -> None:
        """Keep the record for the closing summary."""
        self.record = record


class LiveProgress(LineProgress):
    """The same on a terminal, with a moving line for the part that is at work."""

    def __init__(self, console: Console) -> None:
        """Write to `console`."""
        super().__init__(console)
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def begin(self, part: str) -> None:
        """Show the part as at work."""
        self._bar.start()
        self._tasks[part] = self._bar.add_task(part, total=None)

    def end(self, part: str, *, seconds: float, summary: str) -> None:
        """Replace the moving line by the part's result."""
        self._bar.remove_task(self._tasks.pop(part))
        super().end(part, seconds=seconds, summary=summary)

    def finished(self, record: RunRecord) -> None:
        """Take the moving line away."""
        self._bar.stop()
        super().finished(record)


def _line(part: str, *, seconds: float, summary: str) -> str:
    return f"  {part:<22} {seconds:6.1f} s  {summary}"
