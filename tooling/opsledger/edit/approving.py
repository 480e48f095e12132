"""An approval before it is signed: what is waited for, what exactly would be signed, and whether it would count."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from opsledger.approvals import (
    Approval,
    Asked,
    Situation,
    Tally,
    content_of,
    data_of,
    digest_of,
    id_of,
    parts_of,
    scope_pointers,
    tally,
)
from opsledger.errors import Refused, Undecided
from opsledger.kind import Kinds
from opsledger.ledger import Record
from opsledger.people import Party

_SHORT = 100
"""How much of a value is shown before it is signed."""


class NothingWaits(Refused):
    """No gate waits for what somebody could sign on a record."""


@dataclass(frozen=True)
class Choice:
    """One scope that could be signed in one role; `gate` is the one that waits for it, or empty."""

    scope: str
    role: str
    gate: str = ""

    def __str__(self) -> str:
        return f"--scope {self.scope} --role {self.role}" + (f" ({self.gate})" if self.gate else "")


Waiting = Sequence[tuple[str, Tally]]
"""Each signature that gates ask for: the gate's id, and what there is of it."""


def chosen(
    waiting: Waiting, subject: Record, situation: Situation, party: Party, *, scope: str, role: str
) -> tuple[Choice, ...]:
    """
    All that a party is to sign of a record: each scope that gates wait for once, in the role that it is signed in.

    Args:
        scope: only this one, or empty.
        role: only this one, or empty.

    Raises:
        NothingWaits: nothing does for this party.
        Refused: one scope could be signed in several roles.
    """
    ways = _ways(waiting, party.id, scope=scope, role=role)
    found = {(one.scope, one.role): one for options in reversed(ways) if len(options) == 1 for one in options}
    for options in ways:
        if len(options) > 1 and not any((one.scope, one.role) in found for one in options):
            listed = "\n".join(f"    {one}" for one in options)
            said = (
                f"{party.id} can sign the {options[0].scope} of {subject.id} in {len(options)} roles, and in one only"
            )
            raise Refused(f"{said}:\n{listed}", "choose with these options")
    if not found and scope and role:
        return (Choice(scope, role),)
    if not found:
        raise _nothing_waits(subject, waiting, situation, party)
    return tuple(sorted(found.values(), key=lambda one: _place(one, waiting)))


def _ways(waiting: Waiting, party: str, *, scope: str, role: str) -> list[tuple[Choice, ...]]:
    """What a party could sign, for each signature that is waited for: the roles that it could do so in."""
    ways = []
    for gate, there in waiting:
        signed = any(one.party == party for one in there.counted)
        wanted = there.missing or (there.asked.roles if there.short else ())
        fits = [one for one in wanted if role in ("", one) and party in there.holders.get(one, ())]
        if fits and not signed and scope in ("", there.asked.scope):
            ways.append(tuple(Choice(there.asked.scope, one, gate) for one in fits))
    return ways


def _place(choice: Choice, waiting: Waiting) -> int:
    return next(
        place for place, (gate, there) in enumerate(waiting) if (gate, there.asked.scope) == (choice.gate, choice.scope)
    )


def left_unsigned(
    waiting: Waiting, subject: Record, situation: Situation, party: Party, signed: Sequence[Choice], *, scope: str
) -> Iterator[str]:
    """
    What else gates wait for on a record, and why this party does not sign it.

    Args:
        signed: what it does sign.
        scope: the only scope that it wants to sign, or empty.
    """
    done = {(one.scope, one.role) for one in signed}
    for gate, there in waiting:
        if not there.is_met and scope in ("", there.asked.scope):
            yield from _asks(gate, there, subject, situation, party, done)


def _nothing_waits(subject: Record, waiting: Waiting, situation: Situation, party: Party) -> NothingWaits:
    if not waiting:
        scopes = ", ".join(sorted(subject.kind.scopes)) or "none"
        said = f"no gate waits for a signature on {subject.id}"
        return NothingWaits(said, f"name --scope ({scopes}) and --role to sign nevertheless")
    lines = [line for gate, there in waiting for line in _asks(gate, there, subject, situation, party)]
    said = f"nothing on {subject.id} waits for {party.id}:\n"
    return NothingWaits(said + "\n".join(f"    {line}" for line in lines))


def _asks(
    gate: str, there: Tally, subject: Record, situation: Situation, party: Party,
    done: Collection[tuple[str, str]] = (),
) -> Iterator[str]:  # fmt: skip
    """What a gate asks for, and why this party does not give it; `done` are the scopes and roles that it signs."""
    scope = there.asked.scope
    what = f"{gate} asks for the {scope} of {subject.id}"
    if there.is_met:
        yield f"{what}: it is signed"
        return
    for role in there.missing or there.asked.roles:
        if (scope, role) not in done and (there.missing or not any(one == scope for one, _ in done)):
            yield f"{what} by {role}: {_why_not(subject, there, situation, party, role)}"


def _why_not(subject: Record, there: Tally, situation: Situation, party: Party, role: str) -> str:
    if any(one.party == party.id for one in there.counted):
        return f"{party.id} has signed it"
    pointers = scope_pointers(subject.kind, there.asked.scope)
    if party.id in situation.authorship(subject, pointers).parties:
        return f"{party.id} wrote it"
    matter = frozenset((subject.id, *(link.target for link in situation.ledger.links(subject.id))))
    why = situation.people.why_not(party.id, role, situation.as_of, matter=matter)
    others = ", ".join(one for one in there.holders.get(role, ()) if one != party.id) or "nobody"
    return f"{party.id} {why}; {others} could" if why else f"{others} could"


