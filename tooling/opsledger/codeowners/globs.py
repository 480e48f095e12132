"""Globs as GitHub, GitLab and .gitignore read them, met in time that grows with pattern times path and no faster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from opsledger.codeowners.model import Names

STARS = "**"

Ranges = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Star:
    """Any characters of one name."""


@dataclass(frozen=True)
class OneOf:
    """One character: of some ranges, or of none of them."""

    ranges: Ranges = ()
    is_negated: bool = True

    def takes(self, character: str) -> bool:
        """Whether it stands for a character."""
        return self.is_negated != any(low <= character <= high for low, high in self.ranges)


Token = str | Star | OneOf
"""A character as such, any characters, or one of several."""


class NoGlob(ValueError):
    """A text that no glob of this sort is; its text says why."""


@dataclass(frozen=True)
class Name:
    """A pattern for one name of a path; without tokens it stands for any number of folders, none among them."""

    tokens: tuple[Token, ...] | None

    def __str__(self) -> str:
        if self.tokens is None:
            return STARS
        return "".join(token if isinstance(token, str) else "*" for token in self.tokens)

    @cached_property
    def literal(self) -> str | None:
        """The only name that it takes, or `None` where there are more."""
        if self.tokens is None or any(not isinstance(token, str) for token in self.tokens):
            return None
        return "".join(token for token in self.tokens if isinstance(token, str))

    @cached_property
    def takes_all(self) -> bool:
        """Whether it takes any name."""
        return bool(self.tokens) and all(isinstance(token, Star) for token in self.tokens or ())

    def takes(self, name: str) -> bool:
        """Whether it stands for a name. A star is widened by one where what follows it fails: no step is done twice."""
        if self.literal is not None:
            return name == self.literal
        tokens = self.tokens or ()
        at = token = 0
        star, widened = -1, 0
        while at < len(name):
            if token < len(tokens) and isinstance(tokens[token], Star):
                star, widened, token = token, at, token + 1
            elif token < len(tokens) and _is(tokens[token], name[at]):
                at, token = at + 1, token + 1
            elif star >= 0:
                widened += 1
                at, token = widened, star + 1
            else:
                return False
        return all(isinstance(rest, Star) for rest in tokens[token:])


def _is(token: Token, character: str) -> bool:
    return token == character if isinstance(token, str) else isinstance(token, OneOf) and token.takes(character)


@dataclass(frozen=True)
class Glob:
    """
    A pattern for paths, as names one below the other.

    Args:
        names: the patterns of the names, outermost first.
        takes_files: whether the last name may be a file's.
        takes_folders: whether it may be a folder's, and all that lies in it is then meant.
    """

    names: tuple[Name, ...]
    takes_files: bool = True
    takes_folders: bool = True
    _known: dict[str, frozenset[int]] = field(default_factory=dict, repr=False, compare=False, hash=False)

    def matches(self, path: str) -> bool:
        """Whether it is about a file."""
        folder, _, name = path.rpartition("/")
        found = self.below(folder)
        return found if isinstance(found, bool) else found(name)

    def below(self, folder: str) -> Names:
        """As `Pattern.below`."""
        reached = self._reached(folder)
        end = len(self.names)
        if end in reached:
            return True
        if not self.takes_files or end - 1 not in reached or self.names[-1].tokens is None:
            return False
        return self.names[-1].takes_all or self.names[-1].takes

    def _reached(self, folder: str) -> frozenset[int]:
        """How many names may be used up by a folder; all of them where the folder, or one around it, is meant."""
        if folder in self._known:
            return self._known[folder]
        parts = folder.split("/") if folder else []
        known = len(parts)
        while known and "/".join(parts[:known]) not in self._known:
            known -= 1
        found = self._known["/".join(parts[:known])] if known else self._with_empty({0})
        for index in range(known, len(parts)):
            found = self._stepped(found, parts[index])
        self._known[folder] = found
        return found

    def _stepped(self, before: frozenset[int], name: str) -> frozenset[int]:
        end = len(self.names)
        if end in before:
            return before
        after: set[int] = set()
        for at in before:
            pattern = self.names[at]
            if pattern.tokens is None:
                after.add(at)
            elif pattern.takes(name) and (at + 1 < end or self.takes_folders):
                after.add(at + 1)
        return self._with_empty(after)

    def _with_empty(self, places: set[int]) -> frozenset[int]:
        waiting = list(places)
        while waiting:
            at = waiting.pop()
            if at < len(self.names) and self.names[at].tokens is None and at + 1 not in places:
                places.add(at + 1)
                waiting.append(at + 1)
        return frozenset(places)


def gitignored(text: str, *, has_classes: bool = True) -> Glob:
    """
    A pattern as .gitignore files hold it, for the files that it is about: a folder stands for all that lies in it.

    Args:
        has_classes: whether brackets make a class of characters, and are not characters as such.

    Raises:
        NoGlob: it can be no such pattern.
    """
    is_folder = text.endswith("/") and not text.endswith("\\/")
    trimmed = text.rstrip("/") if is_folder else text
    is_anchored = "/" in trimmed
    parts = list(_split(trimmed.removeprefix("/")))
    if parts == [STARS]:
        parts = ["*"]
    if is_folder and parts[-1] == STARS:
        parts[-1] = "*"
    while len(parts) > 1 and parts[-1] == STARS:
        parts.pop()
        is_folder = True
    names = [_name(part, has_classes=has_classes) for part in parts]
    if not is_anchored:
        names.insert(0, Name(None))
    return Glob(tuple(names), takes_files=not is_folder)


def right_inside(text: str, *, has_classes: bool = True) -> Glob:
    """
    A pattern that is about files of one depth alone, as `docs/*` is at GitHub.

    Raises:
        NoGlob: it can be no such pattern.
    """
    names = [_name(part, has_classes=has_classes) for part in _split(text.removeprefix("/"))]
    return Glob(tuple(names), takes_folders=False)


def everything() -> Glob:
    """The pattern of all paths."""
    return Glob((Name(None), Name((Star(),))))


def fnmatched(text: str) -> Glob:
    """
    A pattern as Ruby's `File.fnmatch` reads it, where names may start with a dot and `*` stops at slashes.

    Only what stands before a slash and is `**` goes through folders; a folder's name is not about its files.

    Raises:
        NoGlob: it can be no such pattern.
    """
    parts = list(_split(text.removeprefix("/")))
    names = [_name(part, stars=index + 1 < len(parts), is_ruby=True) for index, part in enumerate(parts)]
    return Glob(tuple(names), takes_folders=False)


def _split(text: str) -> Iterator[str]:
    """The names of a pattern; a slash inside a class ends it all the same, and then the class has no end."""
    yield from text.split("/")


def _name(text: str, *, has_classes: bool = True, stars: bool = True, is_ruby: bool = False) -> Name:
    if text == STARS and stars:
        return Name(None)
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character == "\\":
            if at + 1 == len(text):
                raise NoGlob("it ends with a backslash that escapes nothing")
            tokens.append(text[at + 1])
            at += 2
        elif character == "*":
            if not (tokens and isinstance(tokens[-1], Star)):
                tokens.append(Star())
            at += 1
        elif character == "?":
            tokens.append(OneOf())
            at += 1
        elif character == "[" and has_classes:
            found, at = _class(text, at + 1, is_ruby=is_ruby)
            tokens.append(found)
        else:
            tokens.append(character)
            at += 1
    return Name(tuple(tokens))


def _class(text: str, at: int, *, is_ruby: bool) -> tuple[OneOf, int]:
    """The class whose inside starts at a place, and the place behind it."""
    is_negated = text[at : at + 1] in ("!", "^")
    at += is_negated
    start, ranges = at, list[tuple[str, str]]()
    while True:
        if at >= len(text):
            raise NoGlob("a bracket in it is not closed")
        # In a .gitignore a bracket that comes first is a character; Ruby ends the class there.
        if text[at] == "]" and (is_ruby or at > start):
            return OneOf(tuple(ranges), is_negated), at + 1
        if text[at : at + 2] == "[:":
            raise NoGlob("it names a class of characters between colons")
        low, at = _member(text, at)
        high = low
        if text[at : at + 1] == "-" and text[at + 1 : at + 2] not in ("]", ""):
            high, at = _member(text, at + 1)
        ranges.append((low, high))


def _member(text: str, at: int) -> tuple[str, int]:
    if text[at] == "\\" and at + 1 < len(text):
        return text[at + 1], at + 2
    return text[at], at + 1
