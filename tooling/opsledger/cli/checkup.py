"""What `doctor` asks the forge about a branch, and how the answer is kept."""

from __future__ import annotations

from opsledger.adapters.forges import Protection, protection
from opsledger.api import Book
from opsledger.cli.caller import Caller
from opsledger.cli.reaching import address_of, home_of, transport_of
from opsledger.cli.writing import finish
from opsledger.edit.guarding import Seen, plan_protection
from opsledger.edit.judging import accept
from opsledger.policy import settings_of


def asked_of_forge(book: Book, caller: Caller, branch: str | None, check: str) -> Protection:
    """Ask the forge about a branch."""
    here = book.snapshot()
    address = address_of(book.repository, here)
    home = home_of(address, caller.environment)
    named = branch or settings_of(here).protected.removeprefix("refs/heads/").removeprefix("origin/")
    return protection(home.sort, address, named, transport_of(caller.environment), check=check, api=home.api)


def stored(book: Book, caller: Caller, asked: Protection, by: str, *, dry_run: bool) -> None:
    """Write what the forge said as evidence."""
    seen = [Seen(one.name, one.outcome.value, one.sentence, one.is_advice) for one in asked.guards]
    sort = home_of(asked.repository, caller.environment).sort
    plan = plan_protection(
        book.kinds["evidence"], seen, address=asked.repository, branch=asked.branch, sort=sort, now=caller.now, by=by
    )
    accept(book.snapshot(), plan, lambda planned: book.judge(planned, most=None).findings)
    finish(plan, book.repository.root, dry_run=dry_run)
