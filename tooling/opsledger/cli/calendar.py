"""`opsledger calendar`: what happens when, what is open, and what gets in each other's way."""

from __future__ import annotations

from datetime import datetime

import click

from opsledger.cli import calendar_clashes, calendar_export, calendar_next
from opsledger.cli.caller import Caller
from opsledger.cli.occasion import as_of_option
from opsledger.cli.options import at_option, format_option
from opsledger.cli.planning import ci_option, environment_option, printed, span_options
from opsledger.cli.screen import show


@click.group("calendar", invoke_without_command=True)
@environment_option
@ci_option
@span_options
@as_of_option
@at_option
@format_option("text", "json", "ics")
@click.pass_context
def command(
    context: click.Context, *, environment: str, cis: tuple[str, ...], start: datetime | None, end: datetime | None,
    as_of: datetime | None, at: str, form: str,
) -> None:  # fmt: skip
    """
    Show what is on the calendar, and say when work is open.

    Without a sub-command it draws the months of a span and lists what holds in it: the published windows, and the work
    that is planned or goes on.

    Exits 0 when it shows everything, 2 when it could not look, 3 when a window cannot be followed.
    """
    if context.invoked_subcommand is not None:
        return
    caller = context.obj
    assert isinstance(caller, Caller)
    with printed(caller, at, start, end, as_of, environment=environment, cis=cis) as planned:
        show(planned.lines(form))
    raise SystemExit(3 if planned.calendar.doubts else 0)


for one in (calendar_next, calendar_clashes, calendar_export):
    command.add_command(one.command)
