"""Form and identity: where a record lies, what it is called, which words and times it uses."""

from __future__ import annotations

import pytest

REFUSED = {
    "an id unlike its file": (
        "# records/problems/PRB-2026-9001.yaml\nid: PRB-2026-9002",
        ["SCH002 PRB-2026-9001: PRB-2026-9002"],
    ),
    "an id unlike its file by case": (
        "# records/cis/CI-Pay.yaml\nid: CI-pay",
        ["SCH002 CI-Pay: CI-pay"],
    ),
    "a folder of another year": (
        "# records/problems/2025/PRB-2026-9001.yaml\ntitle: A",
        ["SCH002 PRB-2026-9001: PRB-2026-9001"],
    ),
    "a folder in the folder of the year": (
        "# records/problems/2026/deep/PRB-2026-9001.yaml\ntitle: A",
        ["SCH002 PRB-2026-9001: PRB-2026-9001"],
    ),
    "a folder in a kind that has none": (
        "# records/cis/mine/CI-pay.yaml\ntitle: Pay",
        ["SCH002 CI-pay: CI-pay"],
    ),
    "one id in two files": (
        "# records/problems/PRB-2026-9001.yaml\ntitle: A\n# records/problems/2026/PRB-2026-9001.yaml\ntitle: B",
        ["SCH003 PRB-2026-9001: PRB-2026-9001"],
    ),
    "one id in three files": (
        "# records/cis/CI-a.yaml\ntitle: A\n# records/cis/x/CI-a.yaml\ntitle: B\n# records/cis/y/CI-a.yaml\ntitle: C",
        ["SCH003 CI-a: CI-a", "SCH003 CI-a: CI-a"],
    ),
    "a misspelt folder": ("# records/problem/PRB-2026-9001.yaml\nid: PRB-2026-9001", ["SCH004 PRB-2026-9001"]),
    "another ending": ("# records/problems/PRB-2026-9001.yml\nid: PRB-2026-9001", ["SCH004 PRB-2026-9001.yml"]),
    "an ending in capitals": ("# records/problems/PRB-2026-9001.YAML\nid: PRB-2026-9001", ["SCH004"]),
    "a backup": ("# raw: records/problems/PRB-2026-9001.yaml~\nid: PRB-2026-9001", ["SCH004"]),
    "a record beside the folders": ("# records/PRB-2026-9001.yaml\nid: PRB-2026-9001", ["SCH004"]),
    "a severity of our own": (
        "# records/problems/PRB-2026-9001.yaml\nseverity: enormous",
        ["SCH005 PRB-2026-9001: enormous"],
    ),
    "a severity in capitals": ("# records/problems/PRB-2026-9001.yaml\nseverity: High", ["SCH005 PRB-2026-9001: High"]),
    "a priority that impact and urgency do not give": (
        "# records/problems/PRB-2026-9001.yaml\nimpact: low\nurgency: low\npriority: P1",
        ["SCH005 PRB-2026-9001: P1"],
    ),
    "a time without an offset": (
        '# records/incidents/INC-2026-9001.yaml\ndetected_at: "2026-03-01T10:00:00"',
        ['SCH006 INC-2026-9001: "2026-03-01T10:00:00"'],
    ),
    "a day that is none": (
        '# records/incidents/INC-2026-9001.yaml\ndetected_at: "2026-02-30T10:00:00Z"',
        ['SCH006 INC-2026-9001: "2026-02-30T10:00:00Z"'],
    ),
    "a word for a time": (
        "# records/incidents/INC-2026-9001.yaml\ndetected_at: yesterday",
        ["SCH006 INC-2026-9001: yesterday"],
    ),
    "an end before its start by the offset alone": (
        """
        # records/releases/REL-2026-9001.yaml
        plan: {start: "2026-03-01T10:00:00+00:00", end: "2026-03-01T10:30:00+02:00"}
        """,
        ['SCH006 REL-2026-9001: "2026-03-01T10:30:00+02:00"'],
    ),
    "a name off the template": (
        """
        # records/releases/REL-2026-9001.yaml
        name: pay-1.0
        service: CI-pay
        version: "1.0.0"
        # records/cis/CI-pay.yaml
        title: Pay
        """,
        ["SCH007 REL-2026-9001: pay-1.0"],
    ),
    "a name that leaves out what it fixes": (
        """
        # records/releases/REL-2026-9001.yaml
        name: pay-1.0.0
        service: CI-pay
        version: "1.0.0"
        fixes: [PRB-2026-9001]
        # records/cis/CI-pay.yaml
        title: Pay
        # records/problems/PRB-2026-9001.yaml
        title: Payments time out
        """,
        ["SCH007 REL-2026-9001: pay-1.0.0"],
    ),
    "a schema that is no JSON": ('# raw: schemas/lesson.json\n{"title": }', ["SCH011 lesson.json"]),
    "a schema of another name than its file": (
        '# raw: schemas/lesson.json\n{"x-kind": {"name": "lessons", "folder": "lessons"}}',
        ["SCH011 lesson.json"],
    ),
}
PASSED = {
    "a record in the folder of its year": "# records/problems/2026/PRB-2026-9001.yaml\ntitle: A",
    "a record beside the folder of its year": "# records/problems/PRB-2026-9001.yaml\ntitle: A",
    "ids that differ in one digit": (
        "# records/problems/PRB-2026-9001.yaml\ntitle: A\n# records/problems/PRB-2026-9002.yaml\ntitle: B"
    ),
    "files that lie elsewhere": "# raw: docs/records.yml\nhello: world",
    "the priority that impact and urgency give": (
        "# records/problems/PRB-2026-9001.yaml\nimpact: low\nurgency: low\npriority: P4"
    ),
    "a time with an offset": '# records/incidents/INC-2026-9001.yaml\ndetected_at: "2026-03-01T10:00:00+05:30"',
    "an end at its start": (
        "# records/releases/REL-2026-9001.yaml\n"
        'plan: {start: "2026-03-01T10:00:00+00:00", end: "2026-03-01T12:00:00+02:00"}'
    ),
    "any name of a release without a version": "# records/releases/REL-2026-9001.yaml\nname: some-day",
}


@pytest.mark.parametrize(("text", "seen"), REFUSED.values(), ids=REFUSED)
def test_refused(book, text, seen):
    found = book(text).seen

    assert len({*seen}) == len({one.split(": ")[0] for one in found}), found
    assert all(one.startswith(seen[0]) for one in found), found


def test_an_approval_in_the_folder_of_another_role_is_refused(book):
    found = book("""
        # records/approvals/ROL-other/APR-2026-a1b2.yaml
        role: ROL-approver
        subject: ROL-approver
        party: PTY-ada
        # records/roles/ROL-approver.yaml
        title: Approver
        # records/parties/PTY-ada.yaml
        name: Ada
    """)

    assert "SCH002 APR-2026-a1b2: APR-2026-a1b2" in found.seen


@pytest.mark.parametrize("text", PASSED.values(), ids=PASSED)
def test_let_pass(book, text):
    assert [] == book(text).seen
