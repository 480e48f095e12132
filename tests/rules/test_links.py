"""Links: what leads nowhere or to another kind, what disagrees, what goes round, what stands alone."""

from __future__ import annotations

import pytest

REFUSED = {
    "a reference to nothing": (
        """
        # records/releases/REL-2026-9001.yaml
        fixes: [PRB-2026-9001, PRB-2026-9002]
        # records/problems/PRB-2026-9001.yaml
        title: Payments time out
        """,
        ["LNK101 REL-2026-9001: PRB-2026-9002"],
    ),
    "a reference that differs by case": (
        """
        # records/releases/REL-2026-9001.yaml
        fixes: [prb-2026-9001]
        # records/problems/PRB-2026-9001.yaml
        title: Payments time out
        """,
        ["LNK101 REL-2026-9001: prb-2026-9001"],
    ),
    "a reference deep inside": (
        """
        # records/releases/REL-2026-9001.yaml
        decisions: [{at: "2026-03-01T10:00:00Z", by: PTY-ada, state: draft, reason: We begin.}]
        """,
        ["LNK101 REL-2026-9001: PTY-ada"],
    ),
    "two references to one thing that is not there": (
        """
        # records/releases/REL-2026-9001.yaml
        fixes: [PRB-2026-9009]
        # records/releases/REL-2026-9002.yaml
        fixes: [PRB-2026-9009]
        """,
        ["LNK101 REL-2026-9001: PRB-2026-9009", "LNK101 REL-2026-9002: PRB-2026-9009"],
    ),
    "a reference to another kind": (
        """
        # records/releases/REL-2026-9001.yaml
        fixes: [CHG-2026-9001]
        # records/changes/CHG-2026-9001.yaml
        title: Raise the timeout
        """,
        ["LNK102 REL-2026-9001: CHG-2026-9001"],
    ),
    "a release that fixes a release": (
        """
        # records/releases/REL-2026-9001.yaml
        fixes: [REL-2026-9001]
        """,
        ["LNK102 REL-2026-9001: REL-2026-9001"],
    ),
    "a version with a digit too much": (
        """
        # records/problems/PRB-2026-9001.yaml
        affected_versions: [{ci: CI-pay, version: "4.2"}, {ci: CI-pay, version: "4.22"}]
        # records/cis/CI-pay.yaml
        version: "4.2"
        """,
        ['LNK105 PRB-2026-9001: "4.22"'],
    ),
    "a fix in a version of nothing": (
        """
        # records/problems/PRB-2026-9001.yaml
        fixed_in: ["4.3"]
        """,
        ['LNK105 PRB-2026-9001: "4.3"'],
    ),
    "one deployed item of two without a version": (
        """
        # records/deployments/DEP-2026-a1b2c3.yaml
        items: [{ci: CI-pay, version: "4.2"}, {ci: CI-pay, repository: "https://example.org/pay"}]
        # records/cis/CI-pay.yaml
        version: "4.2"
        """,
        ["LNK111 DEP-2026-a1b2c3"],
    ),
    "an assessed patch with an empty list of problems": (
        """
        # records/patches/PAT-2026-9001.yaml
        state: assessed
        risk: low
        cis: [CI-pay]
        problems: []
        # records/cis/CI-pay.yaml
        title: Pay
        """,
        ["LNK112 PAT-2026-9001: 1:1 id: PAT-2026-9001"],
    ),
    "a change that names another release": (
        """
        # records/releases/REL-2026-9001.yaml
        changes: [CHG-2026-9001]
        # records/releases/REL-2026-9002.yaml
        title: Another
        # records/changes/CHG-2026-9001.yaml
        release: REL-2026-9002
        """,
        ["LNK113 REL-2026-9001: CHG-2026-9001"],
    ),
    "both releases tell another story than the change, and that is one finding": (
        """
        # records/releases/REL-2026-9001.yaml
        changes: [CHG-2026-9001]
        # records/releases/REL-2026-9002.yaml
        changes: [CHG-2026-9002]
        # records/changes/CHG-2026-9001.yaml
        release: REL-2026-9002
        # records/changes/CHG-2026-9002.yaml
        title: Another
        """,
        ["LNK113"],
    ),
    "a circle of three": (
        """
        # records/releases/REL-2026-9001.yaml
        depends_on: [REL-2026-9002]
        # records/releases/REL-2026-9002.yaml
        depends_on: [REL-2026-9003]
        # records/releases/REL-2026-9003.yaml
        depends_on: [REL-2026-9001]
        """,
        ["LNK114 REL-2026-9001: REL-2026-9002"],
    ),
    "a circle of one": (
        """
        # records/releases/REL-2026-9001.yaml
        depends_on: [REL-2026-9001]
        """,
        ["LNK114 REL-2026-9001: REL-2026-9001"],
    ),
    "a circle behind a way to it": (
        """
        # records/releases/REL-2026-9001.yaml
        depends_on: [REL-2026-9002]
        # records/releases/REL-2026-9002.yaml
        depends_on: [REL-2026-9003]
        # records/releases/REL-2026-9003.yaml
        depends_on: [REL-2026-9002]
        """,
        ["LNK114 REL-2026-9002: REL-2026-9003"],
    ),
    "a problem past triage without a component": (
        """
        # records/problems/PRB-2026-9001.yaml
        state: triaged
        impact: high
        urgency: high
        cis: []
        """,
        ["LNK104 PRB-2026-9001"],
    ),
}
PASSED = {
    "a reference with a fragment": """
        # records/releases/REL-2026-9001.yaml
        fixes: [PRB-2026-9001]
        # records/problems/PRB-2026-9001.yaml
        title: Payments time out
        """,
    "a reference to a file that cannot be read": """
        # records/releases/REL-2026-9001.yaml
        fixes: [PRB-2026-9001]
        # raw: records/problems/PRB-2026-9001.yaml
        id: PRB-2026-9001
        id: PRB-2026-9001
        """,
    "a reference to a record whose id does not fit its file": """
        # records/releases/REL-2026-9001.yaml
        fixes: [PRB-2026-9001]
        # records/problems/PRB-2026-9001.yaml
        id: PRB-2026-9002
        """,
    "a logged problem without a component": """
        # records/problems/PRB-2026-9001.yaml
        state: logged
        """,
    "one side of a link alone": """
        # records/releases/REL-2026-9001.yaml
        changes: [CHG-2026-9001]
        # records/changes/CHG-2026-9001.yaml
        title: Raise the timeout
        """,
    "a diamond, which is no circle": """
        # records/releases/REL-2026-9001.yaml
        depends_on: [REL-2026-9002, REL-2026-9003]
        # records/releases/REL-2026-9002.yaml
        depends_on: [REL-2026-9004]
        # records/releases/REL-2026-9003.yaml
        depends_on: [REL-2026-9004]
        # records/releases/REL-2026-9004.yaml
        type: minor
        """,
    "a version that may be declared in a file that cannot be read": """
        # records/problems/PRB-2026-9001.yaml
        fixed_in: ["4.3"]
        # raw: records/cis/CI-pay.yaml
        id: CI-pay
        id: CI-pay
        """,
}


