"""FLT755: what is told of a problem that is still there."""

from __future__ import annotations

import pytest

READY = "REL-2026-9001 -> ready"
PLACES = """
# records/environments/ENV-prod.yaml
production: true
regulated: true
# records/environments/ENV-staging.yaml
production: false
# records/cis/CI-payments.yaml
version: 4.2.0
versions: [4.1.9]
"""
BROKEN = "id: [\n"


def release(more: str = "", *, state: str = "ready", version: str = ", version: 4.2.1") -> str:
    scope = f"scope: {{cis: [{{ci: CI-payments{version}, effect: changed}}]}}"
    return f"# records/releases/REL-2026-9001.yaml\nstate: {state}\nservice: CI-payments\n{scope}\n{more}\n{PLACES}"


def problem(more: str = "cis: [CI-payments]", *, state: str = "investigating", severity: str = "high") -> str:
    return f"\n# records/problems/PRB-2026-9001.yaml\nstate: {state}\nseverity: {severity}\n{more}\n"


def versions(*named: str) -> str:
    listed = ", ".join(f"{{ci: CI-payments, version: {one}}}" for one in named)
    return f"cis: [CI-payments]\naffected_versions: [{listed}]"


def words(answer) -> list[str]:
    return [finding.message for finding in answer.findings]


KNOWN = """
affected_versions: [{ci: CI-payments, version: 4.2.0}]
known_error: {symptom: White page, workaround: Again, notes: Rare, published: "2026-02-01T10:00:00Z"}
"""


def accepted(more: str = "known_problems: [PRB-2026-9001]") -> str:
    return release(more, state="accepted")


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        (problem(KNOWN.replace("notes: Rare, ", ""), state="known-error"), "known_error.notes"),
        (problem(KNOWN.replace(', published: "2026-02-01T10:00:00Z"', "")), "known_error.published"),
        (problem("cis: []"), "known_error.symptom, known_error.workaround, known_error.notes, known_error.published, "
                             "affected_versions"),
    ],
    ids=["no notes", "not published", "nothing at all"],
)  # fmt: skip
def test_known_problem_without_what_support_needs_is_told(ask, text, lacking):
    answer = ask("FLT755", READY, accepted() + text)

    assert [f"REL-2026-9001 ships with PRB-2026-9001, which does not say {lacking}"] == words(answer)


def test_symptom_that_lcy202_asks_for_is_not_asked_twice(ask):
    text = accepted() + problem(KNOWN.replace("symptom: White page, ", ""), state="known-error")

    assert "met" == ask("FLT755", READY, text).outcome.value


def test_complete_known_error_is_listed(ask):
    answer = ask("FLT755", READY, accepted() + problem(KNOWN, state="known-error"))

    assert ("met", ["its known errors are PRB-2026-9001"]) == (answer.outcome.value, list(answer.remarks))


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (accepted("") + problem(versions("4.2.1"), severity="low"), "blocked"),
        (accepted("fixes: [PRB-2026-9001]") + problem(versions("4.2.1"), severity="low"), "met"),
        (accepted("") + problem(versions("4.2.0"), severity="low"), "met"),
        (accepted("") + problem("cis: [CI-payments]", severity="low"), "met"),
    ],
    ids=["in this version", "fixed", "in another version", "in nobody knows which"],
)
def test_open_problem_of_this_very_version_is_listed(ask, text, outcome):
    assert outcome == ask("FLT755", READY, text).outcome.value


def test_unlisted_problem_that_blocks_is_told_by_the_code_that_blocks(ask):
    text = accepted("") + problem(versions("4.2.1"))

    assert ("blocked", "met") == (
        ask("FLT755", READY, text).outcome.value,
        ask("FLT755", READY, text, beside=("FLT751",)).outcome.value,
    )


def test_unreadable_problem_leaves_known_errors_undecided(ask):
    raw = {"records/problems/PRB-2026-9009.yaml": BROKEN}

    assert "undecided" == ask("FLT755", READY, accepted(""), raw=raw).outcome.value


@pytest.mark.parametrize(
    ("resolution", "outcome"),
    [("path: patch", "blocked"), ("path: patch, summary: Took 4.2.2 in.", "met"), ("path: process", "met")],
)
def test_problem_that_a_patch_ended_says_what_was_done(ask, resolution, outcome):
    text = problem(f'resolution: {{{resolution}, resolved: "2026-02-01T10:00:00Z"}}', state="resolved")

    assert outcome == ask("FLT755", "PRB-2026-9001 -> closed", text).outcome.value


@pytest.mark.parametrize("state", ["known-error", "fix-in-progress", "fix-ready", "fix-deployed"])
def test_check_asks_a_known_error_for_its_versions_and_its_page(book, state):
    said = book(problem("known_error: {symptom: White, workaround: Again}", state=state)).codes

    assert 2 == said.count("FLT755")


@pytest.mark.parametrize("state", ["investigating", "resolved", "closed"])
def test_check_asks_no_other_problem_for_them(book, state):
    assert "FLT755" not in book(problem("known_error: {symptom: White, workaround: Again}", state=state)).codes
