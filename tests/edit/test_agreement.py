"""Whatever is typed: the file says afterwards what the data says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from opsledger.edit.shape import Shape
from opsledger.edit.values import Assignment, assigned
from opsledger.errors import Refused
from opsledger.yamlfile import MISSING, REMOVE, read, set_values

TEXT = {"type": "string"}
STEP = {"type": "object", "properties": {"do": TEXT, "size": {"type": "integer"}}}
WHOLE = Shape(
    (
        {
            "properties": {
                "title": TEXT,
                "count": {"type": "integer"},
                "tags": {"type": "array", "items": TEXT},
                "plan": {"properties": {"owner": TEXT, "steps": {"type": "array", "items": STEP}}, "type": "object"},
            }
        },
    ),
    {},
)
SOURCE = b"# head\ntitle: 'one'  # said\ntags: [a, b]\nplan:\n  owner: ada\n  steps:\n    - do: go\n      size: 2\n"
POINTERS = st.sampled_from(
    ["/title", "/count", "/tags", "/tags/0", "/tags/1", "/plan", "/plan/owner", "/plan/steps/0", "/plan/steps/0/do",
     "/plan/steps/1/size", "/plan/steps/2/do", "/plan/steps"]
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(
        ["a", "12", "true", "", " ", "# x", "{do: x, size: 3}", "[]", "[x, 'y']", "a: b", "- c", "null", "|"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0x2FFF), max_size=12),
)
CHANGES = st.lists(st.builds(Assignment, POINTERS, st.sampled_from(["=", "+=", "-=", "unset"]), TEXTS), max_size=4)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(CHANGES)
def test_edits_of_a_text_agree_with_the_data(changes: list[Assignment]) -> None:
    before = read(SOURCE)
    assert isinstance(before, dict)
    try:
        after, edits = assigned(before, WHOLE, changes)
    except Refused:
        return

    text = SOURCE
    for edit in edits:
        text = set_values(text, {edit.pointer: REMOVE if edit.value is MISSING else edit.value})

    assert after == read(text)
