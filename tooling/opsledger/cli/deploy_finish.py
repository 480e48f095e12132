"""`opsledger deploy finish`: end a deployment, and write it into the ledger."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.deploy_options import (
    OUTCOMES,
    RESULTS,
    desk_of,
    desk_options,
    pairs,
    run_option,
)


@click.command("finish")
@click.argument("deployment", required=False)
@click.option("--verify", "checks", multiple=True, callback=pairs("result"), metavar="CHECK=RESULT",
              help="What was looked at, and its result: smoke=passed.")  # fmt: skip
@click.option("--evidence", multiple=True, metavar="EVIDENCE", help="A stored result that says so.")
@click.option("--outcome", type=click.Choice(OUTCOMES), default=OUTCOMES[0], show_default=True, help="How it ended.")
@click.option("--reason", default="", metavar="TEXT", help="Why it was unsuccessful.")
@run_option
@desk_options
@click.pass_obj
def command(
    caller: Caller, *, deployment: str | None, checks: dict[str, str], evidence: tuple[str, ...], outcome: str,
    reason: str, run: tuple[str, str], journal: str, ledger: str, by: str,
) -> None:  # fmt: skip
    """
    End DEPLOYMENT, and write it into the ledger in one commit: its record, and what follows from it.

    Without a name it is the only one that goes on. A second call does what the first could not: it writes nothing
    twice. Behind broken glass the exception that is owed is written in the same commit.

    Exits 0 when it is written down, 1 when the ledger does not take it, 2 when it could not look, 3 when the ledger
    cannot be reached; the journal keeps it meanwhile.
    """
    from opsledger.cli.deploy_ending import finish

    odd = next((f"{name}={result}" for name, result in checks.items() if result not in RESULTS), "")
    if odd:
        raise click.UsageError(f"{odd!r} is no result; a check is {', '.join(RESULTS)}")
    desk = desk_of(caller, journal, ledger, by)
    raise SystemExit(finish(desk, deployment, run[1], checks, evidence, outcome, reason))
