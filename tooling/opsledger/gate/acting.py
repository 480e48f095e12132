"""
Acts that lie behind: a deployment that a gate let through is judged for the time at which it was let through.

A pipeline writes one commit when a deployment has ended. By then a freeze may have begun, or a problem been opened,
and neither undoes what was done. So the gate is not asked for the time of the writing: the verdict that the deployment
keeps is asked for again, at the commit and for the time that it names, and must come out the same to the letter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from opsledger import __version__
from opsledger.errors import OpsledgerError, Undecided
from opsledger.finding import Fault, Severity
from opsledger.gate.storing import fingerprint
from opsledger.ledger import Ledger, Record
from opsledger.moments import moment
from opsledger.policy import Policy
from opsledger.question import Move
from opsledger.rules.register import Found
from opsledger.steps import Step

CODE = "DPL701"
HOURS = 24
"""How many hours after its verdict a deployment may be written down, where the policy does not say."""

GAP = timedelta(hours=1)
"""How long after its verdict a deployment may begin: `opsledger deploy start` does both at once."""

Replay = Callable[[Mapping[str, Any]], dict[str, Any]]
"""
Asks again for a verdict that was kept, at the commit and for the time that it names, and gives what would be kept.

It raises `Undecided` where the commit is not here, and `Refused` where it is not part of the base.
"""

_ENDS = frozenset(
    {
        ("release", "early-life-support"),
        ("deployment", "succeeded"),
        ("deployment", "failed"),
        ("deployment", "backed-out"),
        ("change", "implemented"),
    }
)


@dataclass(frozen=True, eq=False)
class Act:
    """
    A deployment that begins in a step, with what it keeps of the verdict that let it through.

    Args:
        deployment: the record after the step.
        landing: the time at which the step is judged.
        hours: how long a verdict may lie behind that.
        known: the digests of verdicts that other deployments of the release keep.
        replay: asks for a verdict again; `None` where nobody can.
    """

    deployment: Record
    landing: datetime
    hours: float
    known: frozenset[str]
    replay: Replay | None

    @property
    def release(self) -> str:
        """The id of the release that is brought."""
        return str(self.deployment.get("release", ""))

    def is_in(self, places: Collection[object]) -> bool:
        """Whether it goes to one of some environments; none means any."""
        return not places or self.deployment.get("environment") in places

    @cached_property
    def verdict(self) -> Mapping[str, Any]:
        """What is kept of the verdict; nothing where nobody let it through."""
        found = self.deployment.get("verdict")
        return found if isinstance(found, dict) else {}

    @cached_property
    def lapsed(self) -> str:
        """Why the gate is asked for the time of the writing all the same, though nothing false was kept; or empty."""
        if not self.verdict:
            return "it keeps no verdict"
        if self.landing - self._at > timedelta(hours=self.hours):
            return f"its verdict is older than {self.hours:g} hours"
        if (tool := self.verdict.get("tool", __version__)) != __version__:
            return f"its verdict was given by opsledger {tool}, and this is {__version__}"
        if self.replay is None:
            return "nobody can ask for its verdict again here"
        return ""

    @cached_property
    def falsehood(self) -> str:
        """
        What is wrong with the verdict that is kept; empty where it comes out again as it was kept.

        Raises:
            Undecided: it cannot be asked for again in this clone.
        """
        if not self.verdict:
            return ""
        if said := self._unlike():
            return said
        if self.lapsed or self.replay is None:
            return ""
        try:
            again = self.replay(self.verdict)
        except Undecided:
            raise
        except OpsledgerError as refusal:
            return f"its verdict cannot be asked for again: {refusal}".partition("\n")[0]
        if again != dict(self.verdict):
            return "its verdict is not what the gate answers at that commit and for that time"
        return ""

    @property
    def stands(self) -> bool:
        """Whether the verdict is the gate's answer to the act."""
        return not self.lapsed and not self.falsehood

    def answers(self, gate: Record, subject: Record) -> bool:
        """Whether the verdict is what this gate says of the deployment or of its release."""
        is_meant = subject.id in (self.deployment.id, self.release)
        return is_meant and gate.id.removeprefix("GAT-") == self.verdict.get("gate") and self.stands

    def time_of(self, move: Move) -> datetime:
        """For which time the other gates on its way are asked: when it was let through, or when it ended."""
        if not self.stands:
            return self.landing
        if (move.kind, move.after) not in _ENDS:
            return self._at
        ended = moment(self.deployment.get("ended"))
        return ended if ended is not None and self._at <= ended <= self.landing else self.landing

    @property
    def note(self) -> str:
        """What to tell where the verdict stands for the gate."""
        kept = self.verdict
        said = f"{self.deployment.id} was let through as of {kept['as_of']} at commit {str(kept['commit'])[:7]}"
        return f"{said}; {kept['gate']} was asked again for that time and says the same"

    def found(self) -> tuple[Found, ...]:
        """What is said at the deployment where its verdict is not true, or is true and is not taken all the same."""
        if not self.falsehood:
            return self._not_taken()
        fix = "write down the verdict as the gate gave it: `opsledger deploy start` does"
        said = f"{self.deployment.id} was not let through as it says: {self.falsehood}"
        return (Found(self.deployment.path, Fault("/verdict", CODE, said, fix), about=self.release),)

    def _not_taken(self) -> tuple[Found, ...]:
        if not self.verdict or not self.lapsed or self.replay is None:
            return ()
        said = f"the gates on the way of {self.deployment.id} are asked for now, for {self.lapsed}"
        fix = "write a deployment down soon after it ended"
        return (Found(self.deployment.path, Fault("/verdict", CODE, said, fix), self.release, severity=Severity.NOTE),)

    @cached_property
    def _at(self) -> datetime:
        return moment(self.verdict.get("as_of")) or self.landing

    def _unlike(self) -> str:
        """What of the verdict contradicts itself or the deployment."""
        kept, record = self.verdict, self.deployment
        pairs = (("subject", "release"), ("environment", "environment"), ("group", "group"))
        started = moment(record.get("started"))
        is_later = self._at > self.landing or (started is not None and started < self._at)
        wrongs = (
            (kept.get("outcome") != "open" or kept.get("judge") != kept.get("commit"), "lets nobody through"),
            (kept.get("digest") != fingerprint(kept), "was changed after it was given"),
            (any((kept.get(one) or "") != (record.get(other) or "") for one, other in pairs),
             "was given for another release, environment or group"),
            ((kept.get("package_digest") or "") != (record.get("package_digest") or ""),
             "was given for another package"),
            (kept.get("digest") in self.known, "let another deployment through already"),
            (is_later, "was given later than it began"),
            (started is not None and started - self._at > GAP, "was more than an hour old when it began"),
            (started is not None and started > self.landing, "is of a deployment that has not begun yet"),
        )  # fmt: skip
        return next((f"its verdict {words}" for is_wrong, words in wrongs if is_wrong), "")


