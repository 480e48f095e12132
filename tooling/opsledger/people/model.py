"""Parties and roles as values: what their records say, with times as moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Term:
    """A span of time: from `since` on, and before `until`; `None` is without end on that side."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in it."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    def within(self, other: Term) -> Term | None:
        """What it shares with another one; `None` if they never hold together."""
        since = max((one for one in (self.since, other.since) if one is not None), default=None)
        until = min((one for one in (self.until, other.until) if one is not None), default=None)
        return Term(since, until) if since is None or until is None or since < until else None


@dataclass(frozen=True)
class Account:
    """An account at a forge; the number `id` never changes and decides when login and number differ."""

    forge: str
    login: str
    id: str = ""
    term: Term = Term()


@dataclass(frozen=True)
class Key:
    """A public key: `type` is *ssh* or *gpg*, `text` as the record writes it."""

    type: str
    text: str
    fingerprint: str
    term: Term = Term()


@dataclass(frozen=True)
class Delegation:
    """Who acts in a party's place, in which of its roles (empty for all), and when."""

    to: str
    roles: tuple[str, ...] = ()
    term: Term = Term()


@dataclass(frozen=True)
class Grant:
    """One role given to one party, as the two records say it together; `on` as in `Holding`."""

    role: str
    party: str
    on: tuple[str, ...] = ()
    term: Term = Term()


@dataclass(frozen=True)
class Claim:
    """
    An address, account or key that more than one party claims, so that it is nobody's.

    Args:
        sort: *address*, *account* or *key*.
        value: what is claimed, as a record writes it.
        parties: ids of those who claim it.
    """

    sort: str
    value: str
    parties: tuple[str, ...]


@dataclass(frozen=True)
class Party:
    """
    A person, team, body or machine.

    Args:
        path: the file of its record.
        members: id of each member, with its time.
        quorum: for a body, how many members must take part.
        term: when it takes part; `None` for one that is inactive and does not say since when, and so never did.
        absences: when it is not there, from the first moment of the first day on; they take no role away.
    """

    id: str
    name: str
    type: str
    is_active: bool
    path: str
    emails: tuple[str, ...] = ()
    accounts: tuple[Account, ...] = ()
    keys: tuple[Key, ...] = ()
    members: tuple[tuple[str, Term], ...] = ()
    quorum: int | None = None
    term: Term | None = Term()
    absences: tuple[Term, ...] = ()
    delegations: tuple[Delegation, ...] = ()

    @property
    def is_machine(self) -> bool:
        """Whether it is a bot or a pipeline, which never approves."""
        return self.type == "machine"

    @property
    def is_person(self) -> bool:
        """Whether it is one human being, who alone can hold a role in the end."""
        return self.type == "person"

    def absence(self, at: datetime) -> Term | None:
        """The absence that a moment falls into, or `None`."""
        return next((one for one in self.absences if one.holds(at)), None)


@dataclass(frozen=True)
class Incompatibility:
    """
    A role that nobody may hold together with another one on the same matter.

    Args:
        on: what counts as the same matter: *same-release* and so on.
        when: the condition under which alone it is so, as written; empty for always.
        path: the file that says so; empty where a preset does.
    """

    role: str
    on: str
    when: str = ""
    path: str = ""


@dataclass(frozen=True)
class Role:
    """
    A duty that people hold.

    Args:
        kinds: the kinds of record that it decides on; empty for all.
        scopes: the scopes that it may approve; empty for all.
        paths: the files that it owns, as in a .gitignore, from the ledger's root.
        owners: forge name (*github*, *gitlab*, *gitea*, *forgejo*, *bitbucket*) → what it is called there.
    """

    id: str
    title: str
    path: str
    kinds: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    least: int = 1
    most: int | None = None
    incompatible: tuple[Incompatibility, ...] = ()
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Holding:
    """
    One person holding one role, and why.

    Args:
        party: the person (or, for a lane, the machine) in the end.
        via: the ids of the teams or of the person standing behind it, outermost first; empty if the party holds it
            itself.
        on: the records to which the role is limited; empty for everywhere.
        delegated_by: whose place it takes, or empty.
    """

    party: str
    role: str
    via: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    term: Term = Term()
    delegated_by: str = ""
