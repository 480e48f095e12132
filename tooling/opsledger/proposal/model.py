"""A pull request's meaning as values; texts in them stand as records have them, and whoever prints them escapes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from opsledger.finding import Finding


@dataclass(frozen=True, order=True)
class Named:
    """A record as people call it; `title` is empty where nobody knows one."""

    id: str
    title: str = ""
    kind: str = ""
    state: str = ""


@dataclass(frozen=True)
class Piece:
    """A run of words: `sort` is *same*, *gone*, *new*, or *cut* for words that are left out."""

    sort: str
    text: str = ""


@dataclass(frozen=True)
class Edit:
    """
    One field that went from one value to another.

    Args:
        where: its way through the record, in words.
        sort: *set* (nothing stood there), *removed*, *replaced*, *reworded*; of an entry of a list *added*, *dropped*.
        before: what stood there, with the titles of records that it names; empty where nothing did.
        after: what stands there; empty where nothing does.
        pieces: the words of a longer text that was reworded.
    """

    where: str
    pointer: str
    sort: str
    before: str = ""
    after: str = ""
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class RecordStep:
    """
    What a pull request does to one record.

    Args:
        sort: *new*, *deleted* or *changed*.
        states: the states on its way, both ends included; empty where it does not move.
        is_legal: whether its lifecycle knows such a way.
        edits: its other fields, in the order of the record; none for a new or deleted one.
        renamed_from: the file that it was in, where that is another one.
    """

    record: Named
    sort: str
    path: str
    states: tuple[str, ...] = ()
    is_legal: bool = True
    edits: tuple[Edit, ...] = ()
    renamed_from: str = ""


@dataclass(frozen=True)
class Signed:
    """A signature that counts: `source` is its approval's id, or the review's address."""

    party: Named
    role: Named
    at: str
    source: str
    remark: str = ""


@dataclass(frozen=True)
class Unsigned:
    """A signature that does not count, why, and what to do; `undecided` if it may count yet."""

    party: Named
    role: Named
    source: str
    why: str
    fix: str = ""
    undecided: bool = False


@dataclass(frozen=True)
class Wanted:
    """A role that has not signed, and the people who can."""

    role: Named
    holders: tuple[Named, ...] = ()


@dataclass(frozen=True)
class Sought:
    """
    A signature that a gate asks for, and how it stands.

    Args:
        pointers: the fields that it covers.
        digest: of what it covers as it would be merged; empty where that cannot be worked out.
        short: how many more people are needed beyond the roles.
    """

    subject: Named
    gates: tuple[str, ...]
    scope: str
    roles: tuple[Named, ...]
    quorum: int
    pointers: tuple[str, ...]
    digest: str
    signed: tuple[Signed, ...] = ()
    unsigned: tuple[Unsigned, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    short: int = 0
    undecided: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool:
        """Whether every role has signed and enough people have."""
        return not self.wanted and not self.short and not self.undecided


@dataclass(frozen=True)
class Loosened:
    """
    Something that judges, and that the pull request changes.

    Args:
        subject: the record's id, or the file.
        sentence: what it does to it, without a stop.
        is_looser: whether less is asked, or more allowed, once it is merged; otherwise nobody can tell.
    """

    subject: str
    sentence: str
    is_looser: bool


@dataclass(frozen=True)
class Clash:
    """Something that would meet other open work: `with_` names the branch or record, `sort` the way they meet."""

    sort: str
    with_: str
    sentence: str


@dataclass(frozen=True)
class Reach:
    """A component that depends on a touched one: `via` is the next one on the way back."""

    record: Named
    depth: int
    via: str
    relation: str


@dataclass(frozen=True)
class Touching:
    """
    What a pull request touches among the components.

    Args:
        named: the components that changed records name, and those that change themselves.
        reached: what depends on them, each by the shortest way.
        left_out: how many of the named ones were not followed.
    """

    named: tuple[Named, ...] = ()
    reached: tuple[Reach, ...] = ()
    left_out: int = 0


@dataclass(frozen=True)
class Proposal:
    """
    All that a pull request means.

    Args:
        outcome: *open*, *blocked* or *undecided*.
        reason: why, in one sentence without a stop.
        subject: what was judged, and `judge` by whose rules, as people say it.
        as_of: the time for which it was judged.
        verdicts: what each gate decided, as `opsledger.gate.model.Verdict`.
        reverted: files that commits on the way changed and changed back.
        elsewhere: the files with findings that the pull request leaves as they are.
    """

    outcome: str
    reason: str
    subject: str
    judge: str
    as_of: str
    judged: int
    steps: tuple[RecordStep, ...] = ()
    verdicts: tuple[Any, ...] = ()
    sought: tuple[Sought, ...] = ()
    loosened: tuple[Loosened, ...] = ()
    clashes: tuple[Clash, ...] = ()
    touching: Touching = field(default_factory=Touching)
    findings: tuple[Finding, ...] = ()
    undecided: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reverted: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 open, 1 blocked, 3 undecided."""
        return {"open": 0, "blocked": 1}.get(self.outcome, 3)
