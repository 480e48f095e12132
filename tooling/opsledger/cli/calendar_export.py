"""`opsledger calendar export`: feeds that calendar programs subscribe to, one for each service."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from opsledger.cli.caller import Caller
from opsledger.cli.occasion import as_of_option
from opsledger.cli.options import at_option
from opsledger.cli.planning import calendar_at
from opsledger.cli.screen import show
from opsledger.errors import Refused


@click.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@as_of_option
@at_option
@click.pass_obj
def command(caller: Caller, *, folder: Path, as_of: datetime | None, at: str) -> None:
    """
    Write an iCalendar feed for each service into FOLDER.

    A feed tells the year that follows: what is about the service and about all that is part of it. Files that are
    there already are replaced.

    Exits 0 when they are written, 2 when they cannot be.
    """
    from opsledger.calendar.feeds import feeds
    from opsledger.report.plain import counted, escape

    now = as_of or caller.now
    with calendar_at(caller, at) as (ledger, calendar):
        made = feeds(ledger, calendar, now=now, made=ledger.snapshot.when or now)
    target = caller.directory / folder
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            (target / name).write_bytes(content)
    except OSError as error:
        raise Refused(f"{folder} cannot be written: {error.strerror}", "name a folder that you may write to") from error
    show([f"wrote {counted(len(made), 'feed')} to {escape(str(folder))}"])
