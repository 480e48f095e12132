"""What Bitbucket Cloud says of pull requests: who takes part, and what they did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opsledger.adapters.forges.addresses import pull_request_address
from opsledger.adapters.forges.answers import Answer, Unexpected, payload_of
from opsledger.approvals.model import ForgeAccount, PullRequest, Review
from opsledger.errors import Refused

_DECISIONS = {"approved": "granted", "changes_requested": "revise"}
_SHORTEST = 12
_WHOLE = 40


def is_pull_request(answer: Answer) -> bool:
    """Whether an object looks like a pull request."""
    return {"source", "destination", "links", "id"} <= answer.data.keys()


def is_activity(answer: Answer) -> bool:
    """Whether an object looks like an entry of the activity of a pull request."""
    return bool({"approval", "changes_requested", "update", "comment"} & answer.data.keys()) and (
        "pull_request" in answer.data or "update" in answer.data or "approval" in answer.data
    )


def is_commit(answer: Answer) -> bool:
    """Whether an object looks like a commit."""
    return "hash" in answer.data and answer.data.get("type", "commit") == "commit"


@dataclass(frozen=True)
class Answers:
    """
    What was asked about one pull request.

    Args:
        pull: the pull request, with its participants.
        activity: all that happened, in any order.
        commits: full ids of commits, by which the shortened ones in `activity` are made whole.
        has_activity: whether the activity was asked for.
    """

    pull: Answer
    activity: tuple[Answer, ...] = ()
    commits: frozenset[str] = frozenset()
    has_activity: bool = True


def pull_request(answers: Answers) -> PullRequest:
    """
    Read a pull request, its participants and its activity.

    Raises:
        Refused: an entry of the activity belongs to another pull request.
        Unexpected: a field is not as documented.
    """
    pull = answers.pull
    url = pull.text("links", "html", "href")
    repository, number = pull_request_address(url)
    if number != pull.id("id"):
        raise Unexpected(f"{pull.name}.links.html.href", f"the address of pull request {pull.id('id')}")
    for entry in answers.activity:
        if entry.has("pull_request") and entry.id("pull_request", "id") != number:
            raise Refused(
                f"{entry.name} belongs to pull request {entry.id('pull_request', 'id')} and not to {number}",
                "export the pull request and its own activity",
            )
    is_merged = pull.text("state") == "MERGED"
    return PullRequest(
        forge=repository.partition("/")[0],
        repository=repository,
        number=number,
        url=url,
        opener=account(pull.inner_or_none("author")),
        head=full(pull.text_or_nothing("source", "commit", "hash"), answers.commits),
        base=pull.text("destination", "branch", "name"),
        head_ref="",
        reviews=tuple(_reviews(answers)),
        is_merged=is_merged,
        merged_at=_closed_at(pull) if is_merged else None,
        merge_commit=full(pull.text_or_nothing("merge_commit", "hash"), answers.commits) if is_merged else "",
        is_whole=answers.has_activity,
    )


def _closed_at(pull: Answer) -> datetime | None:
    return pull.moment_or_none("closed_on") or pull.moment_or_none("updated_on")


def _reviews(answers: Answers) -> Iterator[Review]:
    for user, decision, at, payload in _said(answers):
        yield _review(answers, user, decision, at, payload)


def _said(answers: Answers) -> Iterator[tuple[Answer, str, datetime, Mapping[str, Any]]]:
    """Yield who decided what and when: one entry a participant, and one for each that took its approval back."""
    decided = dict(_decided(answers.activity))
    for participant in answers.pull.items("participants"):
        user = participant.inner("user")
        state = participant.text_or_nothing("state") or ("approved" if participant.flag("approved") else "")
        known = decided.pop(_key(user), None)
        if state and state not in _DECISIONS:
            raise Unexpected(f"{participant.name}.state", "a state of a participant that Bitbucket documents")
        if state and known is not None and known.state == state:
            yield user, _DECISIONS[state], known.at, known.entry.data
        elif state:
            yield user, _DECISIONS[state], participant.moment("participated_on"), participant.data
        elif known is not None:
            yield user, "dismissed", known.at, known.entry.data
    for known in decided.values():
        yield known.user, "dismissed", known.at, known.entry.data


def shortened(answers: Answers) -> frozenset[str]:
    """The ids of commits that matter for the reviews and that the forge shortened."""
    updates = (_update_at(answers.activity, at) for _, _, at, _ in _said(answers))
    hashes = {update.text_or_nothing("update", "source", "commit", "hash") for update in updates if update}
    hashes.add(answers.pull.text_or_nothing("source", "commit", "hash"))
    hashes.add(answers.pull.text_or_nothing("merge_commit", "hash"))
    return frozenset(hash for hash in hashes if _SHORTEST <= len(hash) < _WHOLE)


@dataclass(frozen=True)
class _Did:
    """The newest decision of one account, as the activity tells of it."""

    state: str
    at: datetime
    user: Answer
    entry: Answer


def _decided(activity: Iterable[Answer]) -> Iterator[tuple[str, _Did]]:
    """Yield the decisions of each account, oldest first."""
    found = []
    for entry in activity:
        for key, state in (("approval", "approved"), ("changes_requested", "changes_requested")):
            if entry.has(key) and entry.has(key, "user"):
                user = entry.inner(key, "user")
                found.append(_Did(state, entry.moment(key, "date"), user, entry))
    yield from ((_key(did.user), did) for did in sorted(found, key=lambda did: did.at))


def _review(answers: Answers, user: Answer, decision: str, at: datetime, payload: Mapping[str, Any]) -> Review:
    update = _update_at(answers.activity, at)
    short = update.text_or_nothing("update", "source", "commit", "hash") if update else ""
    whole = {**payload, **({"update": update.data} if update else {})}
    who = account(user)
    return Review(
        # The forge gives an approval no id: there is one for each account, and its time tells it from earlier ones.
        id=f"{who.id or who.login}-{at.strftime('%Y%m%dT%H%M%SZ')}",
        account=who,
        decision=decision,
        commit=full(short, answers.commits),
        at=at,
        body="",
        payload=payload_of(answers.pull.name, whole),
    )


def _update_at(activity: Iterable[Answer], at: datetime) -> Answer | None:
    """Return the newest change of the pull request that lies before a time: it names the commit that stood then."""
    before = [
        (entry.moment("update", "date"), index, entry)
        for index, entry in enumerate(activity)
        if entry.has("update") and entry.moment("update", "date") <= at
    ]
    return max(before, key=lambda found: (found[0], -found[1]))[2] if before else None


def full(hash: str, commits: Iterable[str]) -> str:
    """Return the full id of a commit that the forge shortened; empty where none is known, or more than one."""
    if len(hash) in {40, 64}:
        return hash
    known = {commit for commit in commits if len(hash) >= _SHORTEST and commit.startswith(hash)}
    return known.pop() if len(known) == 1 else ""


def _key(user: Answer) -> str:
    return user.id_or_nothing("account_id") or user.id_or_nothing("uuid")


def account(user: Answer | None) -> ForgeAccount:
    """Return who somebody is; the nickname is only for show there, the account id is what never changes."""
    if user is None:
        return ForgeAccount("")
    is_bot = user.text_or_nothing("type") not in {"user", ""}
    login = user.text_or_nothing("nickname") or user.text_or_nothing("username") or user.text_or_nothing("display_name")
    return ForgeAccount(login, _key(user), is_bot)
