"""`opsledger deploy repay`: write down what went ahead without the ledger."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.deploy_options import desk_of, desk_options


@click.command("repay")
@click.argument("journals", nargs=-1, metavar="[DEPLOYMENT|FILE]...")
@desk_options
@click.pass_obj
def command(caller: Caller, *, journals: tuple[str, ...], journal: str, ledger: str, by: str) -> None:
    """
    Write into the ledger what went ahead behind broken glass, and what ended while it could not be reached.

    Each is one commit: the deployment, why the glass was broken, and an exception in state requested that names what
    was skipped. Until people have dealt with that, the release cannot be closed.

    Exits 0 when nothing is owed any more, 1 when the ledger does not take something, 2 when it could not look, 3 when
    the ledger cannot be reached.
    """
    from opsledger.cli.deploy_ending import repay

    raise SystemExit(repay(desk_of(caller, journal, ledger, by), journals))
