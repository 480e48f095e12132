"""What is wrong with a repository's CODEOWNERS file, given the records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Protocol

from opsledger.codeowners.estates import Estates, People, estates_of
from opsledger.codeowners.gaps import gaps, why_open
from opsledger.codeowners.generating import BEGIN, generate
from opsledger.codeowners.locations import found_at, home, shadowed
from opsledger.codeowners.model import Dialect
from opsledger.codeowners.owners import Owners
from opsledger.codeowners.parsing import parse
from opsledger.finding import Finding, Place, Severity
from opsledger.kind import Kinds

CODE = "SIG310"
_PUBLIC = ("github", "gitlab", "bitbucket", "github.com", "gitlab.com", "bitbucket.org")


class Account(Protocol):
    """What must be known of an account at a forge."""

    @property
    def forge(self) -> str:
        """Its host, or the name of a public one."""
        ...

    @property
    def login(self) -> str:
        """What it is called there."""
        ...


class Party(Protocol):
    """What must be known of a party."""

    @property
    def emails(self) -> Iterable[str]:
        """Its addresses."""
        ...

    @property
    def accounts(self) -> Iterable[Account]:
        """Its accounts."""
        ...


class Everybody(People, Protocol):
    """Everybody whom the records know."""

    @property
    def parties(self) -> Mapping[str, Party]:
        """The parties by id."""
        ...


@dataclass(frozen=True)
class Asking:
    """
    What is asked about a repository.

    Args:
        files: the paths of the repository.
        prefix: the ledger's root from the repository's; empty, or with a slash at its end.
        keeper: the role that owns what must be owned and no role's path covers.
        quorums: how many of a role must approve, where it is more than one.
    """

    people: Everybody
    kinds: Kinds
    dialect: Dialect
    files: Collection[str]
    prefix: str = ""
    keeper: str = ""
    quorums: Mapping[str, int] = field(default_factory=dict)

    @property
    def path(self) -> str | None:
        """Where the forge finds the file."""
        return found_at(self.files, self.dialect)

    def estates(self) -> Estates:
        """Who owns what, by the records."""
        return estates_of(self.people, self.kinds, self.dialect, prefix=self.prefix, keeper=self.keeper)

    def generated(self, current: str | None) -> str:
        """The text that the file should have."""
        return generate(
            self.people, self.kinds, self.dialect, current,
            prefix=self.prefix, keeper=self.keeper, quorums=self.quorums,
        )  # fmt: skip

    def knows(self, owner: str) -> bool:
        """Whether the records know somebody of this name at the forge."""
        return owner.casefold() in known_owners(self.people, self.dialect)


def known_owners(people: Everybody, dialect: Dialect) -> frozenset[str]:
    """Everything that the records call somebody at a forge, in lower case; GitLab's own roles are always somebody."""
    names = [owner for role in people.roles.values() for owner in role.owners.get(dialect, ())]
    public = (dialect.value, f"{dialect.value}.com")
    for party in people.parties.values():
        names += party.emails
        for account in party.accounts:
            # An account at a host of one's own may be at any of the forges that one can run.
            if account.forge in public or account.forge not in _PUBLIC:
                names.append(f"@{account.login}")
    if dialect is Dialect.GITLAB:
        names += [f"@@{role}{ending}" for role in ("developer", "maintainer", "owner") for ending in ("", "s")]
    return frozenset(name.casefold() for name in names)


def check(asking: Asking, text: str | None) -> tuple[Finding, ...]:
    """
    Everything that is wrong, by place.

    Args:
        text: of the file that the forge finds, or `None` where it finds none.
    """
    path = asking.path
    if text is None or path is None:
        where = home(asking.files, asking.dialect)
        said = f"{asking.dialect.forge} finds no CODEOWNERS file, so nobody is asked about any change"
        return (Finding(Place(where), CODE, said, _generating(asking)),)
    owners = parse(text, asking.dialect)
    found = [*_remarked(path, owners), *_shadowed(asking, path), *_unsayable(asking)]
    if not owners.unread:
        found += _drifted(asking, path, text)
        found += _uncovered(asking, path, owners)
        found += _unknown(asking, path, owners)
    return tuple(sorted(dict.fromkeys(found)))


