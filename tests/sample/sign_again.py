"""
Sign the sample's approvals again, after an approved part of a sample record was edited on purpose.

    .venv/bin/python tests/sample/sign_again.py

A signature cannot be mended: whoever holds the key makes a new one. Nobody keeps the keys of invented people, so
each run makes new ones, writes their public halves into the party records and signs everything again. What came as a
review keeps what the forge would say of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from opsledger.api import open_book
from opsledger.approvals import approval_of, data_of, digest_of, parts_of, scope_pointers, sign, statement
from opsledger.approvals.model import Approval
from opsledger.ledger import Ledger, Record
from opsledger.moments import written
from opsledger.yamlfile import at, set_values, write

ROOT = Path(__file__).parents[2]
SIGNERS = {
    "PTY-lena-hoffmann": {"REL-2026-0018", "EXC-2026-0004", "EXC-2026-0005"},
    "PTY-farid-haddad": {"EXC-2026-0004"},
}
"""Who signs with an own key, and on what; everybody else reviews at the forge."""
SINCE = "2026-01-05T09:00:00+01:00"


def main() -> None:
    """Make keys, and write every approval of the sample anew."""
    with tempfile.TemporaryDirectory() as folder, open_book(ROOT, environment=os.environ) as book:
        ledger = book.ledger()
        keys = {party: _new_key(ledger.record(party), Path(folder)) for party in sorted(SIGNERS)}
        for record in ledger.of("approval"):
            (ROOT / record.path).write_bytes(_signed_again(ledger, record, keys))


def _new_key(party: Record, folder: Path) -> Path:
    """A fresh key, its public half written into the party record."""
    private = folder / party.id
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", party.id, "-f", str(private)], check=True)
    public = private.with_suffix(private.suffix + ".pub") if private.suffix else Path(f"{private}.pub")
    keys = [{"type": "ssh", "key": public.read_text().strip(), "from": SINCE}]
    path = ROOT / party.path
    path.write_bytes(set_values(path.read_bytes(), {"/identities/keys": keys}))
    return private


def _signed_again(ledger: Ledger, record: Record, keys: Mapping[str, Path]) -> bytes:
    told = approval_of(record.data, record.path)
    assert told is not None, record.path
    subject = ledger.record(told.subject)
    pointers = scope_pointers(subject.kind, told.scope)
    approval = replace(
        told,
        pointers=pointers,
        digest=digest_of(subject.kind.name, subject.id, told.scope, pointers, subject.data),
        parts=parts_of(subject.data, pointers),
        repository=told.repository.removeprefix("https://"),
    )
    if subject.id in SIGNERS.get(approval.party, ()):
        signature = sign(statement(approval), key=str(keys[approval.party]), environment=os.environ)
        evidence: dict[str, Any] = {"type": "ssh-signature", "signature": signature}
    else:
        evidence = _review(ledger, approval, record)
    return write(data_of(replace(approval, evidence=evidence)))


def _review(ledger: Ledger, approval: Approval, record: Record) -> dict[str, Any]:
    """A review as the sample's forge words it."""
    account = at(ledger.record(approval.party).data, "/identities/accounts/0")
    old = record.data["evidence"]
    number = str(old.get("review") or int(sha256(record.id.encode()).hexdigest()[:5], 16))
    commit = str(old.get("commit") or sha256(record.path.encode()).hexdigest()[:40])
    payload = json.dumps(
        {
            "id": int(number),
            "user": {"id": int(account["id"]), "login": account["login"]},
            "state": "APPROVED" if approval.decision == "granted" else "REQUEST_CHANGES",
            "commit_id": commit,
            "stale": False,
            "official": True,
            "dismissed": False,
            "submitted_at": written(approval.at),
            "html_url": f"{approval.pull_request}#issuecomment-{number}",
            "pull_request_url": approval.pull_request,
        },
        separators=(",", ":"),
    )
    return {
        "type": "forge-review",
        "forge": account["forge"],
        "review": number,
        "commit": commit,
        "payload": payload,
        "payload_digest": "sha256:" + sha256(payload.encode()).hexdigest(),
    }


if __name__ == "__main__":
    main()
