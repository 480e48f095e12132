"""`opsledger gate`: decide whether a record may pass a gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import click

from opsledger.cli.caller import Caller
from opsledger.cli.occasion import as_of_option, by_option, pull_request_in, reviews_option
from opsledger.cli.options import format_option
from opsledger.cli.screen import show, wants_colour, watched
from opsledger.report.verdict import FORMS, printed_verdict
from opsledger.rules.register import register

WHAT_IF = "this is a what-if: it was judged for another time than now; --at names the commit of that time"


@click.command("gate")
@click.argument("gate")
@click.argument("subject")
@click.option("--at", metavar="REVISION", help="Judge the records at this commit.  [default: HEAD]")
@click.option("--base", metavar="REVISION", help="Judge by the tip of this branch, and what it would be merged into.")
@click.option("--env", "environment", default="", metavar="ENVIRONMENT", help="The environment that is asked about.")
@click.option("--group", default="", metavar="GROUP", help="The rollout group that is asked about.")
@as_of_option
@reviews_option
@by_option
@click.option("--explain", is_flag=True, help="List each code, also those that are met, and by what.")
@format_option(*FORMS)
@click.pass_obj
def command(
    caller: Caller, *, gate: str, subject: str, at: str | None, base: str | None, environment: str, group: str,
    as_of: datetime | None, reviews: str | None, by: str, explain: bool, form: str,
) -> None:  # fmt: skip
    """
    Decide whether a record may pass a gate.

    GATE is the id of a gate, with or without GAT-; SUBJECT is the id of a record. Gates, roles and policy are taken
    from the tip of --base; without it, from the main branch of the remote called origin. Asked again for the same
    commit and time, it gives the same answer.

    Exits 0 when the gate is open, 1 when it is blocked, 2 when it could not look, 3 when it is undecided.
    """
    with caller.book() as book:
        with watched("judging") as progress:
            verdict = book.decide(
                gate, subject, at=at or "HEAD", base=base, as_of=as_of or caller.now, environment=environment,
                group=group, pull_request=pull_request_in(caller, reviews), by=by, progress=progress,
            )  # fmt: skip
        if as_of is not None and at is None:
            verdict = replace(verdict, notes=(*verdict.notes, WHAT_IF))
        colour = wants_colour(caller.environment)
        show(printed_verdict(verdict, form, rules=register(), explain=explain, colour=colour))
    raise SystemExit(verdict.exit_code)
