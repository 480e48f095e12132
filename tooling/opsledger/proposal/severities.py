"""What a change of the policy does to the rules: which are no longer judged, and which weigh less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opsledger.finding import Severity
from opsledger.ledger import Record
from opsledger.policy import Policy
from opsledger.proposal.entries import gone
from opsledger.rules.register import register


def severity_sentences(before: Record, after: Record) -> Iterator[tuple[str, bool]]:
    """Say of each rule that weighs less, or nothing, by how much."""
    if not (_can_be_read(before) and _can_be_read(after)):
        yield f"{after.id} is written so that nobody can tell which rules it selects", True
        return
    old, new = Policy(before.data), Policy(after.data)
    rules = register()
    lighter: dict[str, list[str]] = {}
    for code in sorted(_codes(before) | _codes(after) | rules.keys()):
        usual = rules[code].severity if code in rules else Severity.ERROR
        if old.selects(code) and not new.selects(code):
            lighter.setdefault("are judged no more" if code in rules else "", []).append(code)
        elif new.severity(code, usual) < old.severity(code, usual):
            was, will = old.severity(code, usual).word, new.severity(code, usual).word
            lighter.setdefault(f"count as {will} instead of {was}", []).append(code)
    for what, codes in lighter.items():
        if what:
            yield f"{after.id}: {_listed(codes)} {what}", True
    for code in gone(before, after, "/rules/locked"):
        yield f"{after.id} no longer locks {code}: severities and exceptions may soften it", True


def _can_be_read(record: Record) -> bool:
    """Whether its rules are of the sort that a policy's rules are; the schema refuses all others."""
    rules = record.get("rules", {})
    if not isinstance(rules, Mapping) or not isinstance(rules.get("severity", {}), Mapping):
        return False
    lists = (rules.get(name, []) for name in ("select", "locked"))
    return all(isinstance(one, list) and all(isinstance(code, str) for code in one) for one in lists)


def _codes(record: Record) -> set[str]:
    rules = record.get("rules")
    stated = rules.get("severity") if isinstance(rules, Mapping) else None
    return set(map(str, stated)) if isinstance(stated, Mapping) else set()


def _listed(codes: list[str]) -> str:
    return ", ".join(codes[:6]) + (f" and {len(codes) - 6} more" if len(codes) > 6 else "")
