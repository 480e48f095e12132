"""What `deploy start` does: see whether it goes on already, ask the gate, and begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from opsledger.api import let_through
from opsledger.cli.afar import Abroad, abroad
from opsledger.cli.deploying import GATE, Desk, Stopped, land_journal, machine_in, tip_of
from opsledger.cli.screen import show, tell, wants_colour, watched
from opsledger.edit.deploying import Beginning, Journal, begun, in_glass, items_of, journals, read_journal
from opsledger.edit.deploying.acts import ENDED
from opsledger.errors import Refused
from opsledger.ledger import Ledger, Record
from opsledger.packages import deployments_of, digest_of
from opsledger.report.plain import escape
from opsledger.report.verdict import printed_verdict
from opsledger.rules.criteria import criteria_of
from opsledger.rules.register import register

GLASS_HOURS = 72
"""Within how many hours what broken glass skipped is made up for; no policy is in reach then."""


@dataclass(frozen=True)
class Start:
    """What is to begin, as the options of `deploy start` name it."""

    release: str
    environment: str
    group: str
    digest: str
    run: tuple[str, str]
    run_url: str
    executor: str
    snapshot: str
    publish: bool
    emergency: bool
    break_glass: bool
    reason: str
    decided_by: str


def start(desk: Desk, wanted: Start) -> int:
    """
    Begin a deployment.

    Returns:
        The exit code: 0, or what the gate says.
    """
    if not desk.by:
        raise Refused("nobody says whose lane writes the deployment down", "name the machine with --by PARTY")
    if wanted.break_glass:
        return _behind_glass(desk, wanted)
    if wanted.reason or wanted.decided_by:
        raise Refused("--reason and --decided-by are for --break-glass", "leave them out")
    with abroad(desk.caller, desk.ledger, writes=wanted.publish) as there:
        ledger, _ = tip_of(there)
        beginning = _beginning(desk, wanted, ledger)
        known = _known(desk, beginning, ledger)
        if known is not None:
            return _again(desk, known)
        machine_in(ledger, desk.by, f"records/deployments/{beginning.at.year}/{beginning.id}.yaml")
        return _asked(desk, wanted, there, ledger, beginning)


def _asked(desk: Desk, wanted: Start, there: Abroad, ledger: Ledger, beginning: Beginning) -> int:
    """Ask the gate, and begin if it is open."""
    with watched("judging"):
        verdict, kept = let_through(
            there.book,
            GATE, beginning.release, at=there.tip, base=there.base, as_of=desk.now, environment=beginning.environment,
            group=beginning.group, emergency=wanted.emergency,
        )  # fmt: skip
    colour = wants_colour(desk.caller.environment)
    show(printed_verdict(verdict, "text", rules=register(), colour=colour))
    if not verdict.is_open:
        return verdict.exit_code
    release = ledger.record(beginning.release)
    criteria = criteria_of(release.data)
    record = begun(beginning, kept, items_of(ledger, release))
    journal = Journal(record, desk.by, desk.ledger, criteria, wanted.publish)
    if wanted.publish:
        landed = land_journal(desk, there, journal)
        tell(f"wrote {journal.id} in commit {landed.commit[:7]}")
    desk.save(journal)
    show([f"started {journal.id}"])
    return 0


def _behind_glass(desk: Desk, wanted: Start) -> int:
    """Begin without asking anybody: nothing but this machine is needed."""
    beginning = _bare(desk, wanted, wanted.group, wanted.digest)
    known = _journal_of(desk, beginning)
    if known is not None:
        return _again(desk, known)
    word = wanted.decided_by or desk.by
    record = in_glass(beginning, reason=wanted.reason, word=word, hours=GLASS_HOURS)
    place = desk.save(Journal(record, desk.by, desk.ledger))
    show([f"started {record['id']} behind broken glass"])
    tell(f"owed: {escape(str(place))} must reach the ledger by {record['break_glass']['owed_until']}")
    tell("next: `opsledger deploy finish`, then `opsledger deploy repay` once the ledger answers")
    return 0


def _beginning(desk: Desk, wanted: Start, ledger: Ledger) -> Beginning:
    release = ledger.record(wanted.release)
    place = ledger.record(wanted.environment)
    if release.kind.name != "release" or place.kind.name != "environment":
        raise Refused(
            f"{wanted.release} is to be a release and {wanted.environment} an environment", "swap or mend them"
        )
    package = digest_of(release)
    if wanted.digest and wanted.digest != package:
        raise Stopped(
            f"{wanted.digest} is not the package of {release.id}, which is {package or 'not built yet'}",
            "bring what was tested and approved, or plan a release with this package",
        )
    return _bare(desk, wanted, _group(release, place.id, wanted.group), package)


def _bare(desk: Desk, wanted: Start, group: str, package: str) -> Beginning:
    return Beginning(
        wanted.release, wanted.environment, desk.now, desk.by, wanted.executor or desk.by, group, package,
        *wanted.run, wanted.run_url, snapshot=wanted.snapshot,
    )  # fmt: skip


def _group(release: Record, environment: str, named: str) -> str:
    """Return the rollout group that is meant: the one that was named, or the only one of the environment."""
    groups = [one for _, one in release.items("/rollout/groups") if one.get("environment") == environment]
    names = [str(one.get("id")) for one in groups]
    if named and names and named not in names:
        raise Refused(f"{release.id} has no group {named!r} in {environment}", f"name one of {', '.join(names)}")
    if not named and len(names) > 1:
        raise Refused(f"{release.id} goes to {environment} in several groups", f"name one of {', '.join(names)}")
    return named or next(iter(names), "")


def _journal_of(desk: Desk, beginning: Beginning) -> Journal | None:
    found = (path for path in journals(desk.folder) if path.stem.endswith(f"-{beginning.key}"))
    return next((read_journal(path) for path in found), None)


def _known(desk: Desk, beginning: Beginning, ledger: Ledger) -> Journal | None:
    """Return the deployment if it has begun: here, or in the ledger where each step was written down."""
    found = _journal_of(desk, beginning)
    deployments = deployments_of(ledger, ledger.record(beginning.release), beginning.environment)
    there = next((one for one in deployments if one.id.endswith(f"-{beginning.key}")), None)
    if found is None and there is not None:
        criteria = criteria_of(ledger.record(beginning.release).data)
        found = Journal(dict(there.data), desk.by, desk.ledger, criteria, publishes=True)
        desk.save(found if there.state not in ENDED else replace(found, landed=str(ledger.snapshot.commit)))
    if found is None:
        _refuse_beside(desk, beginning)
    return found


def _refuse_beside(desk: Desk, beginning: Beginning) -> None:
    """Refuse to begin beside another run that brings the same to the same place."""
    for one in map(read_journal, journals(desk.folder)):
        same = (one.record["release"], one.record["environment"], one.record.get("group", ""))
        if one.record["state"] not in ENDED and same == (beginning.release, beginning.environment, beginning.group):
            run: Mapping[str, Any] = one.record.get("pipeline", {})
            raise Stopped(
                f"{one.id} brings {beginning.release} to {beginning.environment} already, in run {run.get('run', '—')}",
                f"wait for it, or end it: `opsledger deploy finish {one.id}`, or "
                f"`opsledger deploy rollback {one.id} --reason TEXT`",
            )


def _again(desk: Desk, known: Journal) -> int:
    if known.by != desk.by:
        raise Stopped(f"{known.id} is written down by {known.by}, and not by {desk.by}", f"go on with --by {known.by}")
    if known.record["state"] in ENDED:
        raise Stopped(f"{known.id} has ended: it is {known.record['state']}", "start it in a run of its own")
    tell(f"note: {known.id} was started at {known.record['started']} already, and goes on")
    show([f"started {known.id}"])
    return 0
