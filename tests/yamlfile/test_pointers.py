"""RFC 6901 pointers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsledger.yamlfile import MISSING, at, parts, pointer

# The document and the pointers of RFC 6901, section 5.
DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_examples_of_the_standard_are_followed(where: str, expected: Any) -> None:
    assert expected == at(DOCUMENT, where)


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("/foo/2", id="past the end"),
        pytest.param("/foo/-", id="the item after the last"),
        pytest.param("/foo/-1", id="a negative position"),
        pytest.param("/foo/01", id="a leading zero"),
        pytest.param("/foo/²", id="a digit that is none"),
        pytest.param("/foo/0/b", id="into text"),
        pytest.param("/bar", id="no such key"),
    ],
)
def test_a_pointer_to_nothing_finds_nothing(where: str) -> None:
    assert MISSING is at(DOCUMENT, where)


def test_a_pointer_without_its_slash_is_refused() -> None:
    with pytest.raises(ValueError, match="starts with"):
        parts("foo")


@given(st.lists(st.text(max_size=5), max_size=5))
def test_parts_of_a_pointer_are_the_parts_it_was_made_of(path: list[str]) -> None:
    assert path == parts(pointer(path))
