"""`opsledger init`: make a ledger in this directory."""

from __future__ import annotations

import os
from pathlib import Path

import click

from opsledger import __version__
from opsledger.cli.caller import Caller
from opsledger.cli.options import dry_run_option
from opsledger.cli.screen import show
from opsledger.cli.writing import finish
from opsledger.edit.plan import Plan
from opsledger.edit.ready import FORGES, plan_ready, protected_in
from opsledger.edit.starting import MARK, plan_init, refuse_preset
from opsledger.kind import packaged_kinds
from opsledger.report.plain import escape
from opsledger.store.creating import around, create, current_branch


@click.command("init")
@click.option("--preset", default="small", show_default=True, help="The policy to start with.")
@click.option("--name", default="", help="What people call this ledger.")
@click.option("--me", default="", metavar="PERSON",
              help="The first person, 'Ada <ada@example.org>', who then holds the preset's roles.")  # fmt: skip
@click.option("--ci", "forge", type=click.Choice(FORGES),
              help="Write what the pipelines of this forge need, also where a ledger stands already.")  # fmt: skip
@dry_run_option
@click.pass_obj
def command(caller: Caller, *, preset: str, name: str, me: str, forge: str | None, dry_run: bool) -> None:
    """
    Make a ledger in this directory.

    It starts with the preset's policy, roles, gates and lanes as records, for you to change. In a fresh directory it
    makes the git repository too. In a repository it may stand at the top or in any folder; what is there already stays
    as it is. Editors with the YAML language server then complete and judge records.

    Exits 0 when it is made, 2 when a ledger stands there already.
    """
    refuse_preset(preset)
    root = Path(os.path.realpath(caller.directory))
    clone = around(root)
    if clone is None and not dry_run:
        clone = create(root, environment=caller.environment)
        show([f"made a git repository in {escape(root.name)}"])
    top = clone.top if clone else root
    branch = current_branch(clone) if clone else "main"
    plan = Plan()
    if forge is None or not (root / MARK).is_file():
        plan = plan_init(
            packaged_kinds(), top=top, root=root, version=__version__, preset=preset, protected=branch, name=name, me=me
        )
    if forge is not None:
        prefix = "" if root == top else f"{root.relative_to(top).as_posix()}/"
        ready = plan_ready(forge, top=top, prefix=prefix, protected=protected_in(root) or branch)
        plan = Plan((*plan.writes, *ready.writes), (*plan.said, *ready.said))
    finish(plan, top, dry_run=dry_run)
