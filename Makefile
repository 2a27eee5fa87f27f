# Two commands do everything: `make run` and `make test`. Both make the virtual environment themselves.

PYTHON ?= $(firstword $(foreach version,python3.11 python3.12 python3.13 python3,\
	$(if $(shell $(version) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo yes),$(version))))
VENV := .venv
BIN := $(VENV)/bin
SHARED ?= ../shared
QUESTIONS ?= $(SHARED)/questions/reports-dev.jsonl
PEERS := .venv-peers
SERVING := .venv-serving
TOOLS := .venv-tools
FUZZER := .venv-fuzz
DEPLOY := bot/deploy
PINNED := $(DEPLOY)/requirements-serving.txt

.PHONY: run index test tests lint bench serving requirements sbom audit fuzz clean

run: $(VENV)/.installed
	@$(BIN)/wenbao index
	@exec $(BIN)/wenbao serve

index: $(VENV)/.installed
	@$(BIN)/wenbao index

# The linters run beside the tests, and two processes, because most tests wait for others; the tests of one file stay
# together and share what they set up.
test: $(VENV)/.installed-test
	@$(MAKE) --no-print-directory --jobs 2 lint tests

tests: $(VENV)/.installed-test
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# BENCH takes options of tests/benchmarks/bench.py: make bench BENCH="--quick", make bench BENCH="--only 1 2"
bench: $(VENV)/.installed $(PEERS)/.installed
	$(if $(wildcard $(QUESTIONS)),$(BIN)/wenbao evaluate $(QUESTIONS))
	$(BIN)/python tests/benchmarks/bench.py --shared $(SHARED) --peers-python $(PEERS)/bin/python $(BENCH)

# What a serving machine has, and how many MB it takes: the pinned packages, and the encoder as one file.
serving: $(SERVING)/.installed build/encoder.zip
	rm -rf build/encoder
	WENBAO_ENCODER__CACHE=$(CURDIR)/build/encoder $(SERVING)/bin/wenbao encoder import build/encoder.zip
	du -sm $(SERVING) build/encoder

build/encoder.zip: $(VENV)/.installed
	@mkdir -p build
	$(BIN)/wenbao encoder export $@

# Keeps the pins that are there; make requirements UPGRADE=--upgrade takes the newest of all.
requirements: $(TOOLS)/.installed
	$(TOOLS)/bin/uv pip compile pyproject.toml --excludes $(DEPLOY)/not-for-serving.txt --output-file $(PINNED) \
		--universal --python-version 3.11 --generate-hashes --custom-compile-command "make requirements" --quiet $(UPGRADE)

# The bill of materials of a serving machine (CycloneDX), with the licences that its packages name.
sbom: $(SERVING)/.installed $(TOOLS)/.installed
	@mkdir -p build
	$(TOOLS)/bin/cyclonedx-py environment $(SERVING) --pyproject pyproject.toml --output-reproducible \
		--output-format JSON --output-file build/sbom.cdx.json

# Known vulnerabilities of the pinned packages. Needs the network: PyPI's own data, or AUDIT="--vulnerability-service osv".
audit: $(TOOLS)/.installed
	@$(TOOLS)/bin/pip-audit --strict --disable-pip --require-hashes --requirement $(PINNED) --progress-spinner off $(AUDIT) \
		|| { echo "make audit: not clean. Either a package above has a known vulnerability (make requirements" \
			"UPGRADE=--upgrade), or the data about them could not be reached, and then nothing was audited." >&2; exit 1; }

# schemathesis against a real server with the stub encoder, by its OpenAPI description. FUZZ takes options of
# `schemathesis run`: make fuzz FUZZ="--max-time 600"
fuzz: $(VENV)/.installed-test $(FUZZER)/.installed
	$(BIN)/python tests/support/fuzzed_server.py $(FUZZER)/bin/schemathesis $(FUZZ)

$(FUZZER)/.installed: | $(BIN)/python
	$(PYTHON) -m venv $(FUZZER)
	$(FUZZER)/bin/python -m pip install --quiet 'schemathesis>=4.32,<5'
	@touch $@

clean:
	rm -rf $(VENV) $(PEERS) $(SERVING) $(TOOLS) $(FUZZER) .wenbao .wenbao-bench build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

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

$(SERVING)/.installed: $(PINNED) pyproject.toml | $(BIN)/python
	$(PYTHON) -m venv --clear $(SERVING)
	$(SERVING)/bin/python -m pip install --quiet --require-hashes --requirement $(PINNED)
	rm -rf build/lib build/bdist.*  # setuptools would take files from there that are gone
	$(SERVING)/bin/python -m pip install --quiet --no-deps .
	@touch $@

$(TOOLS)/.installed: $(DEPLOY)/tools.txt | $(BIN)/python
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --upgrade pip
	$(TOOLS)/bin/python -m pip install --quiet --requirement $<
	@touch $@
