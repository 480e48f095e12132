"""The store for long reports: a folder, or a server that takes files by PUT; each under the name of its fingerprint."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from opsledger.adapters.forges import ConnectionLost, Request, Transport
from opsledger.edit.gathering import Upload
from opsledger.errors import Refused, Undecided

_TAKEN = frozenset({200, 201, 204})
_THERE = frozenset({409, 412})
"""What a server says that holds the file already and lets nobody write over it."""


def keep(upload: Upload, carry: Transport) -> None:
    """
    Put content into the store; what stands there already is left as it is.

    Args:
        carry: takes requests to a server.

    Raises:
        Refused: the address is of no sort that is known, or the store takes nothing there.
        Undecided: the store cannot be reached.
    """
    scheme = urlsplit(upload.address).scheme
    if scheme == "file":
        _into_folder(Path(unquote(urlsplit(upload.address).path)), upload.content)
    elif scheme == "https":
        _to_server(upload, carry)
    else:
        raise Refused(f"{upload.address} is no store: it starts with neither file:/// nor https://",
                      "correct evidence.store of the policy")  # fmt: skip


def _into_folder(place: Path, content: bytes) -> None:
    with suppress(OSError):
        if place.read_bytes() == content:
            return
    temporary = place.with_name(f".{place.name[:80]}.{secrets.token_hex(4)}.tmp")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(place)
    except OSError as failure:
        why = (failure.strerror or "the machine refused").lower()
        raise Undecided(
            f"the store takes nothing at {place} ({why})", "make it writable, or correct evidence.store"
        ) from None
    finally:
        with suppress(OSError):
            temporary.unlink()


def _to_server(upload: Upload, carry: Transport) -> None:
    headers = {"Content-Type": "application/octet-stream", "If-None-Match": "*"}
    try:
        answer = carry(Request("PUT", upload.address, headers, upload.content))
    except ConnectionLost as lost:
        raise Undecided(f"the store cannot be reached: {lost}", "give the command again") from None
    if answer.status in _TAKEN | _THERE:
        return
    if answer.status >= 500 or answer.status == 429:
        raise Undecided(f"the store answered {answer.status} to {upload.address}", "give the command again in a minute")
    raise Refused(f"the store answered {answer.status} to {upload.address}", "let this machine write there")
