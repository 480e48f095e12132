"""`opsledger codeowners`: write the forge's list of owners from the roles, judge it, and explain it."""

from __future__ import annotations

import click

from opsledger.cli import codeowners_check, codeowners_explain, codeowners_generate


@click.group("codeowners")
def command() -> None:
    """
    Write the forge's list of owners from the roles, judge it, and explain it.

    GitHub, GitLab, Gitea and Forgejo each read a CODEOWNERS file in their own way, and each lets changes through where
    the file names nobody. The roles of the ledger say who owns what; the file is made from them.

    Exits 0 for yes, 1 for no, 2 when nobody can tell for which forge, 3 when a role or a line cannot be judged.
    """


for one in (codeowners_generate, codeowners_check, codeowners_explain):
    command.add_command(one.command)
