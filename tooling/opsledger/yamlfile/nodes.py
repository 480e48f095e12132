"""Text to nodes: the events of ruamel.yaml's pure parser, without recursion, in the strict subset of a record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from opsledger.yamlfile import keys
from opsledger.yamlfile.core import Scalar, Unfit, resolve
from opsledger.yamlfile.model import MAX_DEPTH, MAX_VALUES, Refusal, line_and_column, quoted
from opsledger.yamlfile.sentences import explain

MAP = "map"
LIST = "list"
PLAIN = "plain"
"""The styles of a node besides the quote or indicator (`'`, `"`, `|`, `>`) that a scalar starts with."""


@dataclass(slots=True, eq=False)
class Node:
    """
    One value of the text.

    Args:
        start: offset of its first character.
        end: offset after its last; of a block, of the last value in it.
        style: `map`, `list`, `plain`, or the quote or indicator that a scalar starts with.
        flow: whether it is a map or list in brackets.
        value: what a scalar means.
        pairs: key and value nodes of a map, in order.
        items: nodes of a list, in order.
    """

    start: int
    end: int
    style: str
    flow: bool = False
    value: Scalar = None
    pairs: dict[str, tuple[Node, Node]] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A map or list whose end has not come yet; `key` waits for its value; `seen` maps skeletons to key nodes."""

    node: Node
    key: Node | None = None
    seen: dict[str, Node] = field(default_factory=dict)


def compose(text: str) -> Node:
    """
    Build the node of the one map that a record's text holds.

    Raises:
        Refusal: the text is no YAML, or is outside the strict subset.
    """
    return _Composer(text).run()


def data_of(root: Node) -> Any:
    """The plain data of a node: children are never deeper than `MAX_DEPTH`, so recursion is safe here."""
    if root.style == MAP:
        return {key: data_of(value) for key, (_, value) in root.pairs.items()}
    if root.style == LIST:
        return [data_of(item) for item in root.items]
    return root.value


class _Composer:
    """Holds what is open while the events of one text go by."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.documents = 0
        self.values = 0

    def run(self) -> Node:
        events, placed, unplaced = _parser(self.text)
        try:
            for event in events:
                self.take(event)
        except placed as problem:
            raise explain(problem, self.text, self.unclosed()) from None
        except (unplaced, ValueError, OverflowError, AssertionError, IndexError) as problem:
            offset = _past_unicode(self.text)
            said = "this cannot be read as YAML" if offset is None else "an escape names a character past U+10FFFF here"
            raise Refusal(offset or 0, said, "write the character itself") from problem
        if self.root is None or (self.root.style == PLAIN and self.root.start == self.root.end):
            raise Refusal(
                0,
                "the file holds no fields, only blank lines or comments",
                "write the fields of the record into it, or delete it",
            )
        return self.root

    def unclosed(self) -> int | None:
        """Where the innermost bracket opens that no bracket has closed yet."""
        return self.stack[-1].node.start if self.stack and self.stack[-1].node.flow else None

    def take(self, event: Any) -> None:
        name = type(event).__name__
        start = event.start_mark.index
        if name == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                raise Refusal(
                    start,
                    "a second document starts here, and a file holds one record",
                    "move what follows to a file of its own",
                )
        elif name == "ScalarEvent":
            self.refuse_properties(event, start)
            self.scalar(event, start)
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            self.refuse_properties(event, start)
            self.open(Node(start, start, MAP if name == "MappingStartEvent" else LIST, flow=bool(event.flow_style)))
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self.close(event.end_mark.index)
        elif name == "AliasEvent":
            raise Refusal(
                start,
                f"records have no aliases such as {quoted('*' + event.anchor)}",
                "write the value out, or put the text in quotes",
            )

    def refuse_properties(self, event: Any, start: int) -> None:
        if event.anchor is not None:
            raise Refusal(
                start,
                f"records have no anchors such as {quoted('&' + event.anchor)}",
                "delete the anchor, or put the text in quotes",
            )
        if event.ctag is not None:
            tag = self.text[start:].split(None, 1)[0][:40]
            raise Refusal(
                start, f"records have no tags such as {quoted(tag)}", "delete the tag, or put the text in quotes"
            )

    def scalar(self, event: Any, start: int) -> None:
        style = event.style or PLAIN
        node = Node(start, self.end_of(event, style), style)
        if style == PLAIN and event.value.endswith(":"):
            # The parser takes `{a:}` for a key `a:`; in YAML 1.2 the colon ends the key (7.3.3), so say neither.
            raise Refusal(
                node.end - 1, "a ':' touches a bracket or comma here", "put a blank after it, or quotes round it"
            )
        expects_key = bool(self.stack) and self.stack[-1].node.style == MAP and self.stack[-1].key is None
        try:
            node.value = resolve(event.value) if style == PLAIN else _joined(event.value, start)
        except Unfit as unfit:
            if not expects_key:
                raise Refusal(start, unfit.message, unfit.fix) from None
            raise _not_text(Node(start, start, PLAIN, value=0), event.value) from None
        if expects_key:
            self.key(node)
        else:
            self.place(node)

    def end_of(self, event: Any, style: str) -> int:
        end: int = event.end_mark.index
        if style not in "|>":
            return end
        # The parser counts the blank lines after a block to it; only `+` makes them part of the text.
        start: int = event.start_mark.index
        written = self.text[start:end]
        if "+" in written.partition("\n")[0].partition("#")[0]:
            return start + len(written.rstrip(" ").removesuffix("\n").removesuffix("\r"))
        return start + len(written.rstrip(" \r\n"))

    def key(self, node: Node) -> None:
        top = self.stack[-1]
        name = node.value
        if not isinstance(name, str):
            raise _not_text(node, self.text[node.start : node.end])
        _refuse_key(name, node)
        mark = self.question_mark(node.start)
        if mark is not None:
            raise Refusal(mark, "records have no keys that start with '? '", f"write it as `{name[:40]}: value`")
        skeleton = keys.skeleton(name)
        first = top.seen.get(skeleton)
        if first is not None:
            raise self.repeated(name, node, first)
        top.seen[skeleton] = top.key = node

    def question_mark(self, start: int) -> int | None:
        here = start - 1
        while here > 0 and self.text[here] == " ":
            here -= 1
        marked = start > 1 and self.text[here : here + 1] == "?" and (here == 0 or self.text[here - 1] in " \n{[,")
        return here if marked else None

    def repeated(self, name: str, node: Node, first: Node) -> Refusal:
        line, _ = line_and_column(self.text, first.start)
        if first.value == name:
            return Refusal(
                node.start,
                f"the key {quoted(name)} stands here again, after line {line}",
                "keep one of the two and delete the other",
            )
        message = (
            f"the key {quoted(name)} looks the same as {quoted(str(first.value))} on line {line}, with other characters"
        )
        return Refusal(node.start, message, "keep one of the two, typed anew")

    def open(self, node: Node) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and top.node.style == MAP and top.key is None:
            what = "map" if node.style == MAP else "list"
            raise Refusal(node.start, f"a {what} stands here as a key, and keys are text", "give the key a name")
        if len(self.stack) >= MAX_DEPTH:
            raise Refusal(
                node.start, f"maps and lists are nested more than {MAX_DEPTH} deep here", "flatten the record"
            )
        if top is None and node.style == LIST:
            raise _not_a_map(node, "a list")
        self.place(node)
        self.stack.append(_Open(node))

    def close(self, end: int) -> None:
        node = self.stack.pop().node
        if node.flow:
            node.end = end
        elif node.style == MAP and node.pairs:
            key, value = next(reversed(node.pairs.values()))
            node.end = max(key.end, value.end)
        elif node.items:
            node.end = node.items[-1].end

    def place(self, node: Node) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            raise Refusal(
                node.start, f"the file holds more than {MAX_VALUES:,} values", "split it into several records"
            )
        if not self.stack:
            if node.style == PLAIN and node.start == node.end:
                self.root = node
                return
            if node.style != MAP:
                raise _not_a_map(node, "one value")
            self.root = node
            return
        top = self.stack[-1]
        if top.node.style == LIST:
            top.node.items.append(node)
        elif top.key is not None:
            if node.style == PLAIN and node.start == node.end:
                # The parser puts a value that is not there where the next token starts, lines below perhaps.
                colon = self.text.find(":", top.key.end, node.start)
                node.start = node.end = colon + 1 if colon >= 0 else top.key.end
            top.node.pairs[str(top.key.value)] = (top.key, node)
            top.key = None


def _parser(text: str) -> tuple[Iterator[Any], type[Exception], type[Exception]]:
    """The parser's events of a text, with the class of its errors that carry a place, and that of all its errors."""
    from ruamel.yaml import YAML  # 60 ms that a check of good records does not pay
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    return YAML(typ="safe", pure=True).parse(text), MarkedYAMLError, YAMLError


