"""A second process that does each second piece of a long reading."""

from __future__ import annotations

import pytest

from opsledger.companion import Companion


def test_each_piece_comes_back_as_its_result():
    with Companion(lambda piece: [number * 2 for number in piece]) as companion:
        companion.hand([1, 2])
        first = companion.take()
        companion.hand([])
        second = companion.take()

    assert ([2, 4], []) == (first, second)


def test_piece_that_fails_is_left_to_us():
    with Companion(lambda piece: piece["missing"]) as companion:
        companion.hand({})

        with pytest.raises(EOFError):
            companion.take()


def test_piece_larger_than_a_pipe_goes_through():
    with Companion(lambda piece: piece[::-1]) as companion:
        companion.hand("ab" * 500_000)

        assert "ba" * 500_000 == companion.take()
