"""`opsledger deploy start`: begin a deployment that its gate lets through."""

from __future__ import annotations

from typing import Any

import click

from opsledger.cli.caller import Caller
from opsledger.cli.deploy_options import desk_of, desk_options, system_and_run


@click.command("start")
@click.argument("release")
@click.option("--env", "environment", required=True, metavar="ENVIRONMENT", help="Where it is brought.")
@click.option("--group", default="", metavar="GROUP", help="The rollout group.  [default: the only one there]")
@click.option("--digest", default="", metavar="DIGEST", help="What is brought; it must be the release's package.")
@click.option("--run", default="", callback=system_and_run, metavar="SYSTEM/ID", help="The run: github/1234.")
@click.option("--run-url", default="", metavar="URL", help="The page of the run.")
@click.option("--executor", default="", metavar="PARTY", help="Who carries it out.  [default: who writes]")
@click.option("--snapshot", default="", metavar="URL", help="The copy that was taken just before, to return to.")
@click.option("--publish", is_flag=True, help="Write each step into the ledger at once, so that others see it.")
@click.option("--emergency", is_flag=True, help="Let what the policy calls deferrable be owed, with a due time.")
@click.option("--break-glass", is_flag=True, help="Go ahead without asking, with or without a ledger in reach.")
@click.option("--reason", default="", metavar="TEXT", help="Why it could not wait, with --break-glass.")
@click.option("--decided-by", default="", metavar="PARTY", help="Who decided that.  [default: who writes]")
@desk_options
@click.pass_obj
def command(caller: Caller, /, *, journal: str, ledger: str, by: str, **wanted: Any) -> None:
    """
    Begin the deployment of RELEASE, if its gate is open.

    Asks the gate promote at the tip of the protected branch, and keeps the whole verdict. The same start again is the
    same deployment. With --break-glass nothing is asked, and what was skipped is owed: `deploy repay` writes it down.

    Exits 0 when it may begin, 1 when it may not, 2 when it could not look, 3 when it is undecided.
    """
    from opsledger.cli.deploy_starting import Start, start

    raise SystemExit(start(desk_of(caller, journal, ledger, by), Start(**wanted)))
