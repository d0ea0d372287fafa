# Steelyard. `make help` prints the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
export STEELYARD_HOME ?= $(CURDIR)/.steelyard
# Telemetry of the libraries is off, here and in the code.
export DO_NOT_TRACK := 1

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info[:2] < (3, 14) else "Steelyard needs Python 3.11, 3.12 or 3.13; set PYTHON=python3.12, for instance")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# What the product needs; the stamp is older than the lock after the lock has changed.
$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# What its tests and checks need besides.
$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

# What the benchmark is held against, in an environment of its own.
DBT_VENV := build/benchmarks/dbt-venv
$(DBT_VENV)/.run: benchmarks/requirements-dbt.lock | $(BIN)/uv
	$(PYTHON) -m venv $(DBT_VENV)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(DBT_VENV)/bin/python --require-hashes -r benchmarks/requirements-dbt.lock
	@touch $@

# Spark, for the tests that compare it with DuckDB: only where there is a Java to run it.
JAVA := $(shell command -v java 2>/dev/null)
$(VENV)/.spark: requirements-spark.lock $(VENV)/.dev
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-spark.lock
	@touch $@

.PHONY: help run dev serve test spark torture fuzz bench bench-growth check audit sbom format golden screenshots text reference lock clean

help: ## Print this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run ## Run the nightly job on the example organisation, sources to published scorecard
	@$(BIN)/python -m examples.roastery.stand_in -- $(BIN)/steelyard run --workspace examples/roastery

dev: $(VENV)/.run ## Start the Dagster UI and daemon on the example organisation
	@$(BIN)/python -m examples.roastery.stand_in -- $(BIN)/steelyard dev --workspace examples/roastery

serve: $(VENV)/.run ## Serve the published site of the example organisation on loopback
	@$(BIN)/steelyard serve --workspace examples/roastery

test: $(VENV)/.dev $(if $(JAVA),$(VENV)/.spark) ## Run the tests; those of Spark where java is on the PATH
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

torture: $(VENV)/.dev ## Kill, starve and damage nights while readers read; TORTURE="--kills 300 --seed 1" asks for more
	@$(BIN)/python -m tests.torture $(TORTURE)

fuzz: $(VENV)/.dev ## Fuzz every parser of outside text for longer, with new examples each time: EXAMPLES=20000
	@STEELYARD_FUZZ=$(or $(EXAMPLES),5000) $(BIN)/python -m pytest --numprocesses auto tests/security/test_fuzzing.py

spark: $(VENV)/.spark ## Compare Spark with DuckDB in full: every case of the list, errors too, and whole runs
	@STEELYARD_SPARK=long $(BIN)/python -m pytest --numprocesses auto --dist loadfile tests/transforms/engines tests/pipelines/test_spark_run.py

check: $(VENV)/.dev ## Lint, types, import contracts, SQL lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint transforms examples

bench: $(VENV)/.dev $(DBT_VENV)/.run ## Measure beside what people would use instead (an hour; BENCH="--small --runs 1": minutes)
	@$(BIN)/python -m benchmarks $(BENCH)

bench-growth: $(VENV)/.dev ## Measure how costs grow up to 100 million rows (needs 15 GB of disk), and draw the charts
	@$(BIN)/python -m benchmarks.growth $(BENCH)

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

audit: $(VENV)/.dev ## Ask the OSV database for advisories on the locked dependencies; exit code 4 where it cannot be reached
	@$(BIN)/python -m tests.dependencies.audit

sbom: $(VENV)/.dev ## Write the software bill of materials of the release, from the lock
	@$(BIN)/python -m tests.dependencies.sbom dist

golden: $(VENV)/.dev ## Rewrite the golden pages that tests compare with
	@STEELYARD_GOLDEN=rewrite $(BIN)/python -m pytest tests/reports -k golden

screenshots: run $(VENV)/.dev ## Take pictures of every kind of page of the example, wide, narrow, light, dark and printed
	@$(BIN)/python -m tests.reports.screenshots $(STEELYARD_HOME)/current/site $(STEELYARD_HOME)/screenshots

text: $(VENV)/.dev ## Collect the words of the pages that a translation translates
	@$(BIN)/pybabel --quiet extract --mapping reports/languages/babel.cfg --output reports/languages/messages.pot --no-location --sort-output --omit-header --no-wrap --no-default-keywords --keyword say --keyword say_parts --keyword later --keyword say_count:1,2 --keyword say_count_parts:1,2 reports

reference: $(VENV)/.run ## Write the reference pages and schemas that come from the code
	$(BIN)/python -m scorecard.json_schema --write
	$(BIN)/python -m transforms.catalogue > docs/reference/warehouse.md
	$(BIN)/python -m transforms.engines.listed > docs/reference/spark.md

lock: | $(BIN)/uv ## Write the locked dependencies anew
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 --extra build --extra dev --extra release -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 --extra build --extra spark -c requirements.lock pyproject.toml -o requirements-spark.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 benchmarks/requirements-dbt.in -o benchmarks/requirements-dbt.lock

clean: ## Remove the environment and caches; the lake, ledger and releases stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
