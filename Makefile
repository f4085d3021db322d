# Everything a stranger needs: `make run` and `make test` do their own set-up and say what they do.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MODEL ?=
PLAN ?=
BASELINE ?=
NO_INSTALL ?=
export NO_INSTALL
# Processes of `make test`, beside pytest's own; 0: none, all tests run in that one.
TEST_PROCESSES ?= 2

BIN := .venv/bin
PY := $(BIN)/python
# The stamp's name holds what was installed: another lock file or other metadata is another stamp.
STAMP := .venv/installed-$(shell cat requirements.lock pyproject.toml | cksum | cut -d' ' -f1)
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/longhaul
APT := DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -y

.PHONY: help setup ready browser run nightly test test-long lint types proof bench validate-statistics warden lock clean-cache

help:  ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-19s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## .venv, a Docker Engine, the base image (NO_INSTALL=1: install no system packages)
	@$(PY) -m harness.cli.main setup

# Says what it does, and nothing where all is there: the first line of a run is the run's.
ready: $(STAMP)
	@$(PY) -m harness.cli.main setup --brief

run: ready  ## Evaluate the bundled tasks (MODEL=ollama/NAME, claude/NAME, openai/NAME; without: the best at hand)
	@$(BIN)/longhaul run $(if $(MODEL),-m $(MODEL),--demo)

nightly: ready  ## A night from plan to verdict (PLAN=nightly.toml BASELINE=nightly.json): run or go on, report, gate, prune
	@[ -n "$(PLAN)" ] && [ -n "$(BASELINE)" ] || { echo "PLAN and BASELINE: found '$(PLAN)' and '$(BASELINE)', expected two files, such as make nightly PLAN=nightly.toml BASELINE=nightly.json" >&2; exit 2; }
	@.ci/nightly "$(PLAN)" "$(BASELINE)"

# The page is tested in a real browser, Debian's Chromium.
browser:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" != 0 ] || [ -n "$(filter-out 0,$(NO_INSTALL))" ] || ! command -v apt-get >/dev/null; then \
	    echo "missing: chromium; install with: apt-get install chromium" >&2; exit 2; \
	  fi; \
	  echo "installing chromium from this distribution's packages (NO_INSTALL=1 forbids it)"; \
	  mkdir -p "$(CACHE)"; \
	  { $(APT) update && $(APT) install --no-install-recommends chromium fonts-dejavu-core; } >"$(CACHE)/chromium.log" 2>&1 \
	    || { tail -n 5 "$(CACHE)/chromium.log" >&2; exit 2; }; \
	}

# Files are given out whole, in the order of tests/conftest.py. The sources are compiled once: tests start the command hundreds
# of times, and where PYTHONDONTWRITEBYTECODE is set each start would compile them anew.
test: ready browser  ## All tests but the long ones, on the real engine and real model servers (two files at a time; TEST_PROCESSES=0: one)
	@$(PY) -m tests.services.build --background
	@$(PY) -m compileall -q -x '/(bundled|catalogue)/' harness agents sandboxes task_repos
	@$(PY) -m pytest -m "not long" -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

test-long: ready browser  ## The long tests as well
	@$(PY) -m tests.services.build --background
	@$(PY) -m pytest

lint: $(STAMP)  ## ruff
	@$(BIN)/ruff check .

types: $(STAMP)  ## mypy, strict
	@$(BIN)/mypy

proof: ready browser  ## Every promise that a command can decide, with its figure and yes / no
	@$(PY) -m tests.services.build --background
	@$(PY) -m benchmarks.proof

bench: ready  ## The measurements, each beside plain docker
	@$(PY) -m benchmarks

validate-statistics: $(STAMP)  ## Every promise of the statistics, by simulation: the tables of docs/statistics.md (RUNS=400)
	@$(PY) -m benchmarks.validate_statistics $(RUNS)

warden: $(STAMP)  ## Build the two binaries of the sandbox's first process anew
	@$(PY) -m sandboxes.warden.build

lock: $(STAMP)  ## Write requirements.lock from what is installed
	@{ sed -n '/^#/p' requirements.lock; $(PY) -m pip freeze --exclude-editable | grep -E '^[A-Za-z0-9_.-]+=='; } > .venv/lock
	@mv .venv/lock requirements.lock

clean-cache:  ## Delete what was built or downloaded for this project (never a run)
	rm -rf "$(CACHE)"

# Debian's python3 comes without the part of venv that brings pip, and git is how trees and repositories are read.
$(STAMP): requirements.lock pyproject.toml
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "python3: found $$(python3 --version 2>&1), expected 3.11 or later" >&2; exit 2; }
	@missing=""; \
	python3 -c 'import ensurepip, venv' 2>/dev/null || missing="python3-venv"; \
	command -v git >/dev/null || missing="$$missing git"; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" != 0 ] || [ -n "$(filter-out 0,$(NO_INSTALL))" ] || ! command -v apt-get >/dev/null; then \
	    echo "missing: $$missing; install with: apt-get install $$missing" >&2; exit 2; \
	  fi; \
	  echo "installing $$missing from this distribution's packages (NO_INSTALL=1 forbids it)"; \
	  mkdir -p "$(CACHE)"; \
	  { $(APT) update && $(APT) install --no-install-recommends $$missing; } >"$(CACHE)/setup.log" 2>&1 \
	    || { tail -n 5 "$(CACHE)/setup.log" >&2; exit 2; }; \
	fi
	@[ -x $(PY) ] || { echo "making .venv"; python3 -m venv .venv; }
	@echo "installing the packages of requirements.lock into .venv (a few minutes the first time)"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@rm -f .venv/installed-*; touch $@
