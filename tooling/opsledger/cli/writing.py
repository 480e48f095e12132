"""What all writing commands share: the ledger they work on, and the end where a plan is carried out and told."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from opsledger.cli.caller import Caller
from opsledger.cli.screen import show, tell
from opsledger.edit.base import base_snapshot
from opsledger.edit.judging import Judge, accept
from opsledger.edit.plan import Plan, Write, apply
from opsledger.errors import NoLedger, NoRepository
from opsledger.kind import Kinds, packaged_kinds
from opsledger.ledger import Ledger
from opsledger.report.plain import escape
from opsledger.store import Repository, Snapshot

PAST = {"write": "wrote", "change": "changed", "remove": "removed"}
MANY = 12


@dataclass(frozen=True)
class Desk:
    """
    What a writing command works on.

    Args:
        repository: where the ledger is kept.
        ledger: of the work tree.
        base: the branch that others rely on, as far as it is known here.
        top: of the work tree.
        root: of the ledger.
        prefix: the root as seen from the top (`""` or `"sub/"`).
        judge: what a check finds in a snapshot.
    """

    repository: Repository
    ledger: Ledger
    base: Snapshot | None
    top: Path
    root: Path
    prefix: str
    judge: Judge

    def accept(self, plan: Plan) -> None:
        """
        Refuse a plan that would break what it writes, and tell what it breaks elsewhere.

        Raises:
            NotAccepted: the check would not pass.
        """
        for finding in accept(self.ledger.snapshot, plan, self.judge):
            tell(f"note: {finding.place}: {finding.code} {escape(finding.message)}")
            if finding.fix:
                tell(f"    fix: {escape(finding.fix)}")


@contextmanager
def desk(caller: Caller, base: str | None = None) -> Iterator[Desk]:
    """Open the ledger around the caller for a change of the work tree."""
    with caller.book() as book:
        ledger = book.ledger()
        repository = book.repository
        yield Desk(
            repository=repository,
            ledger=ledger,
            base=base_snapshot(repository, ledger.snapshot, base),
            top=repository.top,
            root=repository.root,
            prefix=repository.prefix,
            # All of them: a finding that is not listed must not let a plan pass.
            judge=lambda snapshot: book.judge(snapshot, most=None).findings,
        )


def kinds_around(caller: Caller) -> Kinds:
    """Return the kinds of the ledger around the caller; outside of one, those that the tool brings along."""
    try:
        with caller.book() as book:
            return book.kinds
    except (NoLedger, NoRepository):
        return packaged_kinds()


def finish(plan: Plan, root: Path, *, dry_run: bool) -> None:
    """Carry out the plan, unless it is only to be shown, and print what it did."""
    if dry_run:
        show(_shown(plan))
        return
    apply(plan, root)
    tell_done(plan)


def tell_done(plan: Plan) -> None:
    """Print which files a plan wrote, and what comes next."""
    show(_told(plan))
    show(escaped_line(sentence) for sentence in plan.said)


def _told(plan: Plan) -> Iterator[str]:
    """Yield one line a file, or one a folder where many of its files were written."""
    for (verb, folder), writes in groupby(plan.writes, key=lambda write: (write.verb, write.path.rpartition("/")[0])):
        names = [escape(write.path) for write in writes]
        if len(names) > MANY:
            yield f"{PAST[verb]} {len(names)} files in {escape(folder)}"
        else:
            yield from (f"{PAST[verb]} {name}" for name in names)


def _shown(plan: Plan) -> Iterator[str]:
    """Yield the differences that a plan would make."""
    for write in plan.writes:
        yield f"would {write.verb} {escape(write.path)}"
        yield from (f"    {line}" for line in _differences(write))
    if not plan.writes:
        yield from (escaped_line(sentence) for sentence in plan.said)


def _differences(write: Write) -> Iterator[str]:
    """Yield the lines that come and go, with three around them."""
    before, after = (_lines(content) for content in (write.before, write.after))
    changes = difflib.unified_diff(before, after, lineterm="")
    return (escape(line) for number, line in enumerate(changes) if number >= 2)  # two lines of names


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode("utf-8", "replace").splitlines()


def escaped_line(sentence: str) -> str:
    """Return a sentence of ours with what it quotes made harmless, its indentation kept."""
    words = sentence.lstrip(" ")
    return sentence[: len(sentence) - len(words)] + escape(words)
