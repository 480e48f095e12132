"""`opsledger calendar clashes`: planned work that gets in the way of other work."""

from __future__ import annotations

from datetime import datetime

import click

from opsledger.cli.caller import Caller
from opsledger.cli.occasion import as_of_option
from opsledger.cli.options import at_option, format_option
from opsledger.cli.planning import calendar_at
from opsledger.cli.screen import show


@click.command("clashes")
@as_of_option
@at_option
@format_option("text", "json")
@click.pass_obj
def command(caller: Caller, *, as_of: datetime | None, at: str, form: str) -> None:
    """
    List all work that is planned at one time on components that hang together.

    Work that is over is not looked at. Both sides are told with file and line.

    Exits 0 when nothing clashes, 1 when something does, 3 when a window cannot be followed.
    """
    from opsledger.calendar.work import all_work, clashes
    from opsledger.policy import policy_of, settings_of
    from opsledger.report.calendar import clashes_json, clashes_text

    now = as_of or caller.now
    with calendar_at(caller, at) as (ledger, calendar):
        works = [one for one in all_work(ledger, calendar, now) if one.end is None or one.end > now]
        policy = policy_of(ledger.snapshot, ledger.kinds, settings_of(ledger.snapshot).preset)
        found = clashes(ledger, works, policy.at("impact", "depth"))
        show((clashes_json if form == "json" else clashes_text)(found))
        doubts = calendar.doubts
    raise SystemExit(1 if found else 3 if doubts else 0)
