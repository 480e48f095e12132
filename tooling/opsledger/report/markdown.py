"""A judgement as Markdown, for the summary page of a CI job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from opsledger.finding import Finding, Severity
from opsledger.report.inert import code, inert
from opsledger.report.plain import counted
from opsledger.report.text import found

if TYPE_CHECKING:
    from opsledger.check import Judgement

_SIGNS = {Severity.ERROR: "🔴", Severity.WARNING: "🟠", Severity.NOTE: "🔵"}


def markdown(judgement: Judgement, *, prefix: str = "") -> str:
    """
    Return the judgement as a short page: what it comes to, what is undecided, and the findings by file.

    Args:
        judgement: what a check says.
        prefix: where the ledger stands in its repository (`""` or `"sub/"`).
    """
    blocks = [f"### {_head(judgement)}", _judged(judgement)]
    if judgement.undecided:
        blocks.append("\n".join(f"- ❔ undecided: {inert(missing)}" for missing in judgement.undecided))
    blocks += finding_blocks(judgement.findings, prefix=prefix)
    if judgement.notes:
        blocks.append("\n".join(f"- note: {inert(note)}" for note in judgement.notes))
    return "\n\n".join(blocks) + "\n"


def _head(judgement: Judgement) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in judgement.findings)
    if errors:
        return f"❌ {counted(errors, 'error')}"
    return "❔ Undecided" if judgement.undecided else "✅ Nothing stands against it"


def _judged(judgement: Judgement) -> str:
    judged = f"Judged {code(judgement.subject)} by {code(judgement.judge)}"
    return f"{judged}: {counted(judgement.judged, 'record')}, {found(judgement)}"


def finding_blocks(findings: Iterable[Finding], *, prefix: str = "") -> Iterator[str]:
    """Yield a block a file with what was found in it; the files with the gravest findings first."""
    files = [list(group) for _, group in groupby(sorted(findings), key=lambda finding: finding.place.path)]
    for group in sorted(files, key=lambda found: (-max(one.severity for one in found), found[0].place.path)):
        lines = "\n".join(_line(finding) for finding in group)
        yield f"{code(prefix + group[0].place.path)}\n{lines}"


def _line(finding: Finding) -> str:
    place = finding.place
    fix = f"<br>fix: {inert(finding.fix)}" if finding.fix else ""
    weight = "" if finding.severity is Severity.ERROR else f" ({finding.severity.word})"
    where = f"{place.line}:{place.column}"
    return f"- {_SIGNS[finding.severity]} {where} **{inert(finding.code)}**{weight} {inert(finding.message)}{fix}"
