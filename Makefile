# Every command of the project; `make` alone lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ASSETS := portal/web/static/dist/manifest.json
TRANSLATIONS := portal/translations/fr/LC_MESSAGES/messages.mo
TEST_PROCESSES ?= 3

.PHONY: help run test install check bench docs demo-reset migration locks clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: install ## Start everything: database, web, worker, sandbox; prints the address and demo accounts
	@exec $(BIN)/portal run

test: install $(VENV)/.tests chromium ## Every check and every test
	@$(MAKE) --no-print-directory check
	@$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadscope

install: $(VENV)/.installed $(ASSETS) $(TRANSLATIONS) ## Environment in .venv, front-end assets bundled; starts nothing

check: $(VENV)/.tests $(TRANSLATIONS) ## Style, types, import contracts, migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: install $(VENV)/.tests ## Benchmarks, as ratios within one run; rewrites docs/benchmarks.md
	@$(BIN)/python -m tests.bench

docs: install $(VENV)/.tests ## Pages of docs/ that are drawn from the code
	@$(BIN)/python -m portal docs

demo-reset: install ## Delete the local demonstration; the next start loads it anew
	@$(BIN)/portal demo reset --yes

migration: install ## A new migration: make migration name="in plain words"
	@$(BIN)/portal migration "$(name)"

locks: ## Resolve the dependencies again, with hashes
	@$(BIN)/python -m pip --version >/dev/null && $(PIP) install -q uv
	@$(BIN)/uv pip compile -q --no-header --generate-hashes --extra build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --no-header --generate-hashes --extra build --extra dev pyproject.toml -o requirements-dev.lock

clean: ## Delete what was built and installed; data under var/ stays
	@rm -rf $(VENV) node_modules portal/web/static/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the Python packages (hashed lock)…"
	@$(PIP) install -q --require-hashes -r requirements.lock
	@$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.tests: requirements-dev.lock $(VENV)/.installed
	@echo "Installing the test tools (hashed lock)…"
	@$(PIP) install -q --require-hashes -r requirements-dev.lock
	@touch $@

node_modules/.installed: package.json package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or later is needed (npm was not found)"; exit 1; }
	@echo "Installing the front-end packages (lock)…"
	@npm ci --silent --no-progress
	@touch $@

$(ASSETS): node_modules/.installed $(shell find portal/web -name '*.html' -o -name '*.py' -o -path '*/assets/*' -type f 2>/dev/null)
	@echo "Bundling the front-end assets…"
	@npm run --silent build

$(TRANSLATIONS): $(shell find portal/translations -name '*.po' 2>/dev/null) | $(VENV)/.installed
	@$(BIN)/python -m portal.translations

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
			&& echo "Installing Chromium for the browser tests…" \
			&& apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } \
		|| { echo "Chromium is needed by the browser tests: sudo apt-get install chromium"; exit 1; }
