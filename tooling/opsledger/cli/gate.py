"""`opsledger gate`: decide whether a record may pass a gate."""

from __future__ import annotations

from typing import Any

import click

from opsledger.cli.caller import Caller
from opsledger.cli.deciding import Wanted, answer
from opsledger.cli.occasion import as_of_option, by_option, ledger_option, reviews_option, utc_time
from opsledger.cli.options import format_option
from opsledger.report.verdict import FORMS


@click.command("gate")
@click.argument("gate")
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option("--at", metavar="REVISION", help="Judge the records at this commit.  [default: HEAD]")
@click.option("--base", metavar="REVISION", help="Judge by the tip of this branch, and what it would be merged into.")
@click.option("--env", "environment", default="", metavar="ENVIRONMENT", help="The environment that is asked about.")
@click.option("--group", default="", metavar="GROUP", help="The rollout group that is asked about.")
@as_of_option
@reviews_option
@by_option
@click.option("--explain", is_flag=True, help="List each code, also those that are met, and by what.")
@click.option("--what-would-have-blocked", "is_hindsight", is_flag=True, help="Judge the moves made since a day.")
@click.option("--since", callback=utc_time, metavar="DAY", help="How far back --what-would-have-blocked looks.")
@click.option("--emergency", is_flag=True, help="Let what the policy calls deferrable be owed, with a due time.")
@click.option("--version", default="", metavar="VERSION", help="Of ci-check: the version that is built.")
@click.option("--paths-from", "paths", metavar="FILE", help="Of ci-check: changed files, one a line; - for stdin.")
@ledger_option
@format_option(*FORMS)
@click.pass_obj
def command(caller: Caller, /, **wanted: Any) -> None:
    """
    Decide whether a record may pass a gate.

    GATE is the id of a gate, with or without GAT-; SUBJECT is the id of a record. Gates, roles and policy are taken
    from the tip of --base; without it, from the main branch of the remote called origin. Asked again for the same
    commit and time, it gives the same answer.

    `gate ci-check CI...` is what the pipeline of an application asks before there is a release: whether a problem is
    open on these components that holds up what is built.

    With --what-would-have-blocked it names the moves that were made without it and that it would have stopped.

    Exits 0 when the gate is open, 1 when it is blocked, 2 when it could not look, 3 when it is undecided.
    """
    raise SystemExit(answer(caller, Wanted(**wanted)))
