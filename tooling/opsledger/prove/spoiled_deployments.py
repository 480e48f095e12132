"""How the rules about deployments are provoked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from opsledger.ledger import Ledger
from opsledger.prove.model import Spoiling
from opsledger.prove.spoilers import candidates, edited
from opsledger.rules.authorised import goes_live

_OVER = "kind = 'release' AND state IN ('closed', 'rejected', 'cancelled', 'superseded')"


def _succeeded_all_the_same(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "kind = 'deployment' AND state IN ('succeeded', 'signed-off', 'handed-over')"):
        failed = {"/verification": [{"check": "It answers", "type": "smoke", "result": "failed"}]}
        yield from edited(record, failed, "set to a smoke test that failed")


def _let_through_by_nobody(ledger: Ledger) -> Iterator[Spoiling]:
    for record in candidates(ledger, "kind = 'deployment' AND state = 'planned'"):
        if goes_live(ledger, record):
            made = {"/state": "authorised", "/package_digest": f"sha256:{'0' * 64}"}
            yield from edited(record, made, "set to authorised", is_step=True)


def _waiting_for_what_is_over(ledger: Ledger) -> Iterator[Spoiling]:
    for release in candidates(ledger, _OVER):
        for record in candidates(ledger, "kind = 'ci' AND state = 'live'"):
            pending = {"version": "99.0.0", "release": release.id}
            yield from edited(record, {"/pending": pending}, f"set to {release.id}, which is {release.state}")


SPOILERS: Mapping[str, tuple[str, Callable[[Ledger], Iterable[Spoiling]]]] = {
    "TES613": ("deployment that succeeded", _succeeded_all_the_same),
    "DPL701": ("planned deployment to users", _let_through_by_nobody),
    "DPL704": ("release that is over, and a live component", _waiting_for_what_is_over),
}
