"""`opsledger deploy show`: show deployments that are on their way into the ledger."""

from __future__ import annotations

import json

import click

from opsledger.cli.caller import Caller
from opsledger.cli.deploy_options import desk_of, desk_options
from opsledger.cli.options import format_option
from opsledger.cli.screen import show
from opsledger.report.plain import escape


@click.command("show")
@click.argument("deployment", required=False)
@format_option("text", "json")
@desk_options
@click.pass_obj
def command(caller: Caller, *, deployment: str | None, form: str, journal: str, ledger: str, by: str) -> None:
    """
    Show DEPLOYMENT as its journal has it, or list all that were begun here.

    Exits 0 when it is shown, 2 when there is none of that name.
    """
    from opsledger.edit.deploying import journals, kept, read_journal

    desk = desk_of(caller, journal, ledger, by)
    found = [kept(desk.folder, deployment)] if deployment else [read_journal(path) for path in journals(desk.folder)]
    if form == "json":
        show(json.dumps(dict(one.record) | {"schema_version": 1}, sort_keys=True) for one in found)
        return
    for one in found:
        record, where = one.record, f"in the ledger, {one.landed[:7]}" if one.landed else "not in the ledger yet"
        glass = ", behind broken glass" if "break_glass" in record else ""
        show([escape(f"{one.id} {record['release']} in {record['environment']}: {record['state']} ({where}{glass})")])
        for entry in record.get("progress", ()) if deployment else ():
            show([escape(f"  {entry['at']} {entry['note']}")])
        for seen in record.get("observations", ()) if deployment else ():
            told = ", ".join(f"{name} {value}" for name, value in sorted(seen.items()) if name != "at")
            show([escape(f"  {seen['at']} saw {told}")])
