"""Canonical JSON and the digests of it."""

from __future__ import annotations

from typing import Any

import pytest

from opsledger.canonical import NotCanonical, canonical, digest


def test_keys_are_sorted_by_their_utf16_units() -> None:
    # U+1F600 is written with units from U+D83D on, which sort before U+FB33 though its code point is larger.
    assert b'{"a":1,"\xf0\x9f\x98\x80":2,"\xef\xac\xb3":3}' == canonical({"\ufb33": 3, "\U0001f600": 2, "a": 1})


def test_order_of_keys_does_not_change_the_digest() -> None:
    assert digest({"a": 1, "b": [True, None]}) == digest({"b": [True, None], "a": 1})


def test_order_of_items_changes_the_digest() -> None:
    assert digest([1, 2]) != digest([2, 1])


def test_digest_of_the_empty_map_is_the_sha256_of_two_braces() -> None:
    assert "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" == digest({})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(1.0, b"1", id="a whole float"),
        pytest.param(-0.0, b"0", id="minus zero"),
        pytest.param(1e21, b"1e+21", id="a large float"),
        pytest.param(1e-7, b"1e-7", id="a small float"),
        pytest.param(4.50, b"4.5", id="a trailing zero"),
        pytest.param(2**53 - 1, b"9007199254740991", id="the largest integer"),
        pytest.param('é"\\\n\x0f', b'"\xc3\xa9\\"\\\\\\n\\u000f"', id="text with escapes"),
    ],
)
def test_values_are_written_as_rfc_8785_says(value: Any, expected: bytes) -> None:
    assert expected == canonical(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(2**53, id="an integer past 2^53 - 1"),
        pytest.param(-(2**53), id="a negative integer past 2^53 - 1"),
        pytest.param(float("nan"), id="not a number"),
        pytest.param(float("inf"), id="infinity"),
        pytest.param("\ud800", id="half of a surrogate pair"),
        pytest.param({1: "a"}, id="a key that is no text"),
        pytest.param({"\ud800": 1}, id="a key with half of a surrogate pair"),
        pytest.param(object(), id="an object"),
        pytest.param({"a": {1, 2}}, id="a set"),
    ],
)
def test_what_json_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_endless_nesting_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(NotCanonical):
        canonical(endless)
