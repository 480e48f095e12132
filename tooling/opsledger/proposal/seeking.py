"""Which signatures a pull request's moves need, what each would sign, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from opsledger.approvals.model import Counted, Discounted, Tally
from opsledger.approvals.scopes import digest_of, scope_pointers
from opsledger.canonical import NotCanonical
from opsledger.ledger import Ledger, Record
from opsledger.proposal.meaning import Titles, named
from opsledger.proposal.model import Named, Signed, Sought, Unsigned, Wanted


def sought(tallies: Iterable[tuple[str, Tally]], ledger: Ledger, titles: Titles) -> tuple[Sought, ...]:
    """
    Put tallies into words, what is not met first; gates that ask for the same share an entry.

    Args:
        tallies: each with the id of the gate that asked.
    """
    asking: dict[tuple[str, object], list[str]] = {}
    kept: dict[tuple[str, object], Tally] = {}
    for gate, tally in tallies:
        key = (tally.subject, tally.asked)
        asking.setdefault(key, []).append(gate)
        kept.setdefault(key, tally)
    said = [_sought(tally, tuple(dict.fromkeys(asking[key])), ledger, titles) for key, tally in kept.items()]
    return tuple(sorted(said, key=lambda one: (one.is_met, one.subject.id, one.scope)))


def _sought(tally: Tally, gates: tuple[str, ...], ledger: Ledger, titles: Titles) -> Sought:
    subject = ledger.find(tally.subject)
    asked = tally.asked
    pointers = scope_pointers(subject.kind, asked.scope) if subject is not None else ()
    return Sought(
        subject=named(subject) if subject is not None else Named(tally.subject),
        gates=gates,
        scope=asked.scope,
        roles=tuple(titles(role) for role in asked.roles),
        quorum=asked.quorum,
        pointers=pointers,
        digest=_digest(subject, asked.scope, pointers),
        signed=tuple(_signed(one, titles) for one in tally.counted),
        unsigned=tuple(_unsigned(one, titles) for one in tally.discounted),
        wanted=tuple(_wanted(role, tally.holders, titles) for role in tally.missing),
        short=tally.short,
        undecided=tally.undecided,
    )


def _digest(subject: Record | None, scope: str, pointers: tuple[str, ...]) -> str:
    if subject is None or not pointers:
        return ""
    try:
        return digest_of(subject.kind.name, subject.id, scope, pointers, subject.data)
    except NotCanonical:
        return ""


def _signed(one: Counted, titles: Titles) -> Signed:
    return Signed(titles(one.party), titles(one.role), minute(one.at), one.source, one.remark)


def _unsigned(one: Discounted, titles: Titles) -> Unsigned:
    party, role = (titles(id) if id else Named("") for id in (one.party, one.role))
    return Unsigned(party, role, one.source, one.fault.message, one.fault.fix, one.undecided)


def _wanted(role: str, holders: Mapping[str, tuple[str, ...]], titles: Titles) -> Wanted:
    return Wanted(titles(role), tuple(titles(holder) for holder in holders.get(role, ())))


def minute(when: datetime) -> str:
    """A time as people read it, in UTC and to the minute."""
    return f"{when:%Y-%m-%d %H:%M} UTC"
