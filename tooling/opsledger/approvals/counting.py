"""What each signature must be to count, one condition after the other; each says why it does not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from opsledger.approvals.evidence import verify
from opsledger.approvals.model import Approval, Asked, Authorship, Review
from opsledger.approvals.scopes import content_of, digest_of, scope_pointers, uncovered
from opsledger.approvals.situation import Situation
from opsledger.errors import Undecided
from opsledger.finding import Fault
from opsledger.ledger import Record
from opsledger.moments import moment, written


@dataclass(frozen=True, eq=False)
class Voice:
    """
    What one person said of a scope: an approval record, or a review of the open pull request.

    Args:
        source: the approval's id, or the review's id at the forge.
        path: the approval's file; empty for a review.
        party: who it claims to be by; empty where nobody knows.
        role: the role that it claims; empty for a review that names none.
        decision: *granted*, *revise*, *rejected*, *withdrawn*, *dismissed* or *commented*.
    """

    source: str
    path: str
    party: str
    role: str
    decision: str
    at: datetime
    approval: Approval | None = None
    review: Review | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.source if self.approval is not None else f"review {self.source}"

    @property
    def is_new(self) -> bool:
        """Whether it comes with what is judged; the judge looked at the others when they came in."""
        return self.approval is None or not self.approval.is_landed


@dataclass(frozen=True)
class Refusal:
    """Why a voice does not count, and whether it may once something missing is there."""

    fault: Fault
    undecided: bool = False


@dataclass(frozen=True, eq=False)
class Frame:
    """What voices on one scope of one record are held against; what is costly is worked out once."""

    asked: Asked
    subject: Record
    situation: Situation

    @cached_property
    def pointers(self) -> tuple[str, ...]:
        """What the scope covers by the judge's schema."""
        return scope_pointers(self.subject.kind, self.asked.scope)

    @cached_property
    def matter(self) -> frozenset[str]:
        """The ids that the decision is about."""
        links = self.situation.ledger.links(self.subject.id)
        return frozenset((self.subject.id, *(link.target for link in links)))

    @cached_property
    def authorship(self) -> Authorship:
        """Who wrote the scope's content in the step that is judged."""
        return self.situation.authorship(self.subject, self.pointers)

    @property
    def what(self) -> str:
        """What messages call the scope of the record."""
        return f"the {self.asked.scope} of {self.subject.id}"


Condition = Callable[[Voice, str, Frame], Refusal | None]
"""Asked of a voice in one of the roles that it may stand for."""


def _no(voice: Voice, pointer: str, code: str, said: str, fix: str, *, undecided: bool = False) -> Refusal:
    return Refusal(Fault(pointer if voice.approval is not None else "", code, said, fix), undecided)


def in_this_repository(voice: Voice, _: str, frame: Frame) -> Refusal | None:
    """It was given in this ledger's repository."""
    ours, pull_request = frame.situation.repository, frame.situation.pull_request
    if not voice.is_new:
        return None
    theirs = voice.approval.repository if voice.approval else pull_request.repository if pull_request else ""
    if not ours:
        said = f"{voice.name} was given in {theirs}, and nobody told what this repository is called"
        fix = "give the clone a remote called origin, or name the repository"
        return _no(voice, "/repository", "SIG305", said, fix, undecided=True)
    if address(theirs) == address(ours):
        return None
    said = f"{voice.name} was given in {theirs}, and this is {ours}"
    return _no(voice, "/repository", "SIG305", said, f"ask for an approval in {ours}")


def in_this_pull_request(voice: Voice, _: str, frame: Frame) -> Refusal | None:
    """It was given in the pull request that is judged, if it says in which."""
    pull_request = frame.situation.pull_request
    if voice.approval is None or not voice.is_new or pull_request is None or not voice.approval.pull_request:
        return None
    if address(voice.approval.pull_request) == address(pull_request.url):
        return None
    said = f"{voice.name} was given in {voice.approval.pull_request}, and this is {pull_request.url}"
    return _no(voice, "/pull_request", "SIG305", said, "ask for an approval in this pull request")


