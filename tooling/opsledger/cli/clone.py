"""What `doctor` sees without asking anybody: the clone, its remote and the ledger's settings."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger import __version__
from opsledger.adapters.forges import Guard, Outcome
from opsledger.api import Book
from opsledger.cli.reaching import address_of
from opsledger.errors import NoSuchRevision, Refused
from opsledger.policy import MARK, settings_of
from opsledger.store import Snapshot

_HOOK = "opsledger"


def looked_at(book: Book) -> Iterator[Guard]:
    """Yield what stands well in a clone and what does not."""
    repository = book.repository
    here = book.snapshot()
    yield _guard("history", not repository.is_shallow, "the whole history is here", "history was cut off in this clone",
                 "run `git fetch --unshallow`")  # fmt: skip
    grafted = repository.grafted()
    yield _guard("grafts", grafted is None, "git shows the history as its commits tell it", grafted or "",
                 "run `git replace -d` on what it names, and empty .git/info/grafts")  # fmt: skip
    yield _remote(book, here)
    yield _base(book, here)
    yield from _settings(here)
    yield _hook(book)


def _guard(name: str, holds: bool, good: str, bad: str, fix: str) -> Guard:
    return Guard(name, Outcome.ENFORCED, good) if holds else Guard(name, Outcome.MISSING, bad, fix)


def _remote(book: Book, here: Snapshot) -> Guard:
    try:
        return Guard("address", Outcome.ENFORCED, f"this ledger is {address_of(book.repository, here)}")
    except Refused as unknown:
        return Guard("address", Outcome.MISSING, unknown.sentence, unknown.fix)


def _base(book: Book, here: Snapshot) -> Guard:
    protected = settings_of(here).protected.removeprefix("refs/heads/").removeprefix("origin/")
    for name in (f"refs/remotes/origin/{protected}", f"refs/heads/{protected}"):
        try:
            commit = book.repository.resolve(name)
        except NoSuchRevision:
            continue
        has_ledger = MARK in book.repository.commit(commit).files
        return _guard("base", has_ledger, f"{protected} is known here and holds the ledger",
                      f"{protected} holds no {MARK}, so the packaged preset judges",
                      f"merge one into {protected}")  # fmt: skip
    return Guard("base", Outcome.MISSING, f"the protected branch {protected} is not known in this clone",
                 f"run `git fetch origin {protected}`, or correct `protected` in {MARK}")  # fmt: skip


def _settings(here: Snapshot) -> Iterator[Guard]:
    settings = settings_of(here)
    if MARK not in here.files:
        yield Guard("settings", Outcome.MISSING, f"{MARK} is not committed", f"run `git add {MARK}` and commit it")
        return
    pinned = not settings.tool or settings.tool == __version__
    yield _guard("version", pinned and bool(settings.tool), f"the ledger is judged by {settings.tool}, and this is it",
                 f"{MARK} pins {settings.tool} and this is {__version__}" if settings.tool
                 else f"{MARK} pins no version, so any of them may judge",
                 f"install opsledger {settings.tool}" if settings.tool
                 else f'write `tool: "{__version__}"` into {MARK}')  # fmt: skip


def _hook(book: Book) -> Guard:
    """Say whether a hook of this clone runs opsledger: on a server that is what guards the branch."""
    name = "pre-receive" if book.repository.is_bare else "pre-commit"
    path = book.repository.git_dir / "hooks" / name
    try:
        runs = _HOOK in path.read_text(encoding="utf-8", errors="replace")[:20_000]
    except OSError:
        runs = False
    return _guard("hook", runs, f"the {name} hook runs opsledger", f"no {name} hook runs opsledger in this clone",
                  "install it as the guide says; CI judges in any case")  # fmt: skip
