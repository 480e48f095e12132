"""`opsledger site`: build the site that an auditor reads."""

from __future__ import annotations

from pathlib import Path

import click

from opsledger.api import Book
from opsledger.cli.caller import Caller
from opsledger.cli.screen import show, tell, watched
from opsledger.errors import Undecided
from opsledger.finding import Progress
from opsledger.gate.ahead import hearing_of
from opsledger.history import trail
from opsledger.report.plain import counted, escape
from opsledger.rules.register import register
from opsledger.site.sources import Trails


@click.group("site")
def command() -> None:
    """
    Build the site that an auditor reads.

    Exits 0 when it is built, 2 when it could not be.
    """


@command.command("build")
@click.option("--at", default="HEAD", show_default=True, metavar="REVISION", help="Show this commit.")
@click.option("--work-tree", is_flag=True, help="Show what stands in the work tree, committed or not.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("build/site"), show_default=True, metavar="DIR",
              help="Write the site there.")  # fmt: skip
@click.option("--field-history/--no-field-history", default=True, show_default=True,
              help="Say which fields went from what to what, not only which commits touched a record.")  # fmt: skip
@click.pass_obj
def build_site(caller: Caller, *, at: str, work_tree: bool, out: Path, field_history: bool) -> None:
    """
    Build the whole site of a ledger into a folder.

    Exits 0 when it is built, 2 when DIR holds something else, or there is no such commit.
    """
    from opsledger.site.build import build

    with caller.book() as book, watched("building") as progress:
        ledger = book.ledger(None if work_tree else at)
        built = build(ledger, _trails(book, at, progress), tuple(register().values()), caller.directory / out,
                      field_history=field_history, progress=progress,
                      hearing=hearing_of(book.repository, ledger, environment=caller.environment))  # fmt: skip
    show([f"wrote {counted(built.pages, 'page')} about {counted(built.records, 'record')} into {escape(str(out))}"])


def _trails(book: Book, at: str, progress: Progress) -> Trails | None:
    """Return who touched what, or nothing where the history cannot be read, which the site then says."""
    try:
        return trail(book.repository, at=at, progress=progress)
    except Undecided as unknown:
        tell(f"note: the site will lack its history; {unknown.missing}; {unknown.remedy}")
        return None
