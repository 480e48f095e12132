"""`opsledger deploy progress`: note what happens and what is seen, and say when it must be taken back."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.deploy_options import desk_of, desk_options, pairs, run_option


@click.command("progress")
@click.argument("deployment")
@click.argument("note", default="")
@click.option("--observe", "seen", multiple=True, callback=pairs("observation"), metavar="CRITERION=VALUE",
              help="A value that was seen, for a rollback criterion of the release.")  # fmt: skip
@click.option("--saw", "problems", multiple=True, metavar="PROBLEM", help="A problem of which signs were seen.")
@click.option("--step", "steps", multiple=True, metavar="TEXT", help="A step that was done.")
@run_option
@desk_options
@click.pass_obj
def command(
    caller: Caller, *, deployment: str, note: str, seen: dict[str, str], problems: tuple[str, ...],
    steps: tuple[str, ...], run: tuple[str, str], journal: str, ledger: str, by: str,
) -> None:  # fmt: skip
    """
    Note what happens during DEPLOYMENT, and hold what is seen against the rollback criteria.

    Exits 0 when it may go on, 1 when a criterion is broken and it must be taken back, 2 when it could not look.
    """
    from opsledger.cli.deploy_telling import told

    desk = desk_of(caller, journal, ledger, by)
    raise SystemExit(told(desk, desk.journal(deployment, run[1]), note, seen=seen, problems=problems, steps=steps))
