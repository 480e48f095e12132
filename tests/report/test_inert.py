"""Text of records in Markdown: a reader sees the text, and it does nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from opsledger.report.inert import code, inert
from opsledger.report.plain import escape

PARSER = MarkdownIt("gfm-like", {"html": True, "linkify": False})
# Where a forge looks once the Markdown is read: in the text that a reader sees, and not in what was written.
CALLS = re.compile(
    r"(?<![\w`])@[A-Za-z0-9]|#[0-9]|(?<!\w)![0-9]|(?<!\w)[%~]\w|GH-[0-9]|://|www\.|mailto:|:[a-z]+:|\b[0-9a-f]{7,40}\b"
)
SPACE = "\u200b"


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(markdown: str) -> _Seen:
    """What a reader sees of Markdown, and by which tags."""
    reader = _Seen()
    reader.feed(PARSER.render(markdown))
    reader.close()
    return reader


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<img src=x onerror=alert(1)> <b>bold</b> <!-- hid -->", id="html"),
        pytest.param("![p](https://t.example/p.png) [go](javascript:alert(1))", id="picture and link"),
        pytest.param("<https://t.example> https://t.example www.t.example a@b.example", id="addresses"),
        pytest.param("**bold** _slanted_ ~~gone~~ `code` ==x==", id="marks"),
        pytest.param("a | b | c", id="cells of a table"),
        pytest.param("# Approved by the board", id="heading"),
        pytest.param("- one", id="list"),
        pytest.param("1. one", id="numbered list"),
        pytest.param("> quoted", id="quotation"),
        pytest.param("---", id="rule"),
        pytest.param("```mermaid", id="fence"),
        pytest.param("    code", id="indented"),
        pytest.param("&lt;b&gt; &#64;octocat &commat;octocat", id="entities"),
        pytest.param("[x]: https://t.example", id="definition of a link"),
        pytest.param("[^1] [ ] \\* \\\\", id="footnote, box and backslashes"),
        pytest.param("costs $5 and $6, $`a`$", id="formula"),
        pytest.param("<details><summary>x</summary>", id="folded"),
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "- {}", "| a |\n|-|\n| {} |", "**x** {} y"], ids=["alone", "item", "cell", "mid"]
)
def test_text_is_seen_as_it_is_and_marks_nothing(text: str, around: str) -> None:
    bare = seen(around.format("word"))

    reader = seen(around.format(inert(text)))

    assert [*bare.tags] == [tag for tag in reader.tags if tag != "span"]
    assert text.strip() in reader.text.replace(SPACE, "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("@octocat", id="person"),
        pytest.param("ask @kestrel-pay/approvers", id="team"),
        pytest.param("&#64;octocat &commat;octocat", id="person by an entity"),
        pytest.param("fixes #12, GH-12, kestrel/pay#12", id="issue"),
        pytest.param("!12 %4 ~bug", id="what gitlab links"),
        pytest.param("https://t.example/a www.t.example mailto:a@b.example", id="addresses"),
        pytest.param("deadbeefdeadbeefdeadbeefdeadbeefdeadbeef 94e4ab8", id="commits"),
        pytest.param(":tada: :+1:", id="emoji"),
    ],
)
def test_text_calls_nobody_and_links_nowhere(text: str) -> None:
    reader = seen(inert(text))

    assert not CALLS.search(reader.text), reader.text


def test_time_and_version_stay_as_they_are() -> None:
    assert "2026-11-20T12:00:00Z, 4.2.1" == inert("2026-11-20T12:00:00Z, 4.2.1")


def test_unseen_characters_are_named() -> None:
    assert "a\\u202eb\\nc\\x00" == seen(inert("a\u202eb\nc\x00")).text.strip()


@given(st.text())
@example("@a")
@example("\x00@\u200b")
@example("1)")
@example(": x")
@example("- [ ] @a")
def test_any_text_is_seen_as_it_is(text: str) -> None:
    reader = seen(f"x {inert(text)} y")

    assert not {tag for tag in reader.tags if tag not in {"p", "span"}}
    assert not re.search(r"@\w", reader.text)
    assert (
        re.sub(r"\s+", " ", f"x {escape(text).strip()} y")
        == re.sub(r"\s+", " ", reader.text.replace(SPACE, "")).strip()
    )


def test_code_is_seen_as_it_is_in_a_table_too() -> None:
    reader = seen(f"| a |\n|-|\n| {code('a`|`b</code>')} |")

    assert "a`|`b</code>" in reader.text
    assert 1 == reader.tags.count("td")
