"""`opsledger receive`: judge a push on a git server, as its pre-receive hook."""

from __future__ import annotations

import sys

import click

from opsledger.cli.caller import Caller
from opsledger.cli.hooking import HOOK, Server, received
from opsledger.cli.occasion import by_option
from opsledger.receiving import updates


@click.command("receive")
@click.option("--protected", default="", metavar="BRANCH", help="The protected branch.  [default: the ledger says]")
@click.option("--folder", default="", metavar="DIR", help="Where the ledger stands in the repository.  [default: top]")
@click.option("--server", default="", metavar="HOST", help="What party records call this server.")
@click.option("--keep-tags", "tags", multiple=True, metavar="PATTERN", help="Tags that nobody moves or deletes: 'v*'.")
@click.option("--print-hook", is_flag=True, help="Print the hook's script, and judge nothing.")
@by_option
@click.pass_obj
def command(
    caller: Caller, *, protected: str, folder: str, server: str, tags: tuple[str, ...], print_hook: bool, by: str
) -> None:
    """
    Judge a push on a git server, as its pre-receive hook.

    Reads what git writes to such a hook. The protected branch takes merges of branches that the server has, what
    machines may write by their lanes, and signed approvals; each is judged by the branch as it stood before. Who
    pushes is what --by, OPSLEDGER_PARTY or the server's own variables say.

    Exits 0 when the push is taken, 1 when it is not, also where something is undecided.
    """
    if print_hook:
        click.echo(HOOK.read_text(encoding="utf-8"), nl=False)
        return
    is_taken = received(caller, updates(sys.stdin), Server(protected, folder, server, tags, by))
    raise SystemExit(0 if is_taken else 1)
