"""`opsledger rules`: the tool's rules, and those of the policy around."""

from __future__ import annotations

import json

import pytest

OWN = """id: POL-x
title: Ours
rules:
  own:
    - code: ORG001
      kind: change
      when: has(change.risk)
      must: change.risk < CRITICAL
      says: nobody does anything critical
      fix: make it smaller
      severity: warning
"""


@pytest.fixture
def ledger(book, monkeypatch):
    book.write(".opsledger.yaml", "preset: small\n")
    monkeypatch.chdir(book.root)
    return book


def test_rules_of_ones_own_stand_in_the_list(ledger, call):
    ledger.write("records/policy/POL-x.yaml", OWN)

    [row] = [line for line in call("rules").out.splitlines() if line.startswith("ORG001")]

    assert ["ORG001", "warning", "each", "change"] == row.split()[:4]


def test_a_rule_of_ones_own_has_a_page(ledger, call):
    ledger.write("records/policy/POL-x.yaml", OWN)

    said = call("rules", "org001")

    assert 0 == said.code
    assert "# ORG001: nobody does anything critical\n" in said.out
    assert "## Only where this holds\n\nhas(change.risk)\n" in said.out
    assert "## What must hold\n\nchange.risk < CRITICAL\n" in said.out
    assert "## Fix\n\nmake it smaller\n" in said.out


def test_a_rule_of_ones_own_is_told_as_json(ledger, call):
    ledger.write("records/policy/POL-x.yaml", OWN)

    told = json.loads(call("rules", "ORG001", "--format", "json").out)

    assert ("ORG001", "change", "warning") == (told["code"], told["kind"], told["severity"])


def test_a_code_that_neither_knows_is_refused(ledger, call):
    ledger.write("records/policy/POL-x.yaml", OWN)

    assert 2 == call("rules", "ORG002").code


def test_outside_a_ledger_only_the_tools_rules_are_listed(tmp_path, call, monkeypatch):
    monkeypatch.chdir(tmp_path)

    said = call("rules").out

    assert "GOV969" in said
    assert "ORG001" not in said
