"""What came of proving the rules, for eyes and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from opsledger.prove import Outcome, Proof
from opsledger.report.json_lines import line
from opsledger.report.plain import counted, escape


def proof_lines(proofs: Sequence[Proof]) -> Iterator[str]:
    """Yield one JSON object a trial."""
    for proof in proofs:
        yield line({"code": proof.code, "clause": proof.clause, "outcome": proof.outcome.value, "said": proof.said})


def proof_text(proofs: Sequence[Proof], *, every: bool) -> Iterator[str]:
    """Yield a line a rule and a last one that counts; with `every`, a line for each clause as well."""
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
