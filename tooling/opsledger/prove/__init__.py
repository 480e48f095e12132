"""Proof that the rules run: one thing broken for each of them in a copy of the ledger, and each must speak."""

from __future__ import annotations

from opsledger.prove.model import Outcome, Proof
from opsledger.prove.trying import prove

__all__ = ["Outcome", "Proof", "prove"]
