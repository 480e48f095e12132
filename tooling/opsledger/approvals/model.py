"""Approvals, reviews and what became of them, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opsledger.finding import Fault


@dataclass(frozen=True)
class Approval:
    """
    What an approval record says.

    Args:
        path: its file.
        pointers: the fields that the digest covers; `*` stands for every entry of a list or mapping.
        parts: pointer → digest of what stood there, so that a later edit can be named; empty in older records.
        pull_request: its address, or empty.
        authors: who wrote the content, as its maker worked out.
        unknown_authors: how many authors no party record names.
        evidence: the block as it stands.
        conditions: what must hold for it to stand, in the signer's words.
        is_landed: whether the judge holds this very file already, so that it was judged when it came in.
    """

    id: str
    path: str
    subject: str
    scope: str
    digest: str
    pointers: tuple[str, ...]
    role: str
    party: str
    decision: str
    at: datetime
    repository: str
    pull_request: str = ""
    withdraws: str = ""
    authors: tuple[str, ...] = ()
    unknown_authors: int = 0
    parts: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    is_landed: bool = False


@dataclass(frozen=True)
class ForgeAccount:
    """An account as a forge names it: `id` is its number there, as text."""

    login: str
    id: str = ""
    is_bot: bool = False


@dataclass(frozen=True)
class Review:
    """
    What one account said of a pull request.

    Args:
        id: the forge's own id of the review.
        decision: *granted*, *revise* (changes asked for), *commented* or *dismissed*.
        commit: the full id of the commit that was reviewed; empty where the forge does not say.
        body: its text; a line `opsledger: role=ROL-x` chooses the role.
        payload: what the forge answered, word for word.
    """

    id: str
    account: ForgeAccount
    decision: str
    commit: str
    at: datetime
    body: str = ""
    payload: str = ""


@dataclass(frozen=True)
class PullRequest:
    """
    A pull request as its forge tells of it.

    Args:
        forge: the host, for example github.com.
        repository: address without scheme and ending, for example github.com/kestrel-pay/ledger.
        url: its address for people.
        head: full id of its newest commit.
        head_ref: the reference under which the forge keeps its commits, for example refs/pull/12/head.
        base: the branch that it goes to.
        is_whole: whether every page of reviews could be read; if not, nothing may be concluded from what is missing.
    """

    forge: str
    repository: str
    number: str
    url: str
    opener: ForgeAccount
    head: str
    base: str
    head_ref: str = ""
    reviews: tuple[Review, ...] = ()
    is_merged: bool = False
    merged_at: datetime | None = None
    merge_commit: str = ""
    is_whole: bool = True


@dataclass(frozen=True)
class Asked:
    """
    A signature that is asked for: all of `roles` on one scope of one record, by at least `quorum` people.

    Args:
        code: the rule that asks, SIG301 unless it is a stricter one.
    """

    scope: str
    roles: tuple[str, ...]
    quorum: int = 1
    code: str = "SIG301"


@dataclass(frozen=True)
class Authorship:
    """
    Who wrote a scope's content in the step that is judged.

    Args:
        parties: ids of those who are known.
        unknown: what the others call themselves in git or at the forge.
        undecided: what could not be looked at and how to get it, or empty.
        last_edit: when the newest commit that changed the scope was made; `None` if the step did not change it.
    """

    parties: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    undecided: str = ""
    last_edit: datetime | None = None


@dataclass(frozen=True)
class Counted:
    """A signature that counts: `source` is the approval's id, or the review's address or id while it is live."""

    source: str
    party: str
    role: str
    at: datetime
    remark: str = ""


@dataclass(frozen=True)
class Discounted:
    """
    One that does not count, and why.

    Args:
        source: as in `Counted`.
        party: who it claims to be by; empty if nobody knows.
        role: the role that it claims; empty for a review that names none.
        path: the approval's file; empty for a review.
        fault: code, pointer in that file, sentence and what to do.
        undecided: whether it may count once something missing is there.
    """

    source: str
    party: str
    role: str
    path: str
    fault: Fault
    undecided: bool = False


@dataclass(frozen=True)
class Tally:
    """
    What the signatures on one scope of one record add up to.

    Args:
        missing: the roles that nobody has signed for.
        short: how many more people are needed beyond the roles; 0 if none.
        holders: role → the people who could sign for it now (entitled, and no author), by id.
        quorums: role → how many must sign for it, where a body holds it and one is not enough.
        undecided: what could not be looked at, a sentence each.
    """

    asked: Asked
    subject: str
    counted: tuple[Counted, ...] = ()
    discounted: tuple[Discounted, ...] = ()
    missing: tuple[str, ...] = ()
    short: int = 0
    holders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    undecided: tuple[str, ...] = ()
    quorums: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_met(self) -> bool:
        """Whether every role has signed and enough people have."""
        return not self.missing and not self.short
