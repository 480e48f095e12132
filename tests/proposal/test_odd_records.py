"""Records of a pull request may be written in any way; what cannot be understood is told, and breaks nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsledger.kind import packaged_kinds
from opsledger.ledger import Record
from opsledger.proposal import meaning, sentences
from opsledger.proposal.loosening import loosened
from opsledger.proposal.model import Named
from opsledger.proposal.schema_files import schema_sentences
from opsledger.steps import Step
from opsledger.store import in_memory

KINDS = packaged_kinds()
JUDGES = sorted(name for name, kind in KINDS.items() if kind.judges)
WORDS = st.sampled_from([
    "ROL-a", "PTY-a", "SIG301", "ALL", "freeze", "enforce", "warn", "plan", "2026-01-01T00:00:00Z",
])  # fmt: skip
KEYS = st.sampled_from([
    "roles", "role", "scope", "party", "quorum", "fields", "kind", "from", "to", "select", "severity", "locked",
    "emails", "keys", "SIG301", "when",
])  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def record(kind: str, data: dict) -> Record:
    known = KINDS[kind]
    path = f"{known.folder}/X-1.yaml"
    snapshot = in_memory({path: json.dumps(data).encode()}, name="a test")
    return Record("X-1", known, path, snapshot.files[path], known.state_of(data), "X", snapshot)


def readings(kind: str) -> st.SearchStrategy[dict]:
    return st.dictionaries(st.sampled_from(KINDS[kind].fields), VALUES, max_size=6)


@pytest.mark.parametrize("kind", JUDGES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_two_readings_of_a_judge_can_be_told(kind: str, data: st.DataObject) -> None:
    before, after = (record(kind, data.draw(readings(kind))) for _ in range(2))
    steps = [Step("X-1", before, after), Step("X-1", None, after), Step("X-1", before, None)]

    both = (before.snapshot, after.snapshot)

    told = loosened(steps, both, both, writers={"PTY-a"}, titles=Named)

    assert {"X-1"} == {one.subject for one in told}
    assert all(one.sentence for one in told)


@pytest.mark.parametrize("kind", ["release", "party", "policy"])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_two_readings_have_a_meaning(kind: str, data: st.DataObject) -> None:
    before, after = (record(kind, data.draw(readings(kind))) for _ in range(2))

    [step] = meaning([Step("X-1", before, after)], Named)

    lifecycle = KINDS[kind].lifecycle
    state = lifecycle.field if lifecycle else ""
    names = {name for name in {**before.data, **after.data} if before.get(name) != after.get(name)} - {state}
    assert names <= {edit.pointer.split("/")[1] for edit in step.edits}
    assert sentences([step])


@given(VALUES, VALUES)
@settings(max_examples=60, deadline=None)
def test_any_two_schemas_can_be_told(before: object, after: object) -> None:
    path = "schemas/x.json"
    named = [
        {"x-scopes": one, "x-lifecycle": {"moves": one, "requires": one}, "required": one} for one in (before, after)
    ]
    old, new = (in_memory({path: json.dumps(one).encode()}, name="a test") for one in named)

    assert list(schema_sentences(path, old, new))


def test_schema_that_cannot_be_read_is_told() -> None:
    path = "schemas/x.json"
    old, new = (in_memory({path: content}, name="a test") for content in (b'{"required": ["id"]}', b"{"))

    assert [("schemas/x.json: the field id need not be there any more", True)] == list(schema_sentences(path, old, new))
