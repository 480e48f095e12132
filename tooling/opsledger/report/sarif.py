"""A judgement as SARIF 2.1.0, the form in which code hosts and editors take findings."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from opsledger.finding import Finding, Severity
from opsledger.report.marks import marked

if TYPE_CHECKING:
    from opsledger.check import Judgement

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@dataclass(frozen=True)
class Page:
    """What a reader of a finding may want to know of its rule."""

    title: str
    help: str


def sarif(judgement: Judgement, *, version: str, explain: Callable[[str], Page], prefix: str = "") -> str:
    """
    Return the judgement as one SARIF log with one run.

    Args:
        judgement: what a check says.
        version: of the tool.
        explain: gives the page of a code.
        prefix: where the ledger stands in its repository (`""` or `"sub/"`); code hosts want paths from the top.
    """
    findings = sorted(judgement.findings)
    codes = sorted({finding.code for finding in findings})
    driver = {
        "name": "opsledger",
        "semanticVersion": version,
        "rules": [_rule(code, explain(code)) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(judgement)],
        "results": list(_results(findings, codes, prefix)),
        "properties": {
            "subject": judgement.subject,
            "judge": judgement.judge,
            "judged": judgement.judged,
            "coverage": {code: [ran.judged, ran.findings] for code, ran in sorted(judgement.coverage.items())},
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=True) + "\n"


def _rule(code: str, page: Page) -> dict[str, Any]:
    """Return the description of one rule."""
    return {
        "id": code,
        "shortDescription": {"text": page.title},
        "help": {"text": page.help, "markdown": page.help},
    }


def _invocation(judgement: Judgement) -> dict[str, Any]:
    """Return how the run ended; what could not be decided is a notification of the tool, not a result."""
    missing = [{"level": "error", "message": {"text": f"undecided: {words}"}} for words in judgement.undecided]
    notes = [{"level": "note", "message": {"text": words}} for words in judgement.notes]
    return {
        "executionSuccessful": not judgement.undecided,
        "exitCode": judgement.exit_code,
        "toolExecutionNotifications": missing + notes,
    }


def _results(findings: Iterable[Finding], codes: list[str], prefix: str) -> Iterator[dict[str, Any]]:
    """Yield one result a finding."""
    index = {code: position for position, code in enumerate(codes)}
    for finding, mark, number in marked(findings, prefix):
        fix = f"\nfix: {finding.fix}" if finding.fix else ""
        yield {
            "ruleId": finding.code,
            "ruleIndex": index[finding.code],
            "level": _level(finding.severity),
            "message": {"text": finding.message + fix},
            "locations": [_location(finding, prefix)],
            "partialFingerprints": {"opsledger/v1": f"{mark}:{number}"},
        }


def _level(severity: Severity) -> str:
    """Return SARIF's word, which happens to be ours."""
    return severity.word


def _location(finding: Finding, prefix: str) -> dict[str, Any]:
    """Return the place as a relative, percent-encoded address and a region."""
    place = finding.place
    address = quote(os.fsencode(prefix + place.path), safe="/")
    region = {"startLine": place.line, "startColumn": place.column}
    return {"physicalLocation": {"artifactLocation": {"uri": address}, "region": region}}
