"""One cause, one finding: for each pair of decision 11, what follows from the first is not said."""

from __future__ import annotations

import pytest

PAIRS = {
    "unreadable over what its links would say": (
        """
        # raw: records/releases/REL-2026-9001.yaml
        id: REL-2026-9001
        fixes: [PRB-2026-9009]
        fixes: [PRB-2026-9009]
        """,
        ["SCH009"],
    ),
    "unreadable over a missing id": (
        """
        # records/releases/REL-2026-9001.yaml
        fixes: [PRB-2026-9001]
        # raw: records/problems/PRB-2026-9001.yaml
        just text
        """,
        ["SCH009"],
    ),
    "unreadable over deleted": (
        """
        # base: records/problems/PRB-2026-9001.yaml
        title: Payments time out
        # raw: records/problems/PRB-2026-9001.yaml
        - id: PRB-2026-9001
        """,
        ["SCH009"],
    ),
    "a file that none may be over its form": ("# records/problems/aux.yaml\nid: PRB-2026-9001\ntitel: x", ["SCH010"]),
    "deleted over the references to it": (
        """
        # base: records/problems/PRB-2026-9001.yaml
        title: Payments time out
        # records/releases/REL-2026-9001.yaml
        fixes: [PRB-2026-9001]
        """,
        ["LCY204"],
    ),
    "form over the link at the same place": (
        "# records/releases/REL-2026-9001.yaml\nservice: [CI-nowhere]",
        ["SCH001"],
    ),
    "form above over the link below": (
        """
        # records/releases/REL-2026-9001.yaml
        emergency: {fault: PRB-2026-9009, panic: high}
        """,
        ["LNK101", "SCH001"],
    ),
    "form of the state over what the state asks": (
        "# records/problems/PRB-2026-9001.yaml\nstate: dreaming",
        ["SCH001"],
    ),
    "form of what a state asks over its absence": (
        "# records/problems/PRB-2026-9001.yaml\nstate: duplicate\nduplicate_of: [PRB-2026-9002]",
        ["SCH001"],
    ),
    "nowhere over the other side, at the end that names it": (
        """
        # records/releases/REL-2026-9001.yaml
        changes: [CHG-2026-9009]
        # records/changes/CHG-2026-9001.yaml
        release: REL-2026-9001
        """,
        ["LNK101"],
    ),
    "nowhere over the other side, at the end that is named": (
        """
        # records/changes/CHG-2026-9001.yaml
        release: REL-2026-9009
        # records/releases/REL-2026-9001.yaml
        changes: [CHG-2026-9001]
        """,
        ["LNK101"],
    ),
    "another kind over the other side": (
        """
        # records/changes/CHG-2026-9001.yaml
        release: PRB-2026-9001
        # records/problems/PRB-2026-9001.yaml
        title: Payments time out
        # records/releases/REL-2026-9001.yaml
        changes: [CHG-2026-9001]
        """,
        ["LNK102"],
    ),
    "an illegal move over what the state asks": (
        """
        # base: records/changes/CHG-2026-9001.yaml
        state: draft
        type: standard
        # head: records/changes/CHG-2026-9001.yaml
        state: submitted
        type: standard
        """,
        ["LCY201"],
    ),
    "an illegal move over the decision that it lacks": (
        """
        # base: records/changes/CHG-2026-9001.yaml
        state: cancelled
        decisions: [{at: "2026-03-01T10:00:00Z", by: PTY-ada, state: cancelled, reason: No longer wanted.}]
        # head: records/changes/CHG-2026-9001.yaml
        state: deferred
        decisions: [{at: "2026-03-01T10:00:00Z", by: PTY-ada, state: cancelled, reason: No longer wanted.}]
        # records/parties/PTY-ada.yaml
        name: Ada
        """,
        ["LCY201"],
    ),
    "an illegal move of a part over the parent that is closed": (
        """
        # base: records/changes/CHG-2026-9001.yaml
        state: cancelled
        release: REL-2026-9001
        decisions: [{at: "2026-03-01T10:00:00Z", by: PTY-ada, state: cancelled, reason: No longer wanted.}]
        # head: records/changes/CHG-2026-9001.yaml
        state: draft
        release: REL-2026-9001
        decisions: [{at: "2026-03-01T10:00:00Z", by: PTY-ada, state: cancelled, reason: No longer wanted.}]
        # records/parties/PTY-ada.yaml
        name: Ada
        # records/releases/REL-2026-9001.yaml
        state: closed
        """,
        ["LCY201"],
    ),
    "one id twice over the folder of the second": (
        """
        # records/problems/PRB-2026-9001.yaml
        title: Payments time out
        # records/problems/2025/PRB-2026-9001.yaml
        title: Payments time out
        """,
        ["SCH003"],
    ),
}


@pytest.mark.parametrize(("text", "codes"), PAIRS.values(), ids=PAIRS)
def test_only_the_cause_is_said(book, text, codes):
    said = book(text)

    # The closed release of one pair lacks much of its own, which is not what the pair is about.
    assert codes == sorted(code for code in said.codes if (code, "closed release") != ("LCY202", _about(said)))


def _about(said) -> str:
    return "closed release" if any(b"state: closed" in data for data in said.files.values()) else ""
