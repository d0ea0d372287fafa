"""The tiny organisation under torture: every night sells something else, so that every night has a release to publish.

Not here: how a night is started and killed (night_server), and what is asserted afterwards (kept).
"""

from pathlib import Path

from pipelines.state import State
from tests.pipelines.conftest import SALES, Tiny, make_tiny

BEFORE = 200
"""Revenue in March without what a night sells."""


def make(folder: Path) -> Tiny:
    """Make the organisation in `folder`, before its first night."""
    return make_tiny(folder)


def found(folder: Path) -> Tiny:
    """Give the organisation that `make` left in `folder`."""
    return Tiny(folder / "workspace", folder / "data", State(folder / "state"))


def sell(tiny: Tiny, night: int) -> int:
    """Write what the shop has sold by a night; give March's revenue."""
    tiny.write("shop/sale.csv", SALES + f"{100 + night},south,2026-03-31,{night}.00\n")
    return BEFORE + night
