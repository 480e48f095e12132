"""`opsledger check`: judge the records of a snapshot, or of a step."""

from __future__ import annotations

from datetime import datetime

import click

from opsledger.cli.caller import Caller
from opsledger.cli.occasion import as_of_option, by_option, pull_request_in, reviews_option
from opsledger.cli.options import INDEX, WORK_TREE, at_option, format_option
from opsledger.cli.screen import show, wants_colour, watched, wide
from opsledger.report.judgement import FORMS, MOST, printed


@click.command("check")
@at_option
@click.option("--base", metavar="REVISION", help="Judge the step from the tip of this branch, by its rules.")
@format_option(*FORMS)
@as_of_option
@reviews_option
@by_option
@click.option("--landed", is_flag=True, help="The step has landed: say what came beside a pull request or a lane.")
@click.option("--all", "every", is_flag=True, help=f"List every finding, not only the first {MOST}.")
@click.option("--coverage", is_flag=True, help="Say of each rule how many records it judged.")
@click.pass_obj
def command(
    caller: Caller, *, at: str, base: str | None, as_of: datetime | None, reviews: str | None, by: str, form: str,
    landed: bool, every: bool, coverage: bool,
) -> None:  # fmt: skip
    """
    Judge the records of a snapshot, or of a step with --base.

    Without --base, a snapshot is judged by its own rules. With it, the base's rules and schemas judge what the branch
    would hold after the merge, and every move and deletion on the way there. Each gate on the way of a move is asked,
    by the base's roles, and counts what the reviews say that --reviews brings.

    Exits 0 when no finding is an error, 1 when one is, 2 when it could not look, 3 when something is undecided.
    """
    with caller.book() as book:
        with watched("checking") as progress:
            judgement = book.check(
                None if at in {WORK_TREE, INDEX} else at, index=at == INDEX, base=base,
                as_of=as_of or caller.now, pull_request=pull_request_in(caller, reviews), by=by,
                is_timed=as_of is not None, is_landed=landed,
                most=None if every else MOST, with_coverage=coverage, progress=progress,
            )  # fmt: skip
        show(
            printed(
                judgement, form, prefix=book.repository.prefix, coverage=coverage,
                colour=wants_colour(caller.environment), columns_wide=wide(),
            )
        )  # fmt: skip
    raise SystemExit(judgement.exit_code)
