"""From what a check worked out to what a pull request means."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from opsledger.approvals.model import Tally
from opsledger.check import Judgement
from opsledger.finding import Finding, Severity
from opsledger.ledger import Ledger
from opsledger.proposal.clashing import Other, clashes
from opsledger.proposal.loosening import loosened
from opsledger.proposal.meaning import Titles, meaning, titles_in
from opsledger.proposal.model import Loosened, Proposal, Sought
from opsledger.proposal.seeking import minute, sought
from opsledger.proposal.touching import touching
from opsledger.steps import Step
from opsledger.store import Snapshot

if TYPE_CHECKING:
    from opsledger.gate.model import Verdict

_WAITS = "and this only once it is merged"


@dataclass(frozen=True)
class Material:
    """
    All that a comment is made of.

    Args:
        judgement: what `check --base` says.
        as_of: the time for which it was judged.
        ledger: the merge result; `None` where there is none, for a conflict or a base that is not here.
        before: the files of the base.
        whole: all files of the repository at the base and as they would be merged, where the ledger is a part of it.
        steps: what changes, by record.
        tallies: each signature that a gate on the way asks for, with the gate's id.
        writers: the parties that wrote the pull request.
        others: other branches that wait to be merged.
        reverted: files that commits on the way changed and changed back.
    """

    judgement: Judgement
    as_of: datetime
    ledger: Ledger | None = None
    before: Snapshot | None = None
    whole: tuple[Snapshot, Snapshot] | None = None
    steps: Sequence[Step] = ()
    tallies: Sequence[tuple[str, Tally]] = ()
    writers: Collection[str] = ()
    others: Sequence[Other] = ()
    reverted: tuple[str, ...] = ()


def proposal_of(material: Material) -> Proposal:
    """Say what a pull request means; the same material gives the same words."""
    judgement, ledger = material.judgement, material.ledger
    bare = Proposal(
        outcome={0: "open", 1: "blocked"}.get(judgement.exit_code, "undecided"),
        reason="",
        subject=judgement.subject,
        judge=judgement.judge,
        as_of=minute(material.as_of),
        judged=judgement.judged,
        verdicts=judgement.verdicts,
        findings=judgement.findings,
        undecided=judgement.undecided,
        notes=judgement.notes,
        reverted=material.reverted,
    )
    if ledger is None:
        return replace(bare, reason=reason(judgement, ()))
    titles = titles_in(ledger, steps=material.steps)
    asked = sought(material.tallies, ledger, titles)
    touched, walks = touching(material.steps, ledger, titles)
    return replace(
        bare,
        reason=reason(judgement, asked),
        steps=meaning(material.steps, titles),
        sought=asked,
        loosened=_loosened(material, titles),
        elsewhere=_elsewhere(material),
        clashes=clashes(material.steps, ledger, walks, material.others, titles),
        touching=touched,
        notes=tuple(note for note in judgement.notes if not note.endswith(_WAITS)),
    )


def _elsewhere(material: Material) -> tuple[str, ...]:
    """The files with findings that stand at the base just as they would after the merge."""
    if material.before is None or material.ledger is None:
        return ()
    before, after = material.before.files, material.ledger.snapshot.files
    paths = sorted({finding.place.path for finding in material.judgement.findings})
    return tuple(path for path in paths if path in after and before.get(path) == after[path])


def _loosened(material: Material, titles: Titles) -> tuple[Loosened, ...]:
    if material.before is None or material.ledger is None:
        return ()
    both = (material.before, material.ledger.snapshot)
    return loosened(material.steps, both, material.whole or both, writers=material.writers, titles=titles)


def reason(judgement: Judgement, asked: Sequence[Sought]) -> str:
    """Say in one sentence why a pull request may or may not be merged."""
    errors = [finding for finding in judgement.findings if finding.severity is Severity.ERROR]
    waiting = [one for one in asked if not one.is_met]
    if errors and waiting and all(_is_signature(finding) for finding in errors):
        return _missing(waiting)
    if len(errors) == 1:
        return errors[0].message
    if errors:
        rest = [finding for finding in errors if not _is_signature(finding)] if waiting else errors
        things = rest[0].message if len(rest) == 1 else f"{len(rest)} things stand against it"
        return f"{things}, and {_missing(waiting)}" if waiting else things
    if judgement.undecided:
        count = len(judgement.undecided)
        return judgement.undecided[0] if count == 1 else f"{count} things could not be looked at"
    gates = list(dict.fromkeys(_gate(verdict) for verdict in judgement.verdicts))
    if gates:
        return f"nothing stands against it, and {_and(gates)} {'is' if len(gates) == 1 else 'are'} open"
    return "nothing stands against it, and no gate is asked"


def _gate(verdict: Verdict) -> str:
    return f"{verdict.gate} for {verdict.subject}"


def _is_signature(finding: Finding) -> bool:
    """Whether a finding says that a signature is missing: SIG301 is the rule that asks for one."""
    return finding.code in ("SIG301", "SIG304")


def _missing(waiting: Sequence[Sought]) -> str:
    """Name the signatures that are missing, the first few."""
    parts = []
    for one in waiting:
        roles = [wanted.role.title or wanted.role.id for wanted in one.wanted]
        people = f"{one.short} more {'person' if one.short == 1 else 'people'}" if one.short else ""
        who = _and([*(f"a signature of {role}" for role in roles), *([people] if people else [])])
        parts.append(f"{who or 'an answer'} on the {one.scope} of {one.subject.id}")
    rest = f" and {len(parts) - 2} more" if len(parts) > 2 else ""
    verb = "is" if len(parts) == 1 and len(waiting[0].wanted) + waiting[0].short <= 1 else "are"
    return f"{_and(parts[:2]) if not rest else ', '.join(parts[:2])}{rest} {verb} missing"


def _and(parts: Sequence[str]) -> str:
    *first, last = parts or [""]
    return f"{', '.join(first)} and {last}" if first else last
