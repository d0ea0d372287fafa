"""The stand-in runs a command beside the source systems, tells it where they are, and ends as it ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

TELL = "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k in %r}))"
NAMES = ("ROASTERY_DATA", "FINANCE_URL", "CRM_URL", "CRM_TOKEN", "STEELYARD_HASH_KEY")


@pytest.fixture
def environment(roastery_data: Path, tmp_path: Path) -> dict[str, str]:
    """Give an environment in which the data are already made."""
    plain = {name: value for name, value in os.environ.items() if name not in NAMES}
    return {**plain, "STEELYARD_HOME": str(tmp_path), "ROASTERY_DATA": str(roastery_data)}


def stand_in(*command: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "examples.roastery.stand_in", *command],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def told(environment: Mapping[str, str]) -> dict[str, str]:
    """Run a command that prints what it was told."""
    process = stand_in("--", sys.executable, "-c", TELL % (NAMES,), environment=environment)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    found: dict[str, str] = json.loads(out)
    return found


def test_the_command_is_told_where_everything_is(
    environment: dict[str, str], roastery_data: Path
) -> None:
    found = told(environment)
    assert found["ROASTERY_DATA"] == str(roastery_data)
    assert found["FINANCE_URL"] == f"sqlite:///{roastery_data}/finance.db"
    assert found["CRM_URL"].startswith("http://127.0.0.1:")
    assert len(found["STEELYARD_HASH_KEY"]) >= 16
    assert found["CRM_TOKEN"]


def test_what_is_set_already_stays(environment: dict[str, str], tmp_path: Path) -> None:
    mine = {
        "FINANCE_URL": f"sqlite:///{tmp_path}/mine.db",
        "CRM_URL": "http://127.0.0.1:9/v1",
        "STEELYARD_HASH_KEY": "a key of my own, long enough",
    }
    found = told({**environment, **mine})
    assert {name: found[name] for name in mine} == mine
    assert (tmp_path / "mine.db").exists()


def test_it_ends_with_the_commands_exit_code(environment: dict[str, str]) -> None:
    process = stand_in("--", sys.executable, "-c", "raise SystemExit(2)", environment=environment)
    process.communicate(timeout=60)
    assert process.returncode == 2


def test_a_command_that_does_not_exist_is_told_plainly(environment: dict[str, str]) -> None:
    process = stand_in("--", "no-such-command", environment=environment)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 127
    assert "no-such-command" in err
    assert "Traceback" not in err


def test_without_a_command_it_says_how_it_is_used(environment: dict[str, str]) -> None:
    process = stand_in("steelyard", environment=environment)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "usage" in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_the_command(environment: dict[str, str], number: signal.Signals) -> None:
    """Else whoever stops `make dev` by its process number leaves Dagster running."""
    waits = (
        "import signal, sys, time\n"
        "stop = lambda *_: sys.exit(42)\n"
        "signal.signal(signal.SIGTERM, stop); signal.signal(signal.SIGINT, stop)\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    process = stand_in("--", sys.executable, "-c", waits, environment=environment)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == 42


def test_a_command_started_in_the_background_of_a_script_can_be_stopped(
    environment: dict[str, str],
) -> None:
    """`make dev &` in a script has SIGINT ignored; Dagster gives SIGTERM the same handler, and so could not be stopped."""
    tells = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    command = [
        sys.executable,
        "-m",
        "examples.roastery.stand_in",
        "--",
        sys.executable,
        "-c",
        tells,
    ]
    in_background = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]
    process = subprocess.run(
        in_background, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert process.stdout == "False\n"
