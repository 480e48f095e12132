"""What the parser complains about, said in the reader's words and at the token that is to blame."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from opsledger.yamlfile.model import Refusal, quoted


class _Sentence(NamedTuple):
    """A pattern of the parser's words, what is said instead, and whether its context's place is the better one."""

    pattern: re.Pattern[str]
    message: str
    fix: str
    at_context: bool = False


_SENTENCES = tuple(
    _Sentence(re.compile(pattern), message, fix, at_context)
    for pattern, message, fix, at_context in (
        (
            r"could not find expected ':'",
            "the line that starts here has no ': ' after its key",
            "write it as `key: value`, or indent it below the field it belongs to",
            True,
        ),
        (
            r"mapping values are not allowed here",
            "a ': ' stands here where no key may stand",
            "put the text in quotes if the colon belongs to it; otherwise align the line with its neighbours",
            False,
        ),
        (
            r"mapping keys are not allowed here",
            "a '? ' stands here where no key may stand",
            "put the text in quotes if the question mark belongs to it",
            False,
        ),
        (
            r"sequence entries are not allowed here",
            "a list item ('- ') may not stand here",
            "start the list on a line of its own, below its key",
            False,
        ),
        (
            r"scanning a (?:quoted|double-quoted) scalar.*unexpected end of stream",
            "the quote that opens here is never closed",
            "close it, or double a quote that belongs to the text",
            True,
        ),
        (
            r"scanning a quoted scalar.*unexpected document separator",
            "the quote that opens here is not closed before a line of '---' or '...'",
            "close it",
            True,
        ),
        (
            r"parsing a flow sequence",
            "a ',' or ']' is expected here",
            "put a comma between the items, or quotes round text",
            False,
        ),
        (
            r"parsing a flow mapping",
            "a ',' or '}' is expected here",
            "put a comma between the fields, or quotes round text",
            False,
        ),
        (
            r"parsing a block (?:mapping|collection|sequence)|expected <block end>",
            "this line does not align with the lines above it",
            "indent it like its neighbours; text that runs on is indented deeper than its key",
            False,
        ),
        (
            r"found unexpected ':'",
            "a ':' stands here inside text without quotes",
            "put the text in quotes, or a blank after the colon",
            False,
        ),
        (
            r"expected escape sequence of",
            "an escape is cut short here",
            "write two hexadecimal digits after \\x, four after \\u, eight after \\U",
            False,
        ),
        (
            r"unknown escape character",
            "no escape of this name exists in double quotes",
            "write \\\\ for a backslash, or use single quotes",
            False,
        ),
        (
            r"while scanning a block scalar",
            "after '|' or '>' only '+', '-', a digit or a comment may stand on the line",
            "move the text to the next line, indented; or put it in quotes",
            False,
        ),
        (
            r"while scanning an (?:alias|anchor)",
            "text may not start with '&' or '*'",
            "put the text in quotes",
            True,
        ),
        (
            r"(?:scanning|parsing) an? .*tag|undefined tag handle",
            "text may not start with '!'",
            "put the text in quotes",
            True,
        ),
        (r"while parsing a node", "a tag without a meaning stands here", "delete it, or put the text in quotes", True),
        (
            r"document start|document end",
            "the record has ended above this line",
            "delete this line and what follows it, or the end mark above it",
            False,
        ),
        (
            r"expected the node content",
            "a value is expected here",
            "write a value, or put the text in quotes",
            False,
        ),
    )
)


def explain(problem: Any, text: str, unclosed: int | None) -> Refusal:
    """
    Turn an error of the parser into the refusal of a record.

    Args:
        problem: a `MarkedYAMLError` with its marks.
        text: what was parsed.
        unclosed: where the innermost bracket opens that is still open; `None` outside of brackets.
    """
    mark = problem.problem_mark or problem.context_mark
    offset = min(mark.index if mark is not None else 0, len(text))
    said = f"{problem.context or ''} {problem.problem or ''}"
    if unclosed is not None and "<stream end>" in said:
        what, end = ("list", "]") if text[unclosed] == "[" else ("map", "}")
        message = f"the {what} that opens here with '{text[unclosed]}' is never closed"
        return Refusal(unclosed, message, f"close it with '{end}'")
    plain = _by_character(said, text, offset)
    if plain is not None:
        return plain
    for sentence in _SENTENCES:
        if sentence.pattern.search(said):
            if sentence.at_context and problem.context_mark is not None:
                offset = problem.context_mark.index
            return Refusal(min(offset, len(text)), sentence.message, sentence.fix)
    return Refusal(offset, "this cannot be read as YAML", "put the text in quotes, or indent it like its neighbours")


def _by_character(said: str, text: str, offset: int) -> Refusal | None:
    """The refusal, where what stands at the offset tells more than the parser's words."""
    character = text[offset : offset + 1]
    line = text.rfind("\n", 0, offset) + 1
    if character == "\t" or _tab_indents(text, offset):
        at = offset if character == "\t" else text.index("\t", line)
        return Refusal(at, "a tab stands here, where YAML allows only blanks", "replace the tab by blanks")
    if "cannot start any token" in said:
        return Refusal(offset, f"text may not start with {quoted(character)}", "put the text in quotes")
    if character in ("]", "}") and "flow" not in said:
        message = f"a '{character}' closes here what nothing opened"
        return Refusal(offset, message, "delete it, or put the text in quotes")
    if "<block end>" in said and text[line:offset].strip(" -"):
        fix = "put the whole text in quotes, or delete it"
        return Refusal(offset, "text goes on here after the end of a value", fix)
    return None


def _tab_indents(text: str, offset: int) -> bool:
    """Whether the line of an offset is indented with a tab, which is then what went wrong."""
    line = text.rfind("\n", 0, offset) + 1
    return re.compile(r" *\t").match(text, line, max(offset, line)) is not None
