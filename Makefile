# Two commands do all the set-up: `make demo` and `make test`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(ARGS) pyproject.toml
PYTEST := $(BIN)/python -m pytest
CHECKED := wrapper generated_client/smsmanager_jsonapi generated_client/smsmanager_rest tests tools bench examples
SCHEMA := $(BIN)/check-jsonschema --quiet --builtin-schema vendor
NODE := tools/node
SPECS := openapi.yaml openapi-rest.yaml
OURS ?= openapi.yaml

.DEFAULT_GOAL := help
.PHONY: help demo test install lock node transcript generate generate-check spec-diff spec-lint format lint typecheck \
        docs soak test-thorough test-contract test-live coverage sandbox bench bench-page bench-page-crowd pictures build release-check check clean

help:  ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(VENV)/.demo  ## Send messages to a local stand-in of the service; RECIPIENTS=people.csv takes your own
	@$(BIN)/python examples/demo.py $(RECIPIENTS)

test: $(VENV)/.dev  ## Run the tests
	$(PYTEST) -n auto --dist worksteal $(ARGS)

test-thorough: $(VENV)/.dev  ## Run what takes longer: a browser, servers of their own, kills and crowds
	$(PYTEST) -n auto --dist worksteal -m thorough $(ARGS)

install: $(VENV)/.dev  ## Make the environment for working on the project

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; name one: make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml requirements/lock-sandbox.txt
	@echo "Installing what the demo needs into $(VENV) (once)"
	@$(PIP) --require-hashes --requirement requirements/lock-sandbox.txt
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml requirements/lock-dev.txt
	@echo "Installing what the tests need into $(VENV) (once)"
	@$(PIP) --require-hashes --requirement requirements/lock-dev.txt
	@$(PIP) --no-build-isolation --editable .
	@touch $@ $(VENV)/.demo

lock: $(VENV)/.dev  ## Lock what pyproject.toml and requirements/dev.txt ask for; ARGS=--upgrade takes the newest versions
	$(LOCK) --all-extras requirements/dev.txt --output-file requirements/lock-dev.txt
	$(LOCK) --extra sandbox requirements/build.txt --constraint requirements/lock-dev.txt --output-file requirements/lock-sandbox.txt

node: $(NODE)/node_modules/.installed  ## Install the mock server and the spec linter (needs Node)

$(NODE)/node_modules/.installed: $(NODE)/package.json $(NODE)/package-lock.json
	npm ci --prefix $(NODE) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

generate: $(VENV)/.dev  ## Rebuild the low-level clients from openapi.yaml and openapi-rest.yaml
	$(BIN)/python -m tools.generate
	$(BIN)/python -m tools.api_page

transcript: $(VENV)/.dev  ## Run the sessions of docs/transcript.txt and docs/nights.txt anew
	$(BIN)/python -m tools.transcript

generate-check: $(VENV)/.dev  ## Say which generated file is stale
	$(BIN)/python -m tools.generate --check
	$(BIN)/python -m tools.api_page --check

spec-diff: $(VENV)/.dev  ## Compare openapi.yaml (or OURS=file) with a newer one: make spec-diff UPSTREAM=file-or-url
	@test -n "$(UPSTREAM)" || { echo "Name the other description: make spec-diff UPSTREAM=file-or-url" >&2; exit 2; }
	@$(BIN)/python -m tools.spec_diff "$(OURS)" "$(UPSTREAM)"

spec-lint: $(VENV)/.dev node  ## Validate and lint openapi.yaml and openapi-rest.yaml
	$(BIN)/openapi-spec-validator $(SPECS)
	$(NODE)/node_modules/.bin/spectral lint $(SPECS) --ruleset tools/node/spectral.yaml --fail-severity=hint

format: $(VENV)/.dev  ## Format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lint: $(VENV)/.dev  ## Lint the code, the words and the files of the release
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/validate-pyproject pyproject.toml
	$(BIN)/hadolint Containerfile
	$(BIN)/zizmor --offline --quiet .github
	$(SCHEMA).github-workflows .github/workflows/*.yml
	$(SCHEMA).github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(SCHEMA).citation-file-format CITATION.cff

typecheck: $(VENV)/.dev  ## Check the types
	$(BIN)/mypy $(CHECKED)
	$(BIN)/pyright --pythonpath $(BIN)/python

test-contract: $(VENV)/.dev node  ## Run the contract tests, Prism included
	$(PYTEST) -n auto tests/contract

test-live: $(VENV)/.dev  ## Send to the documented test number of the real service (needs SMSMANAGER_API_KEY)
	$(PYTEST) -m live tests/live

coverage: $(VENV)/.dev  ## Run the tests and show what they do not reach
	$(PYTEST) -n auto -m "not live" --cov --cov-report=term-missing --cov-report=html

sandbox: $(VENV)/.demo  ## Start the local stand-in of the service
	$(BIN)/python -m smsmanager.sandbox

bench: $(VENV)/.dev  ## Measure against raw httpx
	$(BIN)/python -m bench $(ARGS)

bench-page: $(VENV)/.dev  ## Measure the sandbox's page on 100,000 messages (needs Chromium)
	$(BIN)/python -m bench.page $(ARGS)

bench-page-crowd: $(VENV)/.dev  ## Measure a send while 100 pages of the sandbox are open
	$(BIN)/python -m bench.page_crowd $(ARGS)

docs: $(VENV)/.dev  ## Build the documentation site, spelling and links included; ARGS=--versions for every release too
	$(BIN)/python -m tools.docs $(ARGS)

pictures: $(VENV)/.dev  ## Take the pictures of the sandbox's page anew (needs Chromium)
	$(BIN)/python -m tools.screenshots

soak: $(VENV)/.dev  ## Run the long tests: 100,000 ledger cases, 50,000 settlings, a campaign killed a hundred times, one of 20,000 rows settled, workers killed, a million webhooks, 300 files
	$(BIN)/python -m tests.faults.soak --cases 100000 $(ARGS)
	$(BIN)/python -m tests.asking.soak
	$(BIN)/python -m tests.campaigns.soak
	$(BIN)/python -m tests.engines.soak
	$(BIN)/python -m tests.campaigns.try_files --time
	$(BIN)/python -m tests.webhooks.soak

build: $(VENV)/.dev  ## Build the wheel and the sdist
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist .

release-check: build  ## Prove from the built files, away from the checkout, that a release works; write its SBOM
	$(BIN)/python -m tools.release_check $(ARGS)

check: lint typecheck generate-check spec-lint docs test test-thorough  ## Everything a pull request needs

clean:  ## Remove what can be made again
	rm -rf $(VENV) build dist htmlcov .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis $(NODE)/node_modules
