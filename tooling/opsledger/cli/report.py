"""`opsledger report`: say what a pull request means."""

from __future__ import annotations

from datetime import datetime

import click

from opsledger.cli.caller import Caller
from opsledger.cli.occasion import as_of_option, by_option, pull_request_in, reviews_option
from opsledger.cli.options import WORK_TREE, format_option
from opsledger.cli.proposing import gathered
from opsledger.cli.screen import show, watched
from opsledger.proposal import proposal_of
from opsledger.question import Occasion
from opsledger.report.comment_forms import FORMS, printed


@click.command("report")
@click.option("--base", required=True, metavar="REVISION", help="The branch that it goes to, which judges.")
@click.option("--at", default=WORK_TREE, show_default=True, metavar="REVISION", help="What is to be merged.")
@format_option(*FORMS)
@as_of_option
@reviews_option
@by_option
@click.option("--others", default="", metavar="REVISION,…", help="Other branches that wait to be merged.")
@click.pass_obj
def command(
    caller: Caller, *, base: str, at: str, form: str, as_of: datetime | None, reviews: str | None, by: str, others: str
) -> None:
    """
    Say what a pull request means, as the comment under it.

    It tells what becomes of the records field by field, which moves are made and what their gates answer, who must
    approve what and who has, what is touched, what of the judge is changed, and where it meets other open work.

    Exits 0 when nothing stands against it, 1 when something does, 2 when it could not look, 3 when something is
    undecided, as check does for the same step.
    """
    occasion = Occasion(as_of or caller.now, pull_request_in(caller, reviews), by, caller.environment)
    waiting = [name.strip() for name in others.split(",") if name.strip()]
    revision = None if at == WORK_TREE else at
    with caller.book() as book, watched("reading") as progress:
        material = gathered(book, revision, base=base, occasion=occasion, others=waiting, progress=progress)
        proposal = proposal_of(material)
    show(printed(proposal, form))
    raise SystemExit(proposal.exit_code)
