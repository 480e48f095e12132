"""The commits that a release brings, read from this repository or from another clone."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from opsledger.edit.mentions import Told
from opsledger.errors import NoSuchRevision, Refused, Undecided
from opsledger.store import Repository

_VERSION = re.compile(r"(?:^|[-/_@])[vV]?(?P<version>[0-9]{1,9}(?:\.[0-9]{1,9})+(?:[-+.][0-9A-Za-z.+~-]+)?)$")
_MOST = 50_000
_LONGEST_MESSAGE = 20_000


@dataclass(frozen=True)
class Span:
    """
    A range of commits.

    Args:
        before: the revision that the release before was made from, as it was typed.
        after: the revision of this release, as it was typed.
        commit: full id of the commit that `after` names.
        address: of the repository, as records write it; empty where nobody says.
        is_own: whether the ledger is kept in the same repository.
        tag: what the annotated tag `after` says, or empty.
        commits: the newest first.
        paths: the files that they changed, from the top of the repository.
    """

    before: str
    after: str
    commit: str
    address: str
    is_own: bool
    tag: str
    commits: tuple[Told, ...]
    paths: frozenset[str]

    @property
    def version(self) -> str:
        """The version that the tag names, or empty."""
        return version_in(self.after)

    @property
    def version_before(self) -> str:
        """The version that the tag of the release before names, or empty."""
        return version_in(self.before)


def version_in(tag: str) -> str:
    """
    The version in the name of a tag, or empty.

    >>> version_in("v4.2.1"), version_in("payments-4.2.1"), version_in("main")
    ('4.2.1', '4.2.1', '')
    """
    found = _VERSION.search(tag.removeprefix("refs/tags/"))
    return found["version"] if found else ""


def ends_of(stated: str) -> tuple[str, str]:
    """
    The two ends of `v4.2.0..v4.2.1`.

    Raises:
        Refused: it is no such range.
    """
    before, dots, after = stated.partition("..")
    if not (before and dots and after) or after.startswith(".") or ".." in after:
        raise Refused(f"{stated!r} is no range of commits", "write it as v4.2.0..v4.2.1")
    return before, after


def span_of(repository: Repository, stated: str, *, address: str, is_own: bool, directory: str = "") -> Span:
    """
    Read a range of commits.

    Args:
        repository: the clone, opened at its top.
        stated: the range as it was typed.
        address: of the repository, or empty.
        is_own: whether the ledger is kept in it.
        directory: how git is told where the clone is; empty where the caller stands in it.

    Raises:
        Refused: it is no range, it is empty, or its start is no part of its end.
        Undecided: this clone lacks a part of it; the sentence says what brings it.
    """
    before, after = ends_of(stated)
    git = f"git -C {shlex.quote(directory)}" if directory else "git"
    if repository.is_shallow:
        raise Undecided("history was cut off in this clone, so the range may lack commits",
                        f"run `{git} fetch --unshallow --tags`")  # fmt: skip
    if grafted := repository.grafted():
        raise Undecided(grafted, "take it away, and give the command again")
    old, new = (_commit(repository, name, git) for name in (before, after))
    if old == new:
        raise Refused(f"{before} and {after} are the same commit, so nothing was released between them")
    if not repository.is_ancestor(old, new):
        raise Refused(f"{before} is no part of the history of {after}", "name the tag of the release before it")
    ids = repository.between(old, new)
    if len(ids) > _MOST:
        raise Refused(f"{stated} holds {len(ids):,} commits, and {_MOST:,} are the most that are read",
                      "name a later start")  # fmt: skip
    texts = repository.texts(ids)
    told = tuple(Told(id, texts[id].message[:_LONGEST_MESSAGE], len(texts[id].parents) > 1) for id in ids)
    paths = frozenset(change.path for commit in repository.log(new, since=old) for change in commit.changes)
    return Span(before, after, new, address, is_own, repository.tag_message(after), told, paths)


def _commit(repository: Repository, name: str, git: str) -> str:
    try:
        return repository.resolve(name)
    except NoSuchRevision:
        raise Undecided(f"no tag or commit is called {name!r} here", f"run `{git} fetch --tags`") from None


Plain = Callable[[str], str]
"""Gives an address of a repository as records write it: `github.com/kestrel-pay/payments`."""
