# Two commands do all the set-up: `make demo` and `make test`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Python compiles what is used; to compile everything takes a third of the installation.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile
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

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(VENV)/.demo  ## Send messages to the sandbox; RECIPIENTS=people.csv adds your own recipients
	@$(BIN)/python examples/demo.py $(RECIPIENTS)

test: $(VENV)/.dev  ## Run the tests
	$(PYTEST) -n auto --dist worksteal $(ARGS)

test-thorough: $(VENV)/.dev  ## Run the slow tests: a browser, separate servers, killed processes, crowds
	$(PYTEST) -n auto --dist worksteal -m thorough $(ARGS)

install: $(VENV)/.dev  ## Create the environment for working on the project

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit("This needs Python 3.11 or later. Name one: make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) || { echo "The virtual environment could not be created. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml requirements/lock-sandbox.txt
	@echo "Installing the packages for the demo into $(VENV) (only once)"
	@$(PIP) --require-hashes --requirement requirements/lock-sandbox.txt
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml requirements/lock-dev.txt
	@echo "Installing the packages for development into $(VENV) (only once)"
	@$(PIP) --require-hashes --requirement requirements/lock-dev.txt
	@$(PIP) --no-build-isolation --editable .
	@touch $@ $(VENV)/.demo

lock: $(VENV)/.dev  ## Lock the versions that pyproject.toml and requirements/dev.txt ask for; ARGS=--upgrade takes the newest
	$(LOCK) --all-extras requirements/dev.txt --output-file requirements/lock-dev.txt
	$(LOCK) --extra sandbox requirements/build.txt --constraint requirements/lock-dev.txt --output-file requirements/lock-sandbox.txt

node: $(NODE)/node_modules/.installed  ## Install the mock server and the spec linter (needs Node)

$(NODE)/node_modules/.installed: $(NODE)/package.json $(NODE)/package-lock.json
	npm ci --prefix $(NODE) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

generate: $(VENV)/.dev  ## Regenerate the low-level clients and api.md from openapi.yaml and openapi-rest.yaml
	$(BIN)/python -m tools.generate
	$(BIN)/python -m tools.api_page

transcript: $(VENV)/.dev  ## Record the sessions in docs/transcript.txt and docs/nights.txt again
	$(BIN)/python -m tools.transcript
	$(BIN)/python -m tools.terminal_pictures

generate-check: $(VENV)/.dev  ## Fail if a generated file is out of date, and name it
	$(BIN)/python -m tools.generate --check
	$(BIN)/python -m tools.api_page --check

spec-diff: $(VENV)/.dev  ## Compare openapi.yaml (or OURS=file) with a newer description: make spec-diff UPSTREAM=file-or-url
	@test -n "$(UPSTREAM)" || { echo "Name the newer description: make spec-diff UPSTREAM=file-or-url" >&2; exit 2; }
	@$(BIN)/python -m tools.spec_diff "$(OURS)" "$(UPSTREAM)"

spec-lint: $(VENV)/.dev node  ## Validate and lint openapi.yaml and openapi-rest.yaml (needs Node)
	$(BIN)/openapi-spec-validator $(SPECS)
	$(NODE)/node_modules/.bin/spectral lint $(SPECS) --ruleset tools/node/spectral.yaml --fail-severity=hint

format: $(VENV)/.dev  ## Format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lint: $(VENV)/.dev  ## Lint the code, the spelling, the workflows and the container file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/validate-pyproject pyproject.toml
	$(BIN)/hadolint Containerfile
	$(BIN)/zizmor --offline --quiet .github
	$(SCHEMA).github-workflows .github/workflows/*.yml
	$(SCHEMA).github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(SCHEMA).citation-file-format CITATION.cff

typecheck: $(VENV)/.dev  ## Check the types with mypy and pyright
	$(BIN)/mypy $(CHECKED)
	$(BIN)/pyright --pythonpath $(BIN)/python

test-contract: $(VENV)/.dev node  ## Run the contract tests, Prism included (needs Node)
	$(PYTEST) -n auto tests/contract

test-live: $(VENV)/.dev  ## Send to the documented test number of the real service (needs SMSMANAGER_API_KEY)
	$(PYTEST) -m live tests/live

coverage: $(VENV)/.dev  ## Run the tests and show which lines they miss
	$(PYTEST) -n auto -m "not live" --cov --cov-report=term-missing --cov-report=html

sandbox: $(VENV)/.demo  ## Start the sandbox, a local stand-in for the service
	$(BIN)/python -m smsmanager.sandbox

bench: $(VENV)/.dev  ## Measure the overhead over plain httpx
	$(BIN)/python -m bench $(ARGS)

bench-page: $(VENV)/.dev  ## Measure the sandbox's page with 100,000 messages (needs Chromium)
	$(BIN)/python -m bench.page $(ARGS)

bench-page-crowd: $(VENV)/.dev  ## Measure a send while 100 browsers show the sandbox (needs Chromium)
	$(BIN)/python -m bench.page_crowd $(ARGS)

docs: $(VENV)/.dev  ## Build the documentation site and check its spelling and links; ARGS=--versions builds every release
	$(BIN)/python -m tools.docs $(ARGS)

pictures: $(VENV)/.dev  ## Take new screenshots of the sandbox's page (needs Chromium); draw the terminal's
	$(BIN)/python -m tools.terminal_pictures
	$(BIN)/python -m tools.screenshots

soak: $(VENV)/.dev  ## Run the proofs that take an hour: drawn ledgers, settlings, killed campaigns and workers, webhooks, files
	$(BIN)/python -m tests.faults.soak --cases 100000 $(ARGS)
	$(BIN)/python -m tests.asking.soak
	$(BIN)/python -m tests.campaigns.soak
	$(BIN)/python -m tests.engines.soak
	$(BIN)/python -m tests.campaigns.try_files --time
	$(BIN)/python -m tests.webhooks.soak

build: $(VENV)/.dev  ## Build the wheel and the sdist
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist .

release-check: build  ## Build, then prove in fresh environments that the built files work; write the SBOM
	$(BIN)/python -m tools.release_check $(ARGS)

check: lint typecheck generate-check spec-lint docs test test-thorough  ## Run everything that a pull request needs

clean:  ## Remove everything that can be made again
	rm -rf $(VENV) build dist htmlcov .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis $(NODE)/node_modules
