# Two commands are enough on a fresh machine: make demo, make test. Python 3.11 to 3.13 and make must be there, nothing else.

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench nightly up clean

# asked, not looked up: a version manager may have a python3.13 on the PATH that exists and refuses
CANDIDATES := python3.13 python3.12 python3.11 python3
FITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for p in $(CANDIDATES); do "$$p" -c '$(FITS)' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
BIN := .venv/bin
# the tests mostly wait for brokers and processes: three files at a time, in their order, because the slow ones come first
SIDE_BY_SIDE := -n 3 --dist loadfile --no-loadscope-reorder
export UV_PYTHON_DOWNLOADS := never
export UV_NO_CONFIG := 1

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.jars ## create .venv, install the locked packages, fetch Kafka (once; later runs need no network)

demo: setup ## the guided tour: a city, a county, 818 dispatches, and what happens when processes are killed
	@$(BIN)/paidan demo

test: setup ## every test, on real Kafka
	@$(BIN)/python -m pytest --ignore=tests/packaging -ra $(SIDE_BY_SIDE)

check: setup ## lint, types, import rules, generated files, packaging; all are run, then it fails if any did
	@failed=0; \
	$(BIN)/ruff check || failed=1; \
	$(BIN)/ruff format --check || failed=1; \
	$(BIN)/mypy || failed=1; \
	$(BIN)/lint-imports || failed=1; \
	$(BIN)/python -m schemas.export --check || failed=1; \
	$(BIN)/python -m deploy.reference --check || failed=1; \
	$(BIN)/python -m deploy.prometheus.generate --check || failed=1; \
	$(BIN)/python -m deploy.grafana.generate --check || failed=1; \
	$(BIN)/python -m pytest tests/packaging -q || failed=1; \
	exit $$failed

bench: setup ## the figures, each beside its baseline
	@$(BIN)/paidan bench all

nightly: setup ## 200 simulated years and a large one, each mark checked (an hour or two)
	@$(BIN)/paidan sla simulate --dispatches 2000 --seeds 200
	@$(BIN)/paidan sla simulate --dispatches 20000 --seed 2025

up: setup ## run everything on this machine under one supervisor
	@$(BIN)/paidan up

clean: ## remove .venv and caches; data in .paidan stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find connectors streams schemas deploy tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.done: requirements.lock .ci/installer.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "paidan needs Python 3.11, 3.12 or 3.13 with venv (Debian: apt install python3-venv), or make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "installing with $$($(PYTHON) -c 'import sys; print(sys.executable, sys.version.split()[0])')"
	@$(PYTHON) -m venv --clear .venv
	@if $(BIN)/python -m pip install -q --require-hashes --only-binary :all: -r .ci/installer.lock; then \
		$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes --no-build -r requirements.lock && \
		$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		$(BIN)/python -m pip install -q --require-hashes --only-binary :all: -r requirements.lock && \
		$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .; \
	fi
# every process of a demo or a test would compile all of it again where Python is told to write no bytecode
	@$(BIN)/python -m compileall -q connectors streams schemas deploy
	@touch $@

.venv/.jars: .venv/.done deploy/broker/kafka.jars.lock
	@$(BIN)/paidan broker fetch
	@touch $@
