"""How the rules about imported evidence are provoked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from opsledger.ledger import Ledger
from opsledger.prove.model import Spoiling
from opsledger.prove.spoilers import candidates, edited

_WITHOUT_DIGEST = {"adapter": "junit", "id": "spoilt", "fetched_at": "2026-03-01T12:00:00Z"}


def _of_no_source(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "kind = 'evidence'"):
        yield from edited(record, {"/source": _WITHOUT_DIGEST}, "set to a source without a fingerprint")


SPOILERS: Mapping[str, tuple[str, Callable[[Ledger], Iterable[Spoiling]]]] = {
    "SYN985": ("piece of evidence", _of_no_source),
}
