"""What a table of measurements says of the machine: no name of it, of a person, or of a place.

Not here: the measurements.
"""

import importlib.metadata
import os
import platform
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("duckdb", "pandas", "pyarrow", "great-expectations", "dagster", "dlt")


def describe(folder: Path, *, beside: str) -> Iterator[tuple[str, str]]:
    """Give name and value of each line; `folder` is where the work is done, `beside` the versions of dbt's environment."""
    yield "processor", _processor()
    yield "cores", str(os.cpu_count())
    yield "memory", f"{_memory() / 2**30:.0f} GiB"
    yield "disk", _disk(folder)
    yield (
        "system",
        f"{_distribution()}, {platform.system()} {platform.release().split('-')[0]}, {platform.machine()}",
    )
    yield "Python", platform.python_version()
    yield "packages", ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    yield "dbt", beside


def load() -> str:
    """Say how many processes wanted to run over the last quarter of an hour: what else the machine did."""
    return (
        f"{os.getloadavg()[2]:.1f} on {os.cpu_count()} cores"
        if hasattr(os, "getloadavg")
        else "unknown"
    )


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", _text(Path("/proc/cpuinfo")), re.MULTILINE)
    return found[1] if found else platform.processor() or "unknown"


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _disk(folder: Path) -> str:
    """Tell what kind of disk the folder lies on, where Linux says so."""
    number = folder.stat().st_dev
    device = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
    for place in (device, device.resolve().parent):
        said = _text(place / "queue" / "rotational").strip()
        if said:
            kind = "rotating" if said == "1" else "solid state"
            return f"virtual, called {kind}" if place.resolve().name.startswith("vd") else kind
    return "unknown"


def _distribution() -> str:
    found = re.search(r'^PRETTY_NAME="?([^"\n]+)', _text(Path("/etc/os-release")), re.MULTILINE)
    return found[1] if found else platform.system()


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.is_file() else ""
