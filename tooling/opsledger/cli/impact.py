"""`opsledger impact`: name everything that depends on a record."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.looking import is_plain, ledger_at
from opsledger.cli.options import at_option, format_option
from opsledger.cli.screen import show, wide
from opsledger.graph import impact, named
from opsledger.report.json_lines import line
from opsledger.report.tree import drawn, impact_lines, impact_objects, impact_summary


@click.command("impact")
@click.argument("id", metavar="CI")
@click.option("--depth", type=click.IntRange(min=0), metavar="N", help="Follow at most so many links.  [default: all]")
@at_option
@format_option("text", "json")
@click.pass_obj
def command(caller: Caller, *, id: str, depth: int | None, at: str, form: str) -> None:
    """
    Name everything that depends on a record.

    CI is the id of a component; other records work too, among their own kind. Each record that depends on it stands
    once, at the end of the shortest way, with the open problems, changes and releases that touch it behind a `*`.

    Exits 0 when the record is there, 2 when none is called that.
    """
    with ledger_at(caller, at) as ledger:
        found = impact(ledger, named(ledger, id).id, depth=depth)
        plurals = {kind.name: kind.plural for kind in ledger.kinds.values()}
    if form == "json":
        show(line(one) for one in impact_objects(found))
        return
    show(drawn(impact_lines(found), plain=is_plain(), columns_wide=wide()))
    show(["", impact_summary(found, plurals)])
