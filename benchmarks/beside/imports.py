"""A process that only imports the packages that any program on them has to import."""

import dagster  # noqa: F401
import dlt  # noqa: F401
import duckdb  # noqa: F401
import great_expectations  # noqa: F401
import pandas  # noqa: F401 - imported, never used
