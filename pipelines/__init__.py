"""Dagster and the command line: what exists, when it runs, what it needs. The only place that imports Dagster.

Here too: the clock, the environment, runs, releases and their pointer.

Not here: how anything is read, computed or drawn.
"""

import time

STARTED = time.perf_counter()
"""When this process began to import Steelyard, for `steelyard run --profile`."""
