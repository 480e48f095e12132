"""Where a ledger may be asked from elsewhere: which addresses git is given, and which it never sees."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from opsledger.errors import NoRepository, Refused, Undecided
from opsledger.store.clone import find_clone
from opsledger.store.git import Git
from opsledger.store.sending import remotes

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)")
_SCP = re.compile(r"(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9._~/][^:]*")
_FOLDER = re.compile(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._/-]*")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_HOW = "give an address such as https://git.example.org/team/ledger.git, or a directory on this machine"


@dataclass(frozen=True)
class Address:
    """
    Where a ledger is.

    Args:
        url: what git is given: an address on the network, or the full path of a directory.
        folder: the folder of the repository in which it stands; empty for the top.
        is_local: whether it is on this machine.
    """

    url: str
    folder: str = ""
    is_local: bool = False


def ledger_address(text: str, directory: Path, environment: Mapping[str, str]) -> Address:
    """
    Read where a ledger is: `https://…`, `ssh://…`, `git@host:path` or a directory, with `#folder` behind it.

    A directory in which somebody works stands for the remote that it calls origin: a branch in a clone has no say.

    Raises:
        Refused: it is no such address, or one over which nobody can be sure who answers.
        Undecided: the directory is another user's, or is not there.
    """
    if not text or text.startswith("-") or re.search(r"[\x00-\x20\x7f]|::", text):
        raise Refused(f"{text!r} is no address of a ledger", _HOW)
    bare, _, folder = text.partition("#")
    if folder and not _FOLDER.fullmatch(folder):
        raise Refused(f"{folder!r} is no folder of a repository", "write it as ops/ledger, without dots")
    found = _SCHEME.fullmatch(bare)
    if found is not None and found[1].lower() != "file":
        return Address(_remote(bare, found[1].lower()), folder)
    if found is None and _SCP.fullmatch(bare) and not (directory / bare).exists():
        return Address(bare, folder)
    return _local(found[2] if found is not None else bare, folder, directory, environment, may_follow=True)


def _remote(url: str, scheme: str) -> str:
    from urllib.parse import urlsplit  # only who asks from elsewhere pays for it

    try:
        parts = urlsplit(url)
        host, secret = parts.hostname or "", parts.password
    except ValueError:
        raise Refused(f"{url!r} is no address of a ledger", _HOW) from None
    is_safe = scheme in ("https", "ssh") or (scheme == "http" and host in _LOOPBACK)
    if not is_safe:
        raise Refused(f"over {scheme} nobody can be sure which ledger answers", "use https or ssh")
    if not re.match(r"[A-Za-z0-9\[]", host) or (parts.username or "").startswith("-"):
        raise Refused(f"{url!r} names no host", _HOW)
    if secret:
        raise Refused(
            "the address holds a password, which would stay in files and lists of processes",
            "leave it out, and hand it to git by a credential helper or by GIT_CONFIG_COUNT and http.extraheader",
        )
    return url


def _local(text: str, folder: str, directory: Path, environment: Mapping[str, str], *, may_follow: bool) -> Address:
    place = Path(os.path.realpath(directory / text))
    if not place.is_dir():
        raise Undecided(f"the ledger could not be asked: no directory is called {text!r} here", _HOW)
    clone = find_clone(place)
    if place not in (clone.top, clone.git_dir):
        raise NoRepository(str(place), "it is a folder inside of one; name the top, and #folder behind it")
    git = Git(clone, environment)  # it asks git whether a clone of another user may be looked at
    try:
        origin = remotes(git).get("origin", "")
    finally:
        git.close()
    if not origin or clone.is_bare:
        return Address(str(clone.common_dir), folder, is_local=True)
    if not may_follow:
        raise Undecided(f"{place} is a clone of a clone", "name the address of the ledger's server")
    scheme = _SCHEME.fullmatch(origin)
    if scheme is not None and scheme[1].lower() != "file":
        return Address(_remote(origin, scheme[1].lower()), folder)
    if scheme is None and _SCP.fullmatch(origin) and not (clone.top / origin).exists():
        return Address(origin, folder)
    return _local(scheme[2] if scheme is not None else origin, folder, clone.top, environment, may_follow=False)
