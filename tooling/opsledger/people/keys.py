"""Public keys: their fingerprints, and the list of signers that OpenSSH checks signatures against."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from opsledger.people.model import Key, Party, Term

NAMESPACE = "opsledger-approval"

_TYPES = r"(?:ssh-[a-z0-9-]+|ecdsa-sha2-[a-z0-9-]+|sk-(?:ssh|ecdsa)[a-z0-9@.-]+)"
_LINE = re.compile(rf"\s*({_TYPES}) +([A-Za-z0-9+/]+={{0,2}})(?:[ \t][^\r\n]*)?\s*")
_PRINCIPAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def ssh_key(text: str) -> tuple[str, str] | None:
    """The type and the base64 text of a key line, without options and comment; `None` if it is no such line."""
    found = _LINE.fullmatch(text)
    if found is None:
        return None
    try:
        blob = base64.b64decode(found[2], validate=True)
    except binascii.Error:
        return None
    # The key itself starts with the name of its type, so that a line cannot pass one off as another.
    named = len(found[1]).to_bytes(4, "big") + found[1].encode()
    return (found[1], found[2]) if blob.startswith(named) else None


def ssh_fingerprint(text: str) -> str:
    """The fingerprint of a key line as `ssh-keygen -l` prints it; empty if it is no such line."""
    key = ssh_key(text)
    if key is None:
        return ""
    digest = hashlib.sha256(base64.b64decode(key[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def plain_fingerprint(text: str) -> str:
    """A fingerprint as it is compared: GPG prints the same one with and without blanks."""
    return text.strip() if text.strip().startswith("SHA256:") else re.sub(r"[\s:]", "", text).upper()


def allowed_signers(signers: Iterable[tuple[Party, Key]], at: datetime) -> str:
    """The text of an OpenSSH allowed_signers file: one line a key that holds at that time, under its party's id."""
    return "".join(sorted(line for party, key in signers for line in _line(party, key, at)))


def _line(party: Party, key: Key, at: datetime) -> Iterator[str]:
    stated = ssh_key(key.text) if key.type == "ssh" else None
    if stated and key.term.holds(at) and not party.is_machine and _PRINCIPAL.fullmatch(party.id):
        options = ",".join([f'namespaces="{NAMESPACE}"', *_dates(key.term)])
        yield f"{party.id} {options} {stated[0]} {stated[1]}\n"


def _dates(term: Term) -> Iterator[str]:
    """Whole seconds, as OpenSSH counts; its `valid-before` still holds at that second, our `until` no more."""
    if term.since is not None:
        since = term.since + timedelta(seconds=1) if term.since.microsecond else term.since
        yield f'valid-after="{_stamp(since)}"'
    if term.until is not None:
        until = term.until if term.until.microsecond else term.until - timedelta(seconds=1)
        yield f'valid-before="{_stamp(until)}"'


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
