"""`opsledger codeowners explain`: which line decides who must approve a change of a path."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import format_option
from opsledger.cli.owning import dialect_option, owning
from opsledger.cli.screen import show
from opsledger.codeowners import parse
from opsledger.report.codeowners import Explained, explained_lines, explained_object
from opsledger.report.json_lines import line


@click.command("explain")
@click.argument("path", metavar="PATH")
@dialect_option
@format_option("text", "json")
@click.pass_obj
def command(caller: Caller, *, path: str, dialect: str | None, form: str) -> None:
    """
    Say which line decides who must approve a change of PATH.

    PATH is a file from the ledger's root, whether it is there or not.

    Exits 0 when somebody must approve, 1 when nobody need, 2 when nobody can tell for which forge, 3 when a line about
    it cannot be judged here.
    """
    with owning(caller, dialect) as desk:
        asking = desk.asking
        whole = f"{asking.prefix}{path.removeprefix('./').lstrip('/')}"
        owners = parse(desk.text or "", asking.dialect)
        told = Explained(asking, owners.of(whole), desk.text is not None)
    show([line(explained_object(told))] if form == "json" else explained_lines(told))
    raise SystemExit(told.exit_code)
