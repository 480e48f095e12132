"""Regular expressions as Go writes them, read into a tree; what forges' engines may read differently is refused."""

from __future__ import annotations

from dataclasses import dataclass

LAST = 0x10FFFF
MOST_TIMES = 1000
"""Go refuses a counted repeat beyond this, also one made by repeats inside repeats."""

Ranges = tuple[tuple[int, int], ...]

_NEWLINE: Ranges = ((10, 10),)
_SHORT: dict[str, Ranges] = {
    "d": ((48, 57),),
    "s": ((9, 10), (12, 13), (32, 32)),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
}
_CONTROLS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_POSIX: dict[str, Ranges] = {
    "alnum": ((48, 57), (65, 90), (97, 122)), "alpha": ((65, 90), (97, 122)), "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)), "cntrl": ((0, 31), (127, 127)), "digit": ((48, 57),), "graph": ((33, 126),),
    "lower": ((97, 122),), "print": ((32, 126),), "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)), "upper": ((65, 90),), "word": _SHORT["w"],
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}  # fmt: skip


class NoExpression(ValueError):
    """Go cannot read it, so the forge skips its line; its text says why."""


class NotJudged(ValueError):
    """Engines differ about it, or it is too large: nobody can say here what it takes; its text says why."""


@dataclass(frozen=True)
class Chars:
    """One character of some ranges."""

    ranges: Ranges


@dataclass(frozen=True)
class Edge:
    """The start of the text, or its end."""

    is_end: bool


