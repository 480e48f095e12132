"""`opsledger set`: change fields of a record."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import dry_run_option
from opsledger.cli.writing import desk, finish
from opsledger.edit.changing import plan_set
from opsledger.edit.values import assignment, removal


@click.command("set")
@click.argument("id")
@click.argument("changes", nargs=-1, metavar="FIELD=VALUE...")
@click.option("--unset", multiple=True, metavar="FIELD", help="Take this field out.")
@dry_run_option
@click.pass_obj
def command(caller: Caller, *, id: str, changes: tuple[str, ...], unset: tuple[str, ...], dry_run: bool) -> None:
    """
    Change fields of a record.

    FIELD is a name, names with dots between (plan.owner) or an RFC 6901 pointer (/plan/steps/0). `=` gives a value,
    `+=` adds one to a list, `-=` takes one out of it. Comments and everything else in the file stay as they are.

    Exits 0 when it is changed, 1 when check would not pass, 2 when a value does not fit.
    """
    if not changes and not unset:
        raise click.UsageError("say what to change: FIELD=VALUE, or --unset FIELD")
    with desk(caller) as at:
        wanted = [*(assignment(stated) for stated in changes), *(removal(name) for name in unset)]
        plan = plan_set(at.ledger.record(id), wanted)
        at.accept(plan)
        finish(plan, at.root, dry_run=dry_run)
