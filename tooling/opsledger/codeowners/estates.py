"""What the roles own: their paths as every dialect can say them, and who owns what no role does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from opsledger.codeowners.globs import Glob, Name, NoGlob, OneOf, Star, gitignored
from opsledger.codeowners.locations import LOCATIONS, WORKFLOWS
from opsledger.codeowners.model import Dialect
from opsledger.kind import Kinds

MARK = ".opsledger.yaml"
SCHEMAS = "schemas/"
_OWNER = re.compile(r"@{1,2}[0-9A-Za-z][0-9A-Za-z._/-]*")


class Role(Protocol):
    """What must be known of a role."""

    @property
    def id(self) -> str:
        """The id of its record."""
        ...

    @property
    def path(self) -> str:
        """The file of its record."""
        ...

    @property
    def paths(self) -> Sequence[str]:
        """The files that it owns, as in a .gitignore, from the ledger's root."""
        ...

    @property
    def owners(self) -> Mapping[str, Sequence[str]]:
        """What forges call those who hold it."""
        ...


class People(Protocol):
    """Everybody whom the records know, as far as roles go."""

    @property
    def roles(self) -> Mapping[str, Role]:
        """The roles by id."""
        ...


class Unsayable(ValueError):
    """A pattern that no CODEOWNERS file of this dialect can hold; its text says why."""


@dataclass(frozen=True)
class Area:
    """
    What a role owns, by its names from the root of the repository: a file, a folder, or whatever is called so.

    Args:
        names: the patterns of the names; without any, everything.
        is_folder: whether only what lies in it is meant, and no file of that name.
        is_file: whether only a file of that name is meant.
    """

    names: tuple[Name, ...]
    is_folder: bool
    is_file: bool = False

    @cached_property
    def glob(self) -> Glob:
        """What decides whether a path belongs to it."""
        return Glob(self.names, takes_files=not self.is_folder, takes_folders=not self.is_file)

    @property
    def order(self) -> tuple[bool, int, int, int, str]:
        """Where it stands among others: the more is said of the path, the later, for at GitHub the last line wins."""
        fixed = 0
        while fixed < len(self.names) and self.names[fixed].literal is not None:
            fixed += 1
        is_wild = fixed < len(self.names)
        letters = sum(len(name.tokens or ()) for name in self.names) if is_wild else 0
        return fixed > 0, fixed, len(self.names), letters, "/".join(map(str, self.names))

    def covers(self, path: str) -> bool:
        """Whether all of a folder, written with a slash at its end, or a file belongs to it."""
        return self.glob.below(path[:-1]) is True if path.endswith("/") else self.glob.matches(path)


def area(text: str, prefix: str = "") -> Area:
    """
    What a role's path means.

    Args:
        text: the path as in a .gitignore, from the ledger's root.
        prefix: that root, from the repository's; empty, or with a slash at its end.

    Raises:
        Unsayable: it is no pattern that every dialect can hold.
    """
    if not f"{prefix}{text}".isprintable():
        raise Unsayable("it has a character that no line can hold")
    if text.startswith("!"):
        raise Unsayable("a path that starts with ! takes something away, and a role can only own")
    try:
        glob = gitignored(text)
    except NoGlob as why:
        raise Unsayable(str(why)) from None
    names, is_folder = list(glob.names), not glob.takes_files
    if any(name.tokens == () for name in names):
        raise Unsayable("a name in it is empty, so that it is about nothing; * is about everything")
    if any(isinstance(token, OneOf) and token.ranges for name in names for token in name.tokens or ()):
        raise Unsayable("GitHub knows no brackets in patterns")
    while names and not is_folder and names[-1].takes_all:
        names.pop()
        is_folder = True
        while names and names[-1].tokens is None:
            names.pop()
    if all(name.tokens is None for name in names):
        names, is_folder = [], True
    above = tuple(Name(tuple(part)) for part in prefix.strip("/").split("/") if part)
    return Area((*above, *names), is_folder or not names)


@dataclass(frozen=True)
class Estate:
    """
    An area with those who own it.

    Args:
        role: the id of the role.
        owners: what the forge calls them.
    """

    area: Area
    role: str
    owners: tuple[str, ...]


@dataclass(frozen=True)
class Unsaid:
    """A path of a role that no CODEOWNERS file can hold, and why."""

    role: str
    path: str
    text: str
    why: str


@dataclass(frozen=True)
class Estates:
    """
    Who owns what, by the records, at one forge.

    Args:
        estates: in the order of a GitHub file, so that the last one that is met says most of the path.
        unsaid: paths of roles that cannot be written down.
        unowned: areas that must be owned and that nobody owns: no role has them and there is no keeper.
    """

    dialect: Dialect
    estates: tuple[Estate, ...]
    unsaid: tuple[Unsaid, ...] = ()
    unowned: tuple[str, ...] = ()

    def of(self, path: str) -> tuple[Estate, ...]:
        """Those whose approval the records ask for: at GitHub the most exact, for it asks one line; else all."""
        met = [estate for estate in self.estates if estate.area.glob.matches(path)]
        if self.dialect is not Dialect.GITHUB or not met:
            return tuple(met)
        return tuple(estate for estate in met if estate.area.names == met[-1].area.names)


