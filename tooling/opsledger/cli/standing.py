"""What `who` gathers: the judge, what is looked at, and the signatures that count before each move."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from opsledger.api import Book, kinds_of
from opsledger.cli.caller import Caller
from opsledger.errors import NoSuchRevision, Undecided
from opsledger.gate import Judge, situation_of
from opsledger.graph import named
from opsledger.ledger import Ledger, Record
from opsledger.people import People
from opsledger.policy import policy_of, settings_of
from opsledger.question import Move, Occasion, Question
from opsledger.report.standing import Fact, Sign, Signature, Standing, ahead, of_party, of_role, owning, signature

if TYPE_CHECKING:
    from opsledger.approvals import PullRequest


@dataclass(frozen=True)
class Wanted:
    """
    What somebody wants to know.

    Args:
        name: a path, an id, or the key by which another system knows a record.
        base: whose roles and gates hold; `None` for those of the work tree.
        scope: the one part of a record that they are interested in, or empty.
        pull_request: the open one, whose reviews count as they stand.
    """

    name: str
    as_of: datetime
    base: str | None = None
    scope: str = ""
    pull_request: PullRequest | None = None


def standing_of(book: Book, caller: Caller, wanted: Wanted) -> Standing:
    """
    Say who stands where about a file, a record, a party or a role.

    Raises:
        NoSuchRecord: it is neither a path nor a record.
        Undecided: the base is not in this clone.
    """
    judge = _judge(book, wanted.base)
    ledger = book.ledger()
    record = _record(ledger, _path(book, caller, wanted.name), wanted.name)
    path = record.path if record else _path(book, caller, wanted.name)
    owners = owning(path, judge.people, wanted.as_of)
    if record is None:
        return Standing("file", "", "", path, owners, wanted.as_of, judge.name, notes=tuple(_notes(judge.people)))
    sign = _signing(book, caller, judge, ledger, record, wanted)
    sort, facts = _facts(record, judge, wanted.as_of)
    return Standing(
        sort, record.id, record.title, path, owners, wanted.as_of, judge.name,
        about=", ".join([record.kind.title, *([record.state] if record.state else [])]),
        ahead=tuple(ahead(record, judge.gates, sign)) if sort == "record" else (),
        facts=facts,
        notes=tuple(_notes(judge.people)),
    )  # fmt: skip


def _judge(book: Book, base: str | None) -> Judge:
    try:
        snapshot = book.snapshot(base)
    except NoSuchRevision:
        remedy = f"fetch it: git fetch origin {(base or '').removeprefix('origin/')}"
        raise Undecided(f"no commit is named {base!r}", remedy) from None
    kinds = kinds_of(snapshot)
    name = f"base {base} {(snapshot.commit or '')[:7]}" if base else f"the {snapshot.name}"
    return Judge(name, snapshot, kinds, policy_of(snapshot, kinds, settings_of(snapshot).preset))


def _path(book: Book, caller: Caller, name: str) -> str:
    """A path as the ledger has it: from its root, however it was typed."""
    typed = os.path.normpath(os.path.join(os.path.realpath(caller.directory), name))
    inside = os.path.relpath(typed, book.repository.root)
    from_root = os.path.normpath(name)
    is_there = Path(book.repository.root, from_root).exists() and not Path(typed).exists()
    return (from_root if is_there or inside.startswith("..") else inside).replace(os.sep, "/")


def _record(ledger: Ledger, path: str, name: str) -> Record | None:
    """The record that a name means; `None` for a file that is none."""
    here = ledger.at_path(path)
    if here is not None:
        return here
    if path in ledger.snapshot.files or ("/" in name and ledger.find(name) is None):
        return None
    return named(ledger, name)


def _facts(record: Record, judge: Judge, at: datetime) -> tuple[str, tuple[Fact, ...]]:
    people = judge.people
    party, role = people.parties.get(record.id), people.roles.get(record.id)
    if party is not None:
        return "party", of_party(party, people, at)
    if role is not None:
        return "role", of_role(role, people, judge.gates, at)
    return "record", ()


def _notes(people: People) -> Iterator[str]:
    """What bears on every answer: files that nobody can read, and what several parties claim."""
    for path in people.unreadable:
        yield f"{path} cannot be read as it should be, so whom it entitles is left out; `opsledger check` says why"
    for claim in people.ambiguous:
        yield f"{' and '.join(claim.parties)} claim the {claim.sort} {claim.value}, so it counts as nobody's"


def _signing(book: Book, caller: Caller, judge: Judge, ledger: Ledger, record: Record, wanted: Wanted) -> Sign:
    """What a gate asks of a record before a move: signatures, and what nobody can tell of them."""
    occasion = Occasion(wanted.as_of, wanted.pull_request, environment=caller.environment)
    head = book.repository.resolve("HEAD") if wanted.base else None
    situation = situation_of(book.repository, judge, ledger, occasion, head=head)

    def signed(gate: Record, move: Move) -> tuple[tuple[Signature, ...], tuple[str, ...]]:
        question = Question(gate, move, record, ledger, judge.people, judge.policy, wanted.as_of, situation)
        signatures = (
            signature(asked, question.tally(asked), judge.people, wanted.as_of, question.matter)
            for asked in question.asked
            if wanted.scope in ("", asked.scope)
        )
        unknown = (f"no role record describes {role}, which must sign" for role in question.unknown_roles)
        doubtful = (one.text for one in question.conditions.values() if not isinstance(one.holds, bool))
        conditions = (f"only when {condition}, which cannot be judged" for condition in doubtful)
        return tuple(signatures), (*unknown, *question.unasked, *conditions)

    return signed
