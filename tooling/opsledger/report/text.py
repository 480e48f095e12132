"""A judgement for eyes: findings by file, each with its fix, and a line that says what was judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from opsledger.finding import Finding, Severity
from opsledger.report.plain import counted, escape

if TYPE_CHECKING:
    from opsledger.check import Judgement

Paint = Callable[[str, str], str]
_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}


def text(judgement: Judgement, *, colour: bool = False) -> str:
    """
    Return the whole judgement as lines for a terminal.

    Args:
        judgement: what a check says.
        colour: whether to mark places, codes and fixes; every mark stands beside a word that says the same.
    """
    paint = _painted if colour else _unpainted
    findings = sorted(judgement.findings, key=_by_file)
    blocks = ["\n".join(_lines(group, paint)) for _, group in groupby(findings, key=lambda finding: finding.place.path)]
    blocks.append("\n".join(_ending(judgement, paint)))
    return "\n\n".join(blocks) + "\n"


def _by_file(finding: Finding) -> tuple[str, int, int, int, str, str]:
    """Sort by place, the gravest first where two share one."""
    place = finding.place
    return place.path, place.line, place.column, -finding.severity, finding.code, finding.message


def _lines(findings: Iterable[Finding], paint: Paint) -> Iterator[str]:
    """Yield the lines about one file."""
    for finding in findings:
        place = finding.place
        weight = "" if finding.severity is Severity.ERROR else f" ({finding.severity.word})"
        where = paint(f"{escape(place.path)}:{place.line}:{place.column}:", "1")
        yield f"{where} {paint(finding.code + weight, _COLOURS[finding.severity])} {escape(finding.message)}"
        if finding.fix:
            yield f"    {paint('fix:', '2')} {escape(finding.fix)}"


def _ending(judgement: Judgement, paint: Paint) -> Iterator[str]:
    """Yield notes, what is undecided, and the summary."""
    yield from (f"note: {escape(note)}" for note in judgement.notes)
    yield from (f"{paint('undecided:', '33')} {escape(missing)}" for missing in judgement.undecided)
    yield summary(judgement)


def summary(judgement: Judgement) -> str:
    """Return the one line that says what was judged, by which judge, and how much was found."""
    judged = f"Judged {escape(judgement.subject)} by {escape(judgement.judge)}"
    return f"{judged}: {counted(judgement.judged, 'record')}, {found(judgement)}"


def found(judgement: Judgement) -> str:
    """Return how many findings there are of each weight."""
    counts = Counter(finding.severity for finding in judgement.findings)
    words = [counted(counts[one], one.word) for one in sorted(Severity, reverse=True) if counts[one]]
    return ", ".join(words) or "no findings"


def _painted(words: str, style: str) -> str:
    """Return the words in a style of ECMA-48."""
    return f"\x1b[{style}m{words}\x1b[0m"


def _unpainted(words: str, _: str) -> str:
    """Return the words as they are."""
    return words
