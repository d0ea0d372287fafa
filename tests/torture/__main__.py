"""`python -m tests.torture`: the whole of the torture, and its report.

Not here: what is done (kills) and the faults that pytest runs (test_faults, test_damage and their neighbours).
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from tests.torture import told
from tests.torture.kills import Toll, campaign

HERE = Path(__file__).parent


def main() -> None:
    """Torture, print the report and write it; end with 1 where something was lost, torn or did not heal."""
    asked = _arguments()
    asked.report.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="steelyard-torture-", dir=asked.folder) as folder:
        toll = _kill(Path(folder), asked)
        faults = Path(folder) / "told.jsonl"
        passed = asked.kills_only or _faults(faults)
        text = _report(toll, faults, asked, passed=passed)
    asked.report.write_text(text, "utf-8")
    print(text)  # noqa: T201 - the report
    sys.exit(0 if toll.is_good and passed else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="random moments; 300")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments; 1")
    parser.add_argument(
        "--minutes", type=float, help="kill no more after so many; as many as it takes"
    )
    parser.add_argument("--at-once", type=int, default=2, help="organisations tortured at once; 2")
    parser.add_argument("--kills-only", action="store_true", help="leave out the other faults")
    parser.add_argument("--random-only", action="store_true", help="random moments, no boundaries")
    parser.add_argument(
        "--folder",
        type=Path,
        help="where to work; the machine's own for such. One in memory (/dev/shm) is faster on a busy disk",
    )
    parser.add_argument(
        "--report",
        type=Path,
        default=Path("tests/torture/results/report.md"),
        help="where to write",
    )
    return parser.parse_args()


def _kill(folder: Path, asked: argparse.Namespace) -> Toll:
    count = asked.at_once
    each = -(-asked.kills // count)
    with ThreadPoolExecutor(count) as pool:
        tolls = list(
            pool.map(
                lambda which: campaign(
                    folder / str(which),
                    kills=each,
                    seed=asked.seed,
                    share=(which, count),
                    minutes=asked.minutes,
                    only=() if asked.random_only else None,
                ),
                range(count),
            )
        )
    return sum(tolls[1:], tolls[0])


def _faults(said: Path) -> bool:
    """Run the suite of the other faults in its long form."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            str(HERE),
            "--ignore",
            str(HERE / "test_kills.py"),
        ],
        env={**os.environ, "STEELYARD_TORTURE": str(said)},
        check=False,
    )
    return done.returncode == 0


def _report(toll: Toll, said: Path, asked: argparse.Namespace, *, passed: bool) -> str:
    lines = [
        "# Torture",
        "",
        f"{datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC, {platform.system()} {platform.machine()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}; seed {asked.seed}, {asked.at_once} organisations at once, {toll.seconds:.0f} s.",
        "",
        "| what | count |",
        "|---|---|",
        f"| nights killed at a random moment, of {asked.kills} asked for | {toll.random_kills} |",
        f"| of these, run by Dagster | {toll.dagster_kills} |",
        f"| boundaries at which a night was killed | {len(toll.boundaries_killed)} |",
        f"| boundaries that a later night did not pass | {len(toll.boundaries_not_reached)} |",
        f"| boundaries left when the time was over | {toll.boundaries_left} |",
        f"| nights that ran to their end | {toll.whole_nights + toll.ended_before} |",
        f"| releases published | {toll.published} |",
        f"| reads of page, data and warehouse meanwhile | {toll.reads} |",
        f"| releases read | {toll.releases_read} |",
        f"| reads that found their release pruned, and asked again | {toll.moved_on} |",
        f"| mismatches | {len(toll.mismatches)} |",
        f"| lost, or not healed | {len(toll.faults)} |",
        "",
        "## Random moments, by the part of the night",
        "",
        *(f"- {part}: {count}" for part, count in sorted(toll.parts.items(), key=lambda each: -each[1])),
        "",
        "## Boundaries",
        "",
        *(f"- {boundary}" for boundary in sorted(toll.boundaries_killed)),
        "",
    ]  # fmt: skip
    lines += ["## Mismatches and faults", "", *(f"- {each}" for each in toll.mismatches + toll.faults), ""] if not toll.is_good else []  # fmt: skip
    if not asked.kills_only:
        lines += ["## Other faults, and what was said", "", *told.lines(said), ""]
        lines += [] if passed else ["**The suite of the other faults failed.**", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
