"""`opsledger approvals`: reviews as records, what counts, and whether it still stands."""

from __future__ import annotations

import click

from opsledger.cli import approvals_import, approvals_list, approvals_verify


@click.group("approvals")
def command() -> None:
    """
    Turn reviews into records, list what counts, and see that it still stands.

    While a pull request is open its reviews count as they are. When it is merged they are kept as records, each with
    what the forge said word for word, so that anybody can look at them again without the forge.

    Exits 0 for yes, 1 for no, 2 when it could not look, 3 when it is undecided.
    """


for one in (approvals_import, approvals_list, approvals_verify):
    command.add_command(one.command)
