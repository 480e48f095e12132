"""The history as a stream: each commit with the files that it changed, from one `git log --raw`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO, NamedTuple

from opsledger.store.git import Git
from opsledger.store.objects import moment
from opsledger.store.trees import lacking

# A header starts with this; git forbids the byte in names and prints no other line of raw output with it.
_START = "\x01"
_FIELDS = ("%H", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%s")
_FORMAT = "--format=tformat:%x01" + "%x00".join(_FIELDS)


class Person(NamedTuple):
    """Who a commit says somebody is; nothing vouches for it."""

    name: str
    email: str


class Change(NamedTuple):
    """
    What one commit did to one file.

    Args:
        path: relative to the ledger's root.
        before: its blob id in each parent; None where no regular file was.
        after: its blob id now; None if no regular file is there any more.
        status: `A` added, `M` changed, `D` deleted, `T` became another sort of file; one letter for each parent.
    """

    path: str
    before: tuple[str | None, ...]
    after: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Commit:
    """
    One commit and what it did to the ledger's files.

    Args:
        authored: when its author says it was written, in UTC.
        when: when its committer says it was made, in UTC.
        changes: against the parent; of a merge, only files that differ from every parent.
    """

    id: str
    parents: tuple[str, ...]
    author: Person
    authored: datetime
    committer: Person
    when: datetime
    subject: str
    changes: tuple[Change, ...]


def log(git: Git, tip: str, *, prefix: str, paths: Sequence[str] | None, since: str | None) -> Iterator[Commit]:
    """
    The commits that touched files below the prefix, newest first and no commit after its parents.

    Args:
        tip: full id of the commit to start from.
        paths: only these, relative to the prefix; None for all.
        since: full id of a commit that is known already, with all its history.

    Raises:
        Undecided: git stopped before the end, at an object that is damaged or missing.
    """
    wanted = [prefix + path for path in paths] if paths is not None else [prefix.rstrip("/")] if prefix else []
    command = [
        "log", "--raw", "-z", "-c", "--no-renames", "--no-abbrev", "--date-order", "--no-mailmap", "--no-notes",
        "--no-show-signature", "--full-history", "--encoding=UTF-8", _FORMAT, tip, *([f"^{since}"] if since else []),
    ]  # fmt: skip
    process = git.start(*command, "--", *wanted)
    assert process.stdout is not None
    try:
        yield from _commits(_pieces(process.stdout), len(prefix))
        if process.wait() != 0:
            raise lacking(git, "history")
    finally:
        process.stdout.close()
        process.kill()
        process.wait()


def _pieces(stream: IO[bytes]) -> Iterator[str]:
    rest = b""
    while block := stream.read(1 << 18):
        whole, found, tail = block.rpartition(b"\0")
        if not found:
            rest += block
            continue
        yield from (rest + whole).decode("utf-8", "surrogateescape").split("\0")
        rest = tail


def _commits(pieces: Iterator[str], skip: int) -> Iterator[Commit]:
    # Read by position and never by guess: after a header come its fields, after an entry its path, whatever
    # bytes people have put into names and subjects.
    header: list[str] = []
    changes: list[Change] = []
    for piece in pieces:
        if piece.startswith(_START):
            if changes:
                yield _commit(header, changes)
            header, changes = [piece[1:], *islice(pieces, len(_FIELDS) - 1)], []
        elif piece and (path := next(pieces, None)) is not None:
            changes.append(_change(piece.lstrip("\n"), path[skip:]))
    if changes:
        yield _commit(header, changes)


def _change(entry: str, path: str) -> Change:
    *words, status = entry.split(" ")
    if words[0][:2] != "::":
        old, new, before, after = words
        return Change(path, (_blob(old[1:], before),), _blob(new, after), status)
    half = len(words) // 2
    blobs = [_blob(mode, blob) for mode, blob in zip(words[:half], words[half:], strict=True)]
    blobs[0] = _blob(words[0].lstrip(":"), words[half])
    return Change(path, tuple(blobs[:-1]), blobs[-1], status)


def _blob(mode: str, id: str) -> str | None:
    return id if mode[:3] == "100" else None


def _commit(header: list[str], changes: list[Change]) -> Commit:
    commit, parents, author, author_email, authored, committer, committer_email, when, subject = header
    return Commit(
        commit, tuple(parents.split()), Person(_readable(author), _readable(author_email)), _moment(authored),
        Person(_readable(committer), _readable(committer_email)), _moment(when), _readable(subject), tuple(changes),
    )  # fmt: skip


def _readable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _moment(seconds: str) -> datetime:
    # Git prints nothing, or a number past every calendar, for a date that nobody can have meant.
    return moment(int(seconds) if seconds.lstrip("-").isdigit() else 0)
