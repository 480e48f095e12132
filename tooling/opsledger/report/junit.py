"""A judgement as JUnit XML, which nearly every CI server shows as a list of tests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from opsledger.finding import Finding, Severity
from opsledger.report.plain import escape
from opsledger.report.text import summary

if TYPE_CHECKING:
    from opsledger.check import Judgement

# What XML 1.0 cannot hold, not even as a character reference (section 2.2, Char).
_UNHOLDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})
_LONGEST_NAME = 180


def junit(judgement: Judgement, *, prefix: str = "") -> str:
    """
    Return the judgement as one suite of tests.

    Each finding is a test of its own, under the file that it is in: servers list tests by these two names, keep only
    the first of several that share both, and compare them with those of the base. An error is a failure; warnings
    and notes pass and say so in their output. What is undecided is a test that could not run. Each rule that found
    nothing, where coverage was asked for, and the judgement as a whole are tests too, so that no report is empty.

    Args:
        judgement: what a check says.
        prefix: where the ledger stands in its repository (`""` or `"sub/"`).
    """
    cases = [
        *_of_findings(sorted(judgement.findings), prefix),
        *_of_undecided(judgement.undecided),
        *_of_rules(judgement),
        _of_whole(judgement),
    ]
    failures = sum(finding.severity is Severity.ERROR for finding in judgement.findings)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{len(judgement.undecided)}" skipped="0"'
    head = f'<testsuites name="opsledger" {counts}>\n<testsuite name="opsledger check" {counts}>'
    body = "\n".join(cases)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{body}\n</testsuite>\n</testsuites>\n'


def _of_findings(findings: Iterable[Finding], prefix: str) -> Iterator[str]:
    """Yield a test a finding; twins are numbered."""
    seen: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        path = prefix + finding.place.path
        name = _cut(f"{finding.code} {finding.message}")
        seen[path, name] += 1
        twin = f" ({seen[path, name]})" if seen[path, name] > 1 else ""
        yield _case(path, name + twin, _outcome(finding, prefix), file=path, line=finding.place.line)


def _outcome(finding: Finding, prefix: str) -> str:
    """Return how the test of a finding ended; servers show the text and not the attributes."""
    said = f"{prefix}{finding.place}: {finding.code} {finding.message}"
    fix = [f"fix: {finding.fix}"] if finding.fix else []
    if finding.severity is Severity.ERROR:
        stated = f'type="{_xml(finding.code)}" message="{_xml(finding.message)}"'
        return f"<failure {stated}>{_lines(said, *fix)}</failure>"
    return f"<system-out>{_lines(f'{finding.severity.word}: {said}', *fix)}</system-out>"


def _of_undecided(undecided: Iterable[str]) -> Iterator[str]:
    for number, missing in enumerate(undecided, 1):
        outcome = f'<error type="undecided" message="{_xml(missing)}">{_lines(f"undecided: {missing}")}</error>'
        yield _case("undecided", f"{number} {_cut(missing)}", outcome)


def _of_rules(judgement: Judgement) -> Iterator[str]:
    """Yield a test that passed for each rule that looked at something and found nothing."""
    for code, ran in sorted(judgement.coverage.items()):
        if ran.judged and not ran.findings:
            yield _case("rules", code, f"<system-out>{_lines(f'judged {ran.judged}')}</system-out>")


def _of_whole(judgement: Judgement) -> str:
    said = _lines(summary(judgement), *(f"note: {note}" for note in judgement.notes))
    return _case("opsledger", "check", f"<system-out>{said}</system-out>")


def _case(group: str, name: str, outcome: str, *, file: str = "", line: int = 0) -> str:
    """Return one test; servers show `group` as its suite."""
    where = f' file="{_xml(file)}" line="{line}"' if file else ""
    return f'<testcase classname="{_xml(group)}" name="{_xml(name)}"{where} time="0">{outcome}</testcase>'


def _cut(text: str) -> str:
    """Return a text as a name that is not too long for a list."""
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"


def _lines(*lines: str) -> str:
    """Return lines, each made harmless."""
    return "\n".join(map(_xml, lines))


def _xml(text: str) -> str:
    """Return a text as XML 1.0 can hold it, in an attribute too."""
    held = _UNHOLDABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", escape(text))
    return held.translate(_ENTITIES)
