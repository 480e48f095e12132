"""What a pull request touches on the graph of components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from opsledger.graph import Impact, impact
from opsledger.ledger import Ledger, Record
from opsledger.proposal.meaning import Titles
from opsledger.proposal.model import Named, Reach, Touching
from opsledger.steps import Step

COMPONENT = "ci"
_MOST = 25
"""How many components are followed; each takes a walk through all links of its kind."""


def touching(steps: Sequence[Step], ledger: Ledger, titles: Titles) -> tuple[Touching, tuple[Impact, ...]]:
    """Say which components changed records name and what depends on them, and give the walks for further questions."""
    known = [id for id in dict.fromkeys(component_ids(steps)) if ledger.find(id) is not None]
    starts = frozenset(known)
    walks = tuple(impact(ledger, id) for id in known[:_MOST])
    reached: dict[str, Reach] = {}
    for walk in walks:
        for one in walk.reached:
            found = Reach(titles(one.node.id), one.depth, one.via, " and ".join(one.relations))
            kept = reached.get(one.node.id)
            if one.node.id not in starts and (kept is None or one.depth < kept.depth):
                reached[one.node.id] = found
    named: tuple[Named, ...] = tuple(titles(id) for id in known)
    order = sorted(reached.values(), key=lambda one: (one.depth, one.record.id))
    return Touching(named, tuple(order), max(0, len(known) - _MOST)), walks


def component_ids(steps: Iterable[Step]) -> Iterator[str]:
    """The ids of the components that are changed, or named by what is changed, on either side."""
    for step in steps:
        for record in (step.after, step.before):
            if record is not None:
                yield from named_components(record)


def named_components(record: Record) -> Iterator[str]:
    """The ids of the components that a record is or names."""
    if record.kind.name == COMPONENT:
        yield record.id
        return
    for _, text, mark in record.kind.marks(record.data):
        if mark.reference is not None and mark.sort == "reference" and COMPONENT in mark.reference.kinds:
            yield text.partition("#")[0]
