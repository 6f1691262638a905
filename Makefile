# Atelier's commands. `make` alone says what there is.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test thorough check all browser postgres faults fuzz locks clean docs bench

help:  ## Say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Atelier needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Atelier needs into $(VENV) (once)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Installing the test tools into $(VENV) (once)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

setup: $(VENV)/.dev  ## Set up .venv for running, testing and checking

run: $(VENV)/.run  ## Start everything on this machine; Ctrl-C stops it
	@exec $(BIN)/python app.py

test: $(VENV)/.dev  ## Run the quick suite (needs no server installed)
	@$(BIN)/python -m pytest -n 2 -m "not browser and not postgres and not fault and not fuzz and not thorough"

thorough: $(VENV)/.dev  ## Run what takes seconds a test: simulations, thousands of rows, a failing AI service
	@$(BIN)/python -m pytest -n 2 -m "thorough and not browser and not postgres and not fault and not fuzz"

check: $(VENV)/.dev  ## Lint, types, import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

browser: $(VENV)/.dev  ## Walk the pages in Chromium (needs Chromium)
	@$(BIN)/python -m pytest -m browser

postgres: $(VENV)/.dev  ## Run the quick suite on PostgreSQL (needs its server binaries)
	@ATELIER_TEST_DATABASE=postgres $(BIN)/python -m pytest -n 2 -m "not browser and not fault and not fuzz"

faults: $(VENV)/.dev  ## Kill processes, break the LLM
	@$(BIN)/python -m pytest -m fault

fuzz: $(VENV)/.dev  ## Fuzz the API from its OpenAPI document
	@$(BIN)/python -m pytest -m fuzz

all: check test thorough postgres faults browser fuzz  ## Everything that .ci/run runs

bench: $(VENV)/.dev  ## Measure what docs/benchmarks.md names, on data of its size
	@$(BIN)/python -m tests.bench

locks:  ## Renew the pinned requirements (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements.txt
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -c requirements.txt -o requirements-dev.txt

clean:  ## Remove the environment and caches; data in instance/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache

docs: $(VENV)/.dev  ## Write docs/permissions.md from the routes
	@$(BIN)/python -m flask --app app permissions > docs/permissions.md
