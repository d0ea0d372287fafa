"""Great Expectations is imported without PySpark, also in a process that has PySpark at work.

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


def test_a_session_of_spark_that_is_open_stays_out_of_great_expectations() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AFTER_SPARK],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
