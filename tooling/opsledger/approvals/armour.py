"""SSH signatures and public keys as bytes: which key signed, and for what."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

LONGEST = 20000
"""No signature is longer than this many characters."""

_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"


@dataclass(frozen=True)
class SshSignature:
    """
    What an SSH signature says of itself.

    Args:
        fingerprint: of the key that it is said to be by.
        namespace: what it was made for.
    """

    fingerprint: str
    namespace: str


def how_many(text: str) -> int:
    """How many armoured blocks a text holds."""
    return len(re.findall(r"-----BEGIN [A-Z ]*SIGNATURE-----", text))


def read_ssh(text: str) -> SshSignature | str:
    """
    Take an armoured SSH signature apart.

    Returns:
        What it says, or what is wrong with it as the end of a sentence.

    Source:
        PROTOCOL.sshsig of OpenSSH.
    """
    lines = text.strip().splitlines()
    if not lines or lines[0].strip() != _BEGIN:
        return f"does not start with {_BEGIN}"
    if lines[-1].strip() != _END:
        return f"does not end with {_END}"
    try:
        blob = base64.b64decode("".join(line.strip() for line in lines[1:-1]), validate=True)
    except (binascii.Error, ValueError):
        return "is not written in base64"
    if blob[:6] != _MAGIC or blob[6:10] != b"\0\0\0\1":
        return "is no SSH signature of version 1"
    key, rest = _taken(blob[10:])
    namespace, _ = _taken(rest)
    if not key or namespace is None:
        return "is cut short"
    return SshSignature(fingerprint(key), namespace.decode("utf-8", "replace"))


def fingerprint(blob: bytes) -> str:
    """How ssh-keygen names a key: `SHA256:` and base64 without its padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _taken(blob: bytes) -> tuple[bytes | None, bytes]:
    """One length-prefixed string off the front of some bytes; `None` where they are too short."""
    length = int.from_bytes(blob[:4], "big")
    if len(blob) < 4 or len(blob) < 4 + length:
        return None, b""
    return blob[4 : 4 + length], blob[4 + length :]