def acts_of(
    ledger: Ledger, steps: Sequence[Step], policy: Policy, landing: datetime, replay: Replay | None
) -> tuple[Act, ...]:
    """
    The deployments that begin in a step, or whose verdict is another one after it.

    Args:
        ledger: the merge result.
        landing: the time at which the step is judged.
        replay: asks for a verdict again; `None` where nobody can, and then none stands for anything.
    """
    hours = float(policy.at("deployment", "record_within_hours", default=HOURS))
    made = []
    for step in steps:
        after, before = step.after, step.before
        if after is None or after.kind.name != "deployment" or not after.is_readable:
            continue
        if before is None or before.get("verdict") != after.get("verdict"):
            others = ledger.naming(str(after.get("release", "")), "deployment", at="/release")
            kept = (one.get("verdict") for one in others if one.id != after.id)
            known = frozenset(str(one["digest"]) for one in kept if isinstance(one, dict) and "digest" in one)
            made.append(Act(after, landing, hours, known, replay))
    return tuple(made)


def act_of(acts: Sequence[Act], subject: Record) -> Act | None:
    """
    The act that a record's move belongs to: its own, that of the release, or that of the release that it names.

    A release moves by what brings it to a place of its rollout: what was tried out elsewhere says nothing of that.
    """
    if subject.kind.name == "deployment":
        return next((act for act in acts if act.deployment.id == subject.id), None)
    names = (subject.id, subject.get("release"))
    groups = subject.items("/rollout/groups") if subject.kind.name == "release" else ()
    places = {group.get("environment") for _, group in groups if isinstance(group, dict)}
    return next((act for act in acts if act.release in names and act.is_in(places)), None)