def _generating(asking: Asking) -> str:
    return f"run `opsledger codeowners generate --dialect {asking.dialect} --write`"


def _remarked(path: str, owners: Owners) -> Iterator[Finding]:
    for remark in owners.remarks:
        where = Place(path, remark.line or 1, remark.column)
        yield Finding(where, CODE, remark.message, remark.fix, remark.severity)


def _shadowed(asking: Asking, path: str) -> Iterator[Finding]:
    for other in shadowed(asking.files, asking.dialect):
        said = f"{asking.dialect.forge} reads {path} and ignores this file"
        yield Finding(Place(other), CODE, said, "remove one of the two", Severity.WARNING)


def _unsayable(asking: Asking) -> Iterator[Finding]:
    for one in asking.estates().unsaid:
        said = f"{one.role} owns {one.text}, which no CODEOWNERS file can say: {one.why}"
        yield Finding(Place(f"{asking.prefix}{one.path}"), CODE, said, "name the folders that it owns")


def _drifted(asking: Asking, path: str, text: str) -> Iterator[Finding]:
    """The first line that is not as the records say, in a file that was generated once."""
    lines = text.replace("\r\n", "\n").split("\n")
    if BEGIN not in lines:
        return
    pairs = zip_longest(lines, asking.generated(text).split("\n"))
    for number, (line, wanted) in enumerate(pairs, start=1):
        if line != wanted:
            said = f"the records say {wanted!r} here" if wanted else f"the records do not say {line!r} here"
            yield Finding(Place(path, number), CODE, f"{said}, so the file is out of date", _generating(asking))
            return


def _uncovered(asking: Asking, path: str, owners: Owners) -> Iterator[Finding]:
    """What must be owned and is not: the files of records, and what judges."""
    names: dict[str, list[str]] = {}
    for file in asking.files:
        folder, _, name = file.rpartition("/")
        names.setdefault(folder, []).append(name)
    start = len(asking.prefix)
    folders = [
        folder
        for folder in names
        if folder.startswith(asking.prefix) and asking.kinds.of_path(f"{folder[start:]}/x") is not None
    ]
    known = _cached(asking)
    found = [
        (gap.what, gap.why, gap.entry) for gap in gaps(owners, folders, lambda folder: names[folder], is_known=known)
    ]
    for wanted in (estate.area for estate in asking.estates().estates if estate.area.is_file):
        file = "/".join(str(name) for name in wanted.names)
        if file in asking.files and (reason := why_open(owners.of(file), known))[0]:
            found.append((file, *reason))
    for what, why, entry in found:
        where = Place(path, entry.line, entry.column) if entry else Place(path)
        yield Finding(where, CODE, f"nobody need approve a change of {what}: {why}", _generating(asking))
    for unowned in asking.estates().unowned:
        said = f"no role with an owner at {asking.dialect.forge} has {unowned}"
        fix = "add it to the paths of a role, or name owners of the policy's approvals.default_role"
        yield Finding(Place(path), CODE, said, fix, Severity.WARNING)


def _cached(asking: Asking) -> Callable[[str], bool]:
    known = known_owners(asking.people, asking.dialect)
    return lambda owner: owner.casefold() in known


def _unknown(asking: Asking, path: str, owners: Owners) -> Iterator[Finding]:
    """Owners that resolve to nobody, where they are first named."""
    known = _cached(asking)
    told: set[str] = set()
    for entry in owners.entries:
        for owner in entry.owners:
            if not known(owner) and owner not in told:
                told.add(owner)
                said = f"{owner} is nobody whom the records know at {asking.dialect.forge}"
                fix = "name it in a role's owners or a party's accounts, or take it out"
                yield Finding(Place(path, entry.line, entry.column), CODE, said, fix, Severity.WARNING)
