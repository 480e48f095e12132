"""`opsledger codeowners generate`: the CODEOWNERS file that the roles make."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import dry_run_option
from opsledger.cli.owning import dialect_option, owning
from opsledger.cli.screen import show
from opsledger.cli.writing import finish
from opsledger.codeowners import home
from opsledger.edit.plan import Plan, Write
from opsledger.report.plain import escape


@click.command("generate")
@dialect_option
@click.option("--write", is_flag=True, help="Write the file where the forge looks for it.")
@dry_run_option
@click.pass_obj
def command(caller: Caller, *, dialect: str | None, write: bool, dry_run: bool) -> None:
    """
    Print the CODEOWNERS file that the roles make, or write it.

    What people wrote into the file stays, above what is generated.

    Exits 0 when it is made, 2 when nobody can tell for which forge.
    """
    with owning(caller, dialect) as desk:
        text = desk.asking.generated(desk.text)
        if not write:
            show(escape(one) for one in text.splitlines())
            return
        path = home(desk.asking.files, desk.asking.dialect)
        before = desk.data
        writes = (Write(path, before, text.encode()),) if before != text.encode() else ()
        said = () if writes else (f"{path} says already what the roles say",)
        finish(Plan(writes, said), desk.repository.top, dry_run=dry_run)
