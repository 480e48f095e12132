"""`opsledger prove`: break one thing per rule in a copy, and see that each rule speaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import click

from opsledger.cli.caller import Caller
from opsledger.cli.options import format_option
from opsledger.cli.screen import show, watched
from opsledger.prove import Outcome, Proof, prove
from opsledger.report.json_lines import line
from opsledger.report.plain import counted, escape
from opsledger.rules.register import rule_called


@click.command("prove")
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="List every clause of the schemas, not only the rules.")
@format_option("text", "json")
@click.pass_obj
def command(caller: Caller, *, codes: tuple[str, ...], every: bool, form: str) -> None:
    """
    Break one thing per rule in a copy of the ledger, and see that each rule speaks.

    With CODE, only those rules are tried. Rules that schemas state clause by clause are tried for each clause that a
    record gives an occasion for. Nothing is written to the ledger.

    Exits 0 when every rule spoke, 1 when one stayed silent.
    """
    with caller.book() as book, watched("proving") as progress:
        proofs = prove(book.ledger(), [rule_called(code).code for code in codes], progress=progress)
    show(_json(proofs) if form == "json" else _text(proofs, every=every))
    raise SystemExit(any(proof.outcome is Outcome.SURVIVED for proof in proofs))


def _json(proofs: Sequence[Proof]) -> Iterator[str]:
    for proof in proofs:
        yield line({"code": proof.code, "clause": proof.clause, "outcome": proof.outcome.value, "said": proof.said})


def _text(proofs: Sequence[Proof], *, every: bool) -> Iterator[str]:
    for _, group in groupby(proofs, key=lambda proof: proof.code):
        yield from (escape(text) for text in _rule(list(group), every=every))
    counts = Counter(proof.outcome for proof in proofs)
    tried = counts[Outcome.KILLED] + counts[Outcome.SURVIVED]
    yield f"Broke {counted(tried, 'thing')}: {counts[Outcome.KILLED]} heard, {counts[Outcome.SURVIVED]} not"


def _rule(proofs: Sequence[Proof], *, every: bool) -> Iterator[str]:
    """Yield the line about a rule, those about clauses that were not heard, and how many others there are."""
    order = (Outcome.SURVIVED, Outcome.KILLED, Outcome.NOT_TRIED)
    first = min(proofs, key=lambda proof: (bool(proof.clause), order.index(proof.outcome)))
    rest = [proof for proof in proofs if proof is not first]
    counts = Counter(proof.outcome for proof in rest)
    told = [f"{counts[outcome]} {outcome.value}" for outcome in order if counts[outcome]]
    more = f" (other clauses: {', '.join(told)})" if told else ""
    yield f"{first.code} {first.outcome.value}: {first.said}{more}"
    yield from (f"    {proof}" for proof in rest if every or proof.outcome is Outcome.SURVIVED)
