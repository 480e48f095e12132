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
from opsledger.errors import NoSuchRecord, Refused
from opsledger.report.verdict import printed_verdict
from opsledger.rules.register import register

if TYPE_CHECKING:
    from opsledger.api import Book
    from opsledger.gate import Verdict

CI_CHECK = ("ci-check", "GAT-ci-check")
"""What asks about components; it stands before no move, so no record describes it."""

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
    emergency: bool
    version: str
    paths: str | None
    ledger: str
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
    if wanted.ledger:
        verdict = _verdict_afar(caller, wanted)
    else:
        with caller.book() as book:
            verdict = _verdict(caller, book, wanted)
    if wanted.as_of is not None and wanted.at is None:
        verdict = replace(verdict, notes=(*verdict.notes, WHAT_IF))
    colour = wants_colour(caller.environment)
    show(printed_verdict(verdict, wanted.form, rules=register(), explain=wanted.explain, colour=colour))
    return verdict.exit_code


def _verdict_afar(caller: Caller, wanted: Wanted) -> Verdict:
    """Ask a ledger that is elsewhere, by the tip of its protected branch alone."""
    from opsledger.cli.afar import abroad, at_of

    if wanted.base is not None:
        raise click.UsageError("the ledger's protected branch judges: leave out --base, or leave out --ledger")
    with abroad(caller, wanted.ledger) as there:
        return _verdict(caller, there.book, replace(wanted, at=at_of(there, wanted.at), base=there.base))


def _verdict(caller: Caller, book: Book, wanted: Wanted) -> Verdict:
    if wanted.gate in CI_CHECK:
        from opsledger.cli.components import on_components

        return on_components(caller, book, wanted)
    if len(wanted.subjects) != 1 or wanted.paths or wanted.version:
        raise click.UsageError("name the one record that is to pass the gate")
    try:
        with watched("judging") as progress:
            return book.decide(
                wanted.gate, wanted.subjects[0], at=wanted.at or "HEAD", base=wanted.base,
                as_of=wanted.as_of or caller.now, environment=wanted.environment, group=wanted.group,
                pull_request=pull_request_in(caller, wanted.reviews), by=wanted.by,
                emergency=wanted.emergency, progress=progress,
            )  # fmt: skip
    except NoSuchRecord as unknown:
        if wanted.at is None and not wanted.ledger and (found := book.ledger().find(wanted.subjects[0])) is not None:
            said = f"{found.path} is in no commit yet, and a gate judges commits"
            raise Refused(said, "commit it first") from unknown
        raise
