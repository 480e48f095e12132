"""Who stands where: the owners of a file, the signatures before a record's next moves, the roles of a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from opsledger.gate import gates_on
from opsledger.ledger import Record
from opsledger.moments import spoken
from opsledger.people import (
    Account,
    Delegation,
    Holding,
    Incompatibility,
    Party,
    People,
    Role,
    Term,
    absent,
    lasting,
    owners_of,
    why,
)
from opsledger.question import Move

if TYPE_CHECKING:
    from opsledger.approvals import Asked, Tally

UNREADABLE = "unreadable"
Sign = Callable[[Record, Move], tuple[tuple["Signature", ...], tuple[str, ...]]]
Fact = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Somebody:
    """One person in one role, and why; `bars` says why this very record is not theirs to sign, or is empty."""

    party: str
    name: str
    why: str
    bars: str = ""


@dataclass(frozen=True)
class Filled:
    """One role with its people; `because` says what brought it up."""

    role: str
    title: str
    because: str
    people: tuple[Somebody, ...]
    is_missing: bool = False


@dataclass(frozen=True)
class Signature:
    """What is asked for on one scope, by whom it was signed and by whom it could be; `refused` is what counts not."""

    scope: str
    quorum: int
    roles: tuple[Filled, ...]
    signed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    short: int = 0


@dataclass(frozen=True)
class Ahead:
    """
    One move that a record may make next, with the gate before it.

    Args:
        gate: its id; empty where none stands there.
        doubts: what the gate asks and nobody can tell yet.
    """

    before: str
    after: str
    gate: str
    title: str = ""
    mode: str = ""
    signatures: tuple[Signature, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """
    Who stands where about one record or file.

    Args:
        sort: *record*, *file*, *party* or *role*.
        owners: the roles that own the file.
        ahead: the next moves of the record.
        facts: what is known of a party or a role, under headings.
        as_of: the time, in UTC.
        judge: whose roles and gates these are.
        notes: what the reader should know beside.
    """

    sort: str
    id: str
    title: str
    path: str
    owners: tuple[Filled, ...]
    as_of: datetime
    judge: str
    about: str = ""
    ahead: tuple[Ahead, ...] = ()
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()


def owning(path: str, people: People, at: datetime) -> tuple[Filled, ...]:
    """The roles that own a file, with whoever holds them."""
    return tuple(
        filled(people.roles[one.role], people, at, because=one.pattern)
        for one in owners_of(path, people.roles.values())
    )


def filled(role: Role, people: People, at: datetime, *, because: str = "", matter: Iterable[str] = ()) -> Filled:
    """A role with whoever holds it at a time."""
    held = people.holders(role.id, at, matter=frozenset(matter))
    return Filled(role.id, role.title, because, tuple(_somebody(one, people, at) for one in held))


def _somebody(holding: Holding, people: People, at: datetime, bars: str = "") -> Somebody:
    return Somebody(holding.party, people.parties[holding.party].name, why(holding, people, at), bars)


def ahead(record: Record, gates: Sequence[Record], sign: Sign) -> Iterator[Ahead]:
    """
    The moves that a record may make next, each with the gates before it, and the gates further on its main path.

    Args:
        gates: the judge's.
        sign: the signatures that a gate asks for before a move, and what cannot be told of them.
    """
    cycle = record.kind.lifecycle
    if cycle is None or record.state is None:
        return
    state = record.state
    nearest = [(state, after) for after in cycle.next_states(state, record.data)]
    for before, after in dict.fromkeys([*nearest, *pairwise(cycle.onwards(state))]):
        move = Move(record.kind.name, before, after)
        found = gates_on(gates, move.kind, move.before, move.after)
        for gate in found:
            mode = str(gate.get("mode", "")) if gate.is_readable else UNREADABLE
            yield Ahead(before, after, gate.id, gate.title, mode, *(sign(gate, move) if gate.is_readable else ()))
        if not found and (before, after) in nearest:
            yield Ahead(before, after, "")


def signature(asked: Asked, tally: Tally, people: People, at: datetime, matter: Iterable[str]) -> Signature:
    """One signature that is asked for, with who gave it and who could."""
    signers = {one.party for one in tally.counted}
    return Signature(
        asked.scope,
        asked.quorum,
        tuple(_asked(role, tally, signers, people, at, matter) for role in asked.roles),
        tuple(f"{one.party} as {one.role} on {spoken(one.at)} ({one.source})" for one in tally.counted),
        tuple(f"{one.source}: {one.fault.message}" for one in tally.discounted),
        tally.undecided,
        tally.short,
    )


def _asked(role: str, tally: Tally, signers: set[str], people: People, at: datetime, matter: Iterable[str]) -> Filled:
    known = people.roles.get(role)
    could = tally.holders.get(role, ())
    holders = people.holders(role, at, matter=frozenset(matter))
    somebody = tuple(
        _somebody(one, people, at, "" if one.party in could else "is an author of it")
        for one in holders
        if one.party not in signers
    )
    title = known.title if known else "no role record describes it"
    return Filled(role, title, "", somebody, is_missing=role in tally.missing)


def of_party(party: Party, people: People, at: datetime) -> tuple[Fact, ...]:
    """What the records say of a party: its roles, teams, stand-ins, absences, identities and keys."""
    members = ((id, term) for id, term in party.members if not _is_over(term.until, at))
    claims = (claim for claim in people.ambiguous if party.id in claim.parties)
    return (
        _fact("Roles:", _roles(party, people, at)),
        _fact("Belongs to:", (" > ".join(way) for way in people.teams_of(party.id, at))),
        _fact("Members:", (f"{id} {lasting(term, at)}".rstrip() for id, term in members)),
        _fact("Quorum:", (f"{party.quorum} must take part in a decision",) if party.quorum else ()),
        _fact("Lets act in its place:", map(_stand_in, party.delegations)),
        _fact("Absent:", (f"from {spoken(one.since)}, {absent(one)}" for one in party.absences if one.since)),
        _fact("Known as:", (*party.emails, *map(_account, party.accounts))),
        _fact("Keys:", (f"{one.type} {one.fingerprint or '(no fingerprint)'}{_span(one.term)}" for one in party.keys)),
        _fact("Claimed by others as well, and so nobody's:",
              (f"{one.sort} {one.value}: {', '.join(one.parties)}" for one in claims)),
    )  # fmt: skip


def of_role(role: Role, people: People, gates: Iterable[Record], at: datetime) -> tuple[Fact, ...]:
    """What the records say of a role: who holds it, when, what it does not go with, and where it signs."""
    held = [one for one in people.holdings(role.id) if one.term.holds(at)]
    others = sorted({one.party for one in people.holdings(role.id)} - {one.party for one in held})
    names = {party.id: party.name for party in people.parties.values()}
    return (
        _fact("Held by:", (f"{one.party} {names[one.party]}: {why(one, people, at)}" for one in held)),
        _fact("Not now:", (f"{id}: {people.why_not(id, role.id, at)}" for id in others)),
        _fact("Does not go with:", map(_apart, people.incompatible_with(role.id))),
        _fact("Approves:", (f"{', '.join(role.scopes) or 'any scope'} of {', '.join(role.kinds) or 'any kind'}",)),
        _fact("Signs at:", (line for gate in gates for line in _signs_at(gate, role.id))),
        _fact("Owns:", role.paths),
    )


def _signs_at(gate: Record, role: str) -> Iterator[str]:
    for _, asked in gate.items("/signatures") if gate.is_readable else ():
        if role in asked["roles"]:
            yield f"{gate.id} {gate.title}: {asked['scope']}"


def _fact(heading: str, lines: Iterable[str]) -> Fact:
    return heading, tuple(lines)


def _roles(party: Party, people: People, at: datetime) -> Iterator[str]:
    """Each role that the party holds, will hold or held, with the way to it."""
    for role in sorted(people.roles):
        ways = [one for one in people.holdings(role) if one.party == party.id]
        now = [one for one in ways if one.term.holds(at)]
        yield from (f"{role} {why(one, people, at)}" for one in now)
        if ways and not now:
            yield f"{role}: {people.why_not(party.id, role, at)}"


def _stand_in(one: Delegation) -> str:
    return f"{one.to} as {', '.join(one.roles) or 'whatever it holds'}{_span(one.term)}"


def _account(one: Account) -> str:
    number = f" (number {one.id})" if one.id else ""
    return f"{one.login} at {one.forge}{number}{_span(one.term)}"


def _apart(one: Incompatibility) -> str:
    return f"{one.role} on the {one.on.replace('-', ' ')}{f' when {one.when}' if one.when else ''}"


def _is_over(until: datetime | None, at: datetime) -> bool:
    return until is not None and until <= at


def _span(term: Term) -> str:
    """Both ends of a span, as the end of a sentence."""
    since = f" from {spoken(term.since)}" if term.since else ""
    return since + (f" until {spoken(term.until)}" if term.until else "")