def estates_of(people: People, kinds: Kinds, dialect: Dialect, *, prefix: str = "", keeper: str = "") -> Estates:
    """
    Who owns what at a forge.

    Args:
        prefix: the ledger's root from the repository's; empty, or with a slash at its end.
        keeper: the role that owns what must be owned and no role's path covers.
    """
    unsaid: list[Unsaid] = []
    estates = list(_stated(people.roles.values(), dialect, prefix, unsaid))
    estates += _approvals(people.roles.values(), kinds, dialect, prefix)
    owners = _owners(people.roles[keeper], dialect) if keeper in people.roles else ()
    unowned: list[str] = []
    for path in _needed(people, kinds, dialect, prefix):
        if any(estate.area.covers(path) for estate in estates):
            continue
        if owners:
            estates.append(Estate(_plain(path), keeper, owners))
        else:
            unowned.append(path)
    ordered = sorted(dict.fromkeys(estates), key=lambda estate: (estate.area.order, estate.area.is_folder, estate.role))
    return Estates(dialect, tuple(ordered), tuple(unsaid), tuple(unowned))


def _owners(role: Role, dialect: Dialect) -> tuple[str, ...]:
    """What the forge calls those who hold a role; a name with a blank in it would be several, or a line of its own."""
    return tuple(owner for owner in role.owners.get(dialect, ()) if _OWNER.fullmatch(owner))


def _stated(roles: Iterable[Role], dialect: Dialect, prefix: str, unsaid: list[Unsaid]) -> Iterator[Estate]:
    for role in roles:
        owners = _owners(role, dialect)
        for text in role.paths:
            try:
                estate = Estate(area(text, prefix), role.id, owners)
                list(said(estate.area, dialect))
            except Unsayable as why:
                unsaid.append(Unsaid(role.id, role.path, text, str(why)))
            else:
                yield from [estate] if owners else []


def _approvals(roles: Iterable[Role], kinds: Kinds, dialect: Dialect, prefix: str) -> Iterator[Estate]:
    """The folder of each role's approvals, which is the role's own."""
    folder = _approval_folder(kinds)
    for role in roles:
        owners = _owners(role, dialect)
        if folder and owners:
            yield Estate(_plain(f"{prefix}{folder}/{role.id}/"), role.id, owners)


def _approval_folder(kinds: Kinds) -> str:
    return kinds["approval"].folder if "approval" in kinds else ""


def _needed(people: People, kinds: Kinds, dialect: Dialect, prefix: str) -> Iterator[str]:
    """What must be owned: the folder of every kind, what judges, the file itself, and what the forge runs."""
    approvals = _approval_folder(kinds)
    for kind in sorted(kinds.values(), key=lambda kind: kind.folder):
        # Where every line asks by itself, a line about all approvals would ask its owners about each role's too.
        if kind.folder != approvals or dialect is Dialect.GITHUB:
            yield f"{prefix}{kind.folder}/"
    yield from (f"{prefix}{approvals}/{role}/" for role in people.roles if approvals)
    yield from (f"{prefix}{SCHEMAS}", f"{prefix}{MARK}", *LOCATIONS[dialect], *WORKFLOWS[dialect])


def _plain(path: str) -> Area:
    """The area of a path as such."""
    is_folder = path.endswith("/")
    return Area(tuple(Name(tuple(part)) for part in path.strip("/").split("/")), is_folder, is_file=not is_folder)


def said(where: Area, dialect: Dialect) -> tuple[str, ...]:
    """
    The patterns by which a dialect names an area.

    Raises:
        Unsayable: it has none.
    """
    if dialect.is_regular:
        return (_tokenised(_expression(where)),)
    letter = _at_github if dialect is Dialect.GITHUB else _at_gitlab
    if not where.names:
        return ("*",)
    rooted = "/".join(_written(name, letter) for name in where.names)
    # A name that may stand anywhere needs no stars before it, and a star alone means everything.
    whole = rooted.removeprefix("**/") if len(where.names) == 2 and where.names[0].tokens is None else f"/{rooted}"
    if where.is_folder:
        return (f"{whole}/",)
    return (whole,) if dialect is Dialect.GITHUB or where.is_file else (whole, f"{whole}/")


def _written(name: Name, letter: Callable[[str], str]) -> str:
    if name.tokens is None:
        return "**"
    return "".join(
        "*" if isinstance(token, Star) else "?" if isinstance(token, OneOf) else letter(token) for token in name.tokens
    )


def _at_github(character: str) -> str:
    if character in "#[]!*?\\":
        raise Unsayable(f"GitHub cannot name a path with {character} in it")
    return "\\ " if character == " " else character


def _at_gitlab(character: str) -> str:
    return f"\\{character}" if character in " #[]!*?\\" else character


def _expression(where: Area) -> str:
    if not where.names:
        return ".*"
    parts = []
    for name in where.names[:-1]:
        parts.append("(.*/)?" if name.tokens is None else f"{_expressed(name)}/")
    ending = "/.*" if where.is_folder else "" if where.is_file else "(/.*)?"
    return "".join(parts) + _expressed(where.names[-1]) + ending


def _expressed(name: Name) -> str:
    return "".join(
        "[^/]*" if isinstance(token, Star) else "[^/]" if isinstance(token, OneOf) else _literal(token)
        for token in name.tokens or ()
    )


def _literal(character: str) -> str:
    return f"\\{character}" if character in ".+*?()|[]{}^$\\" else character


def _tokenised(expression: str) -> str:
    """An expression as it stands in the file, from which backslashes are taken once before it is read."""
    return "".join(f"\\{character}" if character in "\\ #" else character for character in expression)
