"""Workbooks from outside, tried in a process of their own before they are read here.

A workbook of 2 KB can name a single cell in the last row and column, and its reader then asks for 500 GB and takes the process
along; one of 1 MB can unpack to gigabytes. No list of such tricks is complete for five formats, so a child process with bounded
memory and time reads the file first.

Not here: what is in the sheets (connectors.workbooks, manual).
"""

import subprocess
import sys
import zipfile
from io import BytesIO

MAX_UNPACKED = 2 << 30
"""Bytes of all parts of a workbook together."""
MAX_MEMORY = 4 << 30
"""Bytes that reading one may take; a sheet of a million rows and twenty columns takes less than half."""
MAX_SECONDS = 300
"""Of processor time."""
_CHILD = """
import sys
try:
    import resource
except ImportError:  # Windows: only a crash is kept away
    pass
else:
    def bound(kind, most):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))

    if sys.platform != "darwin":  # macOS refuses to bound memory, whatever the number
        bound(resource.RLIMIT_AS, int(sys.argv[1]))
    bound(resource.RLIMIT_CPU, int(sys.argv[2]))
    bound(resource.RLIMIT_CORE, 0)
from io import BytesIO
from python_calamine import CalamineError, CalamineWorkbook
try:
    workbook = CalamineWorkbook.from_filelike(BytesIO(sys.stdin.buffer.read()))
    for name in workbook.sheet_names:
        workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
except CalamineError:
    pass  # said again, and better, where it is read
"""


class SheetsRefused(Exception):
    """A workbook that cannot be read without harm; the text goes on after its name."""


def assert_harmless(content: bytes) -> None:
    """See that a workbook can be read within bounds.

    Raises:
        SheetsRefused: it unpacks to too much, asks for too much, or breaks its reader.

    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile:
        unpacked = 0  # the old .xls is none; anything else its reader refuses
    if unpacked > MAX_UNPACKED:
        raise SheetsRefused(f"unpacks to more than {MAX_UNPACKED >> 30} GB")
    tried = subprocess.run(  # noqa: S603 - this very program, with nothing from outside but the bytes
        [sys.executable, "-I", "-c", _CHILD, str(MAX_MEMORY), str(MAX_SECONDS)],
        input=content,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if tried.returncode != 0:
        raise SheetsRefused(
            f"asks for more than {MAX_MEMORY >> 30} GB of memory or {MAX_SECONDS} seconds, or breaks its reader"
        )
