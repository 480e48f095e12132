"""How the rules about packages and about the chain to their deployments are provoked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from opsledger.ledger import Ledger
from opsledger.prove.model import Spoiling
from opsledger.prove.spoilers import candidates, edited

_NOTHING = f"sha256:{'0' * 64}"
_ACCEPTED = ("accepted", "ready", "deploying", "early-life-support")


def _exchanged(ledger: Ledger) -> Iterator[Spoiling]:
    states = ", ".join("?" * len(_ACCEPTED))
    for record in candidates(ledger, f"kind = 'release' AND state IN ({states})", _ACCEPTED):
        if record.get("package"):
            yield from edited(record, {"/package/digest": _NOTHING}, "set to the digest of nothing", is_step=True)


def _never_deployed(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "kind = 'release' AND state IN ('early-life-support', 'closed')"):
        if record.get("package"):
            yield from edited(record, {"/package/digest": _NOTHING}, "set to the digest of nothing")


SPOILERS: Mapping[str, tuple[str, Callable[[Ledger], Iterable[Spoiling]]]] = {
    "PKG509": ("accepted release with a package", _exchanged),
    "GOV961": ("release that is live or closed, with a package", _never_deployed),
}
