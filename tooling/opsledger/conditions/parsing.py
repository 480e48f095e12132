"""A condition's text as a tree; what the language has and this tool has not is refused here, with a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from opsledger.conditions.lexing import MOST_INT, Token, tokens
from opsledger.conditions.syntax import (
    DEEPEST,
    Call,
    Choice,
    Either,
    Fold,
    ListOf,
    Literal,
    MapOf,
    Name,
    Node,
    Select,
    Unsound,
)  # fmt: skip

MACROS = {"all": (2,), "exists": (2,), "exists_one": (2,), "filter": (2,), "map": (2, 3)}
"""The macros over lists and maps, with how many arguments each may have."""
FUNCTIONS = {"size": 1, "int": 1, "double": 1, "string": 1, "bool": 1, "timestamp": 1, "duration": 1}
"""The functions, with how many arguments each has."""
METHODS = {
    "size": 0, "startsWith": 1, "endsWith": 1, "contains": 1, "getFullYear": 0, "getMonth": 0, "getDate": 0,
    "getDayOfMonth": 0, "getDayOfWeek": 0, "getDayOfYear": 0, "getHours": 0, "getMinutes": 0, "getSeconds": 0,
}  # fmt: skip
"""The methods, with how many arguments each has beside what stands before the dot."""
_LEVELS = (("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))
_LITERALS = {"true": True, "false": False, "null": None}
_REFUSED = {"matches": "matches is not supported: use startsWith, endsWith or contains"}


@lru_cache(maxsize=512)
def parsed(text: str) -> Node:
    """
    The tree of a condition.

    Raises:
        Unsound: it is none.
    """
    return _Parser(list(tokens(text))).whole()


@dataclass
class _Parser:
    """Where a text is being read."""

    tokens: list[Token]
    at: int = 0
    depth: int = field(default=0)

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def whole(self) -> Node:
        if self.here.sort == "end":
            raise Unsound("nothing is said", 1)
        made = self.expression()
        if self.here.sort != "end":
            raise Unsound(f"{self.here.text} is not expected here", self.here.column)
        _measure(made)
        return made

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unsound("too much stands one inside the other", self.here.column)
        made = self.joined("||")
        if self.takes("?"):
            column = self.tokens[self.at - 1].column
            then = self.joined("||")
            self.expect(":")
            made = Choice(column, made, then, self.expression())
        self.depth -= 1
        return made

    def joined(self, sign: str) -> Node:
        column = self.here.column
        found: list[Node] = []
        while not found or self.takes(sign):
            found.append(self.joined("&&") if sign == "||" else self.binary(0))
        return found[0] if len(found) == 1 else Either(column, sign == "&&", tuple(found))

    def binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.unary()
        made = self.binary(level + 1)
        while self.here.sort in ("sign", "name") and self.here.text in _LEVELS[level]:
            sign = self.next()
            made = Call(sign.column, sign.text, (made, self.binary(level + 1)))
        return made

    def unary(self) -> Node:
        signs: list[Token] = []
        while self.here.sort == "sign" and self.here.text in "!-":
            signs.append(self.next())
        if signs and any(one.text != signs[0].text for one in signs):
            raise Unsound("! and - do not stand side by side", signs[0].column)
        if len(signs) > DEEPEST:
            raise Unsound("too much stands one inside the other", signs[0].column)
        if signs and signs[0].text == "-" and self.here.sort == "literal" and isinstance(self.here.value, int | float):
            self.tokens[self.at] = Token("literal", self.here.text, signs[-1].column, -self.here.value)
            signs.pop()
        made = self.member()
        for sign in reversed(signs):
            made = Call(sign.column, f"{sign.text}_", (made,))
        return made

    def member(self) -> Node:
        made = self.primary()
        while True:
            if self.takes("."):
                if self.here.text == "?":
                    raise Unsound("optional fields are not supported: ask with has()", self.here.column)
                name = self.name("a field")
                made = self.method(made, name) if self.takes("(") else Select(name.column, made, name.text)
            elif self.takes("["):
                column = self.tokens[self.at - 1].column
                made = Call(column, "[]", (made, self.expression()))
                self.expect("]")
            else:
                return made

    def primary(self) -> Node:
        token = self.next()
        if token.sort == "literal":
            if isinstance(token.value, int) and token.value > MOST_INT:
                raise Unsound("this number is too large", token.column)
            return Literal(token.column, token.value)
        if token.sort == "name":
            return self.named(token)
        if token.text == "(":
            made = self.expression()
            self.expect(")")
            return made
        if token.text == "[":
            return ListOf(token.column, self.listed("]"))
        if token.text == "{":
            return MapOf(token.column, self.entries())
        if token.sort == "end":
            raise Unsound("it ends where something is still to come", token.column)
        raise Unsound(f"{token.text} is not expected here", token.column)

    def named(self, token: Token) -> Node:
        if token.text in _LITERALS:
            return Literal(token.column, _LITERALS[token.text])
        if token.text == "in":
            raise Unsound("in is not expected here", token.column)
        if self.here.text == "{" and self.here.sort == "sign":
            raise Unsound("messages are not supported: write a map in braces without a name", token.column)
        if not self.takes("("):
            return Name(token.column, token.text)
        operands = self.listed(")")
        if token.text == "has":
            if len(operands) != 1 or not isinstance(operands[0], Select):
                raise Unsound("has() asks for one field, as in has(release.size_class)", token.column)
            return Select(operands[0].column, operands[0].operand, operands[0].name, is_test=True)
        return self.called(token, FUNCTIONS, operands)

    def method(self, made: Node, name: Token) -> Node:
        operands = self.listed(")")
        if name.text not in MACROS:
            return self.called(name, METHODS, operands, (made,))
        if len(operands) not in MACROS[name.text]:
            raise Unsound(f"{name.text} wants the name of an item and what is asked of it", name.column)
        item, *rest = operands
        if not isinstance(item, Name):
            raise Unsound(f"{name.text} wants the name of an item first, as in {name.text}(one, …)", item.column)
        keeps = rest[0] if len(rest) == 2 else None
        return Fold(name.column, name.text, made, item.name, rest[-1], keeps)

    def called(
        self, name: Token, known: dict[str, int], operands: tuple[Node, ...], before: tuple[Node, ...] = ()
    ) -> Node:
        if name.text not in known:
            said = f"{name.text}() is not supported; there are {', '.join(sorted(known))}"
            raise Unsound(_REFUSED.get(name.text, said), name.column)
        if len(operands) != known[name.text]:
            wanted = {0: "no argument", 1: "1 argument"}[known[name.text]]
            raise Unsound(f"{name.text}() has {wanted}, and {len(operands)} are given", name.column)
        return Call(name.column, name.text, (*before, *operands))

    def listed(self, end: str) -> tuple[Node, ...]:
        found = []
        while not self.takes(end):
            found.append(self.expression())
            if not self.takes(","):
                self.expect(end)
                break
        return tuple(found)

    def entries(self) -> tuple[tuple[Node, Node], ...]:
        found = []
        while not self.takes("}"):
            key = self.expression()
            self.expect(":")
            found.append((key, self.expression()))
            if not self.takes(","):
                self.expect("}")
                break
        return tuple(found)

    def next(self) -> Token:
        token = self.here
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def takes(self, sign: str) -> bool:
        is_there = self.here.sort == "sign" and self.here.text == sign
        if is_there:
            self.at += 1
        return is_there

    def expect(self, sign: str) -> None:
        if not self.takes(sign):
            found = self.here.text or "the end"
            raise Unsound(f"{sign} is expected here, and there is {found}", self.here.column)

    def name(self, what: str) -> Token:
        token = self.next()
        if token.sort != "name" or token.text in _LITERALS or token.text == "in":
            raise Unsound(f"the name of {what} is expected here", token.column)
        return token


def _measure(tree: Node) -> None:
    """Refuse a tree that is too deep, without walking down it by recursion."""
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > DEEPEST * 2:
            raise Unsound("too much stands one inside the other", level[0].column)
        level = [inner for node in level for inner in inside(node)]


def inside(node: Node) -> tuple[Node, ...]:
    """The parts that a part is made of."""
    found: tuple[Node, ...] = ()
    if isinstance(node, Select):
        found = (node.operand,)
    elif isinstance(node, Call | Either):
        found = node.operands
    elif isinstance(node, Choice):
        found = (node.condition, node.then, node.otherwise)
    elif isinstance(node, ListOf):
        found = node.items
    elif isinstance(node, MapOf):
        found = tuple(part for entry in node.entries for part in entry)
    elif isinstance(node, Fold):
        found = (node.operand, node.body, *((node.keeps,) if node.keeps else ()))
    return found
