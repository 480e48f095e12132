"""A verdict for programs, as `schemas/meta/verdict.json` describes it but for the version of the form."""

from __future__ import annotations

from typing import Any

from opsledger.finding import Finding
from opsledger.gate.model import Answer, Verdict
from opsledger.moments import written


def told(verdict: Verdict) -> dict[str, Any]:
    """The whole of a verdict as values that JSON has."""
    move = verdict.move
    return {
        "gate": verdict.gate, "subject": verdict.subject, "environment": verdict.environment, "group": verdict.group,
        "move": {"kind": move.kind, "from": move.before, "to": move.after}, "mode": verdict.mode,
        "outcome": verdict.outcome, "exit_code": verdict.exit_code, "awaits_only": verdict.awaits_only,
        "answers": [_answer(answer) for answer in verdict.answers],
        "commit": verdict.commit, "judge": verdict.judge, "reviews": verdict.reviews, "tool": verdict.tool,
        "as_of": written(verdict.as_of), "notes": list(verdict.notes),
    }  # fmt: skip


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "code": answer.code,
        "outcome": answer.outcome.value,
        "findings": [_finding(finding) for finding in answer.findings],
        "remarks": list(answer.remarks),
        "waived_by": answer.waived_by,
        "until": answer.until and written(answer.until),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "path": place.path, "line": place.line, "column": place.column, "code": finding.code,
        "message": finding.message, "fix": finding.fix, "severity": finding.severity.word,
    }  # fmt: skip
