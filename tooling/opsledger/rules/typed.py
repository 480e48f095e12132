"""What messages tell the reader to type."""

from __future__ import annotations

from collections.abc import Iterable


def exception_typed(type: str, records: Iterable[str], codes: Iterable[str]) -> str:
    """
    Return the command that begins an exception; it says itself what it needs besides.

    Args:
        type: of the exception.
        records: the record at the gate, and all that a finding is about.
        codes: the rules that are to be waived; what two rules say of one cause is waived together.
    """
    scope = f"--set scope.records={','.join(records)} --set scope.rules={','.join(codes)}"
    return f"`opsledger new exception --set type={type} {scope}`"
