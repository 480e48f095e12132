"""`opsledger prove`: break one thing per rule in a copy, and see that each rule speaks."""

from __future__ import annotations

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import format_option
from opsledger.cli.screen import show, tell, wants_colour, watched, wide
from opsledger.prove import Outcome, prove
from opsledger.report.proof import COLUMNS, proof_rows, proof_summary
from opsledger.report.rows import FORMS, render


@click.command("prove")
@format_option(*FORMS)
@click.option("--all", "every", is_flag=True, help="List what was tried of every clause, not only of every rule.")
@click.pass_obj
def command(caller: Caller, *, form: str, every: bool) -> None:
    """
    Break one thing per rule in a copy, and see that each rule speaks.

    A check that finds nothing proves little if nobody knows that it would have found something. Each rule, and each
    clause of the schemas, is given one harm in a copy of this ledger; where the ledger has no occasion for it, the
    rule's own example is taken. Nothing is written.

    Exits 0 when every rule spoke, 1 when one stayed silent.
    """
    with caller.book() as book, watched("proving") as progress:
        proofs = prove(book.ledger(), progress=progress)
    rows = proof_rows(proofs, every=every)
    show(render(COLUMNS, rows, form, columns_wide=wide(), colour=wants_colour(caller.environment)))
    tell(proof_summary(proofs))
    raise SystemExit(1 if any(proof.outcome is Outcome.SURVIVED for proof in proofs) else 0)
