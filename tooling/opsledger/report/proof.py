"""What became of the harms that were done to prove the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from opsledger.prove import Outcome, Proof
from opsledger.report.plain import counted

COLUMNS = ("rule", "clause", "outcome", "what was done")


def proof_rows(proofs: Iterable[Proof], *, every: bool) -> Iterator[tuple[str, str, str, str]]:
    """Yield one row a rule, and one for each clause that stayed silent, or for every clause."""
    for proof in proofs:
        if every or not proof.clause or proof.outcome is Outcome.SURVIVED:
            yield proof.code, proof.clause, proof.outcome.value, proof.said


def proof_summary(proofs: Sequence[Proof]) -> str:
    """Return how many rules and clauses were tried, and how many spoke."""
    rules = len({proof.code for proof in proofs})
    clauses = sum(bool(proof.clause) for proof in proofs)
    ended = Counter(proof.outcome for proof in proofs)
    outcomes = ", ".join(f"{ended[outcome]:,} {outcome.value}" for outcome in Outcome if ended[outcome])
    return f"Tried {counted(rules, 'rule')} and {counted(clauses, 'clause')} of the schemas: {outcomes or 'nothing'}"
