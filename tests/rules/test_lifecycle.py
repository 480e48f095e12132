"""What states ask: fields, decisions, and finished parts."""

from __future__ import annotations

import pytest

DECISION = 'decisions: [{{at: "2026-03-01T10:00:00Z", by: PTY-ada, state: {}, reason: We no longer need it.}}]'
ADA = "# records/parties/PTY-ada.yaml\nname: Ada\n"
CHANGE = "# records/changes/CHG-2026-9001.yaml\nstate: {}\n"
DUPLICATE = "# records/problems/PRB-2026-9001.yaml\nstate: duplicate\n"
REFUSED = {
    "a duplicate of nothing": (DUPLICATE, ["LCY202"]),
    "an active environment that nobody manages": ("# records/environments/ENV-a.yaml\nstate: active", ["LCY202"]),
    "a published window without a time": ("# records/windows/WIN-a.yaml\nstate: published", ["LCY202", "LCY202"]),
    "a deployment that was authorised without a package": (
        "# records/deployments/DEP-2026-a1b2c3.yaml\nstate: authorised",
        ["LCY202"],
    ),
    "a cancelled change that nobody decided on": (CHANGE.format("cancelled"), ["LCY207"]),
    "a deferred change that nobody decided on": (CHANGE.format("deferred"), ["LCY207"]),
    "a cancelled change whose decision is another one": (
        CHANGE.format("cancelled") + DECISION.format("deferred") + "\n" + ADA,
        ["LCY207"],
    ),
    "a cancelled change with an empty list of decisions": (CHANGE.format("cancelled") + "decisions: []", ["LCY207"]),
    "a requested exception without what it must say": (
        '# records/exceptions/EXC-2026-9001.yaml\nstate: requested\nrequested_by: PTY-ada\nlevel: low\n'
        'residual_risk: low\nexpires: "2026-12-01T10:00:00Z"\n' + ADA,
        ["WVR921", "WVR921", "WVR921"],
    ),
}  # fmt: skip
PASSED = {
    "a duplicate of something": DUPLICATE
    + "duplicate_of: PRB-2026-9002\n# records/problems/PRB-2026-9002.yaml\ntitle: A",
    "a planned environment that nobody manages": "# records/environments/ENV-a.yaml\nstate: planned",
    "a cancelled change with its decision": CHANGE.format("cancelled") + DECISION.format("cancelled") + "\n" + ADA,
    "a draft without a decision": CHANGE.format("draft"),
}


@pytest.mark.parametrize(("text", "codes"), REFUSED.values(), ids=REFUSED)
def test_refused(book, text, codes):
    assert codes == book(text).codes


@pytest.mark.parametrize("text", PASSED.values(), ids=PASSED)
def test_let_pass(book, text):
    assert [] == book(text).seen


def test_what_is_missing_is_said_at_the_record_and_what_is_too_little_at_its_place(book):
    missing = book(CHANGE.format("cancelled")).seen
    too_little = book(CHANGE.format("cancelled") + DECISION.format("deferred") + "\n" + ADA).seen

    assert ["LCY207 CHG-2026-9001: 1:1 id: CHG-2026-9001"] == missing
    assert not any(one.startswith("LCY207 CHG-2026-9001: 1:1") for one in too_little)


def closed_over(book, child: str, kind: str = "changes", id: str = "CHG-2026-9001", field: str = "state") -> list[str]:
    text = (
        f"# records/releases/REL-2026-9001.yaml\nstate: closed\n# records/{kind}/{id}.yaml\n{field}: {child}\nrelease: "
    )
    return [one for one in book(text + "REL-2026-9001").seen if one.startswith("LCY208")]


@pytest.mark.parametrize("state", ["draft", "submitted", "implementing", "reviewed", "deferred"])
def test_a_closed_release_with_an_open_change_is_refused_at_its_state(book, state):
    assert ["LCY208 REL-2026-9001: closed"] == closed_over(book, state)


@pytest.mark.parametrize("state", ["closed", "cancelled", "rejected", "backed-out"])
def test_a_closed_release_with_a_finished_change_passes(book, state):
    assert [] == closed_over(book, state)


def test_a_closed_release_with_an_open_deployment_is_refused(book):
    assert ["LCY208 REL-2026-9001: closed"] == closed_over(book, "planned", "deployments", "DEP-2026-a1b2c3")


def test_several_open_parts_are_one_finding_that_names_them(book):
    text = (
        "# records/releases/REL-2026-9001.yaml\nstate: closed\nchanges: [CHG-2026-9001, CHG-2026-9002]\n"
        "# records/changes/CHG-2026-9001.yaml\nstate: draft\n# records/changes/CHG-2026-9002.yaml\nstate: draft"
    )

    [said] = [finding.message for finding in book(text).findings if finding.code == "LCY208"]

    assert "REL-2026-9001 is closed, but CHG-2026-9001 is draft, CHG-2026-9002 is draft" == said
