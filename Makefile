# Every target sets up what it needs: with uv when it is there, else with plain venv and pip.
# Nothing is installed outside .venv (but see `make system`, which .ci/run uses).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8321
# Processes of tests: one more than the two cores of CI, as some of them wait for servers, brokers and clients most of the time.
PROCESSES ?= 3
UV := $(shell command -v uv 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo test serve lint format bench docs tracker shots migration system clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*?## "}; {printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/.product ## Load a year of a real shop's orders, print what they say, and serve the console (Ctrl-C ends)
	@REGULARS_HOME="$${REGULARS_HOME:-$(CURDIR)/.data/demo}" $(BIN)/regulars demo --host $(HOST) --port $(PORT)

serve: $(VENV)/.product ## Serve your own shop (data in $REGULARS_HOME, default ~/.regulars)
	@$(BIN)/regulars serve --host $(HOST) --port $(PORT)

test: $(VENV)/.development ## Run all tests, with the checks of style, types and architecture among them
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q src
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile $(TESTS)

lint: $(VENV)/.development ## Check style, types and the import contracts
	@$(BIN)/ruff check src tests benchmarks
	@$(BIN)/ruff format --check src tests benchmarks
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.development ## Put the code into the house's form
	@$(BIN)/ruff check --fix -q src tests benchmarks
	@$(BIN)/ruff format -q src tests benchmarks

bench: $(VENV)/.development ## Measure the figures of docs/reference/benchmarks.md (about 20 minutes)
	@$(BIN)/python -m benchmarks

docs: $(VENV)/.development ## Write the generated reference pages
	@$(BIN)/python -m docs.generate

tracker: ## Build the page tracker and the storefront's pieces from clients/js into the package (needs Node)
	@cd clients/js && npm ci --ignore-scripts --no-audit --no-fund --silent && node build.mjs

shots: $(VENV)/.development ## Take the screenshots of the README (needs Chromium)
	@$(BIN)/python -m tests.browser.shots docs/images

migration: $(VENV)/.development ## Write a migration from the tables' changes: make migration NAME="add x to y"
	@$(BIN)/python -m tests.support.migration "$(NAME)"

system: ## Install the system parts that all tests need (Debian, as root): Chromium, PostgreSQL, NATS, Java, Chinese fonts
	@sh .ci/system

clean: ## Remove the virtual environment and the demo's data
	rm -rf $(VENV) .data

$(VENV)/.product: pyproject.toml $(wildcard uv.lock)
ifdef UV
	@test -f $(VENV)/.development || $(UV) sync --quiet --frozen --no-dev --compile-bytecode
else
	@$(MAKE) --no-print-directory $(VENV)/pyvenv.cfg
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
endif
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.development: pyproject.toml $(wildcard uv.lock)
ifdef UV
	@$(UV) sync --quiet --frozen --extra postgres --compile-bytecode
else
	@$(MAKE) --no-print-directory $(VENV)/pyvenv.cfg
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[postgres]" --group dev
endif
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q src
	@touch $@ $(VENV)/.product

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
