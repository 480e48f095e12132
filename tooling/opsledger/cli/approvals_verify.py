"""`opsledger approvals verify`: look at approval records again, here and at the forge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import format_option
from opsledger.cli.screen import show
from opsledger.errors import Undecided
from opsledger.report.plain import counted

if TYPE_CHECKING:
    from opsledger.api import Book
    from opsledger.approvals import PullRequest


@click.command("verify")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--live", is_flag=True, help="Ask the forge again, and list what is different there.")
@format_option("text", "json")
@click.pass_obj
def command(caller: Caller, *, ids: tuple[str, ...], live: bool, form: str) -> None:
    """
    Look at approval records again: proof, signer, digest and, with --live, the review at its forge.

    Exits 0 when all stand, 1 when one does not, 3 when something could not be looked at.
    """
    from opsledger.cli.verifying import against_forge, exit_code, verified
    from opsledger.report.approvals import looked_json, looked_text

    with caller.book() as book:
        pairs = list(verified(book, ids, caller.environment))
        found = [one for _, one in pairs]
        if live:
            found = list(against_forge(pairs, lambda url: _again(book, caller, url)))
    show((looked_json if form == "json" else looked_text)(found))
    if form == "text":
        stand = sum(not one.faults and not one.doubts for one in found)
        verb = "stands" if stand == 1 else "stand"
        show([f"{counted(len(found), 'approval')}, of which {stand} {verb}"])
    raise SystemExit(exit_code(found))


def _again(book: Book, caller: Caller, url: str) -> PullRequest:
    """Ask the forge for a pull request of this ledger once more."""
    from opsledger.cli.reaching import address_of, live_pull_request

    found = live_pull_request(url, address_of(book.repository, book.snapshot()), caller.environment)
    if not found.is_whole:
        raise Undecided(f"not all reviews of {url} could be read", "ask again")
    return found
