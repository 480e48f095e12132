"""Whether two duties are kept apart on a matter, where that depends on a condition."""

from __future__ import annotations

from opsledger.conditions import Unanswered, Unsound, bindings_of
from opsledger.conditions.places import place_within
from opsledger.conditions.stated import MATTERS, Stated, matter_terms, stated_in
from opsledger.finding import Fault, Place
from opsledger.ledger import Ledger, Record
from opsledger.policy import MARK
from opsledger.rules.acts import Clash
from opsledger.rules.register import Found


def holds_of(clash: Clash, ledger: Ledger, place: Record | None) -> bool | Unanswered:
    """
    Whether what keeps two roles apart holds of the matter on which they met.

    Args:
        place: the environment that is asked about; `None` where a deployment may name one.
    """
    named = {id: ledger.find(id) for id in (clash.first.matter, clash.second.matter, clash.first.whole)}
    by_kind: dict[str, Record | None] = dict.fromkeys(MATTERS)
    by_kind |= {record.kind.name: record for record in named.values() if record is not None}
    deployment = by_kind.get("deployment")
    into = deployment.get("environment") if deployment is not None else None
    by_kind["environment"] = place or (ledger.find(into) if isinstance(into, str) else None)
    try:
        condition = Stated("", clash.apart.when, matter_terms(ledger.kinds)).condition()
    except Unsound as unsound:
        return Unanswered(unsound.message, unsound.column)
    return condition.holds(bindings_of(named[clash.first.matter], ledger.kinds, **by_kind))


def unjudged(clash: Clash, ledger: Ledger, doubt: Unanswered) -> Found:
    """That nobody can tell whether the two roles go together, at the line of the condition."""
    apart, first, second = clash.apart, clash.first, clash.second
    said = f"whether {clash.role} and {apart.role} go together on {first.matter} cannot be judged: {doubt.message}"
    fix = "correct the condition, or have somebody else do one of the two"
    pointer, place = _stated_at(clash, ledger, doubt.column)
    return Found(place.path, Fault(pointer, "GOV969", said, fix), f"{first.id} {second.id}", place, undecided=True)


def _stated_at(clash: Clash, ledger: Ledger, column: int) -> tuple[str, Place]:
    record = ledger.at_path(clash.apart.path)
    stated = stated_in(record.kind.name, record.data, ledger.kinds) if record is not None else ()
    pointer = next((one.pointer for one in stated if one.text == clash.apart.when), "")
    if record is None or not pointer:
        return "", Place(clash.apart.path or MARK)
    source = ledger.snapshot.read(record.path)
    return pointer, place_within(source, record.path, pointer, column) or record.place(pointer)
