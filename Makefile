# Everything that is done with this project. `make` alone lists it.

PYTHON ?= $(shell for p in python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PYTEST_ARGS ?=
SEED ?= 1
CHAOS_ARGS ?=
export PORT ?= 8000
export SANDBOX_PORT ?= 8001

.DEFAULT_GOAL := help
.PHONY: help install demo test test-long chaos golden lint format bench lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: .venv/installed ## make .venv with everything in it

.venv/installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "raseed: Python 3.11 or 3.12 is needed, and none was found; set PYTHON=…" >&2; exit 1; }
	@echo "Installing into .venv, with $(PYTHON) …"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install ## run it all here: the service, its servers and a phone to try it with (RESET=1 starts over)
	@exec $(BIN)/python -m sandbox demo $(if $(filter-out 0 no,$(RESET)),--reset)

test: install ## run the tests (PYTEST_ARGS="-k balance" narrows them)
	$(BIN)/pytest -n 2 -m "not long" $(PYTEST_ARGS)

test-long: install ## run the long forms of the tests too
	$(BIN)/pytest -n 2 $(PYTEST_ARGS)

chaos: install ## kill everything at random while messages go out, then count (SEED=7, CHAOS_ARGS="--messages 500")
	$(BIN)/python -m tests.chaos --seed $(SEED) $(CHAOS_ARGS)

golden: install ## write the transcripts of all flows as they read now, to be read and committed
	rm -f tests/golden/transcripts/*
	$(BIN)/pytest -q tests/golden --golden

lint: install ## check format, rules, types, import directions and catalogues
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.catalogues

format: install ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install ## measure, each figure beside its floor
	$(BIN)/python -m benchmarks

lock: ## pin the dependencies anew (needs uv, or pipx to fetch it)
	@command -v uv >/dev/null || command -v pipx >/dev/null || { echo "raseed: make lock needs uv or pipx" >&2; exit 1; }
	$$(command -v uv || echo pipx run uv) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --all-extras pyproject.toml -o requirements.lock

clean: ## remove what was built and the demo's data
	rm -rf .venv .demo build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
