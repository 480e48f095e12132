"""A push to a git server, from what its hook reads to what the one who pushes is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from opsledger.api import Book, cache_folder
from opsledger.cli.bench import Bench
from opsledger.cli.caller import Caller
from opsledger.cli.screen import tell
from opsledger.errors import NoSuchRevision
from opsledger.finding import Severity
from opsledger.policy import MARK, settings_of
from opsledger.receiving import Court, Pusher, Ruling, Update, pusher_of, receive
from opsledger.report.judgement import printed
from opsledger.report.plain import escape
from opsledger.store import Repository

HOOK = Path(__file__).parent.parent / "hooks" / "pre-receive"
"""The script that a server runs."""


@dataclass(frozen=True)
class Server:
    """
    How a server is set up; a text that is empty was not given.

    Args:
        protected: the protected branch.
        folder: where the ledger stands in the repository.
        host: what party records call the server.
        tags: patterns of tags that stay where they are.
        by: the party that pushes, where the hook itself says so.
    """

    protected: str
    folder: str
    host: str
    tags: tuple[str, ...]
    by: str


def received(caller: Caller, pushed: Sequence[Update], server: Server) -> bool:
    """Judge a push, tell what speaks against it, and return whether it is taken."""
    repository = Repository.within(caller.directory, server.folder, environment=caller.environment)
    with Book(repository, cache_folder(caller.environment), caller.environment) as book:
        branch = server.protected or _protected(book)
        ref = branch if branch.startswith("refs/") else f"refs/heads/{branch}"
        pusher = _pusher(caller, book, pushed, ref, server)
        ruling = receive(pushed, _court(caller, book), pusher, protected=ref, tags=server.tags)
    for line in _said(ruling, repository.prefix):
        tell(line)
    return ruling.is_accepted


def _court(caller: Caller, book: Book) -> Court:
    bench = Bench(book)
    return Court(
        book.repository,
        lambda at, base, by: book.check(at, base=base, as_of=caller.now, by=by),
        lambda at, base: bench.ledger(book.repository.commit(at), base),
        bench.judge,
        caller.now,
        caller.environment,
    )


def _protected(book: Book) -> str:
    """Return the branch that the ledger protects; where there is none yet, the one that the server has checked out."""
    try:
        head = book.repository.commit("HEAD")
    except NoSuchRevision:
        return book.repository.branch
    if MARK not in head.files:
        return book.repository.branch
    return settings_of(head).protected.removeprefix("refs/heads/").removeprefix("origin/")


def _pusher(caller: Caller, book: Book, pushed: Sequence[Update], ref: str, server: Server) -> Pusher:
    """Return who pushes, by the people of the branch as it stands."""
    old = next((one.old for one in pushed if one.ref == ref and not one.is_new), None)
    if old is None:
        return Pusher()
    judge = Bench(book).judge(old)
    host = server.host or settings_of(judge.snapshot).repository.partition("/")[0]
    named = {**caller.environment, "OPSLEDGER_PARTY": server.by}
    return pusher_of(judge.people, named, server=host, at=caller.now)


def _said(ruling: Ruling, prefix: str) -> Iterator[str]:
    """Yield what the one who pushes reads behind git's `remote:`."""
    if ruling.is_accepted:
        return
    for one in ruling.objections:
        yield escape(one.said)
        if one.fix:
            yield f"    fix: {escape(one.fix)}"
    for judgement in ruling.judgements:
        if judgement.exit_code:
            grave = tuple(one for one in judgement.findings if one.severity is Severity.ERROR)
            lines = printed(replace(judgement, findings=grave), "text", prefix=prefix)
            yield from (one for line in lines for one in line.rstrip("\n").splitlines())
    yield from (f"note: {escape(note)}" for note in ruling.notes)
    yield "nothing was taken"
