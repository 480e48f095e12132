"""What a gate would have said of the moves that were made without it, as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from opsledger.moments import to_the_minute
from opsledger.report.plain import counted, escape
from opsledger.report.verdict import short

if TYPE_CHECKING:
    from opsledger.gate.hindsight import Passage

FORMS = ("text", "json")


def printed_hindsight(gate: str, passages: Sequence[Passage], form: str) -> Iterator[str]:
    """
    Yield the lines: first how many moves would have been stopped, then each of those, then what was found how often.

    Args:
        gate: the gate's id.
        passages: the newest first.
        form: one of `FORMS`.
    """
    yield from _json(passages) if form == "json" else _text(gate, passages)


def _text(gate: str, passages: Sequence[Passage]) -> Iterator[str]:
    stopped = [one for one in passages if one.would_stop]
    yield f"{short(gate)} would have stopped {len(stopped)} of {counted(len(passages), 'move')}"
    for one in stopped:
        verdict = one.verdict
        codes = ", ".join(dict.fromkeys(answer.code for answer in verdict.stopping))
        move = f"{verdict.move.before} → {verdict.move.after}"
        yield escape(f"  {to_the_minute(one.when)}  {one.commit[:7]}  {verdict.subject}  {move}  {codes}")
        for answer in verdict.stopping:
            for finding in answer.findings:
                yield escape(f"      {finding.code} {finding.message}")


def _json(passages: Sequence[Passage]) -> Iterator[str]:
    for one in passages:
        verdict = one.verdict
        yield json.dumps(
            {
                "commit": one.commit,
                "when": one.when.isoformat(),
                "gate": verdict.gate,
                "subject": verdict.subject,
                "from": verdict.move.before,
                "to": verdict.move.after,
                "would_stop": one.would_stop,
                "answers": [
                    {
                        "code": answer.code,
                        "outcome": answer.outcome.value,
                        "findings": [
                            {"place": str(finding.place), "message": finding.message, "fix": finding.fix}
                            for finding in answer.findings
                        ],
                    }
                    for answer in verdict.answers
                ],
            },
            ensure_ascii=True,
        )
