"""What the commands of `deploy` do: ask the gate, keep the journal, and bring it into the pipeline's lane."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from opsledger.api import Book
from opsledger.cli.afar import Abroad, abroad
from opsledger.cli.caller import Caller
from opsledger.cli.screen import tell
from opsledger.edit.deploying import Journal, journals, kept, landing, read_journal, saved
from opsledger.edit.deploying.acts import ENDED
from opsledger.edit.plan import Plan
from opsledger.errors import OpsledgerError, Refused
from opsledger.finding import Finding, Severity
from opsledger.ledger import Ledger
from opsledger.people import people_of
from opsledger.policy import Policy, policy_of, settings_of
from opsledger.question import Occasion
from opsledger.report.plain import escape
from opsledger.rules.lanes import lanes_of, may_add
from opsledger.store import Landed, Person, Snapshot, land, overlaid

GATE = "promote"


class NotLanded(OpsledgerError):
    """The ledger would not take what a deployment writes; the journal keeps it."""

    exit_code = 1

    def __init__(self, id: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(id, findings)
        self.id = id
        self.findings = findings

    def __str__(self) -> str:
        lines = [f"{self.id} was not written into the ledger, which would not take it; its journal keeps it"]
        for one in self.findings:
            lines += [f"{one.place}: {one.code} {one.message}", *([f"    fix: {one.fix}"] if one.fix else [])]
        return "\n".join(lines)


class Stopped(OpsledgerError):
    """The deployment must not go on; nothing was written."""

    exit_code = 1

    def __init__(self, sentence: str, fix: str) -> None:
        super().__init__(sentence, fix)
        self.sentence = sentence
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.sentence}\nfix: {self.fix}"


@dataclass(frozen=True)
class Desk:
    """
    Where deployments are kept until they are in the ledger.

    Args:
        caller: who called.
        folder: the journal's.
        ledger: where the ledger is; empty for the one around the directory.
        by: id of the party whose lane writes.
    """

    caller: Caller
    folder: Path
    ledger: str = ""
    by: str = ""

    @property
    def now(self) -> datetime:
        """The time of the call, to the second as records write it."""
        return self.caller.now.replace(microsecond=0)

    def journal(self, id: str | None, run: str = "") -> Journal:
        """
        The deployment that is meant: by its id, else the only one that goes on or that the ledger did not take yet.

        Raises:
            Refused: none or several go on, or it is another run's.
        """
        if id is not None:
            found = kept(self.folder, id)
        else:
            known = [one for one in map(read_journal, journals(self.folder)) if not one.landed or not _has_ended(one)]
            open_ones = [one for one in known if not _has_ended(one)] or known
            if len(open_ones) != 1:
                names = ", ".join(one.id for one in open_ones)
                said = f"{names} go on in {self.folder}" if names else f"no deployment goes on in {self.folder}"
                raise Refused(said, "name one by its id, or begin with `opsledger deploy start`")
            [found] = open_ones
        its_run = found.record.get("pipeline", {}).get("run", "")
        if run and its_run and run != its_run:
            raise Stopped(f"{found.id} is of run {its_run}, and this is run {run}", "let its own run go on with it")
        return found

    def save(self, journal: Journal) -> Path:
        """Write the journal down."""
        return saved(self.folder, journal)


def _has_ended(journal: Journal) -> bool:
    return journal.record["state"] in ENDED


def tip_of(there: Abroad) -> tuple[Ledger, Policy]:
    """Return the ledger at the tip of the protected branch, and its policy."""
    ledger = there.book.ledger(there.tip)
    return ledger, policy_of(ledger.snapshot, ledger.kinds, settings_of(ledger.snapshot).preset)


def machine_in(ledger: Ledger, by: str, path: str) -> Person:
    """
    Return how the machine signs its commits, if a lane lets it write there.

    Raises:
        Refused: it is no active machine, no lane takes the file, or it has no address.
    """
    party = people_of(ledger.snapshot, ledger.kinds).parties.get(by)
    lanes = lanes_of(ledger.snapshot, ledger.kinds)
    if party is None or not party.is_machine or not party.is_active or not may_add(lanes, by, path):
        raise Stopped(
            f"no lane lets {by or 'nobody'} write {path}",
            "name with --by a machine whose lane takes records/deployments/**, on the protected branch",
        )
    if not party.emails:
        raise Refused(f"{by} has no address to commit with", "give it one in its party record: identities.emails")
    return Person(party.name, party.emails[0])


def land_journal(desk: Desk, there: Abroad, journal: Journal, debt: Mapping[str, Any] | None = None) -> Landed:
    """
    Bring a deployment into the ledger: one commit on the protected branch, as its machine.

    Args:
        debt: the exception that is owed; `None` without one.

    Raises:
        NotLanded: the ledger's own rules, gates or lanes stand against it.
        Stopped: the server refuses it.
        Undecided: the server cannot be reached, or something cannot be looked at.
    """
    ledger, _ = tip_of(there)
    person = machine_in(ledger, journal.by, f"records/deployments/{journal.id.split('-')[1]}/{journal.id}.yaml")
    judged: set[tuple[tuple[str, bytes | None], ...]] = set()

    def changes(tip: Snapshot) -> dict[str, bytes | None]:
        plan = _plan(desk, there.book, tip, journal, debt or {}, judged)
        return {write.path: write.after for write in plan.writes}

    record = journal.record
    subject = f"{journal.id}: {record['release']} in {record['environment']} is {record['state']}"
    try:
        return land(
            there.book.repository, there.remote, there.branch, changes, message=f"{subject}\n", author=person,
            when=desk.caller.now, sleep=time.sleep, chance=random.random,
        )  # fmt: skip
    except Refused as refusal:
        fix = refusal.fix or f"put that right, then `opsledger deploy finish {journal.id}`; its journal keeps it"
        raise Stopped(refusal.sentence, fix) from None


def _plan(
    desk: Desk, book: Book, tip: Snapshot, journal: Journal, debt: Mapping[str, Any],
    judged: set[tuple[tuple[str, bytes | None], ...]],
) -> Plan:  # fmt: skip
    """Return what is to be written on a tip, once the ledger's own judgement has nothing against it."""
    ledger = book.ledger(tip.commit)
    policy = policy_of(tip, ledger.kinds, settings_of(tip).preset)
    for is_alone in (False, True):
        plan = landing(
            ledger, journal.record, policy=policy, by=journal.by, problem=journal.problem, debt=debt, is_alone=is_alone
        )
        key = tuple((write.path, write.after) for write in plan.writes)
        # Whoever lost a race is not judged again for the same change: the server judges it anyhow.
        if not plan.writes or key in judged:
            return plan
        against = _against(desk, book, tip, plan, journal.by)
        if not against:
            judged.add(key)
            return plan
        # What was done behind broken glass is told whatever the gates say of the release, which then stays.
        if is_alone or "break_glass" not in journal.record:
            raise NotLanded(journal.id, against)
    raise AssertionError("a plan was neither taken nor refused")


