"""`opsledger trace`: follow the links of a record, both ways."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.looking import is_plain, ledger_at
from opsledger.cli.options import at_option, format_option
from opsledger.cli.screen import show, wide
from opsledger.graph import named, trace
from opsledger.report.json_lines import line
from opsledger.report.tree import drawn, trace_lines, trace_object


@click.command("trace")
@click.argument("id")
@click.option("--depth", type=click.IntRange(min=0), metavar="N", help="Follow at most so many links.  [default: all]")
@at_option
@format_option("text", "json")
@click.pass_obj
def command(caller: Caller, *, id: str, depth: int | None, at: str, form: str) -> None:
    """
    Follow the links of a record, both ways.

    Up to the problems and incidents behind it, down through changes and releases to deployments, with the approvals,
    reviews and evidence that hang on them. ID may also be the key that another system knows the record by.

    Exits 0 when the record is there, 2 when none is called that.
    """
    with ledger_at(caller, at) as ledger:
        found = trace(ledger, named(ledger, id).id, depth=depth)
    if form == "json":
        show([line(trace_object(found))])
    else:
        show(drawn(trace_lines(found), plain=is_plain(), columns_wide=wide()))
