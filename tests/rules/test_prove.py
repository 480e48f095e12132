"""`prove` hears every rule on the sample, and hears a rule that stays silent."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from opsledger.api import open_book
from opsledger.ledger import load
from opsledger.prove import Outcome, prove
from opsledger.rules import register as rules
from opsledger.store import in_memory, overlaid
from opsledger.yamlfile import read, write

ROOT = Path(__file__).resolve().parent.parent.parent
POLICY = "records/policy/POL-kestrel-pay.yaml"
SMALL = b"id: PTY-ada\nname: Ada\ntype: person\nstate: active\n"


@pytest.fixture(scope="module")
def ledger(book):
    files = {str(path.relative_to(ROOT)): path.read_bytes() for path in (ROOT / "records").rglob("*.yaml")}
    return load(in_memory({".opsledger.yaml": b"preset: small\n", **files}, name="sample"), book.kinds)


@pytest.fixture(scope="module")
def proofs(ledger):
    return prove(ledger)


def silent_codes(found) -> set[str]:
    return {proof.code for proof in found if proof.outcome is Outcome.SURVIVED}


def test_no_rule_and_no_clause_survives_on_the_sample(proofs):
    assert [] == [str(proof) for proof in proofs if proof.outcome is Outcome.SURVIVED]


def test_every_rule_and_every_code_that_schemas_ask_for_is_tried_on_the_sample(proofs, book):
    asked = {one.code for kind in book.kinds.values() if kind.lifecycle for one in kind.lifecycle.requires}
    tried = {proof.code for proof in proofs if proof.outcome is Outcome.KILLED}

    assert {*rules.register(), *asked} == tried


def test_only_conflicts_and_what_gates_alone_ask_need_the_examples_of_their_pages(proofs):
    at_gates = {rule.code for rule in rules.register().values() if rule.reach is rules.Reach.QUESTION}

    assert {"LCY209"} | at_gates == {proof.code for proof in proofs if proof.said.startswith("the examples")}


def test_almost_every_requirement_of_every_state_is_tried(proofs, book):
    asked = [one.says for kind in book.kinds.values() if kind.lifecycle for one in kind.lifecycle.requires]
    untried = [proof for proof in proofs for says in asked
               if proof.outcome is Outcome.NOT_TRIED and proof.clause.endswith(says)]  # fmt: skip

    assert ["WVR921"] == [proof.code for proof in untried]


@pytest.mark.parametrize("code", ["LNK113", "SCH010", "LCY208"])
def test_a_rule_that_finds_nothing_any_more_survives(ledger, monkeypatch, code):
    silenced = dataclasses.replace(rules.register()[code], ask=lambda about: ())
    monkeypatch.setitem(rules._REGISTER, code, silenced)

    assert {code} == silent_codes(prove(ledger, ["SCH009", code]))


def test_a_rule_that_the_policy_does_not_select_survives(ledger):
    policy = {**read(ledger.snapshot.read(POLICY)), "rules": {"locked": ["SCH", "LCY"], "select": ["LCY", "LNK114"]}}
    changed = load(overlaid(ledger.snapshot, {POLICY: write(policy)}, name="changed"), ledger.kinds)

    silent = silent_codes(prove(changed, ["LCY208", "LNK104", "LNK109", "LNK114", "SCH001"]))

    assert {"LNK104", "LNK109"} == silent


def test_a_ledger_with_one_record_is_proved_by_the_examples_of_the_pages(book):
    files = {".opsledger.yaml": b"preset: small\n", "records/parties/PTY-ada.yaml": SMALL}
    tiny = load(in_memory(files, name="tiny"), book.kinds)

    found = prove(tiny)

    by_example = {proof.code for proof in found if proof.said.startswith("the examples")}
    assert set() == silent_codes(found)
    assert {"LNK101", "LNK113", "LCY208", "SCH007"} <= by_example


def test_the_command_says_what_was_broken_and_writes_nothing(repo):
    repo.write("records/parties/PTY-ada.yaml", SMALL)
    repo.commit("One party")
    environment = {**repo.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = [
        subprocess.run([sys.executable, "-m", "opsledger", "prove", *options], cwd=repo.root, env=environment,
                       check=False, capture_output=True, text=True)
        for options in ((), ("--format", "json"))
    ]  # fmt: skip

    assert [0, 0] == [answer.returncode for answer in said]
    assert "SCH009 killed: records/parties/PTY-ada.yaml /id written twice" in said[0].stdout
    assert {"killed", "not tried"} == {json.loads(line)["outcome"] for line in said[1].stdout.splitlines()}
    assert "" == repo.git("status", "--porcelain")


def test_the_command_fails_when_a_rule_survives(repo):
    repo.write("records/parties/PTY-ada.yaml", SMALL)
    repo.write("records/policy/POL-ours.yaml", "id: POL-ours\ntitle: Ours\nrules: {locked: [], select: [LNK, LCY]}\n")
    environment = {**repo.environment, "PYTHONPATH": os.pathsep.join(sys.path)}

    answer = subprocess.run([sys.executable, "-m", "opsledger", "prove"], cwd=repo.root, env=environment, check=False,
                            capture_output=True, text=True)  # fmt: skip

    assert 1 == answer.returncode
    assert "SCH001 survived: records/" in answer.stdout


def test_proving_the_work_tree_leaves_the_cache_alone(repo):
    repo.write("records/parties/PTY-ada.yaml", SMALL)
    with open_book(repo.root, environment=repo.environment) as opened:
        before = opened.check().findings
        prove(opened.ledger())

        assert before == opened.check().findings
