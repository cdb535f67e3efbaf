# One list of commands; `make help` prints it. Everything lives in .venv and var/, both ignored by git.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
UV := .venv/bin/uv
# The first interpreter that really runs and is new enough (a shim may be on PATH and still refuse).
BOOT_PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
UV_VERSION := 0.13.9
PORT ?= 8000
SOURCE ?=
export UV_LINK_MODE ?= hardlink
# Everything here starts many short processes. Where the machine forbids bytecode, as container images do, each would
# compile all its libraries anew: 4.5 s of processor time to start instead of 2.1 s.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test test-long check audit bench soak lock setup clean demo-github format reference

help:  ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/bin/uv:
	@[ -n "$(BOOT_PYTHON)" ] || \
	  { echo "Attest needs Python 3.11 or newer as python3; install it and run make again." >&2; exit 1; }
	@$(BOOT_PYTHON) -m venv .venv || { echo "python3 cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@.venv/bin/pip install -q --disable-pip-version-check uv==$(UV_VERSION) || \
	  { rm -rf .venv; echo "uv could not be installed: no package registry answers. Connect to the network and run make again." >&2; exit 1; }

# The stamp records which lock is installed, so that a second start does not resolve anything.
.venv/run.stamp: requirements.txt .venv/bin/uv
	@if [ -e .venv/dev.stamp ]; then :; else echo "Installing the locked libraries …" >&2; \
	  $(UV) pip sync -q --python $(PY) --require-hashes requirements.txt || \
	  { echo "The libraries could not be installed: is the network there? Run make again to resume." >&2; exit 1; }; fi
	@$(PY) -m config.smoke
	@touch $@

.venv/dev.stamp: tests/requirements.txt .venv/bin/uv
	@echo "Installing the locked development libraries …" >&2
	@$(UV) pip sync -q --python $(PY) --require-hashes tests/requirements.txt || \
	  { echo "The libraries could not be installed: is the network there? Run make again to resume." >&2; exit 1; }
	@$(PY) -m config.smoke
	@touch $@

setup: .venv/dev.stamp  ## Install the development environment
	@$(PY) -m tests.prerequisites

run: .venv/run.stamp  ## Serve the site and collect SOURCE (a path, https URL or owner/name; default: this clone)
	@exec $(PY) manage.py run --port $(PORT) $(if $(SOURCE),--source "$(SOURCE)")

test: .venv/dev.stamp  ## Run the suite on PostgreSQL and Redis, then the shorter leg on SQLite
	@$(PY) -m tests.prerequisites
	@$(PY) -m tests.legs

test-long: .venv/dev.stamp  ## Run the slow suite: kills, floods, big histories
	@$(PY) -m tests.prerequisites
	@$(PY) -m tests.legs --long

check: .venv/dev.stamp  ## Lint, types, layers, migrations, deployment check
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache
	@$(PY) manage.py makemigrations --check --dry-run
	@$(PY) -m tests.deploy_check

format: .venv/dev.stamp  ## Format and mend what ruff can mend
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

lock: .venv/bin/uv  ## Resolve pyproject.toml into the two hashed lock files
	@$(UV) pip compile pyproject.toml -q --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.txt
	@$(UV) pip compile pyproject.toml --group dev -q --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-emit-find-links -c requirements.txt --custom-compile-command "make lock" -o tests/requirements.txt

audit: .venv/dev.stamp  ## Audit the running site in a real browser, and the dependencies
	@$(PY) -m tests.prerequisites
	@$(PY) -m tests.audit

bench: .venv/dev.stamp  ## Measure everything side by side (idle machine; docs/benchmarks has the tables)
	@$(PY) -m benchmarks

soak: .venv/dev.stamp  ## Ten minutes of everything under random kills, then the router under random faults
	@$(PY) -m benchmarks.soak --minutes $(or $(MINUTES),10)
	@$(PY) -m benchmarks.router_soak 20000 20 --restart

demo-github: .venv/dev.stamp  ## Serve a strict loopback replica of GitHub over a git mirror
	@$(PY) -m tests.prerequisites
	@$(PY) -m tests.replica $(if $(SOURCE),"$(SOURCE)")

reference: .venv/dev.stamp  ## Write the generated pages of docs/reference
	@$(PY) -m config.reference

clean:  ## Remove the environment; var/ is kept
	@rm -rf .venv
