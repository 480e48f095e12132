"""How one text became another, word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsledger.proposal.words import word_pieces

TEXT = st.text(st.sampled_from("ab ,.\n"), max_size=60)


def said(before: str, after: str) -> str:
    """The pieces as one line."""
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}", "cut": "…"}
    return "".join(marks[piece.sort].format(piece.text) for piece in word_pieces(before, after))


@pytest.mark.parametrize(
    ("before", "after", "seen"),
    [
        pytest.param("restart one node", "restart two nodes", "restart [-one node-]{+two nodes+}", id="words"),
        pytest.param("restart it", "restart it at night", "restart it{+ at night+}", id="more at the end"),
        pytest.param("at night restart", "restart", "[-at night -]restart", id="less at the start"),
        pytest.param("same", "same", "same", id="nothing"),
        pytest.param("", "all new", "{+all new+}", id="out of nothing"),
        pytest.param("version 1.2.3", "version 1.3.0", "version 1.[-2.3-]{+3.0+}", id="numbers"),
    ],
)
def test_words_that_went_and_came(before: str, after: str, seen: str) -> None:
    assert seen == said(before, after)


def test_what_stayed_is_cut_to_the_words_around_a_change() -> None:
    words = [f"word{number}" for number in range(60)]
    before, after = " ".join(words), " ".join([*words[:30], "CHANGED", *words[31:]])

    assert (
        "… word24 word25 word26 word27 word28 word29 [-word30-]{+CHANGED+} word31 word32 word33 word34 word35 word36…"
    ).replace("… word24", "…word24") == said(before, after).replace("… word24", "…word24")


def test_long_run_that_came_is_cut() -> None:
    [_, new] = word_pieces("start", "start " + "x " * 1000)

    assert "new" == new.sort
    assert new.text.endswith(" …")
    assert len(new.text) < 500


def test_texts_too_long_for_words_are_compared_by_lines() -> None:
    lines = [f"line {number} of a very long text\n" for number in range(1000)]

    pieces = word_pieces("".join(lines), "".join([*lines[:500], "another\n", *lines[501:]]))

    assert ["gone", "new"] == [piece.sort for piece in pieces if piece.sort in ("gone", "new")]
    assert "another\n" in [piece.text for piece in pieces]


def test_texts_too_long_for_lines_are_shown_by_their_starts() -> None:
    before, after = ("\n".join(f"{sort}{number}" for number in range(5000)) for sort in "ab")

    gone, new = word_pieces(before, after)

    assert (True, True) == (gone.text.startswith("a0"), new.text.startswith("b0"))


@given(TEXT, TEXT)
def test_pieces_hold_both_texts(before: str, after: str) -> None:
    pieces = word_pieces(before, after)

    if all(piece.sort != "cut" for piece in pieces):
        assert before == "".join(piece.text for piece in pieces if piece.sort != "new")
        assert after == "".join(piece.text for piece in pieces if piece.sort != "gone")
