"""What landed on the protected branch, and how: whatever came beside a pull request or a lane is told (BAD-128)."""

from __future__ import annotations

from datetime import timedelta

from opsledger.api import open_book

from .conftest import edit
from .signing import approval, approved, keys, planned, put
from .test_gates_in_steps import NOON, REL, commit, told

__all__ = ["approved", "keys", "planned"]


def landed(repo, base: str, *, at: str = "main", **more):
    with open_book(repo.root, environment=repo.environment) as book:
        return book.check(at, base=base, as_of=NOON, is_landed=True, **more)


def test_a_merged_pull_request_is_no_finding_and_is_counted(approved):
    before = approved.git("rev-parse", "main")
    approved.switch("main")
    approved.merge("work")

    judgement = landed(approved, before)

    assert ([], 0) == (told(judgement), judgement.exit_code)
    assert "1 commit landed: 1 by a merge" in judgement.notes


def test_each_commit_that_was_pushed_directly_is_told(approved):
    before = approved.git("rev-parse", "main")
    approved.switch("main")
    approved.merge("work")
    edit(approved, REL, "title: Longer timeouts", "title: Much longer timeouts")
    direct = commit(approved)

    judgement = landed(approved, before)

    [line] = [line for line in told(judgement) if line.startswith("GOV968")]
    assert direct[:7] in line
    assert 1 == judgement.exit_code
    assert "2 commits landed: 1 by a merge, 1 beside every way" in judgement.notes


def test_without_being_asked_nobody_tells_how_it_came(approved):
    before = approved.git("rev-parse", "main")
    approved.switch("main")
    edit(approved, REL, "title: Longer timeouts", "title: Much longer timeouts")
    commit(approved)

    with open_book(approved.root, environment=approved.environment) as book:
        assert [] == told(book.check("main", base=before, as_of=NOON))


def test_a_signed_approval_alone_may_come_by_itself(planned, keys):
    planned.git("branch", "-f", "main", "work")
    planned.switch("main")
    before = planned.git("rev-parse", "main")
    put(planned, approval(planned, keys["grace"], at=NOON - timedelta(minutes=5)))
    planned.commit("Approve", author="Grace <grace@example.org>", when=NOON)

    judgement = landed(planned, before)

    assert [] == [line for line in told(judgement) if line.startswith("GOV968")]
    assert "1 commit landed: 1 as signed approvals alone" in judgement.notes


def test_an_approval_with_another_s_signature_may_not(planned, keys):
    planned.git("branch", "-f", "main", "work")
    planned.switch("main")
    before = planned.git("rev-parse", "main")
    put(planned, approval(planned, keys["linus"], at=NOON - timedelta(minutes=5)))
    planned.commit("Approve", author="Grace <grace@example.org>", when=NOON)

    assert {"GOV968", "SIG305"} <= {line[:6] for line in told(landed(planned, before))}


def test_a_shallow_clone_says_undecided_of_how_it_came(approved):
    before = approved.git("rev-parse", "main")
    approved.switch("main")
    approved.merge("work")
    clone = approved.clone("shallow", "--depth=2", "--branch=main")

    judgement = landed(clone, before, at="HEAD")

    assert any("how the step landed" in missing and "--unshallow" in missing for missing in judgement.undecided)


def test_a_review_date_that_passed_is_told_where_a_time_is_named(approved):
    approved.switch("main")
    approved.write("records/policy/POL-ours.yaml", 'id: POL-ours\ntitle: Ours\nreview_by: "2026-11-19"\n')
    approved.commit("A policy", author="Linus <linus@example.org>", when=NOON)

    with open_book(approved.root, environment=approved.environment) as book:
        named = book.check("main", base="main", as_of=NOON, is_timed=True)
        silent = book.check("main", base="main", as_of=NOON)

    assert ["GOV964 records/policy/POL-ours.yaml:3:12: POL-ours was to be looked at again by 2026-11-19"] == told(named)
    assert [] == told(silent)
