"""Nights that run out of disk, of file descriptors and of memory, or whose disk is read-only, at lake, build, ledger and publish."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.torture.starved import LIMITS, PLACES
from tests.torture.told import is_long, tell


def starved(folder: Path, *, inside: tuple[str, ...] = (), more: tuple[str, ...] = ()) -> list[str]:
    """Starve nights in a process of its own; give what was wrong."""
    command = [*inside, sys.executable, "-m", "tests.torture.starved", str(folder), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for each in found:
        tell(each["place"], each["fault"], each["said"])
    assert found
    return [
        f"{each['place']}, {each['fault']}: {wrong}" for each in found for wrong in each["wrong"]
    ]


@cache
def mounting() -> tuple[str, ...]:
    """Give the command that lets a process mount disks of its own; empty where this user may not."""
    for command in (("unshare", "-m"), ("unshare", "-Urm")):
        mount = (*command, "mount", "-t", "tmpfs", "torture", "/mnt")
        try:
            done = subprocess.run(mount, capture_output=True, check=False)
        except FileNotFoundError:
            return ()
        if done.returncode == 0:
            return command
    return ()


@pytest.mark.skipif(not is_long(), reason="takes minutes: make torture")
def test_starved_nights_lose_nothing_and_the_next_one_heals(tmp_path: Path) -> None:
    assert LIMITS.keys() == {"no room for a file", "no file descriptors", "no memory"}
    assert starved(tmp_path, more=("--places", *PLACES)) == []


@pytest.mark.skipif(not is_long(), reason="takes minutes: make torture")
def test_nights_on_full_and_read_only_disks_lose_nothing(tmp_path: Path) -> None:
    if not mounting():
        pytest.skip("this user may mount nothing; limits of the process stand in for full disks")
    assert starved(tmp_path, inside=mounting(), more=("--disks",)) == []