def _past_unicode(text: str) -> int | None:
    """Where an escape names a character that Unicode does not have: the parser ends in a bare ValueError there."""
    escapes = re.finditer(r"\\U([0-9A-Fa-f]{8})", text)
    return next((found.start() for found in escapes if int(found.group(1), 16) > 0x10FFFF), None)


def _joined(text: str, start: int) -> str:
    """Join surrogate escapes that stand in pairs, as JSON writes characters past U+FFFF; refuse halves (BAD-040)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        try:
            return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            message = "half of a surrogate pair is escaped here, which is no character"
            raise Refusal(start, message, "write the character itself") from None
    return text


def _not_text(node: Node, written: str) -> Refusal:
    if not written:
        return Refusal(node.start, "a key is missing here", "write the key before the colon")
    what = "nothing (null)" if node.value is None else "true or false" if isinstance(node.value, bool) else "a number"
    return Refusal(node.start, f"the key {quoted(written)} is {what}, and keys are text", "put the key in quotes")


def _refuse_key(name: str, node: Node) -> None:
    if not name:
        raise Refusal(node.start, "a key is empty here", "give the key a name")
    if name == "<<" and node.style == PLAIN:
        raise Refusal(node.start, "records have no merge keys (<<)", "write the merged fields out")
    if name.isascii():
        return
    hidden = keys.invisible(name)
    if hidden is not None:
        message = f"the key {quoted(name)} holds the invisible character U+{ord(hidden):04X}"
        raise Refusal(node.start, message, "type the key anew")
    scripts = keys.mixed_scripts(name)
    if scripts is not None:
        message = f"the key {quoted(name)} mixes {scripts[0].title()} and {scripts[1].title()} letters that look alike"
        raise Refusal(node.start, message, "type the key anew in one script")


def _not_a_map(node: Node, what: str) -> Refusal:
    return Refusal(
        node.start, f"the file holds {what}, and a record is a map of fields", "write it as lines of `field: value`"
    )
