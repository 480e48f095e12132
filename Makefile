# Two commands are all the set-up: `make demo` and `make test`. Each makes the environment first.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
READY := $(VENV)/ready
JOBS ?= 2

.PHONY: help demo test lint types layers spell unit cover fuzz soak bench site wheel single lock clean

help:
	@echo "make demo    ask the sample ledger and its gates, take a release from tag to closed, build the site"
	@echo "make test    the whole test suite, linters, types and layer contract"
	@echo "make fuzz    ten minutes of fuzzing the reader       (SECONDS=600)"
	@echo "make soak    a long random journey on a growing ledger (SECONDS=600)"
	@echo "make bench   one table of ratios against other tools"

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "opsledger needs Python 3.11 or newer: make PYTHON=python3.11 …"; exit 1; }
	@echo "Making the environment in $(VENV)/ (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(RUN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(RUN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)
	@sh tooling/demo.sh $(RUN)

test: $(READY) lint types layers spell unit cover

lint: $(READY)
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .

types: $(READY)
	$(RUN)/mypy

layers: $(READY)
	$(RUN)/lint-imports

spell: $(READY)
	$(RUN)/codespell

unit: $(READY)
	$(RUN)/pytest -n $(JOBS)

# Not the mutants: they are compiled under the name of the file that they change, and would cover its lines.
COVERING := tests/people tests/approvals tests/rules/test_signatures.py tests/rules/test_segregation.py \
  tests/rules/test_duties.py tests/codeowners/test_rule.py
NOT_COVERING := tests/approvals/test_mutations.py tests/approvals/test_by_hand.py tests/people/test_anonymising.py

cover: $(READY)
	$(RUN)/coverage run -m pytest -n0 -p no:cacheprovider --hypothesis-seed=$(SEED) $(NOT_COVERING:%=--ignore=%) $(COVERING)
	$(RUN)/coverage report

SECONDS ?= 600
SEED ?= 1

fuzz: $(READY)
	$(RUN)/python tests/fuzz/fuzz_yamlfile.py --seconds $(SECONDS) --seed $(SEED)

soak: $(READY)
	$(RUN)/python benchmarks/soak.py --seconds $(SECONDS) --seed $(SEED)

bench: $(READY)
	$(RUN)/python benchmarks/bench.py

site: $(READY)
	$(RUN)/opsledger site build

wheel: $(READY)
	$(RUN)/python -m build --wheel --no-isolation --outdir build/dist

# One file for machines that have python3 and nothing else; PYTHONS="--python 3.12 --python 3.13" adds other versions.
single: $(READY)
	$(RUN)/python tooling/single.py $(PYTHONS)

lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements.lock

clean:
	rm -rf build $(VENV)
