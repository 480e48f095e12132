"""`opsledger upgrade`: let this version of the tool judge the ledger."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import dry_run_option
from opsledger.cli.upgrading import upgrade


@click.command("upgrade")
@click.option("--what-if", is_flag=True, help="Only show what would be found anew, and write nothing.")
@click.option("--from", "before", default="", metavar="PROGRAM", help="The version that judges now, to compare with.")
@click.option("--with", "wanted", multiple=True, metavar="ID", help="Bring this record of the preset along.")
@dry_run_option
@click.pass_obj
def command(caller: Caller, *, what_if: bool, before: str, wanted: tuple[str, ...], dry_run: bool) -> None:
    """
    Let this version of the tool judge the ledger.

    A ledger names the version that judges it. Before another one does, --what-if shows each finding that its schemas,
    rules and presets would bring, what its preset has and the ledger lacks, and which codes of your gates it judges
    by now. With --from the version that judges now is asked too, and only what is new is shown.

    Exits 0 when nothing new is wrong, 1 when something is (nothing is written then), 2 when it could not look.
    """
    raise SystemExit(upgrade(caller, what_if=what_if, before=before, wanted=wanted, dry_run=dry_run))
