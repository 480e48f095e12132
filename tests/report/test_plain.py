"""Text of records steers no terminal and no CI log."""

from __future__ import annotations

import pytest

from opsledger.report.plain import counted, cut, escape, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain words", "plain words", id="plain text"),
        pytest.param("a\nb\tc\rd", "a\\nb\\tc\\rd", id="line ends and tabs"),
        pytest.param("\x1b[31mred", "\\x1b[31mred", id="a control sequence"),
        pytest.param("\x1b]8;;https://evil\x07here", "\\x1b]8;;https://evil\\x07here", id="a hyperlink sequence"),
        pytest.param("\x9b2J", "\\x9b2J", id="a C1 control"),
        pytest.param("a\x7fb", "a\\x7fb", id="delete"),
        pytest.param("user\u202etxt.exe", "user\\u202etxt.exe", id="a bidi override"),
        pytest.param("\u2066x\u2069", "\\u2066x\\u2069", id="bidi isolates"),
        pytest.param("a\u2028b", "a\\u2028b", id="a line separator"),
        pytest.param("id\u200b", "id\\u200b", id="a zero-width blank"),
        pytest.param("\udcff.yaml", "\\udcff.yaml", id="a byte that is no character"),
        pytest.param("\U000e0041", "\\U000e0041", id="an invisible tag"),
        pytest.param("::error file=x::boo", "\\x3a:error file=x::boo", id="a GitHub order"),
        pytest.param("  ::stop-commands::x", "  \\x3a:stop-commands::x", id="a GitHub order behind blanks"),
        pytest.param("see ##vso[task.complete]", "see \\x23#vso[task.complete]", id="an Azure order"),
        pytest.param("##[group]", "\\x23#[group]", id="a short Azure order"),
        pytest.param("[bold]text[/bold]", "[bold]text[/bold]", id="rich markup stays what it is"),
        pytest.param("naïve 日本語 עברית", "naïve 日本語 עברית", id="other scripts stay"),
        pytest.param("👩\u200d💻", "👩\u200d💻", id="an emoji of several parts stays"),
        pytest.param("std::vector", "std::vector", id="colons inside stay"),
    ],
)
def test_what_steers_is_shown_as_code_points(text: str, shown: str) -> None:
    assert shown == escape(text)


def test_wide_characters_take_two_columns() -> None:
    assert 6 == width("日本語")


def test_combining_characters_take_none() -> None:
    assert 1 == width("e\u0301")


def test_long_text_ends_in_an_ellipsis() -> None:
    assert "a long…" == cut("a long title", 7)


def test_wide_text_is_cut_at_a_whole_character() -> None:
    assert "日…" == cut("日本語", 4)


def test_numbers_come_with_their_noun() -> None:
    assert ["1 record", "1,304 records", "2 entries"] == [
        counted(1, "record"),
        counted(1304, "record"),
        counted(2, "entry", "entries"),
    ]
