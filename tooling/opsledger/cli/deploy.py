"""`opsledger deploy`: what a pipeline tells of a deployment, from its start to its end."""

from __future__ import annotations

import click

from opsledger.cli import deploy_finish, deploy_progress, deploy_repay, deploy_rollback, deploy_show, deploy_start


@click.group("deploy")
def command() -> None:
    """
    Start a deployment if its gate is open, and write down how it went.

    `start` asks the gate and keeps its verdict; `progress` notes what happens and is seen; `finish` or `rollback`
    writes one commit into the pipeline's lane: the deployment, and what follows for release, changes and components.

    Exits 0 for yes, 1 for no, 2 when it could not look, 3 when it is undecided.
    """


for one in (deploy_start, deploy_progress, deploy_finish, deploy_rollback, deploy_repay, deploy_show):
    command.add_command(one.command)
