"""What the commands about CODEOWNERS share: the records, the file at the top of the repository, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from opsledger.api import Book
from opsledger.cli.caller import Caller
from opsledger.codeowners import Asking, Dialect, dialect_of
from opsledger.errors import Refused, Undecided
from opsledger.people import People, people_of
from opsledger.policy import policy_of, settings_of
from opsledger.store import Repository, Snapshot

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_MOST = 9 << 20


def dialect_option(function: Decorated) -> Decorated:
    """Choose the forge whose file is meant."""
    words = "The forge that reads the file.  [default: as the files and the roles tell]"
    return click.option("--dialect", type=click.Choice([one.value for one in Dialect]), help=words)(function)


@dataclass(frozen=True)
class Owning:
    """The records, the file, and where it is; `data` is `None` where the forge finds no file."""

    asking: Asking
    repository: Repository
    data: bytes | None
    records: int

    @property
    def text(self) -> str | None:
        """The file as text."""
        return None if self.data is None else self.data.decode("utf-8", "replace")


@contextmanager
def owning(caller: Caller, stated: str | None) -> Iterator[Owning]:
    """
    Open the ledger around the caller, and the repository that it lies in.

    Args:
        caller: whose ledger it is.
        stated: the dialect that was asked for, or `None` to find out.

    Raises:
        Refused: nobody can tell which forge is meant.
        Undecided: a role cannot be read.
    """
    with caller.book() as book, Repository.at_top(book.repository.top, environment=caller.environment) as whole:
        # The file stands at the top of the repository, which may lie above the ledger.
        top = whole.commit("HEAD") if whole.is_bare else whole.work_tree()
        ledger = book.snapshot() if book.repository.prefix else top
        people = people_of(ledger, book.kinds)
        _refuse_unread(people, book)
        dialect = _dialect(stated, top, people)
        asking = Asking(
            people, book.kinds, dialect, top.files, book.repository.prefix, _keeper(book, ledger),
            _quorums(people, caller),
        )  # fmt: skip
        data = top.read(asking.path, limit=_MOST) if asking.path else None
        records = sum(book.kinds.of_path(path) is not None for path in ledger.files if path.endswith(".yaml"))
        yield Owning(asking, whole, data, records)


def _refuse_unread(people: People, book: Book) -> None:
    """Stop where a role cannot be read: whatever it owns would seem to be nobody's."""
    kind = book.kinds.get("role")
    for path in people.unreadable:
        if book.kinds.of_path(path) is kind:
            raise Undecided(f"what {path} owns cannot be read", "correct it: `opsledger check` says what is wrong")


def _dialect(stated: str | None, top: Snapshot, people: People) -> Dialect:
    if stated is not None:
        return Dialect(stated)
    found = dialect_of(top.files, [forge for role in people.roles.values() for forge in role.owners])
    if found is None:
        raise Refused("nobody can tell which forge this is for", "name it, for example --dialect github")
    return found


def _keeper(book: Book, ledger: Snapshot) -> str:
    """Return the role that owns what no other one does."""
    policy = policy_of(ledger, book.kinds, settings_of(ledger).preset)
    return str(policy.data.get("approvals", {}).get("default_role", ""))


def _quorums(people: People, caller: Caller) -> dict[str, int]:
    """Return how many must approve for roles that a body with a quorum holds."""
    return {role: people.needed(role, caller.now) for role in people.roles}
