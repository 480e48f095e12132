"""Files at one point, as a map of path to blob id whose bytes are read when they are asked for."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Protocol

from opsledger.errors import Undecided

LIMIT = 131072
"""The longest file, in bytes, that is read whole: nothing longer is a record."""


class Source(Protocol):
    """Where the bytes of a snapshot come from."""

    def blobs(self, wanted: Sequence[tuple[str, str]], *, limit: int) -> Iterator[tuple[str, bytes | None]]:
        """For each `(path, blob id)` in turn, the path and at most `limit + 1` bytes, or None if it cannot be read."""
        ...


@dataclass(frozen=True)
class Snapshot:
    """
    Files at one point, and only those below the ledger's root.

    Args:
        name: how people call it: `work tree`, `index`, `commit 1a2b3c4`.
        commit: the full id, when it is one commit.
        when: the time of that commit, in UTC.
        files: path → blob id in hexadecimal, sorted by path. Regular files only, executable ones among them.
        odd: path → why it is not a plain file. Nothing odd is opened or followed; executable files alone are
            in `files` as well.
        notes: what a reader must know of how this snapshot was made, one sentence each.
    """

    name: str
    commit: str | None
    when: datetime | None
    files: Mapping[str, str]
    odd: Mapping[str, str]
    source: Source = field(repr=False, compare=False)
    notes: tuple[str, ...] = ()

    def below(self, folder: str) -> tuple[str, ...]:
        """The paths of the files below a folder, named without the slash at its end, in order: few are looked at."""
        start = bisect_left(self._paths, f"{folder}/")
        return self._paths[start : bisect_left(self._paths, f"{folder}0", lo=start)]  # 0 follows on the slash

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def read(self, path: str, *, limit: int = LIMIT) -> bytes:
        """
        The bytes of one file; of a file longer than the limit, only `limit + 1` of them.

        Raises:
            KeyError: the snapshot has no such file.
            Undecided: it has, and the bytes cannot be had.
        """
        [(_, data)] = self.source.blobs([(path, self.files[path])], limit=limit)
        if data is None:
            raise Undecided(f"{path} of the {self.name} cannot be read", "see whether it is still there, and try again")
        return data

    def read_many(self, paths: Sequence[str], *, limit: int = LIMIT) -> Iterator[tuple[str, bytes | None]]:
        """
        The files' bytes in the order asked for, as a stream; quickest when the paths are sorted.

        Yields:
            Each path with its bytes, as `read` gives them, or with None when it could not be read: it vanished
            or changed meanwhile, or its object is damaged.

        Raises:
            KeyError: the snapshot has no such file.
            Undecided: a partial clone lacks the bytes.
        """
        return self.source.blobs([(path, self.files[path]) for path in paths], limit=limit)


@dataclass(frozen=True)
class Memory:
    """Bytes that are already here, by path."""

    content: Mapping[str, bytes]

    def blobs(self, wanted: Sequence[tuple[str, str]], *, limit: int) -> Iterator[tuple[str, bytes | None]]:
        """The bytes of each wanted path."""
        return ((path, self.content[path][: limit + 1]) for path, _ in wanted)


def in_memory(content: Mapping[str, bytes], *, name: str) -> Snapshot:
    """A snapshot of files that stand in no repository, such as the packaged preset's."""
    files = {path: blob_id(content[path]) for path in sorted(content)}
    return Snapshot(name, None, None, files, {}, Memory(content))


def in_order(paths: dict[str, str]) -> dict[str, str]:
    """The same by ascending path; nearly always git gave them so, and then nothing is copied."""
    order = sorted(paths)
    return paths if order == list(paths) else {path: paths[path] for path in order}


def blob_id(data: bytes, *, object_format: str = "sha1") -> str:
    """The id that git gives to these bytes."""
    return hashlib.new(object_format, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class _Overlaid:
    """Bytes that are here over those of another source."""

    over: Mapping[str, bytes]
    below: Source

    def blobs(self, wanted: Sequence[tuple[str, str]], *, limit: int) -> Iterator[tuple[str, bytes | None]]:
        """For each path the bytes laid over it, else those from below."""
        below = self.below.blobs([(path, blob) for path, blob in wanted if path not in self.over], limit=limit)
        for path, _ in wanted:
            yield (path, self.over[path][: limit + 1]) if path in self.over else next(below)


def overlaid(snapshot: Snapshot, changes: Mapping[str, bytes | None], *, name: str) -> Snapshot:
    """The snapshot with some files written or, where the bytes are None, removed."""
    written = {path: data for path, data in changes.items() if data is not None}
    files = {path: blob for path, blob in snapshot.files.items() if path not in changes}
    files |= {path: blob_id(data) for path, data in written.items()}
    source = _Overlaid(written, snapshot.source)
    return Snapshot(name, None, snapshot.when, dict(sorted(files.items())), snapshot.odd, source, snapshot.notes)
