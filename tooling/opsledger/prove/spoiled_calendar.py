"""How the rules about the calendar are provoked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from opsledger.ledger import Ledger
from opsledger.prove.model import Spoiling
from opsledger.prove.spoilers import candidates, edited


def _uncoordinated(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "kind = 'window'"):
        if record.state == "published" and not record.get("coordinated_with"):
            yield from edited(record, {"/type": "emergency"}, "set to emergency, without saying who agreed")


def _endless_steps(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "kind = 'window'"):
        if record.state == "published" and "recurrence" in record.data:
            yield from edited(record, {"/recurrence/rule": "FREQ=SECONDLY"}, "set to come back every second")


SPOILERS: Mapping[str, tuple[str, Callable[[Ledger], Iterable[Spoiling]]]] = {
    "CAL906": ("published window that names nobody who agreed", _uncoordinated),
    "CAL908": ("published window that comes back", _endless_steps),
}
