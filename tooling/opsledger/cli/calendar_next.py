"""`opsledger calendar next`: whether work is open now, else when it is."""

from __future__ import annotations

from datetime import datetime

import click

from opsledger.cli.caller import Caller
from opsledger.cli.occasion import as_of_option
from opsledger.cli.options import at_option, format_option
from opsledger.cli.planning import calendar_at, ci_option, environment_called
from opsledger.cli.screen import show


@click.command("next")
@click.option("--env", "environment", required=True, metavar="ENVIRONMENT", help="Where the work would be done.")
@ci_option
@click.option("--type", "change_type", type=click.Choice(["standard", "normal", "emergency"]), default="normal",
              show_default=True, help="What type of change it is.")  # fmt: skip
@as_of_option
@at_option
@format_option("text", "json")
@click.pass_obj
def command(
    caller: Caller, *, environment: str, cis: tuple[str, ...], change_type: str, as_of: datetime | None, at: str,
    form: str,
) -> None:  # fmt: skip
    """
    Say whether work is open now in an environment, and when it opens if it is not.

    Exits 0 when it is open, 1 when it is closed, 3 when a window cannot be followed, so that nobody knows.
    """
    from opsledger.report.calendar import standing_json, standing_text

    with calendar_at(caller, at) as (ledger, calendar):
        place = environment_called(ledger, environment)
        named = [ledger.record(ci).id for ci in cis]
        standing = calendar.standing(as_of or caller.now, place, named, change_type)
        show((standing_json if form == "json" else standing_text)(standing, place, named))
    closed = standing.halts or standing.freezes or standing.closed
    raise SystemExit(1 if closed else 3 if standing.doubts else 0)
