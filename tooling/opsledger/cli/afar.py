"""A ledger that is elsewhere: opened for reading or writing at the tip of its protected branch, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from opsledger.api import Book, cache_folder
from opsledger.cli.caller import Caller
from opsledger.errors import NoLedger, NoSuchRevision, Refused, Undecided
from opsledger.policy import MARK, settings_of
from opsledger.store.landing import fetched_tip


@dataclass(frozen=True)
class Abroad:
    """
    A ledger at the tip of its protected branch, as its server has it now.

    Args:
        book: the open ledger.
        remote: where its server is, by git's name for it.
        branch: the short name of the protected branch.
        tip: full id of its newest commit.
    """

    book: Book
    remote: str
    branch: str
    tip: str

    @property
    def base(self) -> str:
        """What the protected branch is called in this clone."""
        return f"{self.remote}/{self.branch}"


@contextmanager
def abroad(caller: Caller, ledger: str, *, remote: str = "origin", writes: bool = False) -> Iterator[Abroad]:
    """
    Open a ledger as its server has it; a branch of this clone has no say.

    Args:
        ledger: where it is; empty for the ledger around the caller's directory.
        remote: which server, where it is the one around.
        writes: whether something is to be pushed to it.

    Raises:
        Undecided: it cannot be fetched.
        NoLedger: none stands there.
    """
    if not ledger:
        with caller.book() as book:
            branch = _protected(book, book.repository.head() or "HEAD")
            yield Abroad(book, remote, branch, fetched_tip(book.repository, remote, branch))
        return
    from opsledger.store.addresses import ledger_address
    from opsledger.store.mirror import HEAD, mirrored

    address = ledger_address(ledger, caller.directory, caller.environment)
    cache = cache_folder(caller.environment)
    with mirrored(address, cache, environment=caller.environment, is_held=writes) as repository:
        book = Book(repository, cache, caller.environment)
        if MARK not in repository.commit(HEAD).files:
            raise NoLedger(ledger)
        branch = _protected(book, HEAD)
        yield Abroad(book, "origin", branch, fetched_tip(repository, "origin", branch))


def at_of(there: Abroad, named: str | None) -> str:
    """
    The commit that is to be judged: what was named, if it is part of the protected branch, else the tip.

    Raises:
        Refused: it is not part of it.
    """
    if named is None:
        return there.tip
    try:
        is_part = there.book.repository.is_ancestor(named, there.tip)
    except NoSuchRevision:
        is_part = False
    if not is_part:
        raise Refused(f"{named} is no commit of {there.branch}, which judges", "name one of its commits by its id")
    commit = there.book.repository.resolve(named)
    there.book.repository.complete(commit, there.remote)
    return commit


def _protected(book: Book, revision: str) -> str:
    """Return the short name of the protected branch, as the ledger's settings say."""
    try:
        stated = settings_of(book.repository.commit(revision)).protected
    except NoSuchRevision:
        raise Undecided("this ledger has no commit yet", "commit and push it first") from None
    return stated.removeprefix("refs/heads/").removeprefix("origin/")
