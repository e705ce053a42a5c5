# Two commands do everything from nothing but Python 3.11+ and make:
#   make run     serve config.json          (make run PORT=9000 CONFIG=other.yaml)
#   make test    run the whole test suite
PYTHON ?= python3
CONFIG ?= config.json
PORT   ?=
BIN    := .venv/bin
READY  := .venv/.ready
NODE   := tests/clients/resilience/node

.PHONY: run test test-long setup check format lock bench docs seen swagger-ui clean help

help:
	@echo "make run    serve $(CONFIG) (PORT=9000 CONFIG=other.yaml)"
	@echo "make test   run the tests        make check  format, lint, types, layers"
	@echo "make bench  measure beside peers make setup  create .venv/bin/understudy"

run: $(READY)
	@$(BIN)/understudy serve "$(CONFIG)" $(if $(PORT),--port "$(PORT)")

setup: $(READY)

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Understudy needs Python 3.11 or newer, but '$(PYTHON)' is $$($(PYTHON) -V 2>&1 || echo missing). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up .venv (once; takes about a minute) ..."
	@$(PYTHON) -m venv .venv \
		|| { echo "Could not create .venv. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# Real clients for Node, which tests run; npm comes with the wheel of Node, and writes this file when it is done.
$(NODE)/node_modules/.package-lock.json: $(READY) $(NODE)/package-lock.json
	@$(BIN)/npm ci --prefix $(NODE) --loglevel=error --ignore-scripts --no-audit --no-fund \
		|| echo "The clients for Node could not be installed: their tests will be skipped."

test: $(READY) $(NODE)/node_modules/.package-lock.json
	@$(BIN)/python -m pytest -m "not long"

test-long: $(READY) $(NODE)/node_modules/.package-lock.json
	@$(BIN)/python -m pytest -m long

check: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q -n 0 -p no:randomly tests/test_layers.py tests/test_generated.py

format: $(READY)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(READY)
	@$(BIN)/python docs/generate.py

swagger-ui: $(READY)
	@$(BIN)/python docs/renew_swagger_ui.py

seen: $(READY)
	@$(BIN)/python tests/clients/see_faults.py

bench: $(READY)
	@$(BIN)/python bench/run.py

lock: $(READY)
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --group dev --extra fake pyproject.toml -o requirements.lock

clean:
	rm -rf .venv dist .pytest_cache .mypy_cache .ruff_cache .hypothesis $(NODE)/node_modules
