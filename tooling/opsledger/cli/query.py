"""`opsledger query`: ask the ledger in SQL."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.looking import Query, ledger_at, list_options, list_query, query_text, show_answer, table_called
from opsledger.cli.options import at_option, format_option
from opsledger.cli.screen import show, wants_colour, wide
from opsledger.report.rows import FORMS, render
from opsledger.report.table_page import COLUMNS, table_lines, table_rows
from opsledger.tables import tables_of


@click.command("query", cls=Query)
@click.argument("sql", required=False)
@click.option("--kind", metavar="KIND", help="List this kind, without SQL or with a condition of it.")
@list_options
@click.option("--tables", is_flag=True, help="Show the tables and their columns; with --kind, one table.")
@at_option
@format_option(*FORMS)
@click.pass_obj
def command(
    caller: Caller, *, sql: str | None, kind: str | None, states: tuple[str, ...], where: str, columns: str | None,
    tables: bool, at: str, form: str,
) -> None:  # fmt: skip
    """
    Ask the ledger in SQL.

    SQL is one SELECT, `@FILE` to read it from a file, or `-` for standard input. Each kind is a table, its fields are
    columns, lists and mappings are JSON; record, state and link speak of all records. `median(x)` and `p90(x)` come
    with SQLite's own functions. Simple lists need no SQL: `opsledger query --kind release --where "risk = 'high'"`.

    Exits 0 also when nothing is found, 2 when the query cannot be read.
    """
    if [sql is not None, kind is not None and not tables, tables].count(True) != 1:
        raise click.UsageError("give a query, a --kind, or --tables")
    if (sql is not None or tables) and (states or where or columns):
        raise click.UsageError("--state, --where and --columns go with --kind alone")
    text = query_text(caller, sql) if sql is not None else ""
    with ledger_at(caller, at) as ledger:
        if not tables:
            asked = text if kind is None else list_query(ledger, kind, columns, where, states)
            show_answer(caller, ledger, asked, form)
            return
        shown = [table_called(ledger, kind)] if kind is not None else list(tables_of(ledger.kinds).values())
        if form == "table" and kind is None:
            show(table_lines(shown, wide() or 100))
        else:
            colour = wants_colour(caller.environment)
            show(render(COLUMNS, table_rows(shown), form, columns_wide=wide(), colour=colour))
