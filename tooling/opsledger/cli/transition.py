"""`opsledger transition`: move a record to another state."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import dry_run_option, set_option
from opsledger.cli.writing import desk, finish
from opsledger.edit.changing import plan_transition
from opsledger.edit.values import assignment


@click.command("transition")
@click.argument("id")
@click.argument("state")
@set_option
@click.option("--reason", default="", help="Why it leaves its usual path, or comes back to it.")
@click.option("--by", envvar="OPSLEDGER_PARTY", default="", metavar="PARTY", show_envvar=True,
              help="Who decided that.")  # fmt: skip
@dry_run_option
@click.pass_obj
def command(
    caller: Caller, *, id: str, state: str, given: tuple[str, ...], reason: str, by: str, dry_run: bool
) -> None:
    """
    Move a record to another state.

    Several moves along the main path may be made at once. Leaving the path (to defer, cancel, back out …) and coming
    back to it are decisions: they need --reason and --by, and are kept in the record.

    Exits 0 when it is moved, 1 when the record lacks what the state asks for, 2 when no move leads there.
    """
    with desk(caller) as at:
        wanted = [assignment(stated) for stated in given]
        plan = plan_transition(at.ledger.record(id), state, wanted, now=caller.now, reason=reason, by=by)
        at.accept(plan)
        finish(plan, at.root, dry_run=dry_run)
