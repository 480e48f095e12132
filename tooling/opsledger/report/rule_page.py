"""What one rule is for, at a terminal and as the help of a SARIF log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opsledger.report.sarif import Page
from opsledger.rules.register import Rule

COLUMNS = ("code", "severity", "looks at", "what is wrong when it speaks")


def rule_rows(rules: Mapping[str, Rule]) -> Iterator[tuple[str, str, str, str]]:
    """Yield one row a rule."""
    for code, rule in rules.items():
        yield code, rule.severity.word, rule.reach.value, rule.title


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
