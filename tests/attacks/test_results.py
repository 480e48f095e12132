"""Results that would hide others: an older run, another sort of thing, an exception for something else."""

from __future__ import annotations

import pytest

from .conftest import DIGEST, FILES, REL, RELEASE, answer, asked

FOLDER = "records/evidence/2026/"
OPEN = {"records/problems/2026/PRB-2026-0001.yaml": "id: PRB-2026-0001\ntitle: x\nstate: logged\nseverity: low\n"}


def run(id: str, result: str, at: str, *, key: str = "pay", **more: str) -> dict[str, str]:
    """A run of the tests of the package, under its path; more fields lie on top."""
    said = {"type": "test-run", "package_digest": f'"{DIGEST}"', **more}
    text = f"id: EVD-2026-{id}\ntitle: Tests\nat: {at}\nresult: {result}\nsubjects: [{REL}]\n"
    cases = f"cases: [{{key: {key}, result: {result}}}]\n"
    return {f"{FOLDER}EVD-2026-{id}.yaml": text + cases + "".join(f"{key}: {value}\n" for key, value in said.items())}


FAILED = run("0000aaaa", "failed", "2026-11-20T10:00:00Z")
HIDES = {
    "an older run": run("0000bbbb", "passed", "2026-11-20T09:59:59Z", supersedes="EVD-2026-0000aaaa"),
    "an older run that looks newer by its offset": run(
        "0000bbbb", "passed", "2026-11-20T14:00:00+05:00", supersedes="EVD-2026-0000aaaa"
    ),
    "another sort of result": run(
        "0000bbbb", "passed", "2026-11-20T11:00:00Z", supersedes="EVD-2026-0000aaaa", type="scan", key="other"
    ),
    "a run for another package": run(
        "0000bbbb", "passed", "2026-11-20T11:00:00Z", supersedes="EVD-2026-0000aaaa",
        package_digest='"sha256:' + "2" * 64 + '"',
    ),
    "a run that is not over yet": run("0000bbbb", "passed", "2026-11-20T12:00:01Z", supersedes="EVD-2026-0000aaaa"),
}  # fmt: skip


@pytest.mark.parametrize("files", HIDES.values(), ids=HIDES)
def test_a_failed_run_is_not_hidden_by(ledger, files):
    repo = ledger("TES604", files={**OPEN, **FAILED, **files})

    assert "blocked" == answer(asked(repo, at="main"), "TES604")


def test_a_failed_run_is_replaced_by_a_later_one_that_passed(ledger):
    newer = run("0000bbbb", "passed", "2026-11-20T10:00:01Z", supersedes="EVD-2026-0000aaaa")
    repo = ledger("TES604", files={**OPEN, **FAILED, **newer})

    assert "met" == answer(asked(repo, at="main"), "TES604")


def test_two_results_that_replace_each_other_both_count(ledger):
    first = run("0000aaaa", "failed", "2026-11-20T10:00:00Z", supersedes="EVD-2026-0000bbbb")
    other = run("0000bbbb", "failed", "2026-11-20T10:00:00Z", supersedes="EVD-2026-0000aaaa")
    repo = ledger("TES604", files={**OPEN, **first, **other})

    assert "met" != answer(asked(repo, at="main"), "TES604")


def test_a_later_failure_counts_where_its_time_says_another_offset(ledger):
    passed = run("0000bbbb", "passed", "2026-11-20T15:00:00+05:00")
    failed = run("0000cccc", "failed", "2026-11-20T11:00:00Z")
    repo = ledger("TES604", files={**OPEN, **passed, **failed})

    assert "blocked" == answer(asked(repo, at="main"), "TES604")


def test_an_exception_for_something_else_accepts_no_failed_test(ledger):
    exception = (
        "id: EXC-2026-0001\ntitle: x\ntype: known-problem-release\nstate: draft\n"
        f"scope: {{records: [{REL}, PRB-2026-0001], rules: [FLT751]}}\njustification: We can live with that problem.\n"
    )
    accepted = (
        "acceptance:\n  dispositions:\n"
        "    - {evidence: EVD-2026-0000aaaa, case: pay, disposition: accepted, exception: EXC-2026-0001}\n"
    )
    files = {**OPEN, **FAILED, "records/exceptions/2026/EXC-2026-0001.yaml": exception}
    repo = ledger("TES604", files={**files, RELEASE: FILES[RELEASE] + accepted})

    verdict = asked(repo, at="main")

    assert any("does not name TES604" in one.message for answer in verdict.answers for one in answer.findings)
