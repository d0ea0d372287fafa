"""Style sheets and script as they are published: without comments and without the space that only a person needs.

The front page carries every byte of them. The text that people read and change is in static/. Not here: the styles of
paper that depend on the release (print_sheet).
"""

import re
from pathlib import Path

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
TEXT = re.compile(r'("(?:[^"\\]|\\.)*")')
"""What stands in quotes stays as it is."""
ONLY_COMMENT = re.compile(r"/\*(?:(?!\*/).)*\*/|//.*")
SPACE = re.compile(r"\s+")
AROUND = re.compile(r" ?([{};,]) ?|(:) | (?=>)|(?<=>) ")
"""Space that parts nothing: not that before a colon (`a :hover` is not `a:hover`), and not that around + and -."""


def lean(css: str) -> str:
    """Return a style sheet with the same rules in fewer bytes."""
    parts = TEXT.split(COMMENT.sub("", css))
    return "".join(part if at % 2 else _closed(part) for at, part in enumerate(parts)).strip()


def _closed(css: str) -> str:
    tight = AROUND.sub(lambda found: found[1] or found[2] or "", SPACE.sub(" ", css))
    return tight.replace(";}", "}").replace("}", "}\n")


def lean_script(script: str) -> str:
    """Return a script without indents, empty lines and the lines that are a comment; lines stay lines, for errors' sake."""
    lines = (line.strip() for line in script.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not ONLY_COMMENT.fullmatch(line))


def write_lean(folder: Path) -> None:
    """Make the style sheets and the script of a folder lean."""
    for kind, shorter in ((".css", lean), (".js", lean_script)):
        for file in sorted(folder.glob(f"*{kind}")):
            file.write_text(shorter(file.read_text("utf-8")), encoding="utf-8", newline="\n")
