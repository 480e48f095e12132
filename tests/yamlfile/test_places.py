"""Where values and keys stand."""

from __future__ import annotations

import pytest

from opsledger.yamlfile import Located, read_exact

RECORD = """\
# A comment.

id: REL-1
title: "hé: llo"
plan:
  steps:
    - do: first
      by: PTY-ada
    -
      do: second
  scope: {a: 1, b: [x, y]}
text: |
  one
empty:
"""


@pytest.fixture(name="record")
def _record() -> Located:
    located = read_exact(RECORD.encode())
    assert isinstance(located, Located)
    return located


@pytest.mark.parametrize(
    ("pointer", "value", "key"),
    [
        pytest.param("", (3, 1), (3, 1), id="the record"),
        pytest.param("/id", (3, 5), (3, 1), id="a field"),
        pytest.param("/title", (4, 8), (4, 1), id="quoted text"),
        pytest.param("/plan", (6, 3), (5, 1), id="a map"),
        pytest.param("/plan/steps", (7, 5), (6, 3), id="a list"),
        pytest.param("/plan/steps/0", (7, 7), (7, 7), id="an item"),
        pytest.param("/plan/steps/0/by", (8, 11), (8, 7), id="a field of an item"),
        pytest.param("/plan/steps/1/do", (10, 11), (10, 7), id="an item below its dash"),
        pytest.param("/plan/scope/b/1", (11, 24), (11, 24), id="in brackets"),
        pytest.param("/text", (12, 7), (12, 1), id="a block"),
        pytest.param("/empty", (14, 7), (14, 1), id="no value"),
        pytest.param("/plan/steps/7", (7, 5), (6, 3), id="past the end: the list"),
        pytest.param("/plan/nothing/at/all", (6, 3), (5, 1), id="nothing there: the map above"),
        pytest.param("/nothing", (3, 1), (3, 1), id="no such field: the record"),
    ],
)
def test_a_pointer_has_its_place(record: Located, pointer: str, value: tuple[int, int], key: tuple[int, int]) -> None:
    assert (value, key) == (record.value_at(pointer), record.key_at(pointer))


def test_places_count_alike_with_a_mark_and_other_line_ends() -> None:
    located = read_exact(b"\xef\xbb\xbf" + RECORD.replace("\n", "\r\n").encode())

    assert isinstance(located, Located)
    assert ((3, 5), (8, 11)) == (located.value_at("/id"), located.value_at("/plan/steps/0/by"))
