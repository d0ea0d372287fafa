"""Runs a command beside stand-ins for Kestrel's source systems: `python -m examples.roastery.stand_in -- COMMAND ARGS…`.

Makes the data if they are not there, starts the CRM on a free loopback port, tells the command where everything is
through the environment, and ends with the command's exit code. What is already set in the environment stays: with
`FINANCE_URL=postgresql://…` finance comes from PostgreSQL, filled first if it holds no sales ledger.

Not here: the data (`generator`) and the CRM's answers (`crm_server`).
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from examples.roastery.crm_server import serving
from examples.roastery.generator.build import build, fill_finance

DEMO_TOKEN = "demo-token-of-the-stand-in"  # noqa: S105 opens nothing but the stand-in on loopback
DEMO_HASH_KEY = "demo-key-for-invented-people"
USAGE = "usage: python -m examples.roastery.stand_in -- COMMAND [ARGS…]"


def run_beside_stand_ins(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command and give its exit code."""
    home = Path(environment.get("STEELYARD_HOME", ".steelyard")).resolve()
    data = Path(environment.get("ROASTERY_DATA", home / "example-data")).resolve()
    if "ROASTERY_DATA" not in environment:
        build(data)
    if "FINANCE_URL" in environment:
        fill_finance(environment["FINANCE_URL"])
    token = environment.get("CRM_TOKEN", DEMO_TOKEN)
    with serving(data / "crm", token=token) as crm_url:
        ours = {
            "ROASTERY_DATA": str(data),
            "FINANCE_URL": f"sqlite:///{data / 'finance.db'}",
            "CRM_URL": crm_url,
            "CRM_TOKEN": token,
            "STEELYARD_HASH_KEY": DEMO_HASH_KEY,
        }
        return _run(command, {**ours, **environment})


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A script that starts this in the background has it ignore Ctrl-C, and so would the command: Dagster's UI and daemon
        # take SIGTERM as they take Ctrl-C, and would never end.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    child = subprocess.Popen(command, env=dict(environment))  # noqa: S603 the caller's own command

    def forward(number: int, _frame: FrameType | None) -> None:
        is_there_already = number == signal.SIGINT and sys.stdin.isatty()
        if not is_there_already:  # a terminal sends Ctrl-C to the command as well
            child.send_signal(number)

    before = {number: signal.signal(number, forward) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 128 - code if code < 0 else code


def main(arguments: Sequence[str]) -> int:
    """Run what stands after `--`."""
    if len(arguments) < 2 or arguments[0] != "--":  # noqa: PLR2004 the mark and a command
        print(USAGE, file=sys.stderr)  # noqa: T201 a command prints
        return 3
    try:
        return run_beside_stand_ins(arguments[1:], os.environ)
    except FileNotFoundError as error:
        print(f"stand_in: cannot start: {error}", file=sys.stderr)  # noqa: T201 a command prints
        return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
