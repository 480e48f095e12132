"""What `deploy progress` does: add to the journal, and hold what was seen against what would take it back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from opsledger.cli.deploying import Desk, written_down
from opsledger.cli.screen import show
from opsledger.edit.deploying import Journal, progressed
from opsledger.errors import Refused
from opsledger.report.plain import escape
from opsledger.rules.criteria import breaches


def told(
    desk: Desk, journal: Journal, note: str, *, seen: Mapping[str, str], problems: Sequence[str], steps: Sequence[str]
) -> int:
    """
    Note what happened, and say whether the deployment may go on.

    Returns:
        0 where it may, 1 where a rollback criterion is broken.
    """
    observations = [*_values(journal, seen), *({"problem": id} for id in problems)]
    if not (note or observations or steps):
        raise Refused("nothing was told", "say what happens, or give --observe, --saw or --step")
    record = progressed(
        journal.record, note, at=desk.now, by=desk.by or journal.by, observations=observations, steps=steps
    )
    journal = replace(journal, record=record, landed="")
    desk.save(journal)
    if journal.publishes:
        written_down(desk, journal, verb="wrote")
    broken = breaches(journal.criteria, observations)
    for one in broken:
        words = next((str(two.get("criterion", "")) for two in journal.criteria if two.get("id") == one.criterion), "")
        show([f"{escape(one.said)} ({escape(words)})" if words else escape(one.said)])
    if broken:
        way = f"opsledger deploy rollback {journal.id} --reason '{broken[0].criterion}'"
        show([f"    fix: stop, and take it back: {way}"])
    return 1 if broken else 0


def _values(journal: Journal, seen: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the values that were seen, each for a criterion that the release has."""
    known = {str(one.get("id")): one for one in journal.criteria}
    for name, text in seen.items():
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not math.isfinite(number):
            raise Refused(f"{text!r}, which was seen for {name}, is no number", "give the measured value")
        if known and name not in known:
            raise Refused(f"the release has no rollback criterion {name!r}", f"name one of {', '.join(known)}")
        measure = known.get(name, {}).get("measure")
        value = int(number) if number.is_integer() else number
        yield {"criterion": name, **({"measure": measure} if measure else {}), "value": value}
