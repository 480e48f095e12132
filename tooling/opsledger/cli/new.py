"""`opsledger new`: write a new record."""

from __future__ import annotations

import click

from opsledger.cli.asking import ask
from opsledger.cli.brought import wish_in
from opsledger.cli.caller import Caller
from opsledger.cli.options import base_option, dry_run_option, kind_called, set_option
from opsledger.cli.ranging import Ranged, new_from_range
from opsledger.cli.writing import desk, finish, tell_done
from opsledger.edit.base import stems
from opsledger.edit.creating import begin, by_default, create, plan_new
from opsledger.edit.values import assignment


@click.command("new")
@click.argument("kind", required=False, default="")
@set_option
@click.option("--range", "span", metavar="OLD..NEW", help="Fill a release from these commits: v4.2.0..v4.2.1.")
@click.option("--repository", metavar="DIR|URL", default="", help="With --range: where these commits are.")
@click.option("--service", metavar="CI", default="", help="With --range: the service that is released.")
@click.option("--issue", metavar="FILE", help="Make it of this issue, as a forge's event gives it; KIND is left out.")
@click.option("--id", "id", default="", help="Call the record this, where its id may be chosen.")
@base_option
@dry_run_option
@click.pass_obj
def command(
    caller: Caller, *, kind: str, given: tuple[str, ...], span: str | None, repository: str, service: str,
    issue: str | None, id: str, base: str | None, dry_run: bool,
) -> None:  # fmt: skip
    """
    Write a new record.

    KIND is what sort of record: release, problem, change, ci … (`opsledger kinds` lists them). On a terminal it asks
    for what is missing; otherwise each missing field must be given. The record passes `check`, or it is not written.
    With --range, what follows from the commits and the ledger is filled in and marked, and the change comes along.

    Exits 0 when it is written, 1 when check would not pass, 2 when a field is missing or does not fit, 3 when the
    clone lacks a part of the range.
    """
    if bool(kind) == (issue is not None):
        raise click.UsageError("name the kind of record, or an issue with --issue")
    if span is not None:
        return new_from_range(caller, kind, Ranged(span, repository, service, given, id, base), dry_run=dry_run)
    if repository or service:
        raise click.UsageError("--repository and --service go with --range")
    wish = wish_in(caller, issue) if issue is not None else None
    with desk(caller, base) as at:
        sort = kind_called(at.ledger.kinds, wish.kind if wish else kind)
        data = {**begin(sort, [assignment(stated) for stated in given]), **(wish.data if wish else {})}
        filled = (ask if caller.may_ask else by_default)(sort, data, at.ledger, now=caller.now)
        taken, year = {record.id for record in at.ledger.records()} | stems(at.base, [sort.folder]), caller.now.year
        if not dry_run:
            return tell_done(create(sort, filled, taken=taken, year=year, root=at.root, accept=at.accept, id=id))
        _, plan = plan_new(sort, filled, taken=taken, year=year, id=id)
        at.accept(plan)
        return finish(plan, at.root, dry_run=True)
