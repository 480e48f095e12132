"""What signatures are counted in: at which time, by whose roles, in which repository and pull request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from opsledger.approvals.model import Authorship, PullRequest
from opsledger.ledger import Ledger, Record
from opsledger.people import People

Wrote = Callable[[Record, tuple[str, ...]], Authorship]
Reviewed = Callable[[str, str], bytes | None]


def nobody_knows(_: Record, __: tuple[str, ...]) -> Authorship:
    """The authorship where no history was given: nothing is known, so nothing may be concluded."""
    return Authorship(undecided="who wrote this cannot be told without a base; name one with --base")


def nothing_here(_: str, __: str) -> bytes | None:
    """The content of reviewed commits where no repository was given."""
    return None


def nothing_is_lent(_: str) -> bool:
    """What machines may bring where no lane was looked at: nothing."""
    return False


@dataclass(frozen=True)
class Situation:
    """
    What signatures are counted in.

    Args:
        ledger: what is judged, loaded under the judge's kinds.
        people: the judge's.
        as_of: the time that is judged for.
        repository: the ledger's address, for example github.com/kestrel-pay/ledger; empty where nobody told.
        pull_request: the open one, whose reviews count as they stand; `None` where there is none.
        review_content: commit and path → the file there, empty where that commit lacks it, `None` where the commit is
            not in this clone.
        authorship: a record and pointers → who wrote what stands there, in the step that is judged.
        landed: the judge's files, path → blob id.
        by: id of the party that makes the step, or empty.
        may_bring: whether a lane of that party lets it add the file of that path.
        environment: where to look for ssh-keygen and gpg: PATH, and TMPDIR.
    """

    ledger: Ledger
    people: People
    as_of: datetime
    repository: str = ""
    pull_request: PullRequest | None = None
    review_content: Reviewed = nothing_here
    authorship: Wrote = nobody_knows
    landed: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    may_bring: Callable[[str], bool] = nothing_is_lent
    environment: Mapping[str, str] = field(default_factory=dict)
