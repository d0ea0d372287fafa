"""Damages the example's data on purpose, to watch what Steelyard makes of it: `python -m examples.roastery.faults FOLDER`.

Not here: the faults that belong to the story, such as the broken HR file of March 2026 (`generator.stories`).
"""

import csv
import io
import os
import sys
from pathlib import Path

EVERY = 3


def lose_hire_dates(folder: Path) -> int:
    """Empty the hire date of every third row of HR's employees, as a broken export would; give the number of rows.

    The contract of `hr.employees` fails the load: the last good one is used, and the run ends with exit code 2. Without an
    earlier good load the KPIs that rest on it have no data. Delete the folder to have the data made anew.
    """
    path = folder / "hr" / "employees.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("cp1252")), delimiter=";"))
    for row in rows[::EVERY]:
        row["Hire Date"] = ""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    came_at = path.stat().st_mtime
    path.write_bytes(buffer.getvalue().encode("cp1252"))
    os.utime(path, (came_at, came_at))
    return len(rows[::EVERY])


if __name__ == "__main__":
    lose_hire_dates(Path(sys.argv[1]))
