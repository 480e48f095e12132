"""`opsledger doctor`: say whether the clone and the forge are as the flow needs them."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.occasion import by_option
from opsledger.cli.options import dry_run_option, format_option
from opsledger.cli.screen import show
from opsledger.report.doctor import doctor_json, doctor_text, exit_code


@click.command("doctor")
@click.option("--live", is_flag=True, help="Ask the forge too; its token comes from the environment.")
@click.option("--branch", metavar="NAME", help="The branch to ask about.  [default: the protected one]")
@click.option("--check", default="opsledger", show_default=True, metavar="NAME",
              help="The status that must be green before a merge, as the forge calls it.")  # fmt: skip
@click.option("--store", is_flag=True, help="Write the forge's answer as a record of evidence.")
@by_option
@dry_run_option
@format_option("text", "json")
@click.pass_obj
def command(
    caller: Caller, *, live: bool, branch: str | None, check: str, store: bool, by: str, dry_run: bool, form: str
) -> None:
    """
    Say whether the clone and the forge are as the flow needs them.

    Each answer is enforced, missing or unknown: what the token may not read is unknown and never taken for good.
    Advice is what opsledger finds out by itself where the forge does not enforce it.

    Exits 0 when all that is needed is enforced, 1 when something is missing, 3 when something is not known.
    """
    if store and not live:
        raise click.UsageError("--store writes down what the forge said: give --live too")
    with caller.book() as book:
        from opsledger.cli.checkup import asked_of_forge, stored
        from opsledger.cli.clone import looked_at

        sections = {"the clone": tuple(looked_at(book))}
        if live:
            asked = asked_of_forge(book, caller, branch, check)
            sections[f"{asked.branch} of {asked.repository}"] = asked.guards
        show((doctor_json if form == "json" else doctor_text)(sections))
        if live and store:
            stored(book, caller, asked, by, dry_run=dry_run)
    raise SystemExit(exit_code(one for seen in sections.values() for one in seen))
