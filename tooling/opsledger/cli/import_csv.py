"""`opsledger import csv`: tables become evidence or, with a field map, records."""

from __future__ import annotations

from typing import Any

import click

from opsledger.cli.caller import Caller
from opsledger.cli.gathering import bring_evidence, evidence_options
from opsledger.cli.options import base_option


@click.command("csv")
@evidence_options
@click.option("--map", "fields", metavar="MAP", help="The field map: an id, a ready one, or a file.")
@base_option
@click.option("--case-map", default="", metavar="FILE", help="Which case is tied to what, as YAML.")
@click.pass_obj
def command(caller: Caller, /, *, fields: str | None, base: str | None, case_map: str, **said: Any) -> None:
    """
    Make evidence of tables of cases, or records of the rows of another system.

    Without --map each FILE is a table of cases with the columns key and result, and perhaps title, problem, criterion,
    covers, expected and actual. With --map one FILE is an export, and MAP says which field of theirs fills which of
    ours; the tool brings maps for Jira, ServiceNow, GLPI and iTop along, such as servicenow-change.

    Exits 0 when the records stand, 1 when a file cannot be read or check would not pass, 2 when it could not look, 3
    when a remote or store cannot be reached.
    """
    if fields is not None:
        from opsledger.cli.bringing import bring_records

        if len(said["files"]) > 1:
            raise click.UsageError("--map takes one FILE at a time")
        raise SystemExit(bring_records(caller, "csv", said["files"][0], fields, base=base, dry_run=said["dry_run"]))
    bring_evidence(caller, "csv", said, case_map=case_map)
