"""`opsledger approvals list`: the signatures on a record, those that count and those that do not."""

from __future__ import annotations

from datetime import datetime

import click

from opsledger.cli.caller import Caller
from opsledger.cli.occasion import as_of_option, pull_request_in, reviews_option
from opsledger.cli.options import format_option
from opsledger.cli.screen import show


@click.command("list")
@click.argument("subject")
@click.option("--base", metavar="REVISION", help="Count by the roles and gates of this branch.")
@as_of_option
@reviews_option
@format_option("text", "json")
@click.pass_obj
def command(
    caller: Caller, *, subject: str, base: str | None, as_of: datetime | None, reviews: str | None, form: str
) -> None:
    """
    List the signatures on a record: those that count, and those that do not with the reason.

    Exits 0 when every scope is signed that a gate asks for, 1 when one is not, 3 when that is undecided.
    """
    from opsledger.cli.reviewed import tallied
    from opsledger.report.approvals import tallies_json, tallies_text

    pull_request = pull_request_in(caller, reviews)
    with caller.book() as book:
        record, tallies = tallied(
            book, caller, subject, base=base, as_of=as_of or caller.now, pull_request=pull_request
        )
        show((tallies_json if form == "json" else tallies_text)(record, tallies))
    open_ones = [tally for tally in tallies if not tally.is_met]
    raise SystemExit(0 if not open_ones else 3 if all(tally.undecided for tally in open_ones) else 1)
