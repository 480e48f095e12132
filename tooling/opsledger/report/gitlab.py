"""A judgement as a Code Quality report, which GitLab shows beside the lines of a merge request."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from opsledger.finding import Finding, Severity
from opsledger.report.marks import marked
from opsledger.report.plain import escape

if TYPE_CHECKING:
    from opsledger.check import Judgement

_WEIGHTS = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}
_LEDGER = ".opsledger.yaml"


def gitlab(judgement: Judgement, *, prefix: str = "") -> str:
    """
    Return the judgement as one JSON list.

    GitLab shows as new what has a fingerprint that the base's report lacks, so it stays when lines move. What is
    undecided stands at the file that makes the ledger: a report without it would read as one of nothing to mend.

    Args:
        judgement: what a check says.
        prefix: where the ledger stands in its repository (`""` or `"sub/"`); GitLab wants paths from the top.
    """
    entries = [
        _entry(finding, f"{mark}{number}", prefix)
        for finding, mark, number in marked(sorted(judgement.findings), prefix)
    ]
    entries += [_undecided(missing, prefix) for missing in dict.fromkeys(judgement.undecided)]
    return json.dumps(entries, indent=1, ensure_ascii=True, sort_keys=True) + "\n"


def _entry(finding: Finding, mark: str, prefix: str) -> dict[str, Any]:
    fix = f"; {escape(finding.fix)}" if finding.fix else ""
    return {
        "description": f"{escape(finding.message)}{fix}",
        "check_name": finding.code,
        "fingerprint": _print(mark),
        "severity": _WEIGHTS[finding.severity],
        "location": {"path": escape(prefix + finding.place.path), "lines": {"begin": finding.place.line}},
    }


def _undecided(missing: str, prefix: str) -> dict[str, Any]:
    return {
        "description": f"undecided: {escape(missing)}",
        "check_name": "undecided",
        "fingerprint": _print(f"undecided\0{missing}"),
        "severity": "major",
        "location": {"path": escape(prefix + _LEDGER), "lines": {"begin": 1}},
    }


def _print(mark: str) -> str:
    return hashlib.sha256(mark.encode("utf-8", "surrogateescape")).hexdigest()[:40]
