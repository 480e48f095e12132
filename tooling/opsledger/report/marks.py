"""What tells one finding from another between two runs, whatever line it moved to."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator

from opsledger.finding import Finding


def marked(findings: Iterable[Finding], prefix: str = "") -> Iterator[tuple[Finding, str, int]]:
    """
    Yield each finding with its mark, and which of those with this mark it is, counted from 1.

    Args:
        prefix: where the ledger stands in its repository (`""` or `"sub/"`).
    """
    seen: Counter[str] = Counter()
    for finding in findings:
        mark = _mark(finding, prefix)
        seen[mark] += 1
        yield finding, mark, seen[mark]


def _mark(finding: Finding, prefix: str) -> str:
    """Return a digest of what stays the same when lines above the place come or go."""
    parts = (prefix + finding.place.path, finding.code, finding.message)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]
