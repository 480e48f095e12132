"""XML from tools that nobody vouches for: a bounded stream of elements, with neither entities nor outside documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from opsledger.edit.evidence import NotRead

DEEPEST = 100
"""How deep elements may lie in each other."""

MOST_ELEMENTS = 3_000_000
_LONGEST_TEXT = 4_000
_AGAIN = "have the tool write it again"


class Visitor(Protocol):
    """Whoever is told of the elements, as they come."""

    def start(self, path: tuple[str, ...], attributes: Mapping[str, str]) -> None:
        """An element begins; its name, without prefix and in lower case, is the last of the path."""
        ...

    def end(self, path: tuple[str, ...], text: str) -> None:
        """An element ends; of its own text the start."""
        ...


def walk(data: bytes, visitor: Visitor, what: str) -> None:
    """
    Tell a visitor of every element of a document.

    Args:
        what: the document should be, as messages call it: "a JUnit report".

    Raises:
        NotRead: it is no XML, declares a document type (with which entities come), or is too deep or too large.
    """
    from xml.parsers import expat  # document types are refused below, and with them every entity

    parser = expat.ParserCreate()
    parser.buffer_text = True
    walker = _Walker(visitor, parser)
    parser.StartElementHandler = walker.started
    parser.EndElementHandler = walker.ended
    parser.CharacterDataHandler = walker.said
    parser.StartDoctypeDeclHandler = walker.refuse_type
    parser.EntityDeclHandler = walker.refuse_type
    parser.ExternalEntityRefHandler = walker.refuse_type
    try:
        parser.Parse(data, True)
    except expat.ExpatError as fault:
        why = expat.ErrorString(fault.code) or "it makes no sense"
        said = f"the file is not {what}: it stops being XML here ({why})"
        fix = f"look whether it is cut off, or {_AGAIN}"
        raise NotRead(said, fix, place=(max(fault.lineno, 1), fault.offset + 1)) from None
    except (LookupError, ValueError) as fault:
        if isinstance(fault, NotRead):
            raise
        raise NotRead("the file names an encoding that cannot be read", "write it anew in UTF-8") from None


class _Here(Protocol):
    CurrentLineNumber: int
    CurrentColumnNumber: int


@dataclass
class _Walker:
    """What the parser tells, counted and cut."""

    visitor: Visitor
    here: _Here
    path: tuple[str, ...] = ()
    texts: list[list[str]] = field(default_factory=list)
    elements: int = 0

    def started(self, name: str, attributes: dict[str, str]) -> None:
        self.path = (*self.path, name.rpartition(":")[2].lower())
        self.texts.append([])
        self.elements += 1
        if len(self.path) > DEEPEST:
            self._no(f"elements lie more than {DEEPEST} deep in each other", _AGAIN)
        if self.elements > MOST_ELEMENTS:
            self._no(f"the file holds more than {MOST_ELEMENTS:,} elements", "split it, and import each part")
        try:
            self.visitor.start(self.path, attributes)
        except NotRead as fault:
            self._no(fault.sentence, fault.fix)

    def ended(self, _: str) -> None:
        text = "".join(self.texts.pop())[:_LONGEST_TEXT]
        self.visitor.end(self.path, text)
        self.path = self.path[:-1]

    def said(self, words: str) -> None:
        if self.texts and sum(map(len, self.texts[-1])) < _LONGEST_TEXT:
            self.texts[-1].append(words)

    def refuse_type(self, *_: object) -> NoReturn:
        self._no("the file declares a document type or an entity, which no report needs", f"{_AGAIN} without it")

    def _no(self, sentence: str, fix: str) -> NoReturn:
        line, column = self.here.CurrentLineNumber, self.here.CurrentColumnNumber + 1
        raise NotRead(sentence, fix, place=(line, column))
