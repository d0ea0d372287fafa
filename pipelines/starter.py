"""`steelyard init`: a complete workspace to begin with.

Not here: what stands in it (`examples/starter`).
"""

from pathlib import Path

from examples.starter_workspace import FolderNotEmpty, copy_starter


class StarterError(Exception):
    """The workspace cannot be made there."""


def write_starter(folder: Path) -> None:
    """Copy the starting workspace into `folder`, which must be new or empty.

    Raises:
        StarterError: if there is something already.

    """
    try:
        copy_starter(folder)
    except FolderNotEmpty as error:
        raise StarterError(f"{folder} is not empty. Mend: name a new folder.") from error
