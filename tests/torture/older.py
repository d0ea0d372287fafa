"""Organisations as older versions left them: workspace, data, lake, ledger, records and published release.

    python -m tests.torture.older COMMIT

lets the program of a commit run two nights of its own tiny organisation, and packs what it wrote into `older/COMMIT.txt`: a
tar file, compressed, as base64 text. Of the release's site and marts only the front page is kept.

Not here: what the present version makes of them (test_upgrade).
"""

import base64
import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKED = Path(__file__).parent / "older"
ROOT = Path(__file__).parents[2]
_NIGHTS = """
import os, sys
from pathlib import Path
from tests.pipelines.conftest import SALES, make_tiny
tiny = make_tiny(Path(sys.argv[1]))
os.environ["TINY_DATA"] = str(tiny.data)
assert tiny.run().status == "published"
tiny.write("shop/sale.csv", SALES + "7,south,2026-03-31,10.00\\n")
assert tiny.run().status == "published"
os._exit(0)
"""


def versions() -> list[str]:
    """Give the commits of which there is an organisation, oldest program first."""
    return (PACKED / "ORDER").read_text("utf-8").split()


def unpack(commit: str, folder: Path) -> Path:
    """Lay an organisation out in `folder`, as its version left it."""
    packed = base64.b64decode((PACKED / f"{commit}.txt").read_text("ascii"))
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:xz") as archive:
        archive.extractall(folder, filter="tar")
    return folder


def pack(commit: str) -> None:
    """Let an older version run, and keep what it wrote."""
    with tempfile.TemporaryDirectory() as scratch:
        program, made = Path(scratch) / "program", Path(scratch) / "organisation"
        program.mkdir()
        archive = subprocess.run(
            ["git", "archive", commit], cwd=ROOT, check=True, capture_output=True
        )
        subprocess.run(["tar", "-x"], cwd=program, input=archive.stdout, check=True)
        subprocess.run([sys.executable, "-c", _NIGHTS, str(made)], cwd=program, check=True)
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:xz", preset=9) as out:
            for path in sorted(made.rglob("*")):
                name = path.relative_to(made).as_posix()
                if _is_kept(name):
                    out.add(path, name, recursive=False, filter=_nobodys)
    text = base64.encodebytes(packed.getvalue()).decode("ascii")
    PACKED.mkdir(exist_ok=True)
    (PACKED / f"{commit}.txt").write_text(text, "ascii")


def _is_kept(name: str) -> bool:
    parts = name.split("/")
    is_of_release = parts[:2] == ["state", "releases"] and len(parts) > 3
    is_page = is_of_release and parts[3] in ("site", "marts")
    return parts[:2] != ["state", "dagster"] and (
        not is_page or parts[3:] in (["site"], ["site", "index.html"])
    )


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    pack(sys.argv[1])
