"""What a tool's report says, whatever its form: the values that importers read and evidence records are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

UNREAD = "SYN985"
"""The code of a file that cannot stand behind a record: what it says, or of what, cannot be told."""

UNMAPPED = "SYN983"
"""The code of a column or word that nothing of ours stands for."""


class NotRead(ValueError):
    """A report cannot be read: its line and column where it stops making sense, and what to do."""

    def __init__(self, sentence: str, fix: str, *, place: tuple[int, int] = (1, 1), code: str = UNREAD) -> None:
        super().__init__(sentence, fix, place, code)
        self.sentence = sentence
        self.fix = fix
        self.place = place
        self.code = code


@dataclass(frozen=True)
class Case:
    """
    One test and how it went.

    Args:
        problem: the problem, or one of its regression tests, that the test replicates; empty for none.
        criterion: the acceptance criterion that it proves; empty for none.
        covers: the ways of failing that it covers.
    """

    key: str
    result: str
    title: str = ""
    problem: str = ""
    criterion: str = ""
    covers: tuple[str, ...] = ()
    expected: str = ""
    actual: str = ""

    @property
    def is_tied(self) -> bool:
        """Whether a record relies on this very case."""
        return bool(self.problem or self.criterion or self.covers)


@dataclass(frozen=True)
class Issue:
    """
    One thing that somebody has to look at.

    Args:
        severity: *low* to *critical*, or empty where the report does not say.
        component: package URL of what it concerns, or empty.
    """

    issue: str
    severity: str = ""
    component: str = ""


@dataclass(frozen=True)
class Reading:
    """
    What one report says.

    Args:
        form: *junit*, *cyclonedx*, *spdx*, *sarif*, *in-toto* or *csv*.
        type: what sort of evidence it is, if nobody says otherwise.
        title: what it is, in a few words.
        result: how it ended, in the ledger's words.
        media_type: of the file.
        at: when it was complete; `None` where it does not say.
        took: how long it took; `None` where it does not say.
        run: what the pipeline calls the run that made it, or empty.
        commit: full id of what was built or looked at, or empty.
        digests: fingerprints of what it is about, `sha256:` and 64 digits.
        is_bound: whether it is only about what those fingerprints name, so that another package is a contradiction.
        counts: numbers that it gives or adds up to, by what they count.
        notes: sentences about what was not read, was added up, or was taken as read.
    """

    form: str
    type: str
    title: str
    result: str
    media_type: str
    at: datetime | None = None
    took: timedelta | None = None
    run: str = ""
    commit: str = ""
    cases: tuple[Case, ...] = ()
    issues: tuple[Issue, ...] = ()
    components: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    is_bound: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