def not_after_now(voice: Voice, _: str, frame: Frame) -> Refusal | None:
    """It was given by the time that is judged for."""
    if voice.at <= frame.situation.as_of:
        return None
    said = f"{voice.name} is dated {written(voice.at)}, which is after {written(frame.situation.as_of)}"
    return _no(voice, "/at", "SIG309", said, "correct the clock that signed, and approve again")


def before_the_act(voice: Voice, _: str, frame: Frame) -> Refusal | None:
    """It was given before what it allows was begun."""
    begun = moment(frame.subject.get("started"))
    if begun is None or frame.asked.scope != frame.subject.kind.name or voice.at <= begun:
        return None
    said = f"{voice.name} is dated {written(voice.at)}, and {frame.subject.id} began at {written(begun)} without it"
    return _no(voice, "/at", "SIG309", said, "record the deviation; an approval does not work backwards")


def by_a_person(voice: Voice, _: str, frame: Frame) -> Refusal | None:
    """It is by a person whom a party record names."""
    party = frame.situation.people.parties.get(voice.party)
    if voice.review is not None and (voice.review.account.is_bot or (party is not None and party.is_machine)):
        said = f"{voice.name} is by {voice.party or voice.review.account.login}, which is a machine"
    elif voice.review is not None and party is None:
        login = voice.review.account.login
        if login and login.lower() != "ghost":
            said = f"{voice.name} is by the account {login}, which no party record names"
            return _no(voice, "", "SIG303", said, "add the account to the party it belongs to, on the base branch")
        said = f"{voice.name} is by an account that is gone, so nobody can show whose it was"
        return _no(voice, "", "SIG303", said, "ask somebody who is still there to approve", undecided=True)
    elif party is None:
        said = f"{voice.name} is by {voice.party}, whom no party record on the base branch names"
        return _no(voice, "/party", "SIG303", said, "add the party on the base branch first")
    elif party.is_machine:
        said = f"{voice.name} is by {voice.party}, which is a machine"
    else:
        return None
    return _no(voice, "/party", "SIG303", said, "ask a person to approve")


def by_a_holder(voice: Voice, role: str, frame: Frame) -> Refusal | None:
    """The role was held when it was given; a signature that is new must be by somebody who holds it now as well."""
    times = [voice.at]
    if voice.approval is not None and voice.is_new and voice.approval.evidence.get("type") != "forge-review":
        times.append(frame.situation.as_of)
    people = frame.situation.people
    for at in times:
        if people.holding(voice.party, role, at, matter=frame.matter) is None:
            why = people.why_not(voice.party, role, at, matter=frame.matter)
            said = f"{voice.name} does not count as {role}: {voice.party} {why}"
            return _no(voice, "/role", "SIG303", said, f"ask somebody who holds {role}")
    return None


def in_a_role_for_this(voice: Voice, role: str, frame: Frame) -> Refusal | None:
    """The role decides on records of this kind, and on this scope."""
    stated = frame.situation.people.roles.get(role)
    if stated is None:
        said = f"{voice.name} was given as {role}, which no role record on the base branch names"
        return _no(voice, "/role", "SIG303", said, "add the role on the base branch first")
    kind, scope = frame.subject.kind.name, frame.asked.scope
    if stated.kinds and kind not in stated.kinds:
        said = f"{voice.name} was given as {role}, which decides on {', '.join(stated.kinds)} and not on a {kind}"
    elif stated.scopes and scope not in stated.scopes:
        said = f"{voice.name} was given as {role}, which approves {', '.join(stated.scopes)} and not {scope}"
    else:
        return None
    return _no(voice, "/role", "SIG303", said, "ask for it in a role that may decide this")


