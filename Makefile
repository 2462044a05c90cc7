# Everything runs from a fresh clone with Python 3.11+, make and a package index.
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.stamp
CASES ?= tests/data/conformance
PIP := $(VENV)/bin/python -m pip -qq --disable-pip-version-check --require-virtualenv

.DEFAULT_GOAL := help
.PHONY: help setup build test mutation conformance quality lint bench demo clean

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## set up .venv, unless it is there already

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'Python 3.11 or later is needed, and "$(PYTHON)" is not it: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12' >&2; exit 1; }
	@echo 'setting up $(VENV); this is done once'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

build: $(STAMP) ## build and check the warehouse, publish it, print a summary (demo data if there is none)
	@$(VENV)/bin/meterhouse build

test: $(STAMP) ## run the test suite
	@$(VENV)/bin/pytest

mutation: $(STAMP) ## plant faults in a small world, and write down what catches each; takes forty minutes
	@$(VENV)/bin/python -m tests.mutation

conformance: $(STAMP) ## run worked examples of others through the real models: CASES=dir-or-file
	@$(VENV)/bin/python -m tests.conformance "$(CASES)"

quality: $(STAMP) ## check what is published against what is usual, and write Data Docs
	@$(VENV)/bin/meterhouse quality

lint: $(STAMP) ## check SQL, Python and the project's structure
	$(VENV)/bin/python -m tests.project.lint_sql lint models tests analyses --disable-progress-bar
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/dbt parse --quiet --target memory
	$(VENV)/bin/dbt-bouncer --config-file dbt-bouncer.yml

bench: $(STAMP) ## measure at EVENTS=20000000 usage events; takes an hour and 40 GB of disk
	@$(PIP) install 'chdb==4.4.0' 'polars==2.1.0'
	@$(VENV)/bin/python -m benchmarks.run --events $(or $(EVENTS),20000000)
	@$(VENV)/bin/python -m benchmarks.rating
	@$(VENV)/bin/python -m benchmarks.invoicing
	@$(VENV)/bin/python -m benchmarks.cost

demo: $(STAMP) ## write demo data into the landing folder
	@$(VENV)/bin/meterhouse demo

clean: ## remove what was built, but not the landing folder
	rm -rf $(VENV) target logs .catalogue data/meterhouse.duckdb data/published
