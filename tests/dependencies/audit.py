"""What is publicly known against the locked dependencies: `pip-audit` on the lock, asking the OSV database.

Exit codes: 0 nothing is known; 1 something is; 4 the database could not be asked, so that nothing is known either way.

    python -m tests.dependencies.audit

Not here: mending it (raise the version in pyproject.toml, then `make lock`).
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

from tests.dependencies.lock import DEVELOPMENT, RUNTIME

DATABASE = "https://api.osv.dev/v1/query"
CLEAN, FOUND, UNKNOWN = 0, 1, 4
_SECONDS = 20


def main() -> int:
    """Audit both locks; say what was found."""
    try:
        probe = {"package": {"name": "pip", "ecosystem": "PyPI"}, "version": "1.0"}
        requests.post(DATABASE, json=probe, timeout=_SECONDS).raise_for_status()
    except requests.RequestException as error:
        return _unknown(f"it does not answer ({type(error).__name__})")
    return max(_audit(lock) for lock in (RUNTIME, DEVELOPMENT))


def _audit(lock: Path) -> int:
    command = ["-r", str(lock), "--disable-pip", "--no-deps", "--vulnerability-service", "osv"]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip_audit",
            *command,
            "--progress-spinner",
            "off",
            "--format",
            "json",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return _unknown(
            done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no answer"
        )
    return judge(answer["dependencies"], name=lock.name)


def judge(found: Sequence[dict[str, Any]], *, name: str) -> int:
    """Say what pip-audit found, and give the exit code; what it could not look up is not taken for clean."""
    known = [each for each in found if each.get("vulns")]
    skipped = [each for each in found if "skip_reason" in each]
    for each in known:
        for advisory in each["vulns"]:
            mended = ", ".join(advisory["fix_versions"]) or "none yet"
            _say(f"{name}: {each['name']} {each['version']}: {advisory['id']}; mended in: {mended}")
    for each in skipped:
        _say(f"{name}: {each['name']} was not looked up: {each['skip_reason']}")
    if known:
        return FOUND
    if skipped or not found:
        return _unknown(f"{len(skipped)} packages of {name} could not be looked up")
    _say(f"{name}: nothing is known against {len(found)} packages.")
    return CLEAN


def _unknown(why: str) -> int:
    _say(
        f"The advisory database {DATABASE} could not be asked: {why}. Nothing is known either way."
    )
    return UNKNOWN


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
