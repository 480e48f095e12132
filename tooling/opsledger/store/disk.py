"""Looks at and reads plain files below one directory without ever following a link or waiting on a pipe."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

SYMLINK, EXECUTABLE, SUBMODULE = "symbolic link", "executable", "submodule"
NESTED, UNREADABLE, NAMED_LIKE_A_RECORD = "nested repository", "unreadable", "directory named like a record"
FOLDER = "directory"

_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
_HASHED_WHOLE = 1 << 26
_SORTS = ((stat.S_ISLNK, SYMLINK), (stat.S_ISDIR, FOLDER), (stat.S_ISFIFO, "fifo"), (stat.S_ISSOCK, "socket"))


class Disk:
    """
    The files below a directory, reached folder by folder through descriptors; close it when done.

    A link anywhere on the way makes a path unreachable, so nothing outside the directory is ever read. The last
    folder stays open: files asked for in order of their paths cost one open each.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.open(root, _FOLDER & ~os.O_NOFOLLOW)
        self._folder, self._descriptor = "", self._root

    def close(self) -> None:
        """Let go of the descriptors."""
        if self._descriptor != self._root:
            os.close(self._descriptor)
        if self._root >= 0:
            os.close(self._root)
        self._root = self._descriptor = -1

    def folder(self, path: str) -> int:
        """
        A descriptor of the folder, good until the next call.

        Raises:
            OSError: it is not there, or a link stands on the way.
        """
        if path != self._folder:
            descriptor = self._root
            for part in path.split("/") if path else ():
                try:
                    inner = os.open(part, _FOLDER, dir_fd=descriptor)
                finally:
                    if descriptor not in {self._root, self._descriptor}:
                        os.close(descriptor)
                descriptor = inner
            if self._descriptor != self._root:
                os.close(self._descriptor)
            self._folder, self._descriptor = path, descriptor
        return self._descriptor

    def look(self, path: str) -> tuple[str, bool] | None:
        """
        What stands there: why it is not a plain file (empty if it is one), and whether it may be executed.

        None if nothing is there, or only behind a link.
        """
        folder, _, name = path.rpartition("/")
        try:
            status = os.stat(name, dir_fd=self.folder(folder), follow_symlinks=False)
        except PermissionError:
            return UNREADABLE, False
        except OSError:
            return None
        if stat.S_ISREG(status.st_mode):
            return "", bool(status.st_mode & 0o100)
        return next((sort for is_it, sort in _SORTS if is_it(status.st_mode)), "device"), False

    def read(self, path: str, *, limit: int) -> bytes | None:
        """
        At most `limit + 1` bytes of a plain file; None if it is no such file (any more).

        Raises:
            PermissionError: it may not be read.
        """
        folder, _, name = path.rpartition("/")
        try:
            descriptor = os.open(name, _FILE, dir_fd=self.folder(folder))
        except PermissionError:
            raise
        except OSError:
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            # One byte more than there should be: a file that grew meanwhile gives itself away by its hash.
            return _take(descriptor, min(status.st_size, limit) + 1)
        finally:
            os.close(descriptor)

    def blob_id(self, path: str, *, object_format: str) -> str | None:
        """
        The id that git would give to the file's bytes as they are; None if it is no plain file (any more).

        Of a file above 64 MiB the size and the first part alone are hashed: it is no record, and its id needs to
        tell it from others only.

        Raises:
            PermissionError: it may not be read.
        """
        for _ in range(2):
            folder, _, name = path.rpartition("/")
            try:
                descriptor = os.open(name, _FILE, dir_fd=self.folder(folder))
            except PermissionError:
                raise
            except OSError:
                continue
            try:
                if blob := _hash(descriptor, object_format):
                    return blob
            finally:
                os.close(descriptor)
        return None


def _take(descriptor: int, count: int) -> bytes:
    data = os.read(descriptor, count)
    while len(data) < count and (more := os.read(descriptor, count - len(data))):
        data += more
    return data


def _hash(descriptor: int, object_format: str) -> str | None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return None
    total = hashlib.new(object_format, b"blob %d\0" % status.st_size, usedforsecurity=False)
    wanted = min(status.st_size, _HASHED_WHOLE)
    while wanted > 0:
        data = os.read(descriptor, min(wanted, 1 << 20))
        if not data:
            return None
        total.update(data)
        wanted -= len(data)
    return total.hexdigest()
