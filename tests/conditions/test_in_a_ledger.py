"""Rules of an organisation's own in a ledger with a cache, on the command line and in a check."""

from __future__ import annotations

import pytest

from opsledger.api import open_book

POLICY = """id: POL-x
title: Ours
rules:
  own:
    - {code: ORG001, kind: role, must: role.title != 'Owner', says: nobody owns anything}
"""


@pytest.fixture
def ledger(repo):
    repo.write(".opsledger.yaml", "preset: small\n")
    repo.write("records/roles/ROL-owner.yaml", "id: ROL-owner\ntitle: Owner\ndescription: Owns.\n")
    repo.write("records/policy/POL-x.yaml", "id: POL-x\ntitle: Ours\n")
    return repo


def own(repo, environment) -> list[str]:
    with open_book(repo.root, environment=environment) as book:
        return [str(one.message) for one in book.check().findings if one.code in ("ORG001", "GOV969")]


def test_a_rule_that_is_new_judges_records_that_a_cache_knows(ledger, environment, tmp_path):
    cached = {**environment, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert [] == own(ledger, cached)

    ledger.write("records/policy/POL-x.yaml", POLICY)

    assert ["ROL-owner: nobody owns anything"] == own(ledger, cached)
    assert ["ROL-owner: nobody owns anything"] == own(ledger, cached)


def test_a_rule_that_is_gone_leaves_nothing_in_the_cache(ledger, environment, tmp_path):
    cached = {**environment, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    ledger.write("records/policy/POL-x.yaml", POLICY)
    assert 1 == len(own(ledger, cached))

    ledger.write("records/policy/POL-x.yaml", "id: POL-x\ntitle: Ours\n")

    assert [] == own(ledger, cached)


def test_a_record_that_is_new_is_judged_after_a_sound_run(ledger, environment, tmp_path):
    cached = {**environment, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    ledger.write("records/policy/POL-x.yaml", POLICY.replace("'Owner'", "'Boss'"))
    assert [] == own(ledger, cached)

    ledger.write("records/roles/ROL-boss.yaml", "id: ROL-boss\ntitle: Boss\ndescription: Rules.\n")

    assert ["ROL-boss: nobody owns anything"] == own(ledger, cached)


def test_coverage_says_how_many_records_a_rule_of_ones_own_judged(ledger, environment):
    ledger.write("records/policy/POL-x.yaml", POLICY)

    with open_book(ledger.root, environment=environment) as book:
        coverage = book.check(with_coverage=True).coverage["ORG001"]

    assert (1, 1) == (coverage.judged, coverage.findings)