@dataclass(frozen=True)
class Sequence:
    """One part after the other."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One of several parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    """A part several times; `most` is `None` where there is no limit."""

    part: Node
    least: int
    most: int | None


Node = Chars | Edge | Sequence | Choice | Repeat


def others(ranges: Ranges) -> Ranges:
    """All characters that are in none of some ranges."""
    found, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return (*found, (start, LAST)) if start <= LAST else tuple(found)


def read_expression(text: str) -> Node:
    """
    The tree of an expression.

    Raises:
        NoExpression: Go refuses it.
        NotJudged: engines differ about it.
    """
    reader = _Reader(text)
    tree = reader.choice(0)
    if reader.at < len(text):
        raise NoExpression("a closing parenthesis in it has no opening one")
    if _times(tree) > MOST_TIMES:
        raise NoExpression(f"it repeats something more than {MOST_TIMES:,} times")
    return tree


def _times(node: Node) -> int:
    """How many copies the counted repeats inside one another make."""
    match node:
        case Sequence(parts) | Choice(parts):
            return max((_times(part) for part in parts), default=1)
        case Repeat(part, least, most):
            return _times(part) * max(1, most or 0, least)
    return 1


class _Reader:
    """A place in an expression."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def choice(self, depth: int) -> Node:
        """All alternatives up to a closing parenthesis or the end."""
        if depth > 100:
            raise NotJudged("its groups lie more than a hundred deep")
        branches = [self.sequence(depth)]
        while self._next_is("|"):
            self.at += 1
            branches.append(self.sequence(depth))
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def sequence(self, depth: int) -> Node:
        """Everything up to the next alternative."""
        parts: list[Node] = []
        is_repeated = False
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            counted = self._repeat()
            if counted is None:
                parts.append(self._part(depth))
                is_repeated = False
                continue
            if not parts:
                raise NoExpression("a repeat in it has nothing to repeat")
            if is_repeated:
                raise NoExpression("a repeat in it follows another one")
            parts[-1] = Repeat(parts[-1], *counted)
            is_repeated = True
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _next_is(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def _repeat(self) -> tuple[int, int | None] | None:
        """What a repeat that stands here counts, or `None`; whether it is lazy makes no difference to a match."""
        counted: tuple[int, int | None] | None = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(self.text[self.at])
        if counted is not None:
            self.at += 1
        elif self.text[self.at] == "{":
            counted = self._counted()
        if counted is not None and self._next_is("?"):
            self.at += 1
        return counted

    def _counted(self) -> tuple[int, int | None] | None:
        end = self.text.find("}", self.at)
        least, comma, most = self.text[self.at + 1 : end].partition(",") if end > 0 else ("", "", "")
        if not _is_number(least) or (most and not _is_number(most)):
            return None  # an opening brace that counts nothing is a character
        if len(least) > 6 or len(most) > 6:
            raise NoExpression(f"it repeats something more than {MOST_TIMES:,} times")
        self.at = end + 1
        low, high = int(least), int(most) if most else (None if comma else int(least))
        if max(low, high or 0) > MOST_TIMES or (high is not None and high < low):
            raise NoExpression("a repeat in it counts wrongly")
        return low, high

    def _part(self, depth: int) -> Node:
        character = self.text[self.at]
        self.at += 1
        match character:
            case "(":
                return self._group(depth)
            case "[":
                return Chars(self._class())
            case ".":
                return Chars(others(_NEWLINE))
            case "^" | "$":
                return Edge(is_end=character == "$")
            case "\\":
                return self._escaped()
        return Chars(((ord(character), ord(character)),))

    def _group(self, depth: int) -> Node:
        if self._next_is("?:"):
            self.at += 2
        elif self._next_is("?P<"):
            end = self.text.find(">", self.at)
            name = self.text[self.at + 3 : end]
            if end < 0 or not name.isidentifier() or not name.isascii():
                raise NoExpression("a group in it has no proper name")
            self.at = end + 1
        elif self._next_is("?"):
            raise NotJudged("it has a group that starts with `(?`, which engines read differently")
        inner = self.choice(depth + 1)
        if not self._next_is(")"):
            raise NoExpression("a parenthesis in it is not closed")
        self.at += 1
        return inner

    def _escaped(self) -> Node:
        character = self.text[self.at : self.at + 1]
        if character in ("A", "z"):
            self.at += 1
            return Edge(is_end=character == "z")
        return Chars(self._escape())

    def _escape(self) -> Ranges:
        """The characters that stand behind a backslash."""
        character = self.text[self.at : self.at + 1]
        self.at += 1
        if not character:
            raise NoExpression("it ends with a backslash")
        if character.lower() in _SHORT:
            plain = _SHORT[character.lower()]
            return plain if character.islower() else others(plain)
        if character in _CONTROLS:
            return ((_CONTROLS[character],) * 2,)
        if character.isalnum() or not character.isascii():
            raise NotJudged(f"it has \\{character}, which engines read differently")
        return ((ord(character),) * 2,)

    def _class(self) -> Ranges:
        is_negated = self._next_is("^")
        self.at += is_negated
        start, found = self.at, list[tuple[int, int]]()
        while self.at == start or not self._next_is("]"):
            if self.at >= len(self.text):
                raise NoExpression("a bracket in it is not closed")
            if self._next_is("[:"):
                found += self._posix()
            elif self._next_is("-["):
                raise NotJudged("it takes one class from another, which engines read differently")
            else:
                found += self._range()
        self.at += 1
        return others(tuple(found)) if is_negated else tuple(found)

    def _posix(self) -> Ranges:
        end = self.text.find(":]", self.at)
        name = self.text[self.at + 2 : end].removeprefix("^") if end > 0 else ""
        if name not in _POSIX:
            raise NoExpression("it names a class of characters that there is not")
        is_negated = self._next_is("[:^")
        self.at = end + 2
        return others(_POSIX[name]) if is_negated else _POSIX[name]

    def _range(self) -> Ranges:
        low = self._member()
        if not self._next_is("-") or self.text[self.at + 1 : self.at + 2] in ("]", ""):
            return low
        if len(low) != 1 or low[0][0] != low[0][1]:
            raise NotJudged("a range in it starts with a class, which engines read differently")
        self.at += 1
        high = self._member()
        if len(high) != 1 or high[0][0] != high[0][1]:
            raise NotJudged("a range in it ends with a class, which engines read differently")
        if high[0][0] < low[0][0]:
            raise NoExpression("a range in it goes backwards")
        return ((low[0][0], high[0][0]),)

    def _member(self) -> Ranges:
        character = self.text[self.at : self.at + 1]
        self.at += 1
        if character == "\\":
            return self._escape()
        return ((ord(character),) * 2,)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
