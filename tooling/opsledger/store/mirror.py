"""
A repository that is somewhere else, asked through a bare clone without contents that this user keeps in a cache.

Of the history only commits and folders are kept; of a ledger, the contents of the files at the tip are fetched in one
go. Each use fetches anew, and what cannot be fetched is undecided. Nothing of the clone comes from the remote but
objects.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from opsledger.errors import Refused, Undecided
from opsledger.store.addresses import Address
from opsledger.store.repository import Repository

_CONFIG = """\
[core]
\trepositoryformatversion = 1
\tbare = true
[extensions]
\tobjectformat = {form}
\tpartialclone = origin
[remote "origin"]
\turl = {url}
\tpromisor = true
\tpartialclonefilter = blob:none
"""
_ALLOWED = "https:ssh:file:http"
HEAD = "refs/remotes/origin/HEAD"
"""What the remote's HEAD named when it was fetched last."""


@dataclass(frozen=True)
class Wanted:
    """
    What is fetched of a repository that is somewhere else.

    Args:
        get: fetches it.
        called: what messages call it.
        remedy: what to do where it cannot be had.
    """

    get: Callable[[Repository], None]
    called: str
    remedy: str


def _tip(repository: Repository) -> None:
    repository.fetch("origin", f"+HEAD:{HEAD}")
    repository.complete(repository.resolve(HEAD))


def _history(repository: Repository) -> None:
    repository.fetch("origin", "+refs/tags/*:refs/tags/*", "+refs/heads/*:refs/remotes/origin/*")


LEDGER = Wanted(
    _tip, "the ledger",
    "try again when it answers; where it cannot wait, `opsledger deploy start` goes on with --break-glass",
)  # fmt: skip
HISTORY = Wanted(_history, "the repository", "try again when it answers, or name the folder of a clone that you have")


@contextmanager
def mirrored(
    address: Address, cache: Path | None, *, environment: Mapping[str, str], is_held: bool = False,
    wanted: Wanted = LEDGER,
) -> Iterator[Repository]:  # fmt: skip
    """
    Open the clone of a repository that is elsewhere: a ledger with what its HEAD names, or the history of some code.

    Args:
        cache: the user's folder for caches; `None` clones anew, and leaves nothing behind.
        is_held: whether nobody else may use it meanwhile, for whoever is to write.
        wanted: what is fetched of it, `LEDGER` or `HISTORY`.

    Raises:
        Undecided: it cannot be fetched.
        Refused: the cache is another user's.
    """
    allowed = {"GIT_ALLOW_PROTOCOL": _allowed(environment)}
    with _place(address, cache) as place:
        handle = os.open(f"{place}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            _fetched(place, address, dict(environment) | allowed, wanted)
            if not is_held:
                fcntl.flock(handle, fcntl.LOCK_SH)
            with Repository.within(place, address.folder, environment=dict(environment) | allowed) as repository:
                yield repository
        finally:
            os.close(handle)


def _fetched(place: Path, address: Address, environment: Mapping[str, str], wanted: Wanted) -> None:
    """Fetch into the clone; a repository that names its objects otherwise gets a clone of that sort."""
    for form in (None, "sha256", "sha1"):
        if form is not None:
            _made(place, address, form)
        elif not (place / "config").is_file():
            continue
        try:
            with Repository.within(place, address.folder, environment=environment) as repository:
                wanted.get(repository)
        except Undecided as unknown:
            if form == "sha1" or "algorithm" not in unknown.missing:
                said = f"{wanted.called} could not be asked: {_plain(unknown.missing, address)}"
                raise Undecided(said, wanted.remedy) from None
        else:
            return


def _plain(said: str, address: Address) -> str:
    return said.replace("from origin", f"from {address.url}")


def _made(place: Path, address: Address, form: str) -> None:
    """Make the clone by hand: no template and no configuration of the machine has a part in it."""
    shutil.rmtree(place, ignore_errors=True)
    for folder in ("objects/info", "objects/pack", "refs/heads"):
        (place / folder).mkdir(parents=True, mode=0o700)
    (place / "HEAD").write_text("ref: refs/heads/nothing\n", encoding="utf-8")
    escaped = address.url.replace("\\", "\\\\").replace('"', '\\"')
    (place / "config").write_text(_CONFIG.format(form=form, url=f'"{escaped}"'), encoding="utf-8")


@contextmanager
def _place(address: Address, cache: Path | None) -> Iterator[Path]:
    name = hashlib.sha256(f"{address.url}#{address.folder}".encode()).hexdigest()[:32]
    if cache is None:
        with tempfile.TemporaryDirectory(prefix="opsledger-") as folder:
            yield Path(folder) / name
        return
    folder_of_all = cache / "ledgers"
    folder_of_all.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = os.lstat(folder_of_all)
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise Refused(
            f"{folder_of_all} may be written by others, so nothing in it can be believed",
            f"run `chmod go-w` on it, or name another place in XDG_CACHE_HOME; it belongs to user {status.st_uid}",
        )
    yield folder_of_all / name


def _allowed(environment: Mapping[str, str]) -> str:
    """The ways over which git may fetch: ours, as far as the user allows them."""
    stated = environment.get("GIT_ALLOW_PROTOCOL")
    if stated is None:
        return _ALLOWED
    return ":".join(way for way in _ALLOWED.split(":") if way in stated.split(":"))
