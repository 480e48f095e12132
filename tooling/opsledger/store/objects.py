"""Reads objects of the clone through `git cat-file`, and believes none whose bytes do not match its id."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from opsledger.errors import GitFailed, Undecided
from opsledger.store.git import Git

_FEW = 16
_RESTARTS = 50
_REFETCH = "run `git fetch --refetch --no-filter` to get them"


@dataclass(frozen=True)
class RawCommit:
    """What a commit object itself says, whatever grafts, replacements or a shallow clone make of it."""

    id: str
    tree: str
    parents: tuple[str, ...]
    when: datetime


class Objects:
    """One waiting `git cat-file` for questions, and one more for each long stream; close it when done."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._waiting: subprocess.Popen[bytes] | None = None
        self._verify = _verifier(git.clone.object_format)

    def close(self) -> None:
        """End the waiting process."""
        if self._waiting is not None:
            _end(self._waiting)
            self._waiting = None

    def get(self, name: str) -> tuple[str, str, bytes] | None:
        """The id, type and bytes of an object by git's name for it, or None if there is none."""
        found = self._get(name, limit=None)
        return None if isinstance(found, str) else found

    def commit(self, id: str) -> RawCommit | None:
        """The commit of that id, or None if it is not in this clone."""
        found = self.get(id)
        return _raw_commit(found[0], found[2]) if found is not None and found[1] == "commit" else None

    def blobs(self, wanted: Sequence[tuple[str, str]], *, limit: int) -> Iterator[tuple[str, bytes | None]]:
        """As `Source.blobs`: the blobs of these ids, read in one stream."""
        if len(wanted) <= _FEW:
            for path, blob in wanted:
                found = self._get(blob, limit=limit)
                if found == "missing":
                    self._lacks(path)
                yield path, found[2] if not isinstance(found, str) and found[1] == "blob" else None
            return
        at = 0
        for _ in range(_RESTARTS):
            for path, data in self._stream(wanted[at:], limit=limit):
                at += 1
                yield path, data
            if at == len(wanted):
                return
            # Git gives up at an object that is damaged badly enough: what stands behind it is still wanted.
            yield wanted[at][0], None
            at += 1
        raise Undecided("too many objects of this clone are damaged", "run `git fsck` and clone it again")

    def _stream(self, wanted: Sequence[tuple[str, str]], *, limit: int) -> Iterator[tuple[str, bytes | None]]:
        # Ids go through a file and not a pipe: then nobody must write while somebody else must read.
        with tempfile.TemporaryFile(dir=self._git.directory) as ids:
            ids.write("".join(f"{blob}\n" for _, blob in wanted).encode())
            ids.seek(0)
            process = self._git.start("cat-file", "--batch", "--buffer", stdin=ids)
        assert process.stdout is not None
        try:
            for path, blob in wanted:
                header = process.stdout.readline()
                if not header:
                    return
                words = header.split()
                if len(words) != 3 or words[1] != b"blob":
                    if len(words) == 3:
                        _body(process.stdout, int(words[2]), 0)
                    else:
                        self._lacks(path)
                    yield path, None
                    continue
                size = int(words[2])
                data = _body(process.stdout, size, limit)
                if data is None:
                    return
                yield path, data if len(data) < size or self._verify(blob, b"blob", data) else None
        finally:
            _end(process)

    def _get(self, name: str, *, limit: int | None) -> tuple[str, str, bytes] | str:
        if self._waiting is None:
            self._waiting = self._git.start("cat-file", "--batch", stdin=subprocess.PIPE)
        process = self._waiting
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
        process.stdin.flush()
        words = process.stdout.readline().split()
        if words and (len(words) < 3 or not words[-1].isdigit()):
            return words[-1].decode()
        size = int(words[2]) if words else 0
        data = _body(process.stdout, size, size if limit is None else limit) if words else None
        if data is None:
            # Git ends at an object that is damaged badly enough; the next question goes to a new one.
            self.close()
            return "damaged"
        full = words[0].decode()
        if len(data) == size and not self._verify(full, words[1], data):
            return "damaged"
        return full, words[1].decode(), data

    def _lacks(self, path: str) -> None:
        if self._git.clone.is_partial():
            raise Undecided(f"this clone is partial and lacks the bytes of {path}", _REFETCH)


def _body(stream: IO[bytes], size: int, limit: int) -> bytes | None:
    """Take an object of that size and the newline behind it off the stream; None if the stream ends before."""
    if size <= limit:
        data = stream.read(size + 1)
        return data[:-1] if len(data) == size + 1 else None
    data = stream.read(limit + 1)
    left = size + 1 - len(data)
    while left > 0:
        taken = len(stream.read(min(left, 1 << 20)))
        if not taken:
            return None
        left -= taken
    return data


def _verifier(object_format: str) -> Callable[[str, bytes, bytes], bool]:
    # Git checks an object's hash in `fsck` only: a flipped bit under a fresh checksum would pass unseen.
    start = hashlib.sha1 if object_format == "sha1" else hashlib.sha256

    def is_true(id: str, sort: bytes, data: bytes) -> bool:
        total = start(b"%s %d\0" % (sort, len(data)), usedforsecurity=False)
        total.update(data)
        return total.hexdigest() == id

    return is_true


_TIME = re.compile(rb"^committer .*> (-?[0-9]{1,4000}) [+-][0-9]{4}$", re.MULTILINE)


def _raw_commit(id: str, data: bytes) -> RawCommit:
    header = data.partition(b"\n\n")[0]
    lines = [line.split(b" ", 1) for line in header.split(b"\n")]
    tree = next((value[0].decode() for key, *value in lines if key == b"tree" and value), "")
    if not tree:
        raise GitFailed("cat-file", f"commit {id} names no tree")
    parents = tuple(value[0].decode() for key, *value in lines if key == b"parent" and value)
    time = _TIME.search(header)
    return RawCommit(id, tree, parents, moment(int(time[1]) if time else 0))


def moment(seconds: int) -> datetime:
    """The time of that many seconds since 1970, brought within the years 1970 to 9999."""
    return datetime.fromtimestamp(min(max(seconds, 0), 253402300799), UTC)


def _end(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.kill()
    process.wait()
