"""A plan seen as the snapshot that it would make, so that it can be judged before a byte is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from opsledger.edit.plan import Plan
from opsledger.errors import OpsledgerError
from opsledger.finding import Finding, Severity
from opsledger.store import Snapshot, overlaid

Judge = Callable[[Snapshot], Iterable[Finding]]
"""What a check finds in a snapshot."""

TWO_SIDED = frozenset({"LNK113", "SIG302"})
"""
Codes of facts that stand in two records: one of the two must be changed first, so they cannot stop a change.

What was approved is edited before it is approved again.
"""


class NotAccepted(OpsledgerError):
    """A plan would bring findings into the ledger; nothing was written."""

    exit_code = 1

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings)
        self.findings = tuple(findings)

    def __str__(self) -> str:
        lines = ["the check would not pass, so nothing was written"]
        for finding in self.findings:
            lines.append(f"{finding.place}: {finding.code} {finding.message}")
            if finding.fix:
                lines.append(f"    fix: {finding.fix}")
        return "\n".join(lines)


def planned(snapshot: Snapshot, plan: Plan) -> Snapshot:
    """Return the snapshot as it will be when the plan is carried out."""
    return overlaid(snapshot, {write.path: write.after for write in plan.writes}, name=snapshot.name)


def accept(snapshot: Snapshot, plan: Plan, judge: Judge) -> tuple[Finding, ...]:
    """
    Refuse a plan that would break what it writes.

    Findings that were there before stop nothing, or a record with two of them could never be mended.

    Returns:
        The findings of severity error that the plan brings and that do not stop it, for telling: those in files that
        it does not write, and those that another record settles.

    Raises:
        NotAccepted: a file that the plan writes would have findings that it did not have.
    """
    if not plan.writes:
        return ()
    known = {finding.mark for finding in judge(snapshot)}
    after = judge(planned(snapshot, plan))
    fresh = [one for one in after if one.severity is Severity.ERROR and one.mark not in known]
    written = {write.path for write in plan.writes}
    against = [one for one in fresh if one.place.path in written and one.code not in TWO_SIDED]
    if against:
        raise NotAccepted(sorted(against))
    return tuple(sorted(fresh))
