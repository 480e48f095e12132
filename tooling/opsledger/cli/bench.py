"""Whose rules and people hold for a step, and the ledger that it leads to, out of an open book."""

from __future__ import annotations

from functools import cache

from opsledger.api import Book, kinds_of
from opsledger.check import Base
from opsledger.finding import silent
from opsledger.gate import Judge
from opsledger.ledger import Ledger
from opsledger.policy import policy_of, preset_policy, settings_of
from opsledger.store import Snapshot


class Bench:
    """The judge of a base and ledgers under it, each worked out once."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.base = cache(book.base)
        self.judge = cache(self._judge)

    def ledger(self, snapshot: Snapshot, base: str) -> Ledger:
        """The ledger of a snapshot under the schemas of a base."""
        judging = self.base(base)
        kinds = judging.kinds.merged(kinds_of(snapshot))
        return self._book.load(snapshot, kinds, self.judge(base).policy, silent)

    def _judge(self, base: str) -> Judge:
        judging: Base = self.base(base)
        preset = settings_of(judging.snapshot).preset
        policy = policy_of(judging.snapshot, judging.kinds, preset) if judging.is_ledger else preset_policy(preset)
        return Judge(judging.name, judging.snapshot, judging.kinds, policy)
