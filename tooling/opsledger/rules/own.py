"""An organisation's own rules: conditions of its policy that records of one kind must meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opsledger.finding import Fault, Severity
from opsledger.ledger import Ledger, Record
from opsledger.policy import Policy
from opsledger.rules.register import Found, Remark, stated
from opsledger.yamlfile.pointers import at

if TYPE_CHECKING:
    from opsledger.conditions.syntax import Node
    from opsledger.question import Question

UNJUDGED = "GOV969"
_NAMED = 3


@dataclass(frozen=True)
class Own:
    """
    One such rule as the policy states it.

    Args:
        index: where it stands in the list.
        when: where alone it is asked; empty for everywhere.
    """

    index: int
    code: str
    kind: str
    when: str
    must: str
    says: str
    fix: str
    severity: Severity


def own_rules(policy: Policy, *, code: str = "", kind: str = "") -> list[Own]:
    """
    The organisation's own rules, in the policy's order.

    Args:
        code: only those of this one; empty for all.
        kind: only those that judge records of this one; empty for all.
    """
    stated = policy.at("rules", "own")
    found = []
    for one in policy.own:
        if code in ("", one["code"]) and kind in ("", one["kind"]):
            severity = str(one.get("severity", "error")).upper()
            weight = Severity[severity] if severity in Severity.__members__ else Severity.ERROR
            when, fix = str(one.get("when") or ""), str(one.get("fix") or "")
            made = Own(stated.index(one), one["code"], one["kind"], when, one["must"], one["says"], fix, weight)
            found.append(made)
    return found


def own_severities(policy: Policy) -> Mapping[str, Severity]:
    """How much findings of the organisation's own rules weigh, by code."""
    return {own.code: own.severity for own in own_rules(policy)} if policy.own else {}


def own_faults(record: Record, data: Mapping[str, Any], policy: Policy) -> Iterator[Fault]:
    """
    What the organisation's own rules find in a record, and which of them cannot be judged of it.

    Of one that does not fit its schema they say nothing: that comes first.
    """
    meant = own_rules(policy, kind=record.kind.name)
    if not meant or not record.kind.validator(record.kind.state_of(data)).is_valid(dict(data)):
        return
    from opsledger.conditions.bindings import constants, entry_of

    entry = entry_of(data, record.kind)
    bindings = {**constants(record.kind.shared), "record": entry, record.kind.name: entry}
    for own in meant:
        fault = _fault(own, record, data, bindings)
        if fault is not None:
            yield fault


def _fault(own: Own, record: Record, data: Mapping[str, Any], bindings: Mapping[str, Any]) -> Fault | None:
    """What one rule says of a record; of a condition without an answer, where it stands in the policy."""
    from opsledger.conditions import Unanswered, Unsound, compiled

    for part in ("when", "must"):
        text = own.when if part == "when" else own.must
        if not text:
            continue
        try:
            condition = compiled(text)
            holds = condition.holds(bindings)
        except Unsound as unsound:
            holds = Unanswered(unsound.message, unsound.column)
        if isinstance(holds, Unanswered):
            return Fault(f"/rules/own/{own.index}/{part}#{holds.column}", UNJUDGED, holds.message, own.code)
        if part == "when" and not holds:
            return None
        if part == "must" and not holds:
            pointer = _spoken_of(condition.tree, {"record", own.kind}, data)
            return Fault(pointer, own.code, f"{record.id}: {own.says}", own.fix or f"change it so that {own.must}")
    return None


def _spoken_of(tree: Node, names: set[str], data: Mapping[str, Any]) -> str:
    """The first field of the record that a condition speaks of and that is there."""
    from opsledger.conditions.parsing import inside
    from opsledger.conditions.syntax import Name, Select

    waiting = [tree]
    for node in waiting:  # it grows meanwhile, by what is inside
        way, held = [], node
        while isinstance(held, Select):
            way.append(held.name)
            held = held.operand
        if way and isinstance(held, Name) and held.name in names:
            for end in range(len(way), 0, -1):
                pointer = "".join(f"/{name}" for name in reversed(way[-end:]))
                if at(data, pointer) is not None:
                    return pointer
        waiting += inside(node)
    return ""


def unjudged(ledger: Ledger, policy: Policy) -> Iterator[Found]:
    """The conditions of the organisation's own rules that are unanswered of some records: each once, at its line."""
    if not policy.own or not policy.selects(UNJUDGED):
        return
    by_condition: dict[tuple[str, str, str], list[str]] = {}
    for one in stated(ledger, UNJUDGED):
        key = (one.fault.pointer, one.fault.message, one.fault.fix)
        by_condition.setdefault(key, []).append(one.path.rpartition("/")[2].removesuffix(".yaml"))
    for (pointer, message, code), records in sorted(by_condition.items()):
        yield _unjudged(policy, pointer, message, code, sorted(records))


def asked_at_gate(question: Question, code: str) -> Iterator[Found | Remark]:
    """What the organisation's own rule of a code finds in a gate's subject and in the records that it names."""
    paths = {record.path for record in _looked_at(question, code)}
    if not paths:
        kinds = " or ".join(dict.fromkeys(own.kind for own in own_rules(question.policy, code=code)))
        yield Remark(f"{code} is asked of each {kinds}, and {question.subject.id} names none")
    yield from (one for one in stated(question.ledger, code) if one.path in paths)


def unjudged_at(question: Question, code: str) -> Iterator[Found]:
    """The conditions of a code that are unanswered of what a gate looks at, so that it decides nothing."""
    looked_at = {record.path: record.id for record in _looked_at(question, code)}
    for one in stated(question.ledger, UNJUDGED):
        if one.path in looked_at and one.fault.fix == code:
            fault = one.fault
            yield _unjudged(question.policy, fault.pointer, fault.message, code, [looked_at[one.path]], undecided=True)


def _looked_at(question: Question, code: str) -> list[Record]:
    kinds = {own.kind for own in own_rules(question.policy, code=code)}
    named = (question.ledger.find(link.target) for link in question.ledger.links(question.subject.id))
    found = [question.subject, *(record for record in named if record is not None)]
    return [record for record in found if record.kind.name in kinds]


def _unjudged(policy: Policy, where: str, why: str, code: str, records: list[str], *, undecided: bool = False) -> Found:
    pointer, _, column = where.partition("#")
    place = policy.place(pointer, int(column or 1))
    others = f" and {len(records) - _NAMED:,} more" if len(records) > _NAMED else ""
    said = f"{code} cannot be judged of {', '.join(records[:_NAMED])}{others}: {why}"
    fault = Fault(pointer, UNJUDGED, said, "rewrite the condition so that it has an answer for each record of its kind")
    return Found(place.path, fault, " ".join(records), place, undecided=undecided)
