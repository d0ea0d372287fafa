"""Other engines than DuckDB for staging and measures: the seam, what SQL may say on them, and Spark behind it.

Not here: DuckDB, the embedded default (engine, measures), and everything after components (scoring).
"""