@pytest.mark.parametrize(("text", "seen"), REFUSED.values(), ids=REFUSED)
def test_refused(book, text, seen):
    found = [one for one in book(text).seen if one.startswith("LNK")]

    assert len(seen) == len(found), found
    assert all(one.startswith(start) for one, start in zip(found, seen, strict=True)), found


@pytest.mark.parametrize("text", PASSED.values(), ids=PASSED)
def test_let_pass(book, text):
    assert [] == [one for one in book(text).seen if one.startswith("LNK")]


def alone(book, text: str) -> list[str]:
    return [finding.place.path for finding in book(text).judgement.findings if finding.code == "LNK109"]


def test_a_record_that_stands_alone_is_a_note(book):
    said = book("# records/controls/CTL-alone.yaml\ntitle: Alone").judgement

    assert [("LNK109", "note")] == [(finding.code, finding.severity.word) for finding in said.findings]
    assert 0 == said.exit_code


def test_a_record_that_is_named_and_names_nobody_does_not_stand_alone(book):
    text = (
        "# records/releases/REL-2026-9001.yaml\nfixes: [PRB-2026-9001]\n# records/problems/PRB-2026-9001.yaml\ntitle: A"
    )

    assert [] == alone(book, text)


def test_a_record_that_names_nothing_that_exists_has_one_finding(book):
    assert ["LNK101"] == book("# records/releases/REL-2026-9001.yaml\nfixes: [PRB-2026-9001]").codes
    assert [] == alone(book, "# records/releases/REL-2026-9001.yaml\nfixes: [PRB-2026-9001]")
