"""`opsledger import json`: records from the rows that another system exports as JSON."""

from __future__ import annotations

import click

from opsledger.cli.bringing import bring_records
from opsledger.cli.caller import Caller
from opsledger.cli.options import base_option, dry_run_option


@click.command("json")
@click.argument("file")
@click.option("--map", "fields", required=True, metavar="MAP", help="The field map: an id, a ready one, or a file.")
@base_option
@dry_run_option
@click.pass_obj
def command(caller: Caller, *, file: str, fields: str, base: str | None, dry_run: bool) -> None:
    """
    Make records of the rows that another system exports as JSON.

    FILE is the export (`-` reads a pipe). MAP says which field of theirs fills which of ours; the tool brings maps for
    Jira, ServiceNow, GLPI and iTop along, such as servicenow-change. The same export again changes nothing.

    Exits 0 when every row was taken, 1 when some were not, 2 when the export or the map cannot be read.
    """
    raise SystemExit(bring_records(caller, "json", file, fields, base=base, dry_run=dry_run))
