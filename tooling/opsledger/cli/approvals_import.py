"""`opsledger approvals import`: turn the reviews of a pull request into approval records."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from opsledger.cli.caller import Caller
from opsledger.cli.occasion import by_option, pull_request_in
from opsledger.cli.options import dry_run_option
from opsledger.cli.screen import show, tell, watched
from opsledger.cli.writing import finish
from opsledger.edit.judging import accept
from opsledger.errors import Refused
from opsledger.report.plain import counted, escape

if TYPE_CHECKING:
    from opsledger.api import Book
    from opsledger.approvals import PullRequest
    from opsledger.edit.importing import Imported


@click.command("import")
@click.argument("file", required=False)
@click.option("--live", is_flag=True, help="Ask the forge; its token comes from the environment.")
@click.option("--pull-request", "named", metavar="URL|NUMBER", help="The pull request to ask for.")
@click.option("--base", default="", metavar="REVISION", help="What it was merged into.  [default: found out]")
@click.option("--push", is_flag=True, help="Commit the records on the protected branch, and push them.")
@click.option("--remote", default="origin", show_default=True, metavar="NAME", help="Where to push.")
@by_option
@dry_run_option
@click.pass_obj
def command(
    caller: Caller, *, file: str | None, live: bool, named: str | None, base: str, push: bool, remote: str, by: str,
    dry_run: bool,
) -> None:  # fmt: skip
    """
    Turn the reviews of a pull request into approval records.

    FILE holds what a forge answered (`-` reads it from a pipe); --live asks the forge itself. Only reviews that count
    are written, one record for each role and scope that they sign; the others are listed with the reason. A second
    run writes nothing new.

    Exits 0 when it is done, 1 when check would not pass, 2 when it could not look, 3 when something is undecided.
    """
    from opsledger.cli.reviewed import Wanted, gathered, pushed

    if (file is None) == (not live) or (named is not None) != live:
        raise click.UsageError("name a FILE, or give --live with --pull-request")
    with caller.book() as book, watched("reading") as progress:
        from opsledger.cli.reaching import address_of

        address = address_of(book.repository, book.snapshot())
        wanted = Wanted(_pull_request(book, caller, file, named, address), address, base, by)
        found = gathered(book, caller, wanted, progress)
        if push and not dry_run:
            landed = pushed(book, caller, wanted, found, remote)
            done = f"pushed {counted(len(found.approvals), 'approval')} in {landed.commit[:7]}" if landed else ""
            show([done if landed and landed.attempts else "nothing is left to import"])
        else:
            _write(book, found, dry_run=dry_run)
    _tell(found)
    raise SystemExit(3 if found.undecided else 0)


def _pull_request(book: Book, caller: Caller, file: str | None, named: str | None, address: str) -> PullRequest:
    """Return the pull request, from a file or from the forge."""
    if named is not None:
        from opsledger.cli.reaching import live_pull_request

        return live_pull_request(named, address, caller.environment)
    _not_of_the_repository(book, caller, file)
    found = pull_request_in(caller, file)
    assert found is not None
    return found


def _not_of_the_repository(book: Book, caller: Caller, file: str | None) -> None:
    """Refuse a file that was committed: whoever proposes something could have proposed its reviews too."""
    head = book.repository.head()
    place = os.path.realpath(caller.directory / (file or ""))
    inside = os.path.relpath(place, os.path.realpath(book.repository.root)).replace(os.sep, "/")
    if head is not None and file != "-" and inside in book.repository.commit(head).files:
        raise Refused(f"{inside} is committed here, so anybody could have written it", "export it from the forge anew")


def _write(book: Book, found: Imported, *, dry_run: bool) -> None:
    """Write the records into the work tree."""
    snapshot = book.snapshot()
    plan = found.plan(snapshot)
    accept(snapshot, plan, lambda planned: book.judge(planned, most=None).findings)
    if not plan.writes:
        show(["nothing is left to import"])
        return
    finish(plan, book.repository.root, dry_run=dry_run)
    tell("note: copies of reviews count once a machine whose lane takes them has pushed them: --push --by PARTY")


def _tell(found: Imported) -> None:
    """Say which reviews do not count, and why."""
    for one in found.refused:
        tell(f"not counted: {escape(one.source)}: {escape(one.fault.code)} {escape(one.fault.message)}")
    for sentence in found.unkept:
        tell(f"not kept: {escape(sentence)}; ask for a shorter review, or sign with `opsledger approve`")
    for sentence in found.undecided:
        tell(f"undecided: {escape(sentence)}")
