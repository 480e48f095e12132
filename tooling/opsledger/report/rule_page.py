"""What one rule is for, at a terminal and as the help of a SARIF log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from opsledger.report.plain import escape
from opsledger.report.sarif import Page
from opsledger.rules.own import Own
from opsledger.rules.register import Rule

COLUMNS = ("code", "severity", "looks at", "what is wrong when it speaks")


def rule_rows(rules: Mapping[str, Rule]) -> Iterator[tuple[str, str, str, str]]:
    """Yield one row a rule."""
    for code, rule in rules.items():
        yield code, rule.severity.word, rule.reach.value, rule.title


def own_rows(rules: Iterable[Own]) -> Iterator[tuple[str, str, str, str]]:
    """Yield one row for each rule of the organisation's own."""
    for own in rules:
        yield own.code, own.severity.word, f"each {own.kind}", own.says


def own_page(rules: Iterable[Own]) -> Iterator[str]:
    """Yield the lines of the page about the organisation's own rules of one code, harmless whoever wrote them."""
    for own in rules:
        yield f"# {own.code}: {escape(own.says)}"
        yield ""
        yield f"Severity: {own.severity.word}, unless the policy says otherwise. It looks at each {escape(own.kind)}."
        yield "It is a rule of the organisation's own: its policy record states it."
        yield from _section("Only where this holds", escape(own.when))
        yield from _section("What must hold", escape(own.must))
        yield from _section("Fix", escape(own.fix))


def rule_page(rule: Rule) -> Iterator[str]:
    """Yield the lines of the page about a rule, in Markdown."""
    yield f"# {rule.code}: {rule.name}"
    yield ""
    yield rule.title
    yield ""
    yield f"Severity: {rule.severity.word}, unless the policy says otherwise. It looks at {rule.reach.value}."
    yield from _section("Why", rule.why)
    for example in rule.examples:
        yield from _section(f"Example that {example.title}", f"```yaml\n{example.text.rstrip()}\n```")
    yield from _section("Fix", rule.fix)


def _section(heading: str, text: str) -> Iterator[str]:
    if text:
        yield ""
        yield f"## {heading}"
        yield ""
        yield from text.splitlines()


def sarif_page(rules: Mapping[str, Rule], code: str) -> Page:
    """Return what a SARIF log says of a code; a schema may name codes that no function has."""
    rule = rules.get(code)
    if rule is None:
        return Page(f"{code} of the schemas", f"The schema of the record's kind asks for it: {code}.")
    return Page(rule.title, "\n".join(rule_page(rule)))
