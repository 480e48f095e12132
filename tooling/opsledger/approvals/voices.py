"""Everybody who said something of a scope, and whose last word it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from opsledger.approvals.counting import Frame, Refusal, Voice
from opsledger.approvals.model import Approval, Review
from opsledger.approvals.reading import approvals_on
from opsledger.approvals.situation import Situation
from opsledger.finding import Fault
from opsledger.moments import written

_ROLE = re.compile(r"^\s*opsledger:\s*role\s*=\s*(\S+)\s*$", re.MULTILINE)
_WORDS = {"revise": "asked for changes", "rejected": "said no", "withdrawn": "withdrew", "dismissed": "was dismissed"}


def voices_on(frame: Frame) -> tuple[Voice, ...]:
    """The approvals of a scope and the reviews of the open pull request, oldest first."""
    situation = frame.situation
    held = approvals_on(situation.ledger, frame.subject.id, landed=situation.landed)
    said = [_by_record(one) for one in held if one.scope == frame.asked.scope]
    copied = {str(one.approval.evidence.get("review") or "") for one in said if one.approval is not None}
    said += [one for one in _live(situation) if one.source not in copied]
    return tuple(sorted(said, key=lambda voice: (voice.at, voice.source)))


def last_words(voices: Sequence[Voice]) -> Iterator[tuple[Voice, Refusal | None]]:
    """Each voice that is no mere comment, with the reason why what it grants no longer stands, if any."""
    for voice in voices:
        if voice.decision != "granted":
            yield voice, _not_granted(voice)
            continue
        later = next((one for one in reversed(voices) if _takes_back(one, voice)), None)
        yield voice, _taken_back(voice, later) if later is not None else None


def _takes_back(later: Voice, voice: Voice) -> bool:
    """Whether a voice ends an earlier one of the same person: by name, or by thinking otherwise afterwards."""
    if later.decision == "granted" or not _is_same_person(later, voice):
        return False
    if later.approval is not None and later.approval.withdraws == voice.source:
        return True
    return later.at >= voice.at and later is not voice


def _is_same_person(one: Voice, other: Voice) -> bool:
    return one.party != "" and one.party == other.party


def _not_granted(voice: Voice) -> Refusal:
    who = voice.party or (voice.review.account.login if voice.review else "")
    if voice.decision == "commented":
        said, fix = f"{who} only commented in {voice.name}, and a comment approves nothing", "approve the pull request"
    elif voice.decision == "dismissed":
        said, fix = f"{voice.name} of {who} was dismissed", f"ask {who} to review it again"
    else:
        said = f"{who} {_WORDS[voice.decision]} in {voice.name}"
        fix = f"settle it with {who}, who can approve afterwards"
    return Refusal(Fault("/decision" if voice.approval else "", "SIG301", said, fix))


def _taken_back(voice: Voice, later: Voice) -> Refusal:
    said = (
        f"{voice.name} no longer stands: {voice.party} {_WORDS[later.decision]} in {later.name} of {written(later.at)}"
    )
    return Refusal(Fault("/decision" if voice.approval else "", "SIG301", said, f"settle it with {voice.party}"))


def _by_record(approval: Approval) -> Voice:
    return Voice(
        approval.id, approval.path, approval.party, approval.role, approval.decision, approval.at, approval=approval
    )


def _live(situation: Situation) -> Iterator[Voice]:
    """The last review of each account that decides something, and comments of those who only commented."""
    pull_request = situation.pull_request
    for review in _latest(pull_request.reviews) if pull_request is not None else ():
        account = review.account
        forge = pull_request.forge if pull_request is not None else ""
        party = situation.people.by_account(forge, login=account.login, id=account.id, at=review.at)
        named = _ROLE.search(review.body)
        yield Voice(
            review.id, "", party.id if party else "", named[1] if named else "", review.decision, review.at,
            review=review,
        )  # fmt: skip


def _latest(reviews: Iterable[Review]) -> Iterator[Review]:
    by_account: dict[tuple[str, str], Review] = {}
    for review in sorted(reviews, key=lambda one: one.at):
        key = ("", review.account.id) if review.account.id else (review.account.login.lower(), "")
        if review.decision != "commented" or key not in by_account:
            by_account[key] = review
    return iter(by_account.values())
