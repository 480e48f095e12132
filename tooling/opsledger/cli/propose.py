"""`opsledger propose`: put your work on a branch, push it, and open the pull request."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.drafting import Wished, propose
from opsledger.cli.options import base_option, dry_run_option, set_option


@click.command("propose")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--title", default="", metavar="TEXT", help="What the pull request is called.")
@click.option("--branch", default="", metavar="NAME", help="The branch to put it on.  [default: propose/ID]")
@click.option("--remote", default="origin", show_default=True, metavar="NAME", help="Where it is pushed.")
@set_option
@click.option("--as-is", is_flag=True, help="Leave the records in the states that they are in.")
@click.option("--offline", is_flag=True, help="Only commit it here: fetch nothing, push nothing, ask no forge.")
@base_option
@dry_run_option
@click.pass_obj
def command(
    caller: Caller, *, ids: tuple[str, ...], title: str, branch: str, remote: str, given: tuple[str, ...], as_is: bool,
    offline: bool, base: str | None, dry_run: bool,
) -> None:  # fmt: skip
    """
    Put your work on a branch, push it, and open the pull request.

    Takes every changed file of the ledger, or with ID only those records and what was written with them. Each ID is
    moved on as far as its gates let it, and through those that wait only for this pull request's reviews. It is
    checked as the merge would be, and anything but a missing signature stops it. Afterwards you stand on the new
    branch; the branch that you came from stays as it was.

    Exits 0 when it is proposed, 1 when check finds something to mend first, 2 when there is nothing to propose.
    """
    with caller.book() as book:
        propose(caller, book, Wished(ids, title, branch, remote, base, offline, given, as_is), dry_run=dry_run)
