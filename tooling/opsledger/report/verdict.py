"""The decision of a gate in the form that was asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from opsledger.finding import Finding, Severity
from opsledger.moments import to_the_minute
from opsledger.report.plain import counted, escape

if TYPE_CHECKING:
    from opsledger.gate import Answer, Verdict
    from opsledger.rules.register import Rule

FORMS = ("text", "json", "markdown")

Paint = Callable[[str, str], str]
_COLOURS = {"open": "32", "blocked": "31", "undecided": "33"}
_WIDE = max(map(len, ("undecided", "awaiting", "blocked")))


def printed_verdict(
    verdict: Verdict, form: str, *, rules: Mapping[str, Rule], explain: bool = False, colour: bool = False
) -> Iterator[str]:
    """
    Yield the lines of a verdict.

    Args:
        form: one of `FORMS`.
        rules: what is known of each code.
        explain: whether to list each code, also those that are met, and by what.
        colour: whether text is marked; every mark stands beside a word that says the same.
    """
    match form:
        case "json":
            from opsledger.report.verdict_json import verdict_line

            yield verdict_line(verdict)
        case "markdown":
            from opsledger.report.verdict_markdown import verdict_page

            yield verdict_page(verdict, rules=rules).rstrip("\n")
        case _:
            yield from _text(verdict, rules, explain, _painted if colour else _unpainted)


def headline(verdict: Verdict) -> str:
    """Return the sentence that says what was decided: of whom, for when, and by how many codes."""
    where = f" in {verdict.environment}" if verdict.environment else ""
    group = f" for group {verdict.group}" if verdict.group else ""
    decided = f"{short(verdict.gate)} is {verdict.outcome} for {verdict.subject}"
    said = f"{decided}{where}{group} as of {to_the_minute(verdict.as_of)}"
    outcomes = Counter(answer.outcome.value for answer in verdict.answers)
    asked = len(verdict.answers) - outcomes["later"]
    if verdict.is_open:
        beside = [f", {outcomes[word]} {word}" for word in ("waived", "owed") if outcomes[word]]
        beside += [f", {counted(outcomes['warned'], 'warning')}"] if outcomes["warned"] else []
        return f"{said}: {counted(asked, 'code')} asked{''.join(beside)}"
    return f"{said}: {len(verdict.stopping)} of {counted(asked, 'code')}"


def short(gate: str) -> str:
    """Return what people call a gate: its id without the prefix."""
    return gate.removeprefix("GAT-")


def cover(answer: Answer) -> str:
    """Return what covers a code, and until when; empty where nothing does."""
    if answer.until is None:
        return ""
    return " ".join(filter(None, (answer.waived_by, "until", to_the_minute(answer.until))))


def sources(rule: Rule | None) -> str:
    """Return the ids of the requirements that a rule serves."""
    found = re.findall(r"\bS[0-9]-[a-z0-9-]+(?:\.[0-9]+)*\b", rule.why) if rule is not None else []
    return ", ".join(dict.fromkeys(found))


def endings(verdict: Verdict) -> Iterator[str]:
    """Yield what stands under every verdict: what is put off, how it was judged, and by whom."""
    if later := [answer.code for answer in verdict.answers if answer.outcome.value == "later"]:
        yield f"later: {', '.join(later)} {'is' if len(later) == 1 else 'are'} named in the gate and not judged yet"
    for answer in verdict.answers:
        if answer.outcome.value == "owed" and answer.until is not None:
            by = f" by {answer.waived_by}" if answer.waived_by else ""
            yield f"owed{by}: {answer.code} must be made up for by {to_the_minute(answer.until)}"
    if verdict.mode != "enforce" and any(answer.outcome.value == "warned" for answer in verdict.answers):
        yield f"note: {verdict.gate} is set to {verdict.mode}, so nothing that it finds stops the move"
    yield from (f"note: {note}" for note in verdict.notes)
    what = f"commit {verdict.commit[:7]}" if verdict.commit else "the merge result"
    moved = f" the move from {verdict.move.before} to {verdict.move.after}" if verdict.move.after else ""
    yield f"Judged{moved} at {what} by {verdict.judge}"


def _text(verdict: Verdict, rules: Mapping[str, Rule], explain: bool, paint: Paint) -> Iterator[str]:
    line = escape(headline(verdict))
    yield line.replace(f" is {verdict.outcome} ", f" is {paint(verdict.outcome, _COLOURS[verdict.outcome])} ", 1)
    yield ""
    shown = [answer for answer in verdict.answers if explain or answer.findings]
    for answer in shown:
        if explain:
            yield from _explained(answer, rules, paint)
        yield from _findings(answer, paint)
    if shown:
        yield ""
    yield from map(escape, endings(verdict))


def _explained(answer: Answer, rules: Mapping[str, Rule], paint: Paint) -> Iterator[str]:
    """Yield what a code is, its answer and by what it is met."""
    rule = rules.get(answer.code)
    about = f" {rule.name}" if rule is not None else ""
    rows = f" ({found})" if (found := sources(rule)) else ""
    yield f"{answer.outcome.value:<{_WIDE}} {paint(answer.code, '1')}{about}{rows}"
    label = "note:" if answer.outcome.value == "later" else "by:"
    covered = [found] if (found := cover(answer)) else []
    yield from (f"    {paint(label, '2')} {escape(remark)}" for remark in [*covered, *answer.remarks])


def _findings(answer: Answer, paint: Paint) -> Iterator[str]:
    for finding in answer.findings:
        yield f"{paint(f'{escape(str(finding.place))}:', '1')} {_code(answer, finding)} {escape(finding.message)}"
        if finding.fix:
            yield f"    {paint('fix:', '2')} {escape(finding.fix)}"


def _code(answer: Answer, finding: Finding) -> str:
    """Return the code, with what sets it apart from a plain no."""
    is_plain = finding.severity is Severity.ERROR or is_covered(finding)
    words = [] if is_plain else [finding.severity.word]
    if answer.outcome.value in ("undecided", "awaiting"):
        words.append(answer.outcome.value)
    return f"{finding.code} ({', '.join(words)})" if words else finding.code


def is_covered(finding: Finding) -> bool:
    """Return whether a finding says itself that it is waived or owed, and stops nothing."""
    return finding.severity is Severity.NOTE and finding.message.startswith(("waived by ", "owed by ", "owed until "))


def _painted(words: str, style: str) -> str:
    return f"\x1b[{style}m{words}\x1b[0m"


def _unpainted(words: str, _: str) -> str:
    return words
