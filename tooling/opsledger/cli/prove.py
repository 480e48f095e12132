"""`opsledger prove`: break one thing per rule in a copy, and see that each rule speaks."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import format_option
from opsledger.cli.screen import show, watched
from opsledger.prove import Outcome, prove
from opsledger.report.proofs import proof_lines, proof_text
from opsledger.rules.register import rule_called


@click.command("prove")
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="List every clause of the schemas, not only the rules.")
@format_option("text", "json")
@click.pass_obj
def command(caller: Caller, *, codes: tuple[str, ...], every: bool, form: str) -> None:
    """
    Break one thing per rule in a copy, and see that each rule speaks.

    With CODE, only those rules are tried. Rules that schemas state clause by clause are tried for each clause that a
    record gives an occasion for. Nothing is written to the ledger.

    Exits 0 when every rule spoke, 1 when one stayed silent.
    """
    with caller.book() as book, watched("proving") as progress:
        proofs = prove(book.ledger(), [rule_called(code).code for code in codes], progress=progress)
    show(proof_lines(proofs) if form == "json" else proof_text(proofs, every=every))
    raise SystemExit(any(proof.outcome is Outcome.SURVIVED for proof in proofs))
