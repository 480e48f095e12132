"""Commits made up for the rules that judge commits: no file of a ledger can provoke those."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from opsledger.people import People
from opsledger.policy import Policy
from opsledger.rules.commits import Written, author_whom_nobody_knows, landed_beside_a_pull_request
from opsledger.rules.landed import Landed, Population, Way
from opsledger.rules.register import Found
from opsledger.store import CommitText, Person

_WHEN = datetime(2026, 1, 1, tzinfo=UTC)
_STRANGER = Person("A stranger", "stranger@example.org")
_COMMIT = CommitText("0" * 40, "", ("1" * 40,), _STRANGER, _WHEN, _STRANGER, _WHEN, (), "", "", b"")

MADE_UP: Mapping[str, Callable[[], Iterable[Found]]] = {
    "GOV966": lambda: author_whom_nobody_knows([Written(_COMMIT)], People({}, {}), Policy(), lambda _: None),
    "GOV968": lambda: landed_beside_a_pull_request(Population(((Landed(_COMMIT, ()), Way.BESIDE),)), "main"),
}
"""For each code, its rule asked of a commit that it must speak of."""
