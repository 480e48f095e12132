"""What is owed after broken glass: which codes nobody asked, and the exception that says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from opsledger.cli.afar import Abroad
from opsledger.cli.deploying import GATE, Desk, tip_of
from opsledger.edit.deploying import Journal, debt_of
from opsledger.waivers import is_waivable

UNASKED = "DPL701"
"""That nobody let it through, which is what broken glass skips whatever else there was."""


def debt_at(desk: Desk, there: Abroad, journal: Journal) -> Mapping[str, Any]:
    """
    Return the exception that a deployment owes: it names what the gate would have stopped it for.

    Raises:
        Undecided: the ledger has no such gate to ask.
    """
    ledger, policy = tip_of(there)
    record = journal.record
    release = ledger.record(str(record["release"]))
    at = datetime.fromisoformat(record["break_glass"]["at"])
    verdict = there.book.decide(
        GATE, release.id, at=there.tip, base=there.base, as_of=at, environment=str(record["environment"]),
        group=str(record.get("group", "")),
    )  # fmt: skip
    stopping = (answer.code for answer in verdict.stopping if is_waivable(answer.code, policy))
    level = str(policy.at("deployment", "rollback_severity", default="high"))
    owner = str(release.get("accountable") or record["break_glass"]["by"])
    days = policy.at("exceptions", "max_days", level, default=30)
    codes = tuple(dict.fromkeys((UNASKED, *stopping)))
    return debt_of(record, codes=codes, level=level, owner=owner, days=int(days), at=desk.now)