def of_what_stands_here(voice: Voice, _: str, frame: Frame) -> Refusal | None:
    """What was approved is what the record says now."""
    if voice.approval is None:
        return None
    approval, subject = voice.approval, frame.subject
    current = digest_of(subject.kind.name, subject.id, approval.scope, approval.pointers, subject.data)
    if current == approval.digest:
        return None
    from opsledger.approvals.edits import edited_since

    fields = edited_since(approval, subject.data)
    since = f" ({', '.join(fields)})" if fields else ""
    said = f"{voice.name} approves other content than {frame.what} holds now{since}"
    return _no(voice, "/digest", "SIG302", said, f"ask {voice.party} to look at it again, or restore what was approved")


def of_the_whole_scope(voice: Voice, _: str, frame: Frame) -> Refusal | None:
    """It covers at least what the judge's schema says that the scope covers, unless it came in before that."""
    if voice.approval is None or not voice.is_new:
        return None
    left_out = uncovered(voice.approval.pointers, frame.pointers)
    if not left_out:
        return None
    said = f"{voice.name} does not cover {', '.join(left_out)}, which {frame.what} includes"
    return _no(voice, "/pointers", "SIG302", said, f"ask {voice.party} to approve all of it")


def as_it_was_reviewed(voice: Voice, _: str, frame: Frame) -> Refusal | None:
    """The scope's content at the commit that was reviewed is what the record says now."""
    commit = _reviewed_commit(voice)
    if not commit:
        return (
            None if voice.review is None else _no(voice, "", "SIG305", f"{voice.name} names no commit", "approve again")
        )
    there = frame.situation.review_content(commit, frame.subject.path)
    if there is None:
        return _no(voice, "/evidence/commit", "SIG305", f"{voice.name} is of commit {commit[:7]}, which is not here",
                   _fetch(frame, commit), undecided=True)  # fmt: skip
    pointers = voice.approval.pointers if voice.approval else frame.pointers
    if _same_content(there, pointers, frame):
        return None
    said = f"{voice.name} is of commit {commit[:7]}, where {frame.what} reads otherwise than now"
    return _no(voice, "/evidence/commit", "SIG302", said, f"ask {voice.party} to review it again")


def _reviewed_commit(voice: Voice) -> str:
    if voice.review is not None:
        return voice.review.commit
    assert voice.approval is not None
    evidence = voice.approval.evidence
    return str(evidence.get("commit") or "") if voice.is_new and evidence.get("type") == "forge-review" else ""


def _same_content(there: bytes, pointers: tuple[str, ...], frame: Frame) -> bool:
    from opsledger.canonical import canonical
    from opsledger.yamlfile import Unreadable, read

    data = read(there)
    if isinstance(data, Unreadable):
        return False
    return canonical(content_of(data, pointers)) == canonical(content_of(frame.subject.data, pointers))


def _fetch(frame: Frame, commit: str) -> str:
    pull_request = frame.situation.pull_request
    wanted = pull_request.head_ref if pull_request and pull_request.head_ref else commit
    return f"run `git fetch origin {wanted}`"


def by_no_author(voice: Voice, _: str, frame: Frame) -> Refusal | None:
    """Whoever wrote the content does not approve it."""
    stored = voice.approval.authors if voice.approval else ()
    if voice.party in stored or (voice.is_new and voice.party in frame.authorship.parties):
        said = f"{voice.party} both wrote and approved {frame.what} ({voice.name})"
        return _no(voice, "/party", "DUT351", said, "ask somebody to approve it who did not write it")
    return None


def by_nobody_who_asked(voice: Voice, role: str, frame: Frame) -> Refusal | None:
    """Whoever asks for an exception does not grant it, nor does a stand-in for them."""
    asker = frame.subject.get("requested_by")
    if not asker:
        return None
    holding = frame.situation.people.holding(voice.party, role, voice.at, matter=frame.matter)
    if asker not in (voice.party, holding.delegated_by if holding is not None else voice.party):
        return None
    said = f"{asker} asked for {frame.subject.id}, so {voice.party} does not grant it ({voice.name})"
    return _no(voice, "/party", "DUT351", said, "ask somebody to approve it who did not ask for it")


