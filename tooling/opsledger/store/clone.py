"""Finds the clone around a directory by looking at files only: nothing that its configuration names is run."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from opsledger.errors import NoRepository, Undecided

_CONFIG_MAX = 1 << 20
_OBJECT_FORMATS = {"sha1": 40, "sha256": 64}
_REF_STORAGES = ("files", "reftable")


@dataclass(frozen=True)
class Clone:
    """
    Where the parts of one clone lie.

    Args:
        top: the top of the work tree; of a bare repository, the git directory itself.
        git_dir: what belongs to this work tree alone: HEAD, the index.
        common_dir: what linked work trees share: objects, references.
        settings: the few settings that say how the bytes are stored, lower-case `section.key` to value.
    """

    top: Path
    git_dir: Path
    common_dir: Path
    is_bare: bool
    settings: Mapping[str, str]

    @property
    def object_format(self) -> str:
        """`sha1` or `sha256`."""
        return self.settings.get("extensions.objectformat", "sha1").lower()

    @property
    def ref_storage(self) -> str:
        """`files` or `reftable`."""
        return self.settings.get("extensions.refstorage", "files").lower()

    @property
    def id_length(self) -> int:
        """How many hexadecimal digits an object's id has."""
        return _OBJECT_FORMATS[self.object_format]

    @property
    def index(self) -> Path:
        """The file that holds the index."""
        return self.git_dir / "index"

    def shallow(self) -> bytes:
        """The commits whose parents were cut off, one id a line; empty in a full clone."""
        return small_file(self.common_dir / "shallow", limit=1 << 26) or b""

    def is_partial(self) -> bool:
        """Whether objects were left out on purpose, to be fetched when they are asked for."""
        if "extensions.partialclone" in self.settings:
            return True
        pack = self.common_dir / "objects" / "pack"
        try:
            return any(name.endswith(".promisor") for name in os.listdir(pack))
        except OSError:
            return False


def find_clone(directory: Path) -> Clone:
    """
    The clone that a directory lies in, found as git finds it, but without `core.worktree` and the like.

    The top of the work tree is the folder that holds `.git`: a clone under judgement cannot point elsewhere.

    Raises:
        NoRepository: none is there.
        Undecided: it is there and stored in a way that this tool cannot read.
    """
    start = Path(os.path.realpath(directory))
    for folder in (start, *start.parents):
        git_dir = _git_dir(folder / ".git")
        if git_dir is not None:
            return _supported(_clone(folder, git_dir, is_bare=False))
        if _is_git_dir(folder):
            return _supported(_clone(folder, folder, is_bare=True))
    raise NoRepository(str(directory))


def small_file(path: Path, *, limit: int = _CONFIG_MAX) -> bytes | None:
    """The bytes of a plain file, or None if there is none or it is larger than the limit; never waits on a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            return None
        return file.read(limit)


def owners(clone: Clone) -> frozenset[int]:
    """The user ids that own the clone: git trusts a clone only if all of them are the caller's."""
    places = (clone.top, clone.top / ".git", clone.git_dir, clone.common_dir)
    return frozenset(os.lstat(place).st_uid for place in places if os.path.lexists(place))


def _clone(top: Path, git_dir: Path, *, is_bare: bool) -> Clone:
    common = small_file(git_dir / "commondir")
    common_dir = Path(os.path.realpath(git_dir / os.fsdecode(common.strip()))) if common else git_dir
    if not _is_git_dir(common_dir, head=False):
        raise NoRepository(str(top), f"its common directory {common_dir} is not there")
    return Clone(top, git_dir, common_dir, is_bare, _settings(small_file(common_dir / "config") or b""))


def _git_dir(entry: Path) -> Path | None:
    if entry.is_dir():
        return Path(os.path.realpath(entry)) if _is_git_dir(entry) else None
    text = small_file(entry)
    if text is None or not text.startswith(b"gitdir:"):
        return None
    named = Path(os.path.realpath(entry.parent / os.fsdecode(text[len(b"gitdir:") :].strip())))
    if not os.path.lexists(named / "HEAD"):
        raise NoRepository(str(entry.parent), f"its .git names {named}, which is not there")
    return named


def _is_git_dir(folder: Path, *, head: bool = True) -> bool:
    if head and not os.path.lexists(folder / "HEAD"):
        return False
    return (folder / "commondir").is_file() or ((folder / "objects").is_dir() and (folder / "refs").is_dir())


_SECTION = re.compile(r"^\s*\[\s*([A-Za-z0-9.-]+)\s*\]")
_SETTING = re.compile(r"^\s*([A-Za-z][A-Za-z0-9-]*)\s*=\s*\"?([A-Za-z0-9_./-]*)\"?\s*(?:[#;].*)?$")
_KEPT = re.compile(r"extensions\.(objectformat|refstorage|partialclone)|core\.(filemode|ignorecase|precomposeunicode)")


def _settings(config: bytes) -> dict[str, str]:
    # Read by hand, for git would follow `include.path` of a clone that nobody vouches for.
    # Git itself reads `extensions` from this one file only.
    found: dict[str, str] = {}
    section = ""
    for line in config.decode("utf-8", "replace").splitlines():
        header = _SECTION.match(line)
        if header or line.lstrip().startswith("["):
            section = header[1].lower() if header else ""
        setting = _SETTING.match(line[header.end() :] if header else line)
        if setting and _KEPT.fullmatch(name := f"{section}.{setting[1].lower()}"):
            found[name] = setting[2]
    return found


def _supported(clone: Clone) -> Clone:
    if clone.object_format not in _OBJECT_FORMATS:
        raise Undecided(
            f"{clone.top} names its objects by {clone.object_format}, which this version cannot read",
            "use a clone that names them by sha1 or sha256",
        )
    if clone.ref_storage not in _REF_STORAGES:
        raise Undecided(
            f"{clone.top} keeps its references as {clone.ref_storage}, which this version cannot read",
            "run `git refs migrate --ref-format=files`",
        )
    return clone
