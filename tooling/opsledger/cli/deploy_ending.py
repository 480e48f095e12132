"""What `deploy finish`, `rollback` and `repay` do: end the record in the journal, and bring it into the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from opsledger.cli.afar import abroad
from opsledger.cli.deploying import Desk, NotLanded, tip_of, written_down
from opsledger.cli.screen import show, tell
from opsledger.edit.deploying import (
    Journal,
    NoSuchJournal,
    finished,
    journals,
    looked_at,
    problem_of,
    read_journal,
    taken_back,
)
from opsledger.edit.deploying.acts import ENDED
from opsledger.errors import NoLedger, NoRepository, OpsledgerError, Refused, Undecided
from opsledger.packages import parts_of
from opsledger.report.plain import escape
from opsledger.rules.criteria import breaches, criteria_of


def finish(
    desk: Desk, id: str | None, run: str, checks: Mapping[str, str], evidence: Sequence[str], outcome: str, reason: str
) -> int:
    """
    End a deployment and write it down; what was ended before is written down, with what was looked at since.

    Returns:
        The exit code.
    """
    journal = desk.journal(id, run)
    if journal.record["state"] in ENDED and journal.landed:
        show([f"{journal.id} is {journal.record['state']} in the ledger already, in commit {journal.landed[:7]}"])
        return 0
    if journal.record["state"] not in ENDED:
        record = finished(
            journal.record, at=desk.now, by=desk.by or journal.by, outcome=outcome, checks=checks, evidence=evidence,
            reason=reason,
        )  # fmt: skip
        journal = replace(journal, record=record, landed="")
        desk.save(journal)
    elif checks or evidence:
        # The ledger did not take it as it was: what was looked at since may be what it lacked.
        record = looked_at(
            journal.record, at=desk.now, by=desk.by or journal.by, checks=checks, evidence=evidence
        )  # fmt: skip
        journal = replace(journal, record=record)
        desk.save(journal)
    return _down(desk, journal)


def _down(desk: Desk, journal: Journal) -> int:
    try:
        landed = written_down(desk, journal, verb="wrote")
    except (Undecided, NoLedger, NoRepository) as unknown:
        if not journal.is_owed:
            raise
        tell(
            f"owed: {journal.id} is {journal.record['state']}, and the ledger cannot be reached: {escape(str(unknown))}"
        )
        tell(f"next: opsledger deploy repay {journal.id}, by {journal.record['break_glass']['owed_until']}")
        return 0
    show([f"{journal.id} is {journal.record['state']} ({landed.commit[:7]})"])
    return 0


@dataclass(frozen=True)
class Back:
    """How a deployment is taken back, as the options of `deploy rollback` name it."""

    reason: str
    automated: bool
    severity: str
    target: str


def roll_back(desk: Desk, id: str | None, run: str, wanted: Back) -> int:
    """
    Take a deployment back: also one that stands in the ledger already, and was begun elsewhere.

    Returns:
        The exit code.
    """
    journal = _journal(desk, id, run)
    if journal.record["state"] != "backed-out":
        severity, cis = _known(desk, journal, wanted)
        returned = [one.problem for one in breaches(journal.criteria, journal.record.get("observations", ()))]
        problem = problem_of(
            journal.record, cis=cis, at=desk.now, reason=wanted.reason or "—", severity=severity,
            returned=[one for one in returned if one],
        )  # fmt: skip
        record = taken_back(
            journal.record, at=desk.now, by=desk.by or journal.by, reason=wanted.reason, problem=problem["id"],
            automated=wanted.automated, target=wanted.target,
        )  # fmt: skip
        journal = replace(journal, record=record, problem=problem, landed="")
        desk.save(journal)
    elif journal.landed:
        show([f"{journal.id} was taken back already, in commit {journal.landed[:7]}"])
        return 0
    answer = _down(desk, journal)
    show([f"the cause is followed up in {journal.problem['id']}"])
    return answer


def _journal(desk: Desk, id: str | None, run: str) -> Journal:
    try:
        return desk.journal(id, run)
    except NoSuchJournal:
        if not desk.by:
            raise
    with abroad(desk.caller, desk.ledger) as there:
        ledger, _ = tip_of(there)
        found = ledger.record(id or "")
        if found.kind.name != "deployment":
            raise Refused(f"{found.id} is a {found.kind.title.lower()}", "name a deployment")
        release = ledger.record(str(found.get("release")))
        return Journal(dict(found.data), desk.by, desk.ledger, criteria_of(release.data))


def _known(desk: Desk, journal: Journal, wanted: Back) -> tuple[str, list[str]]:
    """Return how bad it is and the components it is in; where the ledger is out of reach, what is known without it."""
    try:
        with abroad(desk.caller, desk.ledger or journal.ledger) as there:
            ledger, policy = tip_of(there)
            usual = str(policy.at("deployment", "rollback_severity", default="high"))
            release = ledger.record(str(journal.record["release"]))
            return wanted.severity or usual, [one.ci for one in parts_of(release) if ledger.find(one.ci) is not None]
    except OpsledgerError:
        return wanted.severity or "high", [str(one["ci"]) for one in journal.record.get("items", ())]


def repay(desk: Desk, places: Sequence[str]) -> int:
    """
    Write down all that ended and is not in the ledger: what was done behind broken glass first of all.

    Returns:
        0 when nothing is left, 1 when the ledger did not take something, 3 when it cannot be reached.
    """
    named = [desk.caller.directory / one for one in places]
    files: list[Path] = []
    for place, text in zip(named, places, strict=True):
        files += [place] if place.is_file() else [desk.folder / f"{text}.json"]
    worst, done = 0, 0
    for path in files or list(journals(desk.folder)):
        if not path.is_file():
            raise NoSuchJournal(path.stem, str(path.parent))
        journal = read_journal(path)
        if journal.landed and not places:
            continue
        if journal.record["state"] not in ENDED and not journal.is_owed:
            tell(f"note: {journal.id} goes on, and is left alone")
            continue
        try:
            written_down(replace(desk, folder=path.parent), journal, verb="repaid")
            done += 1
        except NotLanded as refusal:
            tell(f"Error: {refusal}")
            worst = max(worst, 1)
    if not done and not worst:
        show(["nothing is owed"])
    return worst
