"""A release from a range of commits: the clone that has them, who asks, and what is still to be said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from opsledger.api import cache_folder
from opsledger.cli.asking import ask
from opsledger.cli.caller import Caller
from opsledger.cli.options import kind_called
from opsledger.cli.writing import Desk, desk, finish, tell_done
from opsledger.edit.base import stems
from opsledger.edit.creating import begin, by_default, questions
from opsledger.edit.deriving import Draft, Sight, drafted
from opsledger.edit.plan import Plan
from opsledger.edit.ranges import Span, ends_of, span_of
from opsledger.edit.releasing import Bundle, plan_bundle, write_bundle
from opsledger.edit.values import assignment
from opsledger.errors import Refused, Undecided
from opsledger.kind import Kind
from opsledger.policy import policy_of, settings_of
from opsledger.store import Repository

KIND = "release"
ASKED_UPTO = "plan-approved"
"""What a plan must say is asked for at once; what the pipeline will tell is not."""


@dataclass(frozen=True)
class Ranged:
    """
    What somebody wants to be made of a range; a text that is empty was not given.

    Args:
        span: the range as it was typed.
        repository: directory of the clone that has it, or the address of its repository; empty for the ledger's own.
        service: id of the service.
        given: fields as they were typed.
        base: another revision than the protected branch, or `None`.
    """

    span: str
    repository: str
    service: str
    given: tuple[str, ...]
    id: str
    base: str | None


def new_from_range(caller: Caller, kind: str, wanted: Ranged, *, dry_run: bool) -> None:
    """
    Write the release of a range, its standard change and what else goes with it.

    Raises:
        Refused: the range is none, or a field is missing or does not fit.
        Undecided: the clone lacks a part of the range.
        NotAccepted: the check would not pass; nothing was written.
    """
    ends_of(wanted.span)
    with desk(caller, wanted.base) as at:
        sort = kind_called(at.ledger.kinds, kind)
        if sort.name != KIND:
            raise Refused(f"a {sort.name} is not made from commits", "leave --range out, or make a release")
        if wanted.id:
            raise Refused("the id of a release is its number", "leave --id out")
        with _span(caller, at, wanted) as span:
            given = begin(sort, [assignment(stated) for stated in wanted.given])
            draft = drafted(span, given, _sight(caller, at), service=wanted.service)
        data = _completed(caller, at, sort, draft)
        _write(caller, at, Bundle(draft, data), dry_run=dry_run)


@contextmanager
def _span(caller: Caller, at: Desk, wanted: Ranged) -> Iterator[Span]:
    """Read the range in the clone that has it."""
    from opsledger.adapters.forges import plain_address

    stated = wanted.repository
    place = caller.directory / stated if stated else at.top
    if not place.is_dir() and ("://" in stated or plain_address(stated)):
        yield _span_afar(caller, at, wanted)
        return
    if not place.is_dir():
        raise Refused(f"{stated} is no directory", "name the folder of a clone, or the address of a repository")
    with Repository.within(place, "", environment=caller.environment) as clone:
        is_own = clone.git_dir == at.repository.git_dir
        own = settings_of(at.ledger.snapshot).repository if is_own else ""
        address = plain_address(own) or plain_address(clone.remotes().get("origin", ""))
        yield span_of(clone, wanted.span, address=address, is_own=is_own, directory=stated)


def _span_afar(caller: Caller, at: Desk, wanted: Ranged) -> Span:
    """Read the range in a repository on the network, whose history this user keeps in a cache."""
    from opsledger.adapters.forges import plain_address
    from opsledger.store.addresses import ledger_address
    from opsledger.store.mirror import HISTORY, mirrored

    stated = wanted.repository
    has_scheme = "://" in stated or ":" in stated
    address = ledger_address(stated if has_scheme else f"https://{stated}", caller.directory, caller.environment)
    cache, plain = cache_folder(caller.environment), plain_address(stated)
    own = plain_address(settings_of(at.ledger.snapshot).repository)
    with mirrored(address, cache, environment=caller.environment, wanted=HISTORY) as clone:
        try:
            return span_of(clone, wanted.span, address=plain, is_own=bool(plain) and plain == own)
        except Undecided as unknown:
            raise Undecided(unknown.missing, f"push it to {stated} first, or correct --range") from None


def _sight(caller: Caller, at: Desk) -> Sight:
    from opsledger.adapters.forges import plain_address
    from opsledger.people import people_of

    ledger = at.ledger
    policy = policy_of(ledger.snapshot, ledger.kinds, settings_of(ledger.snapshot).preset)
    people = people_of(ledger.snapshot, ledger.kinds)
    return Sight(ledger, policy, people, _me(at.repository), caller.now, plain_address)


def _me(repository: Repository) -> str:
    try:
        return repository.own.identity().email
    except Refused:
        return ""


def _completed(caller: Caller, at: Desk, kind: Kind, draft: Draft) -> dict[str, Any]:
    """Ask for what could not be derived; of a pipe, take what has a default and refuse what the schema requires."""
    data = dict(draft.data)
    if caller.may_ask:
        # The change is made with the release, or has to be written first: that is told at the end.
        return ask(kind, data, at.ledger, now=caller.now, states=_ahead(kind), besides=("/changes",))
    return by_default(kind, data, at.ledger, now=caller.now)


def _ahead(kind: Kind) -> tuple[str, ...]:
    """The states whose facts are asked for at once."""
    cycle = kind.lifecycle
    if cycle is None or ASKED_UPTO not in cycle.main:
        return ()
    return cycle.main[1 : cycle.main.index(ASKED_UPTO) + 1]


def _write(caller: Caller, at: Desk, bundle: Bundle, *, dry_run: bool) -> None:
    """Write it under ids that nobody has, or show it."""
    kinds = at.ledger.kinds
    folders = [kinds[name].folder for name in (KIND, "change") if name in kinds]
    taken = {record.id for record in at.ledger.records()} | stems(at.base, folders)
    year = caller.now.year
    if dry_run:
        own, plan = plan_bundle(kinds, bundle, taken=taken, year=year)
        at.accept(plan)
        finish(plan, at.root, dry_run=True)
    else:
        own, plan = write_bundle(kinds, bundle, taken=taken, year=year, root=at.root, accept=at.accept)
        tell_done(replace(plan, said=(*plan.said, *_next(caller, at, own, bundle.draft, plan))))


def _next(caller: Caller, at: Desk, id: str, draft: Draft, plan: Plan) -> Iterator[str]:
    """Yield how much was derived, what is left to say, and what comes next."""
    from opsledger.yamlfile import read

    kind = at.ledger.kinds[KIND]
    written = read(plan.writes[0].after or b"")
    data = written if isinstance(written, dict) else {}
    yield f"{id} is {data.get('name', id)}; derived: {', '.join(one.lstrip('/') for one in draft.derived)}"
    for question in questions(kind, data, at.ledger, now=caller.now, states=_ahead(kind)):
        choices = "|".join(question.choices)
        yield f"left to say: opsledger set {id} {question.name}={choices if 0 < len(choices) <= 100 else '…'}"
    yield f"next: opsledger propose {id}"