def _against(desk: Desk, book: Book, tip: Snapshot, plan: Plan, by: str) -> tuple[Finding, ...]:
    """Return what the protected branch has against a plan, as the server will say."""
    after = overlaid(tip, {write.path: write.after for write in plan.writes}, name="what is to be written")
    occasion = Occasion(desk.caller.now, None, by, desk.caller.environment)
    judgement = book.judge(after, base=book.base(tip.commit or ""), head=tip.commit, occasion=occasion, most=None)
    written = {write.path for write in plan.writes}
    grave = [one for one in judgement.findings if one.severity is Severity.ERROR]
    against = tuple(one for one in grave if one.place.path in written)
    if not against and judgement.undecided:
        from opsledger.errors import Undecided

        raise Undecided(judgement.undecided[0], "its journal keeps the deployment; finish it again")
    for one in grave if not against else ():
        tell(f"note: {one.place}: {escape(one.code)} {escape(one.message)}")
    return against


def written_down(desk: Desk, journal: Journal, *, verb: str) -> Landed:
    """Bring a deployment into its ledger, and mark its journal."""
    with abroad(desk.caller, desk.ledger or journal.ledger, writes=True) as there:
        debt = None
        if journal.is_owed:
            from opsledger.cli.owing import debt_at

            debt = debt_at(desk, there, journal)
        landed = land_journal(desk, there, journal, debt)
    desk.save(replace(journal, landed=landed.commit))
    tell(f"{verb} {journal.id} in commit {landed.commit[:7]}")
    return landed
