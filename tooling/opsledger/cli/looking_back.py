"""What `gate --what-would-have-blocked` does: ask a gate about the moves that were made without it."""

from __future__ import annotations

from datetime import datetime

import click

from opsledger.api import hindsight
from opsledger.cli.caller import Caller
from opsledger.cli.screen import show, watched
from opsledger.report.hindsight import FORMS, printed_hindsight


def look_back(caller: Caller, gate: str, *, since: datetime | None, base: str | None, form: str) -> int:
    """
    Print what a gate would have stopped, had it been enforced.

    Returns:
        1 where it would have stopped something, else 0.
    """
    if since is None:
        raise click.UsageError("--what-would-have-blocked looks back to a day: name it with --since")
    if form not in FORMS:
        raise click.UsageError(f"--what-would-have-blocked is printed as {' or '.join(FORMS)}")
    with caller.book() as book:
        with watched("looking back") as progress:
            passages = hindsight(book, gate, since=since, base=base, progress=progress)
        show(printed_hindsight(gate, passages, form))
    return int(any(one.would_stop for one in passages))
