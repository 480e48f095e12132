"""What a gate asks of one record: the move, whose gate and roles hold, and the signatures that there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from opsledger.ledger import Ledger, Record
from opsledger.policy import Policy

if TYPE_CHECKING:
    from opsledger.approvals.model import Asked, PullRequest, Tally
    from opsledger.approvals.situation import Situation
    from opsledger.calendar import Calendar
    from opsledger.conditions import Unanswered
    from opsledger.conditions.stated import Stated
    from opsledger.people import People
    from opsledger.steps import Step
    from opsledger.waivers import Waivers


@dataclass(frozen=True)
class Move:
    """One move of one record, from a state to the next."""

    kind: str
    before: str
    after: str


@dataclass(frozen=True)
class Judged:
    """A condition of a gate, and whether it holds of what the gate is asked about."""

    text: str
    holds: bool | Unanswered


@dataclass(frozen=True)
class Occasion:
    """
    When and for whom gates are asked: what their callers know beside the repository.

    Args:
        as_of: the time that is judged for; `None` for the time of what is judged.
        pull_request: the open one, with its reviews as they stand; `None` where nobody brought it.
        by: id of the party that makes the step, or empty.
        environment: where to look for ssh-keygen and gpg: PATH, and TMPDIR.
        is_timed: whether somebody chose the time, so that what is overdue by then is told as well.
        is_landed: whether the step has landed on the protected branch, so that the way in which it did is judged.
    """

    as_of: datetime | None = None
    pull_request: PullRequest | None = None
    by: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    is_timed: bool = False
    is_landed: bool = False


@dataclass(frozen=True, eq=False)
class Question:
    """
    One gate put to one record; what a rule of reach *question* looks at.

    Args:
        gate: the gate's record, from the judge.
        move: what the gate stands before; the record may be at either end of it, or further on.
        subject: the record as it is judged, under the judge's schemas.
        ledger: what is judged: the merge result, or a commit.
        people: parties and roles of the judge.
        policy: the judge's.
        situation: what signatures are counted against: approvals, reviews, authors.
        environment: the id of the environment that is asked about, or empty.
        group: the rollout group that is asked about, or empty.
        step: the record before and after the pull request that is judged; `None` where a commit is judged by itself.
        windows: the judge's calendar: every window that can be read, whatever its state.
        version: the version of a component that a pipeline builds, where it asks about that component; or empty.
        is_emergency: whether somebody asks for what the policy lets be met afterwards to be owed.
    """

    gate: Record
    move: Move
    subject: Record
    ledger: Ledger
    people: People
    policy: Policy
    as_of: datetime
    situation: Situation
    environment: str = ""
    group: str = ""
    step: Step | None = None
    windows: tuple[Record, ...] = ()
    version: str = ""
    is_emergency: bool = False

    @cached_property
    def place(self) -> Record | None:
        """The environment that is asked about, as the ledger describes it; `None` where none is."""
        found = self.ledger.find(self.environment) if self.environment else None
        return found if found is not None and found.kind.name == "environment" else None

    @property
    def is_production(self) -> bool:
        """Whether real customers depend on the environment that is asked about."""
        return self.place is not None and self.place.get("production") is True

    @cached_property
    def release(self) -> Record | None:
        """The release that the question is about: the subject, or what a deployment or change names; else `None`."""
        if self.subject.kind.name == "release":
            return self.subject
        named = self.subject.get("release")
        found = self.ledger.find(named) if isinstance(named, str) else None
        return found if found is not None and found.kind.name == "release" else None

    @cached_property
    def waivers(self) -> Waivers:
        """The exceptions of what is judged, which count by the judge's people and policy."""
        from opsledger.waivers import waivers_of

        return waivers_of(self.ledger, self.people, self.policy, self.as_of, self.situation)

    @cached_property
    def calendar(self) -> Calendar:
        """The judge's published windows, over the components as they are judged."""
        from opsledger.calendar import calendar_of

        return calendar_of(self.windows, self.ledger)

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """The signatures that the gate asks for, in its order; a role that the judge does not know is left out."""
        from opsledger.approvals.model import Asked

        known = ((one, tuple(role for role in one["roles"] if role in self.people.roles)) for one in self._signatures)
        return tuple(Asked(one["scope"], roles, one.get("quorum", 1)) for one, roles in known if roles)

    @property
    def unknown_roles(self) -> tuple[str, ...]:
        """The roles whose signature the gate asks for and that no role record of the judge describes."""
        named = (role for one in self._signatures for role in one["roles"])
        return tuple(dict.fromkeys(role for role in named if role not in self.people.roles))

    @cached_property
    def conditions(self) -> Mapping[str, Judged]:
        """What the gate says under `when`, of itself and of its signatures, by where it stands."""
        stating = [self.gate.data, *self.gate.get("signatures", ())] if self.gate.is_readable else []
        if not any("when" in one for one in stating):
            return {}
        from opsledger.conditions.stated import stated_in  # most gates are always asked

        found = stated_in("gate", self.gate.data, self.ledger.kinds)
        return {one.pointer: Judged(one.text, self._judged(one)) for one in found}

    def _judged(self, stated: Stated) -> bool | Unanswered:
        from opsledger.conditions import Unanswered, Unsound

        try:
            return stated.condition().holds(self.bindings)
        except Unsound as unsound:
            return Unanswered(unsound.message, unsound.column)

    @cached_property
    def bindings(self) -> Mapping[str, Any]:
        """What the gate's conditions are given; a record that nobody names is a map without fields."""
        from opsledger.conditions import bindings_of
        from opsledger.conditions.stated import moving_kinds

        named: dict[str, Any] = dict.fromkeys(moving_kinds(self.gate.data))
        named |= {"release": self.release, "environment": self.place, self.subject.kind.name: self.subject}
        return bindings_of(self.subject, self.ledger.kinds, group=self.group, as_of=self.as_of, **named)

    @property
    def applies(self) -> bool:
        """Whether the gate is asked at all; one whose condition cannot be judged is."""
        return "/when" not in self.conditions or self.conditions["/when"].holds is not False

    @property
    def unasked(self) -> tuple[str, ...]:
        """The signatures that the gate asks for only under conditions that do not hold, in one sentence each."""
        named = enumerate(self.gate.get("signatures", ())) if self.gate.is_readable else ()
        return tuple(
            f"{' and '.join(one['roles'])} need not sign {one['scope']}, which is asked only when {one['when']}"
            for index, one in named
            if not self._is_asked(index)
        )

    def _is_asked(self, index: int) -> bool:
        judged = self.conditions.get(f"/signatures/{index}/when")
        return judged is None or judged.holds is not False

    @property
    def state_pointer(self) -> str:
        """Where the subject's state stands."""
        lifecycle = self.subject.kind.lifecycle
        return f"/{lifecycle.field}" if lifecycle else ""

    @property
    def matter(self) -> frozenset[str]:
        """The ids that the decision is about: the record and those that it names."""
        return frozenset((self.subject.id, *(link.target for link in self.ledger.links(self.subject.id))))

    def tally(self, asked: Asked) -> Tally:
        """What the signatures on the subject add up to; counted once for each question."""
        if asked not in self._tallies:
            from opsledger.approvals import tally

            self._tallies[asked] = tally(asked, self.subject, self.situation)
        return self._tallies[asked]

    @property
    def _signatures(self) -> tuple[Mapping[str, Any], ...]:
        named = enumerate(self.gate.get("signatures", ())) if self.gate.is_readable else ()
        return tuple(one for index, one in named if self._is_asked(index))

    @cached_property
    def _tallies(self) -> dict[Asked, Tally]:
        return {}
