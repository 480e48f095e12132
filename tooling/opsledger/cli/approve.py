"""`opsledger approve`: sign what a record says, and push the signature to its pull request."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import dry_run_option
from opsledger.cli.signing import Wanted, approve


@click.command("approve")
@click.argument("subjects", nargs=-1, required=True, metavar="SUBJECT...")
@click.option("--scope", default="", metavar="SCOPE", help="Only this part of the record, such as plan.")
@click.option("--role", default="", metavar="ROLE", help="The role in which to sign.")
@click.option("--decision", type=click.Choice(("granted", "revise", "rejected", "withdrawn")), default="granted",
              show_default=True, help="What is decided.")  # fmt: skip
@click.option("--withdraws", default="", metavar="APPROVAL", help="The earlier approval that this one takes back.")
@click.option("--condition", "conditions", multiple=True, metavar="TEXT", help="What must hold for it to stand.")
@click.option("--key", default="", metavar="FILE", help="The SSH key to sign with.  [default: the one git signs with]")
@click.option("--gpg", default="", metavar="KEYID", help="The GPG key to sign with.")
@click.option("--by", default="", metavar="PARTY", help="Who signs.  [default: whose address git knows]")
@click.option("--at", "branch", default="", metavar="BRANCH", help="The branch to approve.  [default: this one]")
@click.option("--remote", default="origin", show_default=True, metavar="NAME", help="Where the branch is pushed.")
@click.option("--push/--no-push", default=True, show_default=True, help="Push it, or only commit it here.")
@dry_run_option
@click.pass_obj
def command(
    caller: Caller, *, subjects: tuple[str, ...], scope: str, role: str, decision: str, withdraws: str,
    conditions: tuple[str, ...], key: str, gpg: str, by: str, branch: str, remote: str, push: bool,
    dry_run: bool,
) -> None:  # fmt: skip
    """
    Sign what a record says, and push the signature to its pull request.

    SUBJECT is the id of a record. All of it is signed that gates wait for and that you may sign, each scope by an
    approval of its own under records/approvals; the rest is named with the reason. A signature covers exactly what is
    shown, and no longer counts once that changes. Nothing is signed that would not count, and nothing twice.

    Exits 0 when it is signed, 2 when it would not count, 3 when that cannot be told.
    """
    wanted = Wanted(subjects, scope, role, decision, key, gpg, by, branch, remote, push, withdraws, conditions)
    with caller.book() as book:
        approve(caller, book, wanted, dry_run=dry_run)
