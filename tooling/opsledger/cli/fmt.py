"""`opsledger fmt`: put the fields of records in the order of their schema."""

from __future__ import annotations

import os
from pathlib import Path

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import dry_run_option
from opsledger.cli.screen import show, watched
from opsledger.cli.writing import desk, finish
from opsledger.edit.changing import plan_fmt
from opsledger.report.plain import counted, escape


@click.command("fmt")
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Change nothing, and exit 1 if something would change.")
@dry_run_option
@click.pass_obj
def command(caller: Caller, *, paths: tuple[str, ...], check: bool, dry_run: bool) -> None:
    """
    Put the fields of records in the order of their schema.

    Top-level fields only; comments stay with their field, and nothing else changes. PATH is a file or folder; without
    one, all records are put in order.

    Exits 0 when all is in order, and 1 with --check when something is not.
    """
    with desk(caller) as at:
        root = at.root
        inside = [os.path.relpath(caller.directory.resolve() / path, root) for path in paths]
        with watched("ordering") as progress:
            plan = plan_fmt(at.ledger, [Path(path).as_posix() for path in inside], progress=progress)
        if check:
            show(f"not in order: {escape(write.path)}" for write in plan.writes)
            raise SystemExit(1 if plan.writes else 0)
        finish(plan, root, dry_run=dry_run)
        if not plan.writes:
            show([f"{counted(len(at.ledger), 'record')} in order already"] if not paths else ["in order already"])
