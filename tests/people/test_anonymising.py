"""A person is made anonymous in one file, and what they decided still counts."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsledger.approvals import (
    Approval,
    Asked,
    Situation,
    data_of,
    digest_of,
    parts_of,
    scope_pointers,
    sign,
    statement,
    tally,
)
from opsledger.check import Base, check
from opsledger.kind import packaged_kinds
from opsledger.ledger import load
from opsledger.people import people_of
from opsledger.policy import policy_of
from opsledger.site.build import build
from opsledger.store import Snapshot, in_memory
from opsledger.yamlfile import read, write

KINDS = packaged_kinds()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PARTY = "records/parties/PTY-grace.yaml"
PERSONAL = (b"Grace", b"Hopper", b"hopper", b"ghopper", b"4711")

KNOWN = """
id: PTY-grace
name: Grace Hopper
type: person
state: active
identities:
  emails: [grace.hopper@navy.example]
  accounts: [{{forge: github.com, login: ghopper, id: "4711"}}]
  keys: [{{type: ssh, key: "{key} grace.hopper@navy.example", from: "2026-01-01T00:00:00Z"}}]
roles: [{{role: ROL-approver}}]
channels: [{{type: phone, address: "+1 555 4711"}}]
"""
# What the guide tells to write: the key may stay, without its comment.
GONE = """
id: PTY-grace
name: Former member 1
type: person
state: inactive
identities:
  keys: [{{type: ssh, key: "{key}", from: "2026-01-01T00:00:00Z", until: "2026-11-30T00:00:00Z"}}]
roles: [{{role: ROL-approver, until: "2026-11-30T00:00:00Z"}}]
left: "2026-11-30T00:00:00Z"
anonymised_at: "2026-12-24T00:00:00Z"
"""
OTHERS = {
    "records/parties/PTY-ada.yaml": (
        "id: PTY-ada\nname: Ada\ntype: person\nstate: active\nroles: [{role: ROL-approver}]\n"
    ),
    "records/roles/ROL-approver.yaml": "id: ROL-approver\ntitle: Approver\ndescription: Says yes.\nleast: 1\n",
    "records/releases/REL-2026-0001.yaml": (
        "id: REL-2026-0001\nname: payments-1.0.0\ntype: fix\nstate: draft\nrisk: low\naccountable: PTY-grace\n"
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a private key that has no personal comment."""
    place = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(place)], check=True)
    return place


@pytest.fixture(scope="module")
def files(key: Path) -> dict[str, bytes]:
    """A ledger in which Grace approved the plan of a release."""
    release = read(OTHERS["records/releases/REL-2026-0001.yaml"].encode())
    assert isinstance(release, dict)
    pointers = scope_pointers(KINDS["release"], "plan")
    made = Approval(
        id="", path="", subject="REL-2026-0001", scope="plan", pointers=pointers, role="ROL-approver",
        digest=digest_of("release", "REL-2026-0001", "plan", pointers, release), party="PTY-grace", decision="granted",
        at=NOON, repository="github.com/x/ledger", parts=parts_of(release, pointers),
    )  # fmt: skip
    signature = sign(statement(made), key=str(key), environment=dict(os.environ))
    made = replace(made, id="APR-2026-00ab", evidence={"type": "ssh-signature", "signature": signature})
    texts = {path: text.encode() for path, text in OTHERS.items()}
    path = f"records/approvals/ROL-approver/{made.id}.yaml"
    return {".opsledger.yaml": b"preset: small\n", **texts, path: write(data_of(made)), PARTY: party(KNOWN, key)}


def party(text: str, key: Path) -> bytes:
    line = " ".join(key.with_suffix(".pub").read_text(encoding="utf-8").split()[:2])
    return text.format(key=line).lstrip("\n").encode()


def snapshot(files: dict[str, bytes]) -> Snapshot:
    return in_memory(files, name="ledger")


def counted(files: dict[str, bytes], as_of: datetime) -> list[str]:
    """Who approved the plan, judged by a base that holds all of these files."""
    there = snapshot(files)
    ledger = load(there, KINDS)
    situation = Situation(
        ledger, people_of(there, KINDS), as_of, "github.com/x/ledger", landed=there.files, environment=dict(os.environ)
    )
    found = tally(Asked("plan", ("ROL-approver",)), ledger.record("REL-2026-0001"), situation)
    return [one.party for one in found.counted] or [one.fault.message for one in found.discounted]


