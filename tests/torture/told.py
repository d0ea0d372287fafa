"""What was said at each fault, for the report of `make torture`.

Not here: the faults.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

_MACHINE = re.compile(r"/[^\s'\"]*/(?=(state|workspace|data|reports|transforms|pipelines)\b)")
"""Where an organisation or the program lies on the machine: of no interest to who reads the report."""


def tell(place: str, fault: str, said: str) -> None:
    """Note what was said at a fault; only `make torture` collects it."""
    if file := os.environ.get("STEELYARD_TORTURE"):
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"place": place, "fault": fault, "said": said}) + "\n")


def lines(file: Path) -> Iterator[str]:
    """Give the table of what was said."""
    yield "| place | fault | what was said |"
    yield "|---|---|---|"
    noted = file.read_text("utf-8").splitlines() if file.exists() else []
    for each in sorted({tuple(json.loads(line).values()) for line in noted}):
        place, fault, said = (" ".join(text.split()).replace("|", "\\|") for text in each)
        yield f"| {place} | {fault} | {_MACHINE.sub('…/', said)[:400]} |"


def is_long() -> bool:
    """Say whether this is `make torture`, and not `make test`."""
    return "STEELYARD_TORTURE" in os.environ
