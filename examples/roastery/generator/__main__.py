"""The command line of the generator: `python -m examples.roastery.generator FOLDER`.

Not here: starting anything on the data (`examples.roastery.stand_in`).
"""

import argparse
from datetime import date
from pathlib import Path

from examples.roastery.generator.build import SEED, build, fill_finance
from examples.roastery.generator.organisation import TODAY


def main() -> None:
    """Make the data below a folder, and fill a finance database elsewhere if asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.roastery.generator", description=main.__doc__
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--known-on", type=date.fromisoformat, default=TODAY, help="as known on this morning"
    )
    parser.add_argument(
        "--finance-url", help="also write the finance tables to this empty database"
    )
    asked = parser.parse_args()
    build(asked.folder, seed=asked.seed, known_on=asked.known_on)
    if asked.finance_url:
        fill_finance(asked.finance_url, seed=asked.seed, known_on=asked.known_on)


if __name__ == "__main__":
    main()
