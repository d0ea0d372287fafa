"""Everything between raw rows and scores: contracts, staging, measures, scoring, the warehouse and its audit.

Here belong the static SQL files, the modules that run them in DuckDB, and Great Expectations.

Not here: reading sources (connectors), pages (reports), Dagster and the clock (pipelines).
"""
