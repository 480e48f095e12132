"""Words of a record as HTML that cannot act."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsledger.site.text import finish, markup, moment, prose, reveal, safe, turns, web_link

_TAGS = {"p", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "a", "span", "hr", "br"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<script>alert(1)</script>", id="script, BAD-083"),
        pytest.param("<img src=x onerror=alert(1)>", id="image tag, BAD-083"),
        pytest.param("<svg/onload=alert(1)>", id="svg, BAD-083"),
        pytest.param("a <b>bold</b> claim", id="inline tag"),
        pytest.param("<!-- hidden -->", id="comment"),
    ],
)
def test_markup_in_a_text_is_shown_as_it_is_written(text: str) -> None:
    assert str(safe(text)) in prose(text)


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](//elsewhere.example)",
        "[x](../../index.html)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
    ],
)
def test_links_that_lead_nowhere_but_to_code_or_to_files_are_no_links(text: str) -> None:
    assert "<a" not in prose(text)


def test_links_to_the_web_and_to_mail_say_nothing_of_where_they_come_from() -> None:
    shown = prose("[a](https://a.example/?x=1&y=2) <mailto:b@c.example>")

    assert shown.count('rel="noopener noreferrer nofollow"') == 2
    assert 'href="https://a.example/?x=1&amp;y=2"' in shown


@pytest.mark.parametrize("address", ["https://t.example/p.png", "data:image/png;base64,AAAA", "/local.png"])
def test_a_picture_is_named_and_never_loaded(address: str) -> None:
    shown = prose(f'![look](  {address} "title")')

    assert "<img" not in shown


def test_headings_get_no_place_among_the_headings_of_the_page() -> None:
    shown = prose("# Approved\n\nby nobody\n=========\n")

    assert not re.search(r"<h[1-6]", shown)
    assert "Approved" in shown


@pytest.mark.parametrize(
    "text", ["| a | b |\n|--|--|\n| 1 | 2 |", "---\ntitle: x\n---\n", "!!! success\n    Approved", '--8<-- "x"']
)
def test_only_plain_commonmark_is_understood(text: str) -> None:
    shown = prose(text)

    assert "<table" not in shown
    assert "admonition" not in shown


@pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "{% include 'x' %}", "${HOME}", "{!x!}", "%(x)s", "{0}"])
def test_template_tokens_stay_what_they_are(text: str) -> None:
    assert text in markup("{}", safe(text)).unescape()
    assert text in prose(text).unescape()


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("\u202e", "⟨U+202E⟩"),
        ("\u2066", "⟨U+2066⟩"),
        ("\x1b", "⟨U+001B⟩"),
        ("\x9b", "⟨U+009B⟩"),
        ("\u2028", "⟨U+2028⟩"),
        ("\u200b", "⟨U+200B⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("\x00", "⟨U+0000⟩"),
    ],
)
def test_hidden_characters_are_shown_as_code_points(character: str, shown: str) -> None:
    for form in (reveal, finish, safe, prose):
        assert shown in str(form(f"a{character}b"))


def test_characters_that_turn_the_reading_direction_are_told_from_others() -> None:
    assert turns("approved\u202e")
    assert not turns("שלום, قهوة, naïve")


def test_a_mermaid_fence_is_only_code() -> None:
    assert "mermaid" not in prose("```mermaid\ngraph TD\n```").replace("graph", "")


def test_a_time_is_told_in_utc_with_the_original_beside_it() -> None:
    shown = moment("2026-09-01T10:12:00+02:00")

    assert shown is not None
    assert "2026-09-01 08:12 UTC" in shown
    assert "2026-09-01T10:12:00+02:00" in shown


@pytest.mark.parametrize("text", ["2026-13-01T10:12:00Z", "yesterday", "2026-09-01", "2026-09-01T10:12:00"])
def test_what_is_no_time_is_not_taken_for_one(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    "text", ['https://a.example/"x', "https://a.example/<x>", "javascript:x", "see https://a.example"]
)
def test_what_is_no_address_is_not_taken_for_one(text: str) -> None:
    assert web_link(text) is None


@given(st.text())
def test_no_text_brings_a_tag_or_an_attribute_of_its_own(text: str) -> None:
    for tag, rest in re.findall(r"<([a-zA-Z0-9]+)([^>]*)>", prose(text)):
        assert tag in _TAGS
        assert re.fullmatch(r'(?: (?:class|href|rel|start)="[^"<>]*")* ?/?', rest)


@given(st.text())
def test_a_plain_text_reads_alike_with_and_without_the_parser(text: str) -> None:
    words = [word for word in re.findall(r"[a-z]+", text) if len(word) > 1]

    shown = prose(text).unescape()

    assert all(word in shown for word in words if f"[{word}" not in text and "&" not in text)
