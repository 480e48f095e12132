"""What must hold before a record may move on: gates, asked at a commit and a time, that fail closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsledger.gate.deciding import decide
    from opsledger.gate.judge import Judge, judge_of
    from opsledger.gate.makers import found_of_makers
    from opsledger.gate.model import Answer, Move, Outcome, Verdict
    from opsledger.gate.moves import ask_on_the_way, moves_on
    from opsledger.gate.newcomers import new_approvals, unsound_approvals
    from opsledger.gate.putting import asker, question_of, verdict_on
    from opsledger.gate.reading import NoSuchGate, gate_called, gates_of, gates_on, moves_of
    from opsledger.gate.situations import situation_of

# A check whose steps make no move pays for none of this.
_LATER = {
    "decide": "deciding",
    **dict.fromkeys(("Judge", "judge_of"), "judge"),
    "found_of_makers": "makers",
    **dict.fromkeys(("Answer", "Move", "Outcome", "Verdict"), "model"),
    **dict.fromkeys(("ask_on_the_way", "moves_on"), "moves"),
    **dict.fromkeys(("new_approvals", "unsound_approvals"), "newcomers"),
    **dict.fromkeys(("asker", "question_of", "verdict_on"), "putting"),
    **dict.fromkeys(("NoSuchGate", "gate_called", "gates_of", "gates_on", "moves_of"), "reading"),
    "situation_of": "situations",
}

__all__ = [
    "Answer",
    "Judge",
    "Move",
    "NoSuchGate",
    "Outcome",
    "Verdict",
    "ask_on_the_way",
    "asker",
    "decide",
    "found_of_makers",
    "gate_called",
    "gates_of",
    "gates_on",
    "judge_of",
    "moves_of",
    "moves_on",
    "new_approvals",
    "question_of",
    "situation_of",
    "unsound_approvals",
    "verdict_on",
]


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
