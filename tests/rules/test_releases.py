"""What a release carries (LNK103; S2-def-release, S2-in-01, S3-goal-05)."""

from __future__ import annotations

import pytest

SHIPS = "# records/releases/REL-2026-9001.yaml\nstate: {}\nchanges: [CHG-2026-9001, CHG-2026-9002]\n{}"
CHANGES = (
    "# records/changes/CHG-2026-9001.yaml\nstate: {}\ntype: normal\n"
    "# records/changes/CHG-2026-9002.yaml\nstate: {}\ntype: normal\n"
)
PART = (
    'package:\n  digest: "sha256:{0}"\n  artifacts:\n    - {{name: app, digest: "sha256:{0}", change: CHG-2026-9001}}\n'
)


def told(book, release: str, changes: tuple[str, str], package: str = "") -> list[str]:
    text = SHIPS.format(release, package) + CHANGES.format(*changes)
    return [f"{one.place.line} {one.message}" for one in book(text).judgement.findings if one.code == "LNK103"]


@pytest.mark.parametrize("changes", [("draft", "submitted"), ("assessed", "rejected"), ("cancelled", "deferred")])
@pytest.mark.parametrize("release", ["plan-approved", "ready", "closed"])
def test_release_past_its_plan_needs_one_approved_change(book, release, changes):
    [said] = told(book, release, changes)

    assert f"REL-2026-9001 is {release}, but no change that it ships is approved" in said
    assert f"CHG-2026-9001 is {changes[0]}, CHG-2026-9002 is {changes[1]}" in said


@pytest.mark.parametrize("approved", ["approved", "scheduled", "implementing", "backed-out", "closed"])
def test_one_approved_change_is_enough(book, approved):
    assert [] == told(book, "plan-approved", ("submitted", approved))


@pytest.mark.parametrize("release", ["draft", "planned", "cancelled"])
def test_release_before_its_plan_is_approved_may_wait_for_its_changes(book, release):
    assert [] == told(book, release, ("draft", "submitted"))


def test_change_that_no_part_of_the_package_carries_out_is_named(book):
    [said] = told(book, "packaged", ("scheduled", "scheduled"), PART.format("0" * 64))

    assert said.endswith("REL-2026-9001 ships CHG-2026-9002, but no part of its package carries it out")


def test_package_that_is_still_being_built_may_lack_a_change(book):
    assert [] == told(book, "building", ("scheduled", "scheduled"), PART.format("0" * 64))


def test_package_that_says_of_no_part_what_it_carries_out_is_let_be(book):
    assert [] == told(book, "packaged", ("scheduled", "scheduled"), f'package: {{digest: "sha256:{"0" * 64}"}}\n')


def test_misspelt_change_is_the_one_finding(book):
    text = SHIPS.format("plan-approved", "") + "# records/changes/CHG-2026-9001.yaml\nstate: draft\n"

    codes = {one.code for one in book(text).judgement.findings}

    assert "LNK101" in codes
    assert "LNK103" not in codes
