"""Where conditions stand in the records that judge, and what each of them may speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opsledger.conditions.bindings import terms_of
from opsledger.conditions.checking import Terms
from opsledger.conditions.condition import Condition, compiled
from opsledger.conditions.shapes import ANY
from opsledger.conditions.weighing import WEIGHTS, refuse_other_words

if TYPE_CHECKING:
    from opsledger.kind import Kinds

JUDGING = ("policy", "gate", "role")
"""The kinds whose records state conditions."""
MATTERS = ("release", "change", "deployment", "problem")
"""The kinds of record on which two duties may meet."""


@dataclass(frozen=True)
class Stated:
    """
    A condition as it stands in a record.

    Args:
        pointer: where.
        gives: the sort of its value: *bool*, or *string* for a weight.
    """

    pointer: str
    text: str
    terms: Terms = field(repr=False)
    gives: str = "bool"

    def condition(self) -> Condition:
        """
        The condition, looked at under its terms.

        Raises:
            Unsound: it is none, or it speaks of what there is not.
        """
        made = compiled(self.text)
        made.check(self.terms, gives=self.gives)
        if self.gives == "string":
            refuse_other_words(made.tree)
        return made


def stated_in(kind: str, data: Mapping[str, Any], kinds: Kinds) -> Iterator[Stated]:
    """Every condition of a record that judges, in the order of its schema."""
    found = {"policy": _in_policy, "gate": _in_gate, "role": _in_role}.get(kind)
    return found(data, kinds) if found is not None else iter(())


def _in_policy(data: Mapping[str, Any], kinds: Kinds) -> Iterator[Stated]:
    rules = _map(data.get("rules"))
    for code, text in _map(rules.get("severity")).items():
        if isinstance(text, str) and text not in WEIGHTS:
            yield Stated(f"/rules/severity/{code}", text, terms_of(kinds, "environment"), "string")
    for index, own in enumerate(_maps(rules.get("own"))):
        if own.get("kind") not in kinds:
            continue
        terms = terms_of(kinds, subject=str(own.get("kind")))
        yield from _texts(f"/rules/own/{index}", own, ("when", "must"), terms)
    yield from _texts("/cab", _map(data.get("cab")), ("required_when",), terms_of(kinds, "release", "change"))
    after = terms_of(kinds, "release", outcome="string", max_fixed_severity="severity")
    yield from _texts("/pir", _map(data.get("pir")), ("required_when",), after)
    for index, apart in enumerate(_maps(_map(data.get("duties")).get("incompatible"))):
        yield from _texts(f"/duties/incompatible/{index}", apart, ("when",), matter_terms(kinds))
    criteria = _map(_map(data.get("patching")).get("path_criteria"))
    by_problem = terms_of(kinds, "problem", recurrence="int")
    yield from _texts("/patching/path_criteria", criteria, ("patch_when", "workaround_when"), by_problem)
    yield from _texts("/events", _map(data.get("events")), ("record_when",), terms_of(kinds, "event"))
    for index, match in enumerate(_maps(data.get("correlation"))):
        yield from _texts(f"/correlation/{index}", match, ("when",), terms_of(kinds, "incident", "vulnerability"))
    for index, told in enumerate(_maps(data.get("notifications"))):
        yield from _texts(f"/notifications/{index}", told, ("when",), terms_of(kinds, *kinds) | {"record": ANY})


def _in_gate(data: Mapping[str, Any], kinds: Kinds) -> Iterator[Stated]:
    terms = gate_terms(data, kinds)
    yield from _texts("", data, ("when",), terms)
    for index, signature in enumerate(_maps(data.get("signatures"))):
        yield from _texts(f"/signatures/{index}", signature, ("when",), terms)


def _in_role(data: Mapping[str, Any], kinds: Kinds) -> Iterator[Stated]:
    for index, apart in enumerate(_maps(data.get("incompatible"))):
        yield from _texts(f"/incompatible/{index}", apart, ("when",), matter_terms(kinds))


def gate_terms(gate: Mapping[str, Any], kinds: Kinds) -> Terms:
    """What a gate's conditions may speak of."""
    moving = moving_kinds(gate)
    subject = moving[0] if len(moving) == 1 else ""
    terms = terms_of(kinds, "release", "environment", *moving, subject=subject, group="string", as_of="timestamp")
    return {"record": ANY} | terms


def moving_kinds(gate: Mapping[str, Any]) -> tuple[str, ...]:
    """The kinds of record whose moves a gate stands before."""
    return tuple(dict.fromkeys(str(move.get("kind")) for move in _maps(gate.get("moves"))))


def matter_terms(kinds: Kinds) -> Terms:
    """What a condition on duties may speak of: the record on which they meet, and what it belongs to."""
    return {"record": ANY} | terms_of(kinds, *MATTERS, "environment")


def _texts(at: str, holder: Mapping[str, Any], names: tuple[str, ...], terms: Terms) -> Iterator[Stated]:
    texts = ((name, holder.get(name)) for name in names)
    return (Stated(f"{at}/{name}", text, terms) for name, text in texts if isinstance(text, str))


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _maps(value: Any) -> Iterator[Mapping[str, Any]]:
    return (_map(one) for one in value) if isinstance(value, list) else iter(())