def by_no_unknown_author(voice: Voice, _: str, frame: Frame) -> Refusal | None:
    """All who wrote the content are known: one who is not may be the approver."""
    if voice.approval is not None and voice.approval.unknown_authors:
        count = voice.approval.unknown_authors
        said = (
            f"nobody can show that {voice.party} did not write {frame.what}: {voice.name} counts {count} of its "
            "authors whom no party record names"
        )
        return _no(voice, "/unknown_authors", "DUT351", said, "add their addresses to the parties they belong to")
    if not voice.is_new:
        return None
    if frame.authorship.undecided:
        said = f"nobody can tell whether {voice.party} wrote {frame.what}: {frame.authorship.undecided}"
        return _no(voice, "/party", "DUT351", said, "get what is missing, and ask again", undecided=True)
    if frame.authorship.unknown:
        who = ", ".join(frame.authorship.unknown)
        said = f"nobody can show that {voice.party} did not write {frame.what}: {who}, which no party record names"
        fix = "add the address to the party it belongs to, on the base branch"
        return _no(voice, "/party", "DUT351", said, fix)
    return None


def not_before_the_last_edit(voice: Voice, _: str, frame: Frame) -> Refusal | None:
    """It was not given before the content was written."""
    if voice.approval is None or not voice.is_new:
        return None  # a live review names the commit it saw
    edited = frame.authorship.last_edit
    if edited is None or voice.at >= edited:
        return None
    said = f"{voice.name} is dated {written(voice.at)}, and {frame.what} was last written at {written(edited)}"
    return _no(voice, "/at", "SIG305", said, f"ask {voice.party} to approve it with the true date")


def with_proof(voice: Voice, _: str, frame: Frame) -> Refusal | None:
    """Anyone can check that the person said so: a signature, or a review brought by a machine in its lane, or live."""
    if voice.approval is None:
        return None
    approval, situation = voice.approval, frame.situation
    if voice.is_new and approval.evidence.get("type") == "forge-review":
        by = situation.people.parties.get(situation.by)
        if by is None or not by.is_machine or not situation.may_bring(approval.path):
            who = situation.by or "nobody that is named"
            said = f"{voice.name} copies a review, and was brought by {who} and not by a machine whose lane lets it"
            fix = "let the machine of the approvals lane import it, or sign with `opsledger approve`"
            return _no(voice, "/evidence", "SIG305", said, fix)
    try:
        fault = verify(approval, situation.people, situation.as_of if voice.is_new else None, situation.environment)
    except Undecided as absent:
        said = f"nobody can tell whether {voice.name} is genuine: {absent.missing}"
        return _no(voice, "/evidence", "SIG305", said, absent.remedy, undecided=True)
    return Refusal(fault) if fault is not None else None


CONDITIONS: tuple[Condition, ...] = (
    in_this_repository,
    in_this_pull_request,
    not_after_now,
    before_the_act,
    by_a_person,
    by_a_holder,
    in_a_role_for_this,
    of_what_stands_here,
    of_the_whole_scope,
    as_it_was_reviewed,
    by_no_author,
    by_nobody_who_asked,
    by_no_unknown_author,
    not_before_the_last_edit,
    with_proof,
)
"""Everything that a granted approval must be to count; what the same person said later is looked at before."""


def refusal(voice: Voice, role: str, frame: Frame) -> Refusal | None:
    """The first reason why a voice does not count in a role; `None` where it does."""
    return next((found for condition in CONDITIONS if (found := condition(voice, role, frame)) is not None), None)


def address(text: str) -> str:
    """A repository's or pull request's address without what people write differently about it."""
    plain = text.strip().partition("://")[2] or text.strip()
    if "://" not in text and "@" in plain and ":" in plain:
        plain = plain.partition("@")[2].replace(":", "/", 1)  # as in git@github.com:kestrel-pay/ledger.git
    host, _, path = plain.partition("@")[2].partition("/") if "@" in plain.partition("/")[0] else plain.partition("/")
    return f"{host.lower()}/{path.rstrip('/').removesuffix('.git').rstrip('/')}"
