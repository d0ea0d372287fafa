"""What a person needs to know when a run has failed: `runs/<run_id>.failure.txt`.

Not here: problems that do not stop a run; its record has them.
"""

import traceback
from pathlib import Path

from pipelines import releases
from pipelines.nightly import RunContext
from pipelines.state import write_durably


def write_failure(context: RunContext, *, step: str, error: BaseException) -> Path:
    """Say which step failed and why, what still stands published, and what to do."""
    path = context.state.runs / f"{context.run_id}.failure.txt"
    write_durably(path, _text(context, step=step, error=error))
    return path


def _text(context: RunContext, *, step: str, error: BaseException) -> str:
    current = releases.current_run_id(context.state)
    stands = f"The release of run {current} still stands." if current else "No release stands yet."
    return "\n".join(
        [
            f"The run {context.run_id} of {context.started_at:%Y-%m-%d %H:%M} UTC for business date {context.as_of}",
            f"failed in the step {step}. Nothing was published. {stands}",
            "",
            f"{type(error).__name__}: {error}",
            "",
            "What to do: mend what the message names, then run `steelyard run`. Loads that came in are kept.",
            "",
            *traceback.format_exception(error),
        ]
    )
