"""How the rules about what is imported are provoked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from opsledger.ledger import Ledger
from opsledger.prove.model import Spoiling
from opsledger.prove.spoilers import candidates, edited

_WITHOUT_DIGEST = {"adapter": "junit", "id": "spoilt", "fetched_at": "2026-03-01T12:00:00Z"}


def _of_no_source(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "kind = 'evidence'"):
        yield from edited(record, {"/source": _WITHOUT_DIGEST}, "set to a source without a fingerprint")


def _of_unknown_field(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "kind = 'fieldmap'"):
        field = {"to": "/unheard_of", "from": "Remark"}
        yield from edited(record, {"/fields": [*record.get("fields", []), field]}, "given a field that the kind lacks")


SPOILERS: Mapping[str, tuple[str, Callable[[Ledger], Iterable[Spoiling]]]] = {
    "SYN985": ("piece of evidence", _of_no_source),
    "SYN983": ("field map", _of_unknown_field),
}
