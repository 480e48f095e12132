"""`opsledger show`: show one record, its links and what it may become."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.looking import is_plain, ledger_at
from opsledger.cli.options import at_option, format_option
from opsledger.cli.screen import show, wants_colour
from opsledger.graph import named
from opsledger.report.json_lines import line
from opsledger.report.record_view import record_object, record_view


@click.command("show")
@click.argument("id")
@at_option
@format_option("text", "json")
@click.pass_obj
def command(caller: Caller, *, id: str, at: str, form: str) -> None:
    """
    Show one record, its links and what it may become.

    ID is the id of a record, or the key that another system knows it by (`external`). Links read as sentences that
    start with the record; the moves say what the next state still asks.

    Exits 0 when the record is there, 2 when none is called that.
    """
    with ledger_at(caller, at) as ledger:
        record = named(ledger, id)
        if form == "json":
            show([line(record_object(record, ledger))])
        else:
            show(record_view(record, ledger, colour=wants_colour(caller.environment), plain=is_plain()))
