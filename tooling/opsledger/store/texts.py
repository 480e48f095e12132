"""What commits say of themselves, word for word: people, message and signature, whatever bytes they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from opsledger.store.log import Person
from opsledger.store.objects import moment


@dataclass(frozen=True)
class CommitText:
    """
    A commit as its object says it.

    Args:
        parents: their full ids, whatever a shallow clone or a graft makes of them.
        authored: when its author says it was written, in UTC.
        when: when its committer says it was made, in UTC.
        co_authors: whom its message names by `Co-authored-by`, anywhere in it.
        message: the whole text below the header.
        signature: the block that signs it, SSH or GPG, armoured; empty if there is none or several.
        signed: the bytes that the signature is over.
    """

    id: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    authored: datetime
    committer: Person
    when: datetime
    co_authors: tuple[Person, ...]
    message: str
    signature: str
    signed: bytes


_SIGNATURES = (b"gpgsig", b"gpgsig-sha256")
_CO_AUTHOR = re.compile(r"^[ \t]*co-authored-by[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)
_SECONDS = re.compile(rb"(-?[0-9]{1,18})(?: [+-][0-9]+)?[ \t]*$")


def commit_text(id: str, data: bytes, *, object_format: str) -> CommitText:
    """
    What a commit object says.

    Args:
        data: the whole object.
        object_format: `sha1` or `sha256`, which decides the header that signs it.
    """
    headers, body = _headers(data)
    own = b"gpgsig" if object_format == "sha1" else b"gpgsig-sha256"
    signatures = [value for name, value in headers if name == own]
    kept = b"".join(_line(name, value) for name, value in headers if name not in _SIGNATURES)
    author, authored = _person(_first(headers, b"author"))
    committer, when = _person(_first(headers, b"committer"))
    message = body.decode("utf-8", "replace")
    return CommitText(
        id, _first(headers, b"tree").decode("ascii", "replace"),
        tuple(value.decode("ascii", "replace") for name, value in headers if name == b"parent"),
        author, authored, committer, when,
        tuple(_person(line.encode())[0] for line in _CO_AUTHOR.findall(message)),
        message, signatures[0].decode("ascii", "replace") if len(signatures) == 1 else "", kept + b"\n" + body,
    )  # fmt: skip


def _headers(data: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Return the header's fields in order, lines that go on joined by a newline, and what stands below."""
    header, _, body = data.partition(b"\n\n")
    fields: list[tuple[bytes, bytes]] = []
    for line in header.split(b"\n"):
        if line.startswith(b" ") and fields:
            name, value = fields[-1]
            fields[-1] = name, value + b"\n" + line[1:]
        else:
            name, _, value = line.partition(b" ")
            fields.append((name, value))
    return fields, body


def _line(name: bytes, value: bytes) -> bytes:
    return name + b" " + value.replace(b"\n", b"\n ") + b"\n"


def _first(fields: list[tuple[bytes, bytes]], name: bytes) -> bytes:
    return next((value for key, value in fields if key == name), b"")


def _person(line: bytes) -> tuple[Person, datetime]:
    """Read `Name <email> seconds zone` as git does: the first address counts, and the last number is the time."""
    name, _, rest = line.partition(b"<")
    email, _, _ = rest.partition(b">")
    seconds = _SECONDS.search(line.rpartition(b">")[2])
    readable = Person(_words(name), _words(email))
    return readable, moment(int(seconds[1]) if seconds else 0)


def _words(text: bytes) -> str:
    return text.decode("utf-8", "replace").strip()
