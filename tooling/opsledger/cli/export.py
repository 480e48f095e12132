"""`opsledger export`: write the ledger out as a SQLite database."""

from __future__ import annotations

from pathlib import Path

import click

from opsledger.cli.caller import Caller
from opsledger.cli.looking import ledger_at
from opsledger.cli.options import at_option
from opsledger.cli.screen import show, tell, watched
from opsledger.report.plain import counted, escape
from opsledger.tables import write_database


@click.command("export")
@click.argument("form", type=click.Choice(["sqlite"]), metavar="sqlite")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE where it is there already.")
@at_option
@click.pass_obj
def command(caller: Caller, *, form: str, file: Path, force: bool, at: str) -> None:
    """
    Write the ledger out as a SQLite database.

    FILE gets the tables that `opsledger query --tables` shows, all of them filled. The same records give the same
    content each time.

    Exits 0 when it is written, 2 when FILE is there already or cannot be written.
    """
    with ledger_at(caller, at) as ledger:
        with watched(f"writing {form}") as progress:
            write_database(ledger, caller.directory / file, replace=force, progress=progress)
        if unreadable := len(ledger.unreadable):
            tell(f"note: {counted(unreadable, 'file')} cannot be read, so this is not all; `opsledger check` says why")
        show([f"wrote {counted(len(ledger), 'record')} to {escape(str(file))}"])
