"""From what is granted to the people who hold it: through teams and those who stand in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from opsledger.people.model import Grant, Holding, Party, Term


def agreed(by_party: Iterable[Grant], by_role: Iterable[Grant]) -> tuple[Grant, ...]:
    """
    What the party records and the role records grant together.

    Either is enough. Where both name the same pair, the role is held while both say so.
    """
    theirs, ours = _by_pair(by_party), _by_pair(by_role)
    made: list[Grant] = []
    for pair in {**theirs, **ours}:
        if pair in theirs and pair in ours:
            made += (met for one in theirs[pair] for other in ours[pair] for met in _met(one, other))
        else:
            made += [*theirs.get(pair, ()), *ours.get(pair, ())]
    return tuple(made)


def _by_pair(grants: Iterable[Grant]) -> dict[tuple[str, str], list[Grant]]:
    pairs: dict[tuple[str, str], list[Grant]] = {}
    for grant in grants:
        pairs.setdefault((grant.role, grant.party), []).append(grant)
    return pairs


def _met(one: Grant, other: Grant) -> Iterator[Grant]:
    term = one.term.within(other.term)
    if term is not None:
        yield Grant(one.role, one.party, one.on or other.on, term)


@dataclass(frozen=True)
class _Way:
    """How far a grant was followed: to which party, through which, while which time, and for whom it acts."""

    party: str
    via: tuple[str, ...]
    term: Term
    delegated_by: str = ""


def resolved(grant: Grant, parties: Mapping[str, Party]) -> Iterator[Holding]:
    """
    The people who hold a role by one grant, at whatever time, the nearest first.

    Teams stand for their members, and theirs. Who stands in for somebody does so in person: nobody stands in for the
    one who stands in. Machines hold nothing.
    """
    waiting = deque([_Way(grant.party, (), grant.term)])
    seen: set[tuple[str, Term, str]] = set()
    while waiting:
        way = waiting.popleft()
        party = parties.get(way.party)
        term = way.term.within(party.term) if party is not None and party.term is not None else None
        # Each party once for each time: a team that is its own member ends here, and so do teams in many teams.
        if party is None or term is None or (party.id, term, way.delegated_by) in seen:
            continue
        seen.add((party.id, term, way.delegated_by))
        if party.is_person:
            yield Holding(party.id, grant.role, way.via, grant.on, term, way.delegated_by)
        waiting.extend(_next(party, grant.role, _Way(party.id, way.via, term, way.delegated_by)))


def _next(party: Party, role: str, way: _Way) -> Iterator[_Way]:
    """To whom it goes from a party: to its members, and to those who stand in for it."""
    via = (*way.via, party.id)
    for member, term in party.members if not party.is_machine else ():
        both = way.term.within(term)
        if both is not None:
            yield _Way(member, via, both, way.delegated_by)
    for delegation in party.delegations if not way.delegated_by and not party.is_machine else ():
        both = way.term.within(delegation.term)
        if both is not None and (not delegation.roles or role in delegation.roles):
            yield _Way(delegation.to, via, both, party.id)
