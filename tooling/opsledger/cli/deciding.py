"""What `gate` does: put the question that was asked, print the verdict, and say how it went."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from opsledger.cli.caller import Caller
from opsledger.cli.looking_back import look_back
from opsledger.cli.occasion import pull_request_in
from opsledger.cli.screen import show, wants_colour, watched
from opsledger.report.verdict import printed_verdict
from opsledger.rules.register import register

if TYPE_CHECKING:
    from opsledger.api import Book
    from opsledger.gate import Verdict

WHAT_IF = "this is a what-if: it was judged for another time than now; --at names the commit of that time"


@dataclass(frozen=True)
class Wanted:
    """What was asked, as the options of `gate` name it."""

    gate: str
    subjects: tuple[str, ...]
    at: str | None
    base: str | None
    environment: str
    group: str
    as_of: datetime | None
    reviews: str | None
    by: str
    explain: bool
    is_hindsight: bool
    since: datetime | None
    form: str


def answer(caller: Caller, wanted: Wanted) -> int:
    """
    Answer what was asked of a gate.

    Returns:
        The exit code.
    """
    if wanted.is_hindsight:
        return look_back(caller, wanted.gate, since=wanted.since, base=wanted.base, form=wanted.form)
    with caller.book() as book:
        verdict = _verdict(caller, book, wanted)
    colour = wants_colour(caller.environment)
    show(printed_verdict(verdict, wanted.form, rules=register(), explain=wanted.explain, colour=colour))
    return verdict.exit_code


def _verdict(caller: Caller, book: Book, wanted: Wanted) -> Verdict:
    if len(wanted.subjects) != 1:
        raise click.UsageError("name the one record that is to pass the gate")
    with watched("judging") as progress:
        verdict = book.decide(
            wanted.gate, wanted.subjects[0], at=wanted.at or "HEAD", base=wanted.base,
            as_of=wanted.as_of or caller.now, environment=wanted.environment, group=wanted.group,
            pull_request=pull_request_in(caller, wanted.reviews), by=wanted.by, progress=progress,
        )  # fmt: skip
    if wanted.as_of is not None and wanted.at is None:
        return replace(verdict, notes=(*verdict.notes, WHAT_IF))
    return verdict
