"""`opsledger deploy rollback`: take a deployment back, and follow its cause up in a problem."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.deploy_options import desk_of, desk_options, run_option


@click.command("rollback")
@click.argument("deployment", required=False)
@click.option("--reason", required=True, metavar="TEXT", help="Why it is taken back.")
@click.option("--automated", is_flag=True, help="A machine decided it.")
@click.option("--severity", default="", type=click.Choice(["", "low", "medium", "high", "critical"]),
              help="How bad the problem is.  [default: the policy says]")  # fmt: skip
@click.option("--target", default="", metavar="ID", help="The release or baseline that was returned to.")
@run_option
@desk_options
@click.pass_obj
def command(
    caller: Caller, *, deployment: str | None, reason: str, automated: bool, severity: str, target: str,
    run: tuple[str, str], journal: str, ledger: str, by: str,
) -> None:  # fmt: skip
    """
    Take DEPLOYMENT back: its release and changes become backed-out, and a problem follows the cause up.

    It may go on still, or stand in the ledger as a success. All of it is one commit.

    Exits 0 when it is written down, 1 when the ledger does not take it, 2 when it could not look, 3 when the ledger
    cannot be reached; the journal keeps it meanwhile.
    """
    from opsledger.cli.deploy_ending import Back, roll_back

    desk = desk_of(caller, journal, ledger, by)
    raise SystemExit(roll_back(desk, deployment, run[1], Back(reason, automated, severity, target)))
