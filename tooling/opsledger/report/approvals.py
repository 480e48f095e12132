"""Signatures and approval records for eyes and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from opsledger.report.json_lines import line
from opsledger.report.plain import escape

if TYPE_CHECKING:
    from opsledger.approvals import Tally
    from opsledger.ledger import Record


class Looked(Protocol):
    """An approval record that was looked at again."""

    @property
    def id(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def faults(self) -> tuple[str, ...]: ...
    @property
    def doubts(self) -> tuple[str, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...


def tallies_text(record: Record, tallies: Iterable[Tally]) -> Iterator[str]:
    """Yield what was signed on a record, scope by scope, and what does not count with its reason."""
    empty = True
    for tally in tallies:
        empty = False
        missing = f"; nobody has signed as {' and '.join(tally.missing)}" if tally.missing else ""
        short = f"; {tally.short} more must sign" if tally.short else ""
        word = "signed" if tally.is_met else "not signed"
        yield escape(f"{tally.asked.scope} of {record.id}: {word}{missing}{short}")
        for one in tally.counted:
            when = one.at.strftime("%Y-%m-%d %H:%M UTC")
            remark = f" ({one.remark})" if one.remark else ""
            yield "  " + escape(f"counts: {one.source}, {one.party} as {one.role} on {when}{remark}")
        for refused in tally.discounted:
            word = "undecided" if refused.undecided else "does not count"
            yield "  " + escape(f"{word}: {refused.source}, {refused.fault.code} {refused.fault.message}")
            if refused.fault.fix:
                yield f"      fix: {escape(refused.fault.fix)}"
    if empty:
        yield escape(f"no gate asks for a signature on {record.id}, and nobody gave one")


def tallies_json(record: Record, tallies: Iterable[Tally]) -> Iterator[str]:
    """Yield one line a signature, counted or not, and one a scope."""
    for tally in tallies:
        scope = tally.asked.scope
        for one in tally.counted:
            yield line({
                "sort": "counted", "subject": record.id, "scope": scope, "source": one.source, "party": one.party,
                "role": one.role, "at": one.at.isoformat(), "remark": one.remark,
            })  # fmt: skip
        for refused in tally.discounted:
            yield line({
                "sort": "not counted", "subject": record.id, "scope": scope, "source": refused.source,
                "party": refused.party, "role": refused.role, "code": refused.fault.code,
                "message": refused.fault.message, "fix": refused.fault.fix, "undecided": refused.undecided,
            })  # fmt: skip
        yield line({
            "sort": "scope", "subject": record.id, "scope": scope, "roles": list(tally.asked.roles),
            "quorum": tally.asked.quorum, "is_met": tally.is_met, "missing": list(tally.missing), "short": tally.short,
            "undecided": list(tally.undecided),
        })  # fmt: skip


def looked_text(found: Iterable[Looked]) -> Iterator[str]:
    """Yield one approval record a line, and what there is to say of it below."""
    for one in found:
        word = "does not stand" if one.faults else "undecided" if one.doubts else "stands"
        yield escape(f"{one.id} {word}: {one.what}")
        for sentence in (*one.faults, *one.doubts, *one.notes):
            yield "    " + escape(sentence)


def looked_json(found: Iterable[Looked]) -> Iterator[str]:
    """Yield one approval record a line."""
    for one in found:
        yield line({
            "sort": "approval", "id": one.id, "what": one.what, "faults": list(one.faults),
            "undecided": list(one.doubts), "notes": list(one.notes),
        })  # fmt: skip
