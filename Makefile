# Two commands do everything: `make run` and `make test`. Both make the virtual environment themselves.

PYTHON ?= $(firstword $(foreach version,python3.11 python3.12 python3.13 python3,\
	$(if $(shell $(version) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo yes),$(version))))
VENV := .venv
BIN := $(VENV)/bin
SHARED ?= ../shared
QUESTIONS ?= $(SHARED)/questions/reports-dev.jsonl
PEERS := .venv-peers

.PHONY: run index test lint bench clean

run: $(VENV)/.installed
	@$(BIN)/wenbao index
	@exec $(BIN)/wenbao serve

index: $(VENV)/.installed
	@$(BIN)/wenbao index

test: $(VENV)/.installed-test lint
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# BENCH takes options of tests/benchmarks/bench.py: make bench BENCH="--quick", make bench BENCH="--only 1 2"
bench: $(VENV)/.installed $(PEERS)/.installed
	$(if $(wildcard $(QUESTIONS)),$(BIN)/wenbao evaluate $(QUESTIONS))
	$(BIN)/python tests/benchmarks/bench.py --shared $(SHARED) --peers-python $(PEERS)/bin/python $(BENCH)

clean:
	rm -rf $(VENV) $(PEERS) .wenbao .wenbao-bench build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Wenbao needs Python 3.11, 3.12 or 3.13: install one, or name it with make PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@ $(VENV)/.installed

$(PEERS)/.installed: tests/benchmarks/peers/requirements.txt | $(BIN)/python
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --upgrade pip
	$(PEERS)/bin/python -m pip install --quiet --requirement $<
	@touch $@
