"""`opsledger advance`: make every move of a record whose gate is open."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.moving import Onward, onward
from opsledger.cli.occasion import by_option
from opsledger.cli.options import base_option, dry_run_option, set_option


@click.command("advance")
@click.argument("id")
@click.option("--to", default="", metavar="STATE", help="Stop there.  [default: as far as it gets]")
@set_option
@by_option
@base_option
@dry_run_option
@click.pass_obj
def command(
    caller: Caller, *, id: str, to: str, given: tuple[str, ...], by: str, base: str | None, dry_run: bool
) -> None:
    """
    Make every move of a record whose gate is open.

    It follows the usual path, judged as the merge would be, and fills in what follows from the ledger. A release takes
    its standard changes along. Where it stops, it says what stops it and who can take it further; on a terminal it
    asks for facts that are missing.

    Exits 0 when something moved or stands where --to says, 1 when nothing could move, 2 when no way leads there, 3
    when that is undecided.
    """
    raise SystemExit(onward(caller, Onward(id, to, given, by, base), dry_run=dry_run))
