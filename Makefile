# Everything here is a thin wrapper: `recommender --help` shows the same work with all its options.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= ../shared/data
PORT ?= 8000
# Tests run in two processes, a module in one of them (TEST_PROCESSES=0: all in one); thousands of children of theirs load the same modules: keep them compiled.
TEST_PROCESSES ?= 2
SPREAD = -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder
DEMO_HOME ?= var/demo
export PORT

.DEFAULT_GOAL := help
.PHONY: help demo setup test check format train serve evaluate rollback bench bench-quality drill clean

help: ## all targets, one line each
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## a whole shop in a minute: install, load, train, serve (PORT=8000)
	@exec $(BIN)/recommender --home "$(DEMO_HOME)" demo --port "$(PORT)"

setup: $(VENV)/.installed ## create .venv and install the command `recommender`

test: $(VENV)/.installed-dev ## every test this machine can run (REQUIRE_ALL=1: a skip is a failure)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest $(SPREAD) $(PYTEST_ARGS)

check: $(VENV)/.installed-dev ## format, lint, types, import contracts, tests: what CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory test

format: $(VENV)/.installed-dev ## put the code in its standard form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

train: $(VENV)/.installed ## train on the shop's own data; publish if not worse (RECOMMENDER_HOME)
	@$(BIN)/recommender train $(ARGS)

serve: $(VENV)/.installed ## answer storefronts (RECOMMENDER_HOST, RECOMMENDER_PORT, RECOMMENDER_WORKERS)
	@exec $(BIN)/recommender serve $(ARGS)

evaluate: $(VENV)/.installed ## judge today's recipe on the last days it has not seen
	@$(BIN)/recommender evaluate $(ARGS)

rollback: $(VENV)/.installed ## serve the model before the live one again
	@$(BIN)/recommender models rollback

bench: $(VENV)/.installed-dev ## the benchmarks of docs/benchmarks.md; writes bench.json
	@$(BIN)/python -m bench $(ARGS)

bench-quality: $(VENV)/.installed-dev ## quality on the data sets found in DATA=DIR; writes quality.json
	@$(BIN)/python -m bench.quality "$(DATA)" $(ARGS)

drill: $(VENV)/.installed-dev ## the fault campaign: stores frozen and killed, models broken; writes drill.json
	@$(BIN)/python -m drill $(ARGS)

clean: ## remove what can be made again; your data in var/ and models/ stay
	rm -rf $(VENV) build recommender/kernels/*.so recommender/kernels/_compiled.c *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis bench.json quality.json drill.json

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try make PYTHON=python3.12 …"; exit 2; }
	@echo "creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python requirements.txt pyproject.toml setup.py $(wildcard recommender/kernels/*.p[yx][xi])
	@echo "installing the product into $(VENV) (the only step that needs a network)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@$(BIN)/python -c 'from recommender.kernels import COMPILED; print("" if COMPILED else "no C compiler was found: lists work, at a higher cost (docs/operations.md)", end="" if COMPILED else "\n")'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	@echo "installing what tests and checks need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
