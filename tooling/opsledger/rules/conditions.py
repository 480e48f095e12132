"""Conditions of policies, gates and roles that say nothing: GOV969."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from opsledger.finding import Fault
from opsledger.ledger import Ledger, Record
from opsledger.rules.register import Found, Reach, register, rule

if TYPE_CHECKING:
    from opsledger.conditions import Unanswered
    from opsledger.question import Question

CONDITION = "GOV969"
_JUDGING = "'policy', 'gate', 'role'"
_FIX = "correct the condition: the page on policy lists what it may speak of"


@rule(CONDITION, Reach.LINK, counts=f"SELECT count(*) FROM record WHERE kind IN ({_JUDGING})")
def condition_that_cannot_be_judged(ledger: Ledger) -> Iterator[Found]:
    """
    A condition of a policy, gate or role is not written in CEL, or has no answer for a record.

    ## Why
    What nobody can judge must not decide by accident. A condition that names a field which no schema has, compares a
    word with one of another vocabulary or is not CEL at all is refused when its record is read. One that divides by
    zero, reads a field that a record lacks or takes too many steps has no answer for that record: a gate is then
    undecided, and a rule of the organisation's own says so here. Source: S0-2.3, S2-role-rdm-06.

    ## Examples
    ```yaml title="fails"
    # records/policy/POL-main.yaml
    cab: {required_when: "release.rsik >= HIGH"}
    ```

    ```yaml title="fails, a word of another vocabulary"
    # records/gates/GAT-plan.yaml
    moves: [{kind: release, from: planned, to: plan-approved}]
    when: release.size_class >= CRITICAL
    ```

    ```yaml title="fails, it divides by zero"
    # records/policy/POL-main.yaml
    rules: {own: [{code: ORG001, kind: problem, must: "1 / 0 == 1", says: this is never known}]}
    # records/problems/PRB-2026-9001.yaml
    title: Payments time out
    ```

    ```yaml title="passes"
    # records/policy/POL-main.yaml
    cab: {required_when: "release.risk >= HIGH"}
    ```

    ```yaml title="passes, near miss"
    # records/policy/POL-main.yaml
    rules: {own: [{code: ORG001, kind: problem, must: "!has(problem.severity) || 1 / 1 == 1", says: known}]}
    # records/problems/PRB-2026-9001.yaml
    title: Payments time out
    ```

    ## Fix
    Correct the name or the word; where a field may be missing, ask `has()` first, as in
    `has(release.risk) && release.risk >= HIGH`.
    """
    near = ledger.database.execute(
        f"SELECT DISTINCT path FROM near_record WHERE kind IN ({_JUDGING}) AND readable ORDER BY path"
    ).fetchall()
    if not near:
        return
    from opsledger.conditions import Unsound
    from opsledger.conditions.places import place_within
    from opsledger.conditions.stated import stated_in

    for (path,) in near:
        record = ledger.at_path(path)
        if record is None:
            continue
        yield from _of_nothing(record, ledger)
        for stated in stated_in(record.kind.name, record.data, ledger.kinds):
            try:
                stated.condition()
            except Unsound as unsound:
                said = f"the condition of {record.id} says nothing: {unsound.message}"
                fault = Fault(stated.pointer, CONDITION, said, _FIX)
                place = place_within(ledger.snapshot.read(path), path, stated.pointer, unsound.column)
                yield Found(path, fault, place=place)


def _of_nothing(record: Record, ledger: Ledger) -> Iterator[Found]:
    """The organisation's own rules that would never be asked: under a code of the tool's, or of a kind that is none."""
    rules = record.get("rules") if record.kind.name == "policy" else None
    own = rules.get("own") if isinstance(rules, dict) else None
    for index, one in enumerate(own if isinstance(own, list) else ()):
        code, kind = (one.get("code"), one.get("kind")) if isinstance(one, dict) else (None, None)
        if code in register():
            said = f"{code} is a rule of the tool's, so {record.id} cannot state its own under that code"
            fault = Fault(f"/rules/own/{index}/code", CONDITION, said, "choose a family of your own, such as ORG001")
            yield Found(record.path, fault)
        if isinstance(kind, str) and kind not in ledger.kinds:
            said = f"{record.id} states a rule for records of kind {kind}, and no schema describes such a kind"
            fault = Fault(
                f"/rules/own/{index}/kind", CONDITION, said, "name one of the kinds: `opsledger kinds` lists them"
            )
            yield Found(record.path, fault)


def doubts_of(question: Question, codes: Iterable[str]) -> Iterator[Found]:
    """
    The conditions that bear on a gate's answer and that nobody can judge of its subject.

    Args:
        codes: what was asked.
    """
    for pointer, judged in question.conditions.items():
        if not isinstance(judged.holds, bool):
            yield _of_gate(question, pointer, judged.holds)
    for code in dict.fromkeys(codes):
        doubt = question.policy.unweighed(code, question.place)
        if doubt is not None:
            pointer = f"/rules/severity/{code}"
            place = question.policy.place(pointer, doubt.column)
            said = f"how much {code} weighs in {question.environment} cannot be judged: {doubt.message}"
            fault = Fault(pointer, CONDITION, said, "correct the condition on the base, whose policy holds here")
            yield Found(place.path, fault, question.environment, place, undecided=True)


def _of_gate(question: Question, pointer: str, doubt: Unanswered) -> Found:
    from opsledger.conditions.places import place_within

    gate = question.gate
    said = f"the condition of {gate.id} cannot be judged of {question.subject.id}: {doubt.message}"
    fault = Fault(pointer, CONDITION, said, "correct the condition on the base, whose gates hold here")
    place = place_within(gate.snapshot.read(gate.path), gate.path, pointer, doubt.column) or gate.place(pointer)
    return Found(gate.path, fault, question.subject.id, place, undecided=True)
