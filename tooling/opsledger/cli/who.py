"""`opsledger who`: who owns a file, who must sign for a record, and who somebody is."""

from __future__ import annotations

from datetime import datetime

import click

from opsledger.cli.caller import Caller
from opsledger.cli.looking import is_plain
from opsledger.cli.occasion import as_of_option, pull_request_in, reviews_option
from opsledger.cli.options import format_option
from opsledger.cli.screen import show, wants_colour
from opsledger.cli.standing import Wanted, standing_of
from opsledger.report.json_lines import line
from opsledger.report.who import who_object, who_view


@click.command("who")
@click.argument("name", metavar="PATH|ID")
@as_of_option
@click.option("--base", metavar="REVISION", help="Whose roles and gates hold.  [default: those of the work tree]")
@click.option("--scope", default="", metavar="SCOPE", help="Only signatures on this part of the record, such as plan.")
@reviews_option
@format_option("text", "json")
@click.pass_obj
def command(
    caller: Caller, *, name: str, as_of: datetime | None, base: str | None, scope: str, reviews: str | None, form: str
) -> None:
    """
    Say who owns a file, who must sign for a record, and why.

    PATH is a file of the ledger, whether it is there or not; ID is a record. Of a record it names the gates before
    its next moves, who has signed and who could. Of a party it tells roles, teams, stand-ins and keys; of a role, who
    holds it. Behind every name stands why.

    Exits 0 when it can say, 2 when no record is called that, 3 when the base is not in this clone.
    """
    wanted = Wanted(name, as_of or caller.now, base, scope, pull_request_in(caller, reviews))
    with caller.book() as book:
        standing = standing_of(book, caller, wanted)
    if form == "json":
        show([line(who_object(standing))])
    else:
        show(who_view(standing, colour=wants_colour(caller.environment), plain=is_plain()))
