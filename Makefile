# Two commands are all the set-up: `make demo` and `make test`. Each makes the environment first.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
READY := $(VENV)/ready
JOBS ?= 2

.PHONY: help demo test lint types layers spell unit cover fuzz soak bench site wheel single lock clean

help:
	@echo "make demo    check the sample ledger, ask it something, build its site"
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
	@echo; echo "1. Check: does every record of the sample hold?"
	@$(RUN)/opsledger check
	@echo; echo "2. Ask: which releases are in sight, and what is known to be wrong with them?"
	@$(RUN)/opsledger query "SELECT release.id, release.state, release.title, link.target AS known_problem FROM release \
	  LEFT JOIN link ON link.source = release.id AND link.relation = (SELECT relation FROM link WHERE pointer LIKE '/known_problems/%' LIMIT 1) \
	  WHERE release.state IN ('accepted', 'ready', 'deploying', 'early-life-support') ORDER BY release.id"
	@echo; echo "3. Trace: from the release that was backed out to its problem and its cure"
	@$(RUN)/opsledger trace REL-2026-0012
	@echo; echo "4. Ask a gate: may this release's plan be called approved? One may, one may not yet"
	@OPSLEDGER_NOW=2026-11-20T12:00:00Z $(RUN)/opsledger gate plan REL-2026-0026 --base HEAD
	@echo
	@OPSLEDGER_NOW=2026-11-20T12:00:00Z $(RUN)/opsledger gate plan REL-2026-0027 --base HEAD || [ $$? -eq 1 ]
	@echo; echo "5. Show: the site that an auditor opens"
	@$(RUN)/opsledger site build
	@echo
	@printf "Found:     "; $(RUN)/opsledger query --format csv "SELECT count(*) || ' records of ' || count(DISTINCT kind) \
	  || ' kinds hold together; ready releases with a known problem: ' || (SELECT group_concat(DISTINCT link.source) FROM link \
	  JOIN release ON release.id = link.source AND release.state = 'ready' WHERE pointer LIKE '/known_problems/%') AS found FROM record" | tail -n 1 | tr -d '"'
	@echo "Open:      build/site/index.html in a browser"
	@echo "Try next:  $(RUN)/opsledger show REL-2026-0019"
	@echo "           misspell something in records/releases/2026/REL-2026-0019.yaml, then $(RUN)/opsledger check --base HEAD"
	@echo "           $(RUN)/opsledger report --base HEAD    says what your edit means, as the comment under a pull request"
	@echo "           $(RUN)/opsledger who REL-2026-0027     who must sign for it, who could, and why"
	@echo "           $(RUN)/opsledger prove                 breaks one thing per rule in a copy, and sees that each rule speaks"

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
