"""Great Expectations is imported without what it does not need here, also in a process that has that at work.

Not here: what Great Expectations answers (test_contracts, test_audit).
"""

import subprocess
import sys

AFTER_SPARK = """
import sys, types, warnings
warnings.simplefilter("error")
pyspark, sql = types.ModuleType("pyspark"), types.ModuleType("pyspark.sql")
pyspark.__path__ = sql.__path__ = []
pyspark.sql, sql.functions = sql, types.ModuleType("pyspark.sql.functions")
loaded = {"pyspark": pyspark, "pyspark.sql": sql, "pyspark.sql.functions": sql.functions}
sys.modules |= loaded

from transforms.checker import great_expectations
great_expectations()
from great_expectations.compatibility import pyspark as seen
assert not seen.pyspark, "Great Expectations sees pyspark"
assert not seen.functions, "Great Expectations sees pyspark.sql"
assert {name: sys.modules[name] for name in loaded} == loaded
"""

AT_FIRST_USE = """
import sys
from transforms.checker import great_expectations
great_expectations()
assert not {"altair", "scipy.stats", "botocore"} & set(sys.modules), "more is imported than is needed"
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as of_charts
assert "scipy.stats" not in sys.modules, "imported before it is used"
assert of_charts.stats.entropy([0.5, 0.5], [0.5, 0.5]) == 0
assert of_charts.alt.Chart.__name__ == "Chart"
import altair, scipy.stats
assert altair.Chart is of_charts.alt.Chart
assert scipy.stats.entropy is of_charts.stats.entropy
"""


def test_a_session_of_spark_that_is_open_stays_out_of_great_expectations() -> None:
    _run(AFTER_SPARK)


def test_charts_and_statistics_are_imported_at_their_first_use() -> None:
    _run(AT_FIRST_USE)


def _run(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
