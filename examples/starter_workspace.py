"""The workspace that `steelyard init` copies: complete, small, and running at once on files of its own.

Not here: the files themselves (`starter/`), and running them.
"""

import shutil
from pathlib import Path

from scorecard.json_schema import write

STARTER = Path(__file__).parent / "starter"
_IGNORED = ".steelyard/\n"


class FolderNotEmpty(Exception):
    """The folder that a workspace was to be copied into holds something already."""


def copy_starter(destination: Path) -> None:
    """Copy the starter workspace into `destination`, with JSON Schemas for editors in `.schema/`.

    Raises:
        FolderNotEmpty: nothing is overwritten.

    """
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise FolderNotEmpty(
            f"{destination} is there already and not an empty folder. Name a new folder."
        )
    shutil.copytree(
        STARTER,
        destination,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns(".steelyard", ".schema"),
    )
    write(destination / ".schema")
    (destination / ".gitignore").write_text(_IGNORED, "utf-8")
