"""What a pull request means, for programs: one JSON object."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from typing import TYPE_CHECKING, Any

from opsledger.finding import Finding
from opsledger.proposal.model import Proposal
from opsledger.proposal.sentences import sentences
from opsledger.report.json_lines import line

if TYPE_CHECKING:
    from opsledger.gate.model import Verdict


def comment_json(proposal: Proposal) -> str:
    """Return the whole proposal as one line: sorted keys, the version of the form, nothing beyond ASCII."""
    return line({
        "sort": "report", "outcome": proposal.outcome, "reason": proposal.reason, "exit_code": proposal.exit_code,
        "subject": proposal.subject, "judge": proposal.judge, "as_of": proposal.as_of, "judged": proposal.judged,
        "sentences": list(sentences(proposal.steps)),
        "steps": [asdict(step) for step in proposal.steps],
        "gates": [_verdict(verdict) for verdict in proposal.verdicts],
        "approvals": [{**asdict(one), "is_met": one.is_met} for one in proposal.sought],
        "loosened": [asdict(one) for one in proposal.loosened],
        "clashes": [_clash(clash) for clash in map(asdict, proposal.clashes)],
        "touching": asdict(proposal.touching),
        "findings": [_finding(finding) for finding in proposal.findings],
        "undecided": list(proposal.undecided), "notes": list(proposal.notes), "reverted": list(proposal.reverted),
        "elsewhere": list(proposal.elsewhere),
    })  # fmt: skip


def _clash(clash: dict[str, Any]) -> dict[str, Any]:
    return {name.rstrip("_"): value for name, value in clash.items()}


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "path": place.path, "line": place.line, "column": place.column, "code": finding.code,
        "message": finding.message, "fix": finding.fix, "severity": finding.severity.word,
    }  # fmt: skip


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "gate": verdict.gate, "subject": verdict.subject, "environment": verdict.environment, "group": verdict.group,
        "from": verdict.move.before, "to": verdict.move.after, "outcome": verdict.outcome, "mode": verdict.mode,
        "answers": [
            {
                "code": answer.code, "outcome": answer.outcome.value, "remarks": list(answer.remarks),
                "findings": [_finding(finding) for finding in answer.findings], "waived_by": answer.waived_by,
                "until": answer.until and answer.until.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            }
            for answer in verdict.answers
        ],
    }  # fmt: skip
