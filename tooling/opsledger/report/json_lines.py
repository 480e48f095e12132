"""A judgement for programs: one JSON object a line, findings first, the summary last."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from opsledger.finding import Severity

if TYPE_CHECKING:
    from opsledger.check import Judgement

SCHEMA_VERSION = 1


def line(fields: Mapping[str, Any]) -> str:
    """Return one object as a line: sorted keys, the version of the form, nothing beyond ASCII."""
    return json.dumps({"schema_version": SCHEMA_VERSION, **fields}, sort_keys=True, ensure_ascii=True)


def json_lines(judgement: Judgement, *, coverage: bool = False) -> Iterator[str]:
    """
    Yield one line a finding, in order, and a last one that says what was judged and how it ended.

    Args:
        judgement: what a check says.
        coverage: whether to say of each rule what it did, before the last line.
    """
    for finding in sorted(judgement.findings):
        place = finding.place
        yield line({
            "sort": "finding", "path": place.path, "line": place.line, "column": place.column, "code": finding.code,
            "message": finding.message, "fix": finding.fix, "severity": finding.severity.word,
        })  # fmt: skip
    for code, ran in sorted(judgement.coverage.items()) if coverage else ():
        yield line({"sort": "coverage", "code": code, "judged": ran.judged, "findings": ran.findings})
    counts = Counter(finding.severity for finding in judgement.findings)
    yield line({
        "sort": "summary", "subject": judgement.subject, "judge": judgement.judge, "judged": judgement.judged,
        "notes": list(judgement.notes), "undecided": list(judgement.undecided), "exit_code": judgement.exit_code,
        "counts": {severity.word: counts[severity] for severity in Severity},
    })  # fmt: skip
