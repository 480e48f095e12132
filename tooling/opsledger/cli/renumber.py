"""`opsledger renumber`: give a record another id, wherever it is named."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import base_option, dry_run_option
from opsledger.cli.writing import desk, finish
from opsledger.edit.base import came_with_branch, stems
from opsledger.edit.renumbering import plan_renumber


@click.command("renumber")
@click.argument("id")
@click.argument("new", default="", required=False)
@base_option
@dry_run_option
@click.pass_obj
def command(caller: Caller, *, id: str, new: str, base: str | None, dry_run: bool) -> None:
    """
    Give a record another id, wherever it is named.

    Only for a record that the base branch does not know yet, such as one whose number somebody else took meanwhile.
    Without NEW it gets the next free id. Its file is renamed and every reference to it follows.

    Exits 0 when it is done, 1 when check would not pass, 2 when the id must stay or the new one is taken.
    """
    with desk(caller, base) as at:
        known = stems(at.base, [kind.folder for kind in at.ledger.kinds.values()])
        is_new = came_with_branch(at.repository, at.ledger.record(id).path, at.base)
        plan = plan_renumber(at.ledger, id, new, known=known, is_new=is_new, year=caller.now.year)
        at.accept(plan)
        finish(plan, at.root, dry_run=dry_run)
