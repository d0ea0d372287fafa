"""Commands at a word: a process that has imported everything once, and forks a child for every command.

    python -m tests.command_server

Reads orders as lines of JSON, and answers each with one line. The fork comes before any thread or database, so that a child is
as good as a process of its own: it has its own pid, environment, folder and exit code, and need not import Dagster.

Not here: commands that are killed, or run side by side; each of them is started afresh (`Tiny.start`).
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

from pipelines import cli, telemetry
from tests.torture.night_server import import_everything


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run `steelyard` to its end, from the present folder; give exit code, what it said, and what it said of errors."""
    orders, answers = _server()
    order = {"arguments": arguments, "environment": dict(environment), "folder": str(Path.cwd())}
    orders.write(json.dumps(order) + "\n")
    orders.flush()
    answer = json.loads(answers.readline())
    return answer["exit_code"], answer["out"], answer["err"]


@cache
def _server() -> tuple[IO[str], IO[str]]:
    """Start the server of this process of tests; it ends with it."""
    server = subprocess.Popen(
        [sys.executable, "-m", __name__],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    atexit.register(server.communicate)
    return server.stdin, server.stdout


def serve() -> None:
    """Answer orders until standard input is closed."""
    telemetry.switch_off(os.environ)  # as the command does before it imports what would send any
    import_everything()
    for line in sys.stdin:
        print(json.dumps(_done(json.loads(line))), flush=True)  # noqa: T201 - the protocol


def _done(order: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            _be_the_command(order, out.fileno(), err.fileno())
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return {
            "exit_code": os.waitstatus_to_exitcode(status),
            "out": out.read().decode(),
            "err": err.read().decode(),
        }


def _be_the_command(order: dict[str, Any], out: int, err: int) -> NoReturn:
    """Run one command in this child, and end as Python does: 1 after an error that nobody caught."""
    code: Any = 1
    try:
        for own, given in enumerate((os.open(os.devnull, os.O_RDONLY), out, err)):
            os.dup2(given, own)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        cli.main(order["arguments"], prog_name="python -m pipelines.cli")
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
    os._exit(0)  # DuckDB's binding would tell of its leaks at length
