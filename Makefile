# The README's two commands are `make run` and `make test`. Each sets itself up on a fresh machine.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# jobs compares energies on recordings that are not shipped
BENCHES := $(filter-out jobs,$(basename $(notdir $(wildcard benchmarks/*.py))))

# what `noonward init` writes
NEWSITE := engine/noonward/cli/newsite

.DEFAULT_GOAL := help
.PHONY: help run test check format portal docs bench cov mutate long pins changelog clean

help:  ## Show what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Noonward needs Python 3.11 or newer, and '$(PYTHON)' is not. Name another one: make PYTHON=python3.12 run" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "'$(PYTHON)' cannot make a virtual environment. On Debian: apt install python3-venv" >&2; exit 1; }

$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "installing what Noonward runs on ..."
	@$(PIP) -r requirements/run.txt hatchling editables
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "installing what tests and checks need ..."
	@$(PIP) -r requirements/dev.txt
	@touch $@

run: $(VENV)/.run  ## Start the engine on the example site (policies/)
	@$(BIN)/noonward run policies

test: $(VENV)/.dev  ## Run the tests
	@$(BIN)/pytest -q -n 2 -m "not long"

check: $(VENV)/.dev  ## Lint, types, layers, schemas, example site, docs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/check-jsonschema --check-metaschema schemas/*.json
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(NEWSITE)/dot-github/workflows/policies.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.gitlab-ci $(NEWSITE)/dot-gitlab-ci.yml
	@$(BIN)/pre-commit validate-manifest .pre-commit-hooks.yaml
	@$(BIN)/noonward check policies --profile safe
	@$(BIN)/noonward test policies
	@$(BIN)/codespell --quiet-level 2
	@$(BIN)/sphinx-build -q -W -b html docs docs/_build/html

format: $(VENV)/.dev  ## Format the code
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

portal:  ## Build the portal's pages into engine/noonward/web/portal (needs node 20)
	@cd engine/portal && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

docs: $(VENV)/.dev  ## Build the documentation into docs/_build/html
	@$(BIN)/sphinx-build -W -b html docs docs/_build/html

bench: $(VENV)/.dev  ## Print speed and memory, each as a ratio measured in one run
	@for b in $(BENCHES); do echo; echo "== benchmarks/$$b.py"; $(BIN)/python benchmarks/$$b.py || exit 1; done

cov: $(VENV)/.dev  ## Measure branch coverage
	@$(BIN)/pytest -q -n 2 -m "not long" --cov --cov-report=term

mutate: $(VENV)/.dev  ## Mutate the core and print the score
	@$(BIN)/python .ci/mutate.py

long: $(VENV)/.dev  ## The long forms: kills, fuzz, soak
	@$(BIN)/pytest -q -m long

pins: $(VENV)/.dev  ## Renew requirements/*.txt from what is installed
	@$(BIN)/python requirements/pin.py

changelog: $(VENV)/.dev  ## Show the changelog as the next release would have it
	@$(BIN)/towncrier build --draft --version next

clean:  ## Remove everything that was built
	@rm -rf $(VENV) docs/_build engine/portal/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis mutants
	@find . -name __pycache__ -not -path "*/node_modules/*" -prune -exec rm -rf {} +
