"""Style sheets and script as they are published: without comments and without the space that only a person needs.

The front page carries every byte of them. The text that people read and change is in static/. Not here: the styles of
paper that depend on the release (print_sheet).
"""

from collections.abc import Callable
from pathlib import Path

from rcssmin import cssmin
from rjsmin import jsmin

SHORTER: dict[str, Callable[[str], str]] = {".css": cssmin, ".js": jsmin}


def lean(text: str, kind: str) -> str:
    """Return a style sheet (.css) or a script (.js) that does the same in fewer bytes."""
    return SHORTER[kind](text)


def write_lean(folder: Path) -> None:
    """Make the style sheets and the scripts of a folder lean."""
    for file in sorted(folder.iterdir()):
        if file.suffix in SHORTER:
            text = lean(file.read_text("utf-8"), file.suffix)
            file.write_text(text, encoding="utf-8", newline="\n")
