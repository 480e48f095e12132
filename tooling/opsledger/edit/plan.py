"""A plan of file writes, and the one function that carries it out so that a kill leaves each file old or new."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import signal
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from opsledger.errors import Refused

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK})
_INTERRUPTS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


@dataclass(frozen=True)
class Write:
    """
    One file before and after.

    Args:
        path: relative to the directory that the plan is for, with `/` between its parts.
        before: the bytes that the plan was made from; `None` where no file may stand yet.
        after: the bytes to be written; `None` takes the file away.
    """

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def verb(self) -> str:
        """What happens to the file, in one word."""
        if self.after is None:
            return "remove"
        return "write" if self.before is None else "change"


@dataclass(frozen=True)
class Plan:
    """
    What is to be written, in order, and what to tell the reader.

    A plan that is stopped half-way can be made and carried out again: a file that is already as it should be is
    left alone.
    """

    writes: tuple[Write, ...] = ()
    said: tuple[str, ...] = ()


class Overtaken(Refused):
    """Somebody else wrote a file after the plan was made."""

    def __init__(self, path: str, *, exists: bool) -> None:
        sentence = f"{path} exists already" if exists else f"{path} was changed by somebody else just now"
        super().__init__(sentence, "look at it, then give the command again")
        self.path = path
        self.exists = exists


def apply(plan: Plan, root: Path) -> None:
    """
    Carry out a plan: all new texts are on the disk before the first file changes its name.

    Raises:
        Overtaken: a file is not as the plan expects; nothing was written.
        Refused: a path leads out of the directory or through a symbolic link; nothing was written.
        OSError: the machine could not write; nothing was written.
    """
    with contextlib.ExitStack() as stack:
        # The kernel lets go of this lock when the process dies, so no stale one can remain.
        directory = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        stack.callback(os.close, directory)
        fcntl.flock(directory, fcntl.LOCK_EX)
        waiting = [write for write in plan.writes if not _is_done(directory, write)]
        prepared = [stack.enter_context(_prepared(directory, write)) for write in waiting]
        with _uninterrupted():
            for one in prepared:
                one.finish()


def _is_done(root: int, write: Write) -> bool:
    """Tell whether a file is as it should become; refuse when it is neither old nor new."""
    now = _read(root, write.path)
    if now == write.after:
        return True
    if now != write.before:
        raise Overtaken(write.path, exists=write.before is None)
    return False


def _read(root: int, path: str) -> bytes | None:
    """Return the bytes of a plain file, or None where nothing stands."""
    try:
        with _folder(root, path, create=False) as (folder, name):
            handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            raise _not_plain(path) from error
        raise
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _not_plain(path)
        return file.read()


def _not_plain(path: str) -> Refused:
    return Refused(f"{path} is not a plain file, so nothing was written", "put a plain file in its place")


@contextlib.contextmanager
def _folder(root: int, path: str, *, create: bool) -> Iterator[tuple[int, str]]:
    """Open the folder of a path part by part, following no symbolic link; give its handle and the file's name."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or any(part in {"..", ""} or "\0" in part for part in parts):
        raise Refused(f"{path!r} leads out of the ledger, so nothing was written")
    with contextlib.ExitStack() as stack:
        folder = os.dup(root)
        stack.callback(os.close, folder)
        for part in parts[:-1]:
            folder = _entered(folder, part, path, create=create)
            stack.callback(os.close, folder)
        yield folder, parts[-1]


def _entered(folder: int, part: str, path: str, *, create: bool) -> int:
    """Open one folder inside another, and make it if it may be made."""
    if create:
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, dir_fd=folder)
    try:
        return os.open(part, _DIRECTORY, dir_fd=folder)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENOTDIR}:
            raise Refused(f"{part} on the way to {path} is not a plain folder, so nothing was written") from error
        raise


@dataclass(frozen=True)
class _Prepared:
    """A write whose new text is on the disk under another name (or which only takes a file away)."""

    write: Write
    folder: int
    name: str
    temporary: str

    def finish(self) -> None:
        """Give the new text its name, or take the old file away; the disk knows it when this returns."""
        if self.write.after is None:
            os.unlink(self.name, dir_fd=self.folder)
        elif self.write.before is None:
            self._create()
        else:
            os.replace(self.temporary, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
        os.fsync(self.folder)

    def _create(self) -> None:
        """Give the text its name only if nobody has it: a link fails where a replacement would not."""
        try:
            os.link(self.temporary, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder, follow_symlinks=False)
        except FileExistsError as error:
            raise Overtaken(self.write.path, exists=True) from error
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            os.replace(self.temporary, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder)


@contextlib.contextmanager
def _prepared(root: int, write: Write) -> Iterator[_Prepared]:
    """Put the new text on the disk beside its place, and clear away what is left of it at the end."""
    with _folder(root, write.path, create=write.after is not None) as (folder, name):
        temporary = f".{name[:100]}.{secrets.token_hex(4)}.tmp"
        if write.after is None:
            yield _Prepared(write, folder, name, temporary)
            return
        try:
            _write_through(folder, temporary, write.after, _mode_of(folder, name))
            yield _Prepared(write, folder, name, temporary)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=folder)


def _mode_of(folder: int, name: str) -> int:
    """Return the permissions of the file that is to be replaced, or those of any new file."""
    try:
        return stat.S_IMODE(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return 0o666


def _write_through(folder: int, name: str, content: bytes, mode: int) -> None:
    """Write a new file and wait until the disk has it."""
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait for the few renames between the first and the last."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def paths(writes: Iterable[Write]) -> list[str]:
    """Return one line a write: what happens to which file."""
    return [f"{write.verb} {write.path}" for write in writes]
