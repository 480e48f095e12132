"""What the signatures on one scope of one record add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from opsledger.approvals.counting import Frame, Refusal, Voice, refusal
from opsledger.approvals.matching import matched
from opsledger.approvals.model import Asked, Counted, Discounted, Tally
from opsledger.approvals.scopes import uncovered
from opsledger.approvals.situation import Situation
from opsledger.approvals.voices import last_words, voices_on
from opsledger.finding import Fault
from opsledger.ledger import Record


def tally(asked: Asked, subject: Record, situation: Situation) -> Tally:
    """
    Count the signatures on one scope of a record; whatever does not count is listed with its reason.

    Each person counts once and for one role, chosen so that as many roles as possible are signed for.

    Source:
        S0-2.2, S0-7.1, S0-7.2; DOMAIN section 1.
    """
    frame = Frame(asked, subject, situation)
    roles = tuple(dict.fromkeys(asked.roles))
    if not frame.pointers:
        said = f"a {subject.kind.name} has no scope called {asked.scope}, so nothing can be approved by that name"
        return Tally(asked, subject.id, missing=roles, undecided=(said,), holders=_holders(frame, roles))
    poll = _Poll()
    for voice, ended in last_words(voices_on(frame)):
        poll.hear(voice, ended, frame, roles)
    poll.seat_once(frame)
    needed = {role: situation.people.needed(role, situation.as_of, matter=frame.matter) for role in roles}
    seats = [role for role in roles for _ in range(needed[role])]
    by_party = matched(seats, {party: tuple(voices) for party, voices in poll.valid.items()})
    counted = poll.counted(by_party, frame)
    missing = tuple(role for role in roles if list(by_party.values()).count(role) < needed[role])
    return Tally(
        asked, subject.id, counted, tuple(poll.refused), missing,
        short=max(0, asked.quorum - len(counted) - len(missing)),
        holders=_holders(frame, roles),
        undecided=tuple(dict.fromkeys(one.fault.message for one in poll.refused if one.undecided)),
        quorums={role: count for role, count in needed.items() if count > 1},
    )  # fmt: skip


@dataclass
class _Poll:
    """
    The voices heard so far.

    Args:
        valid: party → role → its voice that counts.
        refused: what does not count.
    """

    valid: dict[str, dict[str, Voice]] = field(default_factory=dict)
    refused: list[Discounted] = field(default_factory=list)

    def hear(self, voice: Voice, ended: Refusal | None, frame: Frame, roles: Sequence[str]) -> None:
        """Take one voice in: into the roles in which it counts, or among those that do not."""
        possible = [role for role in roles if voice.role in ("", role)]
        reasons = [] if ended is None else [ended]
        if ended is None and not possible:
            reasons = [_of_another_role(voice, frame)]
        for role in possible if ended is None else ():
            found = _unread(voice, frame) or refusal(voice, role, frame)
            if found is not None:
                reasons.append(found)
                continue
            earlier = self.valid.setdefault(voice.party, {}).setdefault(role, voice)
            if earlier is not voice:
                reasons.append(_once(voice, earlier, frame))
        if reasons and not any(voice is one for one in self.valid.get(voice.party, {}).values()):
            self._refuse(voice, reasons[0])

    def seat_once(self, frame: Frame) -> None:
        """Take out whoever stands in for somebody who spoke in that role too: the two have one seat."""
        people, matter = frame.situation.people, frame.matter
        for party, voices in list(self.valid.items()):
            for role, voice in list(voices.items()):
                holding = people.holding(party, role, voice.at, matter=matter)
                first = holding.delegated_by if holding is not None else ""
                if role in self.valid.get(first, {}):
                    del voices[role]
                    if voice not in voices.values():
                        self._refuse(voice, _one_seat(voice, first, frame))
            if not voices:
                del self.valid[party]

    def counted(self, by_party: Mapping[str, str], frame: Frame) -> tuple[Counted, ...]:
        """The voices that count, one of each person, oldest first; a second one of a person joins the others."""
        found = []
        for party, voices in self.valid.items():
            role = by_party.get(party, next(iter(voices)))
            chosen = voices[role]
            found.append(Counted(chosen.source, party, role, chosen.at, _remark(chosen, role, frame)))
            for other in dict.fromkeys(voices.values()):
                if other is not chosen:
                    self._refuse(other, _one_role(other, role, frame))
        return tuple(sorted(found, key=lambda one: (one.at, one.source)))

    def _refuse(self, voice: Voice, reason: Refusal) -> None:
        self.refused.append(
            Discounted(voice.source, voice.party, voice.role, voice.path, reason.fault, reason.undecided)
        )


def _unread(voice: Voice, frame: Frame) -> Refusal | None:
    """Of a pull request whose reviews could not all be read nothing is concluded: a later one may say otherwise."""
    pull_request = frame.situation.pull_request
    if pull_request is None or pull_request.is_whole or not voice.is_new:
        return None
    said = f"{voice.name} may be taken back by a review that could not be read"
    return Refusal(Fault("", "SIG305", said, "ask the forge again"), undecided=True)


def _of_another_role(voice: Voice, frame: Frame) -> Refusal:
    said = f"{voice.name} was given as {voice.role}, and {' and '.join(frame.asked.roles)} must approve {frame.what}"
    return Refusal(Fault("/role" if voice.approval else "", "SIG303", said, "approve it in a role that is asked for"))


def _once(voice: Voice, earlier: Voice, frame: Frame) -> Refusal:
    said = f"{voice.party} is counted once for {frame.what}: by {earlier.name}, and not by {voice.name} as well"
    return Refusal(Fault("/party" if voice.approval else "", frame.asked.code, said, "ask another person as well"))


def _one_seat(voice: Voice, first: str, frame: Frame) -> Refusal:
    said = f"{voice.party} stands in for {first}, who spoke on {frame.what} too, so {voice.name} is not counted as well"
    return Refusal(Fault("/party" if voice.approval else "", frame.asked.code, said, "ask another person as well"))


def _one_role(voice: Voice, role: str, frame: Frame) -> Refusal:
    said = f"{voice.party} is counted for {frame.what} as {role}, and one person for one role, so not by {voice.name}"
    return Refusal(Fault("/role" if voice.approval else "", frame.asked.code, said, "ask another person as well"))


def _remark(voice: Voice, role: str, frame: Frame) -> str:
    """What a reader of the count should know."""
    remarks = []
    holding = frame.situation.people.holding(voice.party, role, voice.at, matter=frame.matter)
    if holding is not None and holding.delegated_by:
        remarks.append(f"in place of {holding.delegated_by}")
    if voice.approval is not None:
        if left_out := uncovered(voice.approval.pointers, frame.pointers):
            remarks.append(f"given before {', '.join(left_out)} belonged to the {frame.asked.scope}, and not of it")
        if voice.approval.conditions:
            remarks.append("on condition: " + "; ".join(voice.approval.conditions))
    return "; ".join(remarks)


def _holders(frame: Frame, roles: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Who could sign for each role now: those who hold it, if it may decide this, and did not write the content."""
    people, as_of = frame.situation.people, frame.situation.as_of
    wrote = frame.authorship.parties if frame.pointers else frozenset()
    found = {}
    for role in roles:
        stated = people.roles.get(role)
        is_for_this = (
            stated is not None
            and (not stated.kinds or frame.subject.kind.name in stated.kinds)
            and (not stated.scopes or frame.asked.scope in stated.scopes)
        )
        held = people.holders(role, as_of, matter=frame.matter) if is_for_this else ()
        found[role] = tuple(one.party for one in held if one.party not in wrote)
    return found
