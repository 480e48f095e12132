"""The decision of a gate as Markdown, for the summary page of a CI job or a comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from opsledger.report.inert import code, inert
from opsledger.report.verdict import cover, endings, headline, is_covered, sources

if TYPE_CHECKING:
    from opsledger.gate import Answer, Verdict
    from opsledger.rules.register import Rule

_SIGNS = {
    "met": "✅", "waived": "🟡", "owed": "🟡", "warned": "🟠", "blocked": "❌", "undecided": "❔", "awaiting": "⏳",
    "later": "▫️",
}  # fmt: skip
_HEADS = {"open": "✅", "blocked": "❌", "undecided": "❔"}


def verdict_page(verdict: Verdict, *, rules: Mapping[str, Rule]) -> str:
    """
    Return the verdict as a short page: the decision, a table of the codes, and what to do about each.

    Args:
        rules: what is known of each code.
    """
    blocks = [f"### {_HEADS[verdict.outcome]} {inert(headline(verdict))}"]
    asked = [answer for answer in verdict.answers if answer.outcome.value != "later"]
    if asked:
        blocks.append("\n".join(["| answer | code | by what | requirements |", "| -- | -- | -- | -- |",
                                 *(_row(answer, rules) for answer in asked)]))  # fmt: skip
    blocks += ["\n".join(_findings(answer)) for answer in verdict.answers if answer.findings]
    blocks.append("\n".join(f"- {inert(ending)}" for ending in endings(verdict)))
    return "\n\n".join(blocks) + "\n"


def _row(answer: Answer, rules: Mapping[str, Rule]) -> str:
    rule = rules.get(answer.code)
    about = f" {inert(rule.name)}" if rule is not None else ""
    by = "<br>".join(map(inert, filter(None, (cover(answer), *answer.remarks))))
    word = f"{_SIGNS[answer.outcome.value]} {answer.outcome.value}"
    return f"| {word} | **{answer.code}**{about} | {by} | {sources(rule)} |"


def _findings(answer: Answer) -> Iterator[str]:
    for finding in answer.findings:
        fix = f"<br>fix: {inert(finding.fix)}" if finding.fix else ""
        said = f"**{inert(finding.code)}** {inert(finding.message)}{fix}"
        sign = _SIGNS["waived" if is_covered(finding) else answer.outcome.value]
        yield f"- {sign} {code(str(finding.place))} {said}"
