"""The key that somebody signs with: the one they name, the one that git signs with, or one in its usual place."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from opsledger.errors import Refused
from opsledger.people import Key, Party
from opsledger.people.keys import plain_fingerprint, ssh_fingerprint
from opsledger.store import Repository

_USUAL = ("id_ed25519", "id_ecdsa", "id_ed25519_sk", "id_ecdsa_sk", "id_rsa")


@dataclass(frozen=True)
class Signer:
    """A key to sign with: `type` is *ssh* or *gpg*, `key` what the program is told."""

    type: str
    key: str
    fingerprint: str


def signer_for(
    party: Party, repository: Repository, environment: Mapping[str, str], at: datetime, *, key: str, gpg: str,
    directory: Path,
) -> Signer:  # fmt: skip
    """
    Return the key to sign with.

    Args:
        key: the file of an SSH key that was named, or empty.
        gpg: the name of a GPG key that was named, or empty.

    Raises:
        Refused: none is the party's and counts now.
    """
    if gpg:
        plain = plain_fingerprint(gpg)
        return Signer("gpg", gpg, plain if re.fullmatch(r"[0-9A-F]{40}|[0-9A-F]{64}", plain) else "")
    if key:
        place = Path(os.path.expanduser(key))
        return _signer(directory / place, party, at, is_named=True)
    for place in _places(repository, environment):
        if place.is_file() and _own(_fingerprint(place), party, at) is not None:
            return _signer(place, party, at, is_named=False)
    have = (
        "has no key that counts now" if not any(one.term.holds(at) for one in party.keys) else "has its keys elsewhere"
    )
    raise Refused(
        f"{party.id} {have}",
        "name the key's file with --key, or add its public half to the party record on the base branch",
    )


def _signer(place: Path, party: Party, at: datetime, *, is_named: bool) -> Signer:
    fingerprint = _fingerprint(place)
    if is_named and not place.is_file():
        raise Refused(f"no key is in {place}", "name a file that is there")
    if is_named and fingerprint and _own(fingerprint, party, at) is None:
        raise Refused(
            f"the key {fingerprint} is none that counts for {party.id} now, so this signature would not count",
            "sign with a key of the party record, or add this one on the base branch first",
        )
    return Signer("ssh", str(place), fingerprint)


def _places(repository: Repository, environment: Mapping[str, str]) -> Iterator[Path]:
    stated = repository.own.setting("user.signingkey")
    if repository.own.setting("gpg.format") == "ssh" and stated and not stated.startswith(("key::", "ssh-")):
        yield Path(os.path.expanduser(stated))
    home = environment.get("HOME", "")
    if os.path.isabs(home):
        yield from (Path(home, ".ssh", name) for name in _USUAL)


def _fingerprint(place: Path) -> str:
    """Return the fingerprint by the public half; empty where it does not lie beside."""
    public = place if place.suffix == ".pub" else place.with_name(f"{place.name}.pub")
    try:
        return ssh_fingerprint(public.read_text(encoding="utf-8").splitlines()[0])
    except (OSError, UnicodeDecodeError, IndexError):
        return ""


def _own(fingerprint: str, party: Party, at: datetime) -> Key | None:
    return next(
        (one for one in party.keys if fingerprint and one.fingerprint == fingerprint and one.term.holds(at)), None
    )