def drafted(
    subject: Record, choice: Choice, situation: Situation, party: Party, *,
    decision: str, at: datetime, withdraws: str = "", conditions: Sequence[str] = (), pull_request: str = "",
) -> Approval:  # fmt: skip
    """
    The approval as it would be signed; its proof is still empty.

    Raises:
        Refused: it would not count: the scope is none, or the party may not sign it.
        Undecided: nobody knows who wrote the content, or what this repository is called.
    """
    pointers = scope_pointers(subject.kind, choice.scope)
    if not pointers:
        scopes = ", ".join(sorted(subject.kind.scopes)) or "none"
        raise Refused(f"a {subject.kind.name} has no scope called {choice.scope!r}", f"its scopes are {scopes}")
    if not situation.repository:
        raise Undecided(
            "nobody told what this repository is called, and a signature names it",
            "write `repository: ledger.example.org/ops` with your own address into .opsledger.yaml on the base",
        )
    wrote = situation.authorship(subject, pointers)
    if wrote.undecided:
        raise Undecided(f"who wrote the {choice.scope} of {subject.id}: {wrote.undecided}", "get the history first")
    if decision == "granted":
        _refuse_void(subject, choice, situation, party, wrote.parties)
    made = Approval(
        id="", path="", subject=subject.id, scope=choice.scope,
        digest=digest_of(subject.kind.name, subject.id, choice.scope, pointers, subject.data),
        pointers=pointers, role=choice.role, party=party.id, decision=decision, at=at.replace(microsecond=0),
        repository=situation.repository, pull_request=pull_request, withdraws=withdraws,
        authors=tuple(sorted(wrote.parties)), unknown_authors=len(wrote.unknown),
        parts=parts_of(subject.data, pointers), conditions=tuple(conditions),
    )  # fmt: skip
    return replace(made, id=id_of(made))


def _refuse_void(subject: Record, choice: Choice, situation: Situation, party: Party, wrote: frozenset[str]) -> None:
    """Refuse what would not count, before anybody signs it."""
    matter = frozenset((subject.id, *(link.target for link in situation.ledger.links(subject.id))))
    if situation.people.holding(party.id, choice.role, situation.as_of, matter=matter) is None:
        why = situation.people.why_not(party.id, choice.role, situation.as_of, matter=matter)
        raise Refused(f"{party.id} {why}, so this signature would not count", "ask somebody who holds the role")
    if party.id in wrote:
        raise Refused(
            f"{party.id} wrote the {choice.scope} of {subject.id}, so this signature would not count",
            "ask somebody who did not write it",
        )


def with_proof(approval: Approval, kinds: Kinds, *, type: str, signature: str, key: str = "") -> Approval:
    """The approval with its signature, and the path that it has in the ledger."""
    proof = {"type": f"{type}-signature", "signature": signature, **({"key": key} if key else {})}
    folder = kinds["approval"].folder
    return replace(approval, evidence=proof, path=f"{folder}/{approval.role}/{approval.id}.yaml")


def file_of(approval: Approval) -> bytes:
    """The approval's file."""
    from opsledger.yamlfile import write

    return write(data_of(approval))


def refuse_uncounted(approval: Approval, subject: Record, situation: Situation) -> None:
    """
    Count the signature as a gate will, with the approval in the ledger of the situation.

    Raises:
        Refused: it does not count; says why.
    """
    if approval.decision != "granted":
        return
    there = tally(Asked(approval.scope, (approval.role,)), subject, situation)
    if any(one.source == approval.id for one in there.counted):
        return
    reason = next((one.fault for one in there.discounted if one.source == approval.id), None)
    said = reason.message if reason else f"{approval.id} does not count"
    raise Refused(f"{said}; so it was not written", reason.fix if reason else "")


def shown(approval: Approval, data: Mapping[str, Any]) -> Iterator[str]:
    """What will be signed, line by line: each field in short, and the fingerprint of all."""
    yield f"{approval.decision} the {approval.scope} of {approval.subject}, as {approval.role}, by {approval.party}"
    yield f"in {approval.repository}"
    content = content_of(data, approval.pointers)
    for pointer in sorted(content):
        yield f"    {pointer}  {_short(content[pointer])}"
    for pointer in sorted(set(approval.pointers) - content.keys()):
        if "*" not in pointer:
            yield f"    {pointer}  (nothing)"
    yield f"fingerprint {approval.digest}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else f"{line[: _SHORT - 1]}…"


def fingerprint(subject: Record, approval: Approval) -> str:
    """The digest that what an approval covers has in a record."""
    return digest_of(subject.kind.name, subject.id, approval.scope, approval.pointers, subject.data)


def message(signed: Sequence[Approval]) -> str:
    """The message of the commit that brings some approvals of one person."""
    lines = [f"{one.subject}: {one.party} signs the {one.scope} as {one.role} ({one.decision})" for one in signed]
    if len(lines) == 1:
        return f"{lines[0]}\n"
    subjects = ", ".join(dict.fromkeys(one.subject for one in signed))
    return "\n".join((f"{subjects}: {signed[0].party} signs {len(signed)} scopes", "", *lines, ""))
