"""`opsledger new`: write a new record."""

from __future__ import annotations

import click

from opsledger.cli.asking import ask
from opsledger.cli.brought import wish_in
from opsledger.cli.caller import Caller
from opsledger.cli.options import base_option, dry_run_option, kind_called, set_option
from opsledger.cli.writing import desk, finish, tell_done
from opsledger.edit.base import stems
from opsledger.edit.creating import begin, by_default, create, plan_new
from opsledger.edit.values import assignment


@click.command("new")
@click.argument("kind", required=False, default="")
@set_option
@click.option("--issue", metavar="FILE", help="Make it of this issue, as a forge's event gives it; KIND is left out.")
@click.option("--id", "id", default="", help="Call the record this, where its id may be chosen.")
@base_option
@dry_run_option
@click.pass_obj
def command(
    caller: Caller, *, kind: str, given: tuple[str, ...], issue: str | None, id: str, base: str | None, dry_run: bool
) -> None:
    """
    Write a new record.

    KIND is what sort of record: release, problem, change, ci … (`opsledger kinds` lists them). On a terminal it asks
    for what is missing; otherwise each missing field must be given. The record passes `check`, or it is not written.

    Exits 0 when it is written, 1 when check would not pass, 2 when a field is missing or does not fit.
    """
    if bool(kind) == (issue is not None):
        raise click.UsageError("name the kind of record, or an issue with --issue")
    wish = wish_in(caller, issue) if issue is not None else None
    with desk(caller, base) as at:
        sort = kind_called(at.ledger.kinds, wish.kind if wish else kind)
        data = {**begin(sort, [assignment(stated) for stated in given]), **(wish.data if wish else {})}
        filled = (ask if caller.may_ask else by_default)(sort, data, at.ledger, now=caller.now)
        taken = {record.id for record in at.ledger.records()} | stems(at.base, [sort.folder])
        if dry_run:
            _, plan = plan_new(sort, filled, taken=taken, year=caller.now.year, id=id)
            at.accept(plan)
            finish(plan, at.root, dry_run=True)
        else:
            year = caller.now.year
            tell_done(create(sort, filled, taken=taken, year=year, root=at.root, accept=at.accept, id=id))
