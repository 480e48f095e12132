"""`opsledger list`: list the records of one kind."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.looking import ledger_at, list_options, list_query, show_answer
from opsledger.cli.options import at_option, format_option
from opsledger.cli.screen import tell
from opsledger.report.rows import FORMS


@click.command("list")
@click.argument("kind")
@list_options
@at_option
@format_option(*FORMS)
@click.pass_obj
def command(
    caller: Caller, *, kind: str, states: tuple[str, ...], where: str, columns: str | None, at: str, form: str
) -> None:
    """
    List the records of one kind.

    KIND is release, problem, change, ci … or its plural (`opsledger kinds` lists them). Rows are in the order of ids;
    `opsledger query` sorts, joins and counts.

    Exits 0 also when nothing is found, 2 when no kind, state or column is called that.
    """
    with ledger_at(caller, at) as ledger:
        sql = list_query(ledger, kind, columns, where, states)
        if not show_answer(caller, ledger, sql, form):
            tell("nothing found")
