"""How the rules about approvals and duties are provoked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from opsledger.approvals.reading import approvals_on
from opsledger.ledger import Ledger, Record
from opsledger.prove.model import Spoiling
from opsledger.prove.spoilers import candidates, edited

LONG_AGO = "2001-01-01T00:00:00Z"


def _approvals(ledger: Ledger) -> Iterator[Record]:
    return candidates(ledger, "kind = 'approval'")


def _elsewhere(spoilings: Iterable[Spoiling], *paths: str) -> Iterator[Spoiling]:
    """The same harms, heard of in other files."""
    for one in spoilings:
        yield Spoiling(one.said, one.changes, frozenset(paths), one.is_step)


def _other_content(ledger: Ledger) -> Iterator[Spoiling]:
    for record in _approvals(ledger):
        subject = ledger.find(str(record.get("subject")))
        if subject is not None:
            harm = edited(record, {"/digest": f"sha256:{'0' * 64}"}, "set to the digest of nothing")
            yield from _elsewhere(harm, subject.path)


def _signed_by_a_machine(ledger: Ledger) -> Iterator[Spoiling]:
    machines = [one for one in ledger.of("party") if one.get("type") == "machine"] if "party" in ledger.kinds else []
    for record in _approvals(ledger) if machines else ():
        yield from edited(record, {"/party": machines[0].id}, f"set to {machines[0].id}, a machine")


def _other_words(ledger: Ledger) -> Iterator[Spoiling]:
    for record in _approvals(ledger):
        evidence: Mapping[str, Any] = record.get("evidence", {})
        key = "payload_digest" if evidence.get("type") == "forge-review" else "signature"
        yield from edited(record, {f"/evidence/{key}": f"sha256:{'0' * 64}"}, "set to that of nothing")


def _deployments(ledger: Ledger) -> Iterator[tuple[Record, Record]]:
    """Deployments to users with an approval, granted for their release or for themselves."""
    for deployment in ledger.of("deployment") if "deployment" in ledger.kinds else ():
        environment = ledger.find(str(deployment.get("environment")))
        if environment is None or environment.get("production") is not True:
            continue
        for subject in (deployment.id, str(deployment.get("release"))):
            for one in approvals_on(ledger, subject, landed={}):
                record = ledger.find(one.id)
                if record is not None and (one.scope, one.decision) == ("deployment", "granted"):
                    yield deployment, record


def _begun_before(ledger: Ledger) -> Iterator[Spoiling]:
    for deployment, approval in _deployments(ledger):
        yield from _elsewhere(edited(deployment, {"/started": LONG_AGO}, f"set to {LONG_AGO}"), approval.path)


def _carried_out_by_the_signer(ledger: Ledger) -> Iterator[Spoiling]:
    for deployment, approval in _deployments(ledger):
        yield from edited(deployment, {"/executor": approval.get("party")}, "set to who approved it")


def _approved_by_an_author(ledger: Ledger) -> Iterator[Spoiling]:
    for record in _approvals(ledger):
        yield from edited(record, {"/authors": [record.get("party")]}, "set to who approved it")


def _tested_by_the_builder(ledger: Ledger) -> Iterator[Spoiling]:
    changes = [one for one in candidates(ledger, "kind = 'change'") if one.get("owner")]
    for record in candidates(ledger, "kind = 'evidence'") if changes else ():
        made = {
            "/subjects": [changes[0].id],
            "/performed_by": [{"party": changes[0].get("owner")}],
            "/independence": "independent",
        }
        yield from edited(record, made, f"made an independent test of {changes[0].id} by who answers for it")


def _mended_and_confirmed(ledger: Ledger) -> Iterator[Spoiling]:
    parties = list(candidates(ledger, "kind = 'party'"))
    for record in candidates(ledger, "kind = 'problem'") if parties else ():
        made = {
            "/resolution": {"path": "change", "fixer": parties[0].id},
            "/root_cause": {"cause": "A text that stands here as an example only", "verified_by": parties[0].id},
        }
        yield from edited(record, made, f"mended and confirmed by {parties[0].id}")


SPOILERS: Mapping[str, tuple[str, Callable[[Ledger], Iterable[Spoiling]]]] = {
    "SIG302": ("approval behind a gate", _other_content),
    "SIG303": ("approval, and a machine", _signed_by_a_machine),
    "SIG305": ("approval", _other_words),
    "SIG309": ("deployment to users that was approved", _begun_before),
    "DUT351": ("approval", _approved_by_an_author),
    "DUT352": ("deployment to users that was approved", _carried_out_by_the_signer),
    "DUT355": ("evidence and a change with an owner", _tested_by_the_builder),
    "DUT356": ("problem and a party", _mended_and_confirmed),
}