def findings(files: dict[str, bytes], before: dict[str, bytes] | None = None) -> list[str]:
    there = snapshot(files)
    base = Base("base", snapshot(before), KINDS) if before else None
    judged = check(load(there, KINDS), policy_of(there, KINDS), subject="x", own_kinds=KINDS, base=base, most=None)
    return [str(one) for one in judged.findings]


def holding(files: dict[str, bytes]) -> list[str]:
    return [path for path, data in files.items() if any(word in data for word in PERSONAL)]


def test_personal_data_stands_in_the_party_record_alone(files):
    assert [PARTY] == holding(files)


def test_one_changed_file_makes_a_person_anonymous_and_the_check_stays_clean(files, key):
    after = {**files, PARTY: party(GONE, key)}

    assert [] == holding(after)
    assert ([], [], []) == (findings(files), findings(after), findings(after, files))


def test_what_an_anonymous_person_signed_still_counts(files, key):
    later = datetime(2027, 6, 1, tzinfo=UTC)

    assert ["PTY-grace"] == counted(files, later)
    assert ["PTY-grace"] == counted({**files, PARTY: party(GONE, key)}, later)


def test_without_the_key_nothing_proves_the_signature_any_more(files, key):
    record = read(party(GONE, key))
    assert isinstance(record, dict)
    after = {**files, PARTY: write({name: value for name, value in record.items() if name != "identities"})}

    [reason] = counted(after, datetime(2027, 6, 1, tzinfo=UTC))
    assert reason.startswith("APR-2026-00ab is signed with a key that is nobody's by the party records")


def test_a_review_at_a_forge_still_counts_by_the_number_of_the_account(files, key):
    said = {
        "id": 80, "user": {"login": "ghopper", "id": 4711, "type": "User"}, "state": "APPROVED", "commit_id": "a" * 40,
        "submitted_at": "2026-11-20T12:00:00Z", "html_url": "https://github.com/x/ledger/pull/1#pullrequestreview-80",
    }  # fmt: skip
    payload = json.dumps(said)
    path = next(path for path in files if "/approvals/" in path)
    approval = read(files[path])
    assert isinstance(approval, dict)
    approval["evidence"] = {
        "type": "forge-review", "forge": "github.com", "review": "80", "commit": "a" * 40, "payload": payload,
        "payload_digest": f"sha256:{hashlib.sha256(payload.encode()).hexdigest()}",
    }  # fmt: skip
    account = 'accounts: [{{forge: github.com, login: former-member-1, id: "4711", until: "2026-11-30T00:00:00Z"}}]'
    gone = GONE.replace("identities:\n", f"identities:\n  {account}\n")

    assert ["PTY-grace"] == counted(
        {**files, path: write(approval), PARTY: party(gone, key)}, datetime(2027, 6, 1, tzinfo=UTC)
    )


def test_nobody_approves_in_the_name_of_an_anonymous_person(files, key):
    people = people_of(snapshot({**files, PARTY: party(GONE, key)}), KINDS)

    later = datetime(2027, 6, 1, tzinfo=UTC)
    assert ["PTY-ada"] == [one.party for one in people.holders("ROL-approver", later)]
    assert "" == people.allowed_signers(later)
    assert None is people.by_email("grace.hopper@navy.example")
    assert None is people.by_account("github.com", login="ghopper", id="4711", at=NOON)


def test_no_page_of_the_site_names_an_anonymous_person(files, key, tmp_path):
    def pages(name: str, records: dict[str, bytes]) -> list[str]:
        build(load(snapshot(records), KINDS), None, (), tmp_path / name)
        guide = (tmp_path / name).glob("*.html")  # which speaks of people of its own
        found = {path for path in (tmp_path / name).rglob("*") if path.is_file()} - {*guide}
        return sorted(path.name for path in found if any(word in path.read_bytes() for word in PERSONAL[:4]))

    assert "PTY-grace.html" in pages("before", files)
    assert [] == pages("after", {**files, PARTY: party(GONE, key)})
