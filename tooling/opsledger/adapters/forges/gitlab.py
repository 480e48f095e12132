"""
What GitLab says of merge requests and who approved them.

An approval there carries neither a commit nor, before GitLab 18, a time: both are worked out from the system notes and
from the versions of the merge request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from opsledger.adapters.forges.addresses import pull_request_address
from opsledger.adapters.forges.answers import Answer, Unexpected, payload_of
from opsledger.approvals.model import ForgeAccount, PullRequest, Review
from opsledger.errors import Refused, Undecided

_BOT = re.compile(r"(?:project|group)_[0-9]+_bot(?:[0-9]+|_.+)?|service_account_.+|(?:.+-)?bot|ghost|GitLabDuo", re.I)
_NOTES = {
    "approved this merge request": "granted",
    "unapproved this merge request": "dismissed",
    "requested changes": "revise",
}


def is_pull_request(answer: Answer) -> bool:
    """Whether an object looks like a merge request; the answer about approvals lacks its branches."""
    return "iid" in answer.data and "target_branch" in answer.data


def is_approvals(answer: Answer) -> bool:
    """Whether an object looks like the answer of `/approvals` (or holds the same list)."""
    return "approved_by" in answer.data and "target_branch" not in answer.data


def is_approval_state(answer: Answer) -> bool:
    """Whether an object looks like the answer of `/approval_state`."""
    return "rules" in answer.data and "approved_by" not in answer.data and "target_branch" not in answer.data


def is_note(answer: Answer) -> bool:
    """Whether an object looks like a note."""
    return {"system", "body", "author"} <= answer.data.keys()


def is_version(answer: Answer) -> bool:
    """Whether an object looks like a version of a merge request."""
    return "head_commit_sha" in answer.data


@dataclass(frozen=True)
class Answers:
    """
    What was asked about one merge request.

    Args:
        merge_request: of `/merge_requests/:iid`.
        approvals: of `/approvals`; `None` where nobody asked.
        approval_state: of `/approval_state`, which only paid tiers answer.
        notes: all of `/notes`.
        versions: all of `/versions`.
        has_notes: whether the notes were asked for.
    """

    merge_request: Answer
    approvals: Answer | None
    approval_state: Answer | None = None
    notes: tuple[Answer, ...] = ()
    versions: tuple[Answer, ...] = ()
    has_notes: bool = True


@dataclass(frozen=True)
class _Said:
    """The newest thing that an account decided, as a note tells of it."""

    decision: str
    at: datetime
    note: Answer


def pull_request(answers: Answers) -> PullRequest:
    """
    Read a merge request and its approvals.

    Raises:
        Refused: a part belongs to another merge request.
        Undecided: nothing says who approved, or when.
    """
    merge = answers.merge_request
    url = merge.text("web_url")
    repository, number = pull_request_address(url)
    if number != merge.id("iid"):
        raise Unexpected(f"{merge.name}.web_url", f"the address of merge request {merge.id('iid')}")
    _belong_together(answers, number)
    is_merged = merge.text("state") == "merged"
    return PullRequest(
        forge=repository.partition("/")[0],
        repository=repository,
        number=number,
        url=url,
        opener=account(merge.inner_or_none("author")),
        head=merge.commit("sha") or merge.commit("diff_refs", "head_sha"),
        base=merge.text("target_branch"),
        head_ref=f"refs/merge-requests/{number}/head",
        reviews=tuple(_reviews(answers)),
        is_merged=is_merged,
        merged_at=merge.moment_or_none("merged_at") if is_merged else None,
        merge_commit=_landed(merge) if is_merged else "",
        is_whole=answers.has_notes,
    )


def _landed(merge: Answer) -> str:
    """Return the commit that a merge made; one that only moved the branch forward made none of its own."""
    return merge.commit("merge_commit_sha") or merge.commit("squash_commit_sha") or merge.commit("sha")


def _belong_together(answers: Answers, number: str) -> None:
    """Refuse parts of another merge request: the forge says its number in approvals and notes."""
    parts = [*([answers.approvals] if answers.approvals else []), *answers.notes]
    for part in parts:
        key = "iid" if part is answers.approvals else "noteable_iid"
        if part.has(key) and part.id(key) != number:
            raise Refused(
                f"{part.name} belongs to merge request {part.id(key)} and not to {number}",
                "export the merge request and its own approvals and notes",
            )
    projects = {part.id("project_id") for part in (answers.merge_request, *parts) if part.has("project_id")}
    if len(projects) > 1:
        raise Refused("the parts of this export are of different projects", "export those of one merge request")


def _reviews(answers: Answers) -> Iterator[Review]:
    """Yield one review an account: approvals in force first, then what else the notes tell."""
    said = _said(answers.notes)
    approved = dict(_approved_by(answers))
    for account_id, entry in approved.items():
        yield _approval(answers, entry, said.get(account_id))
    for account_id, last in said.items():
        if account_id not in approved:
            # Whoever approved and is not in the list of approvals has lost that approval, by a push for example.
            decision = "dismissed" if last.decision == "granted" else last.decision
            payload = {"note": last.note.data}
            yield _review(answers, account(last.note.inner("author")), decision, last.at, last, payload)


def _approved_by(answers: Answers) -> Iterator[tuple[str, Answer]]:
    if answers.approvals is None:
        raise Undecided(
            "nothing here says who approved the merge request",
            "add the answer of /projects/:id/merge_requests/:iid/approvals",
        )
    for entry in answers.approvals.items("approved_by"):
        yield entry.id("user", "id"), entry


def _approval(answers: Answers, entry: Answer, last: _Said | None) -> Review:
    """Return an approval that is in force."""
    user = entry.inner("user")
    at = entry.moment_or_none("approved_at")
    granted = last if last is not None and last.decision == "granted" else None
    if at is None and granted is None:
        raise Undecided(
            f"nothing here says when {user.text('username')} approved",
            "add the notes of the merge request: /projects/:id/merge_requests/:iid/notes",
        )
    when = at or (granted.at if granted else datetime.min.replace(tzinfo=UTC))
    payload = {"approval": entry.data, **({"note": granted.note.data} if granted else {})}
    return _review(answers, account(user), "granted", when, granted, payload)


def _review(
    answers: Answers, who: ForgeAccount, decision: str, at: datetime, said: _Said | None, payload: Mapping[str, Any]
) -> Review:
    version = _version_at(answers.versions, at)
    whole = {**payload, **({"version": version.data} if version else {})}
    # An approval without a note has no id of its own: account and time name it.
    id = said.note.id("id") if said else f"{who.id}-{at.strftime('%Y%m%dT%H%M%SZ')}"
    name = answers.merge_request.name
    return Review(
        id=id,
        account=who,
        decision=decision,
        commit=version.commit("head_commit_sha") if version else "",
        at=at,
        body="",
        payload=payload_of(name, whole),
    )


def _said(notes: tuple[Answer, ...]) -> dict[str, _Said]:
    """Return the newest decision of each account by its number; only notes of the system itself tell of one."""
    found: dict[str, _Said] = {}
    for note in notes:
        decision = _NOTES.get(note.text_or_nothing("body").strip()) if note.flag("system") else None
        if decision is None:
            continue
        who, at = note.id("author", "id"), note.moment("created_at")
        if who not in found or (found[who].at, _number(found[who].note)) < (at, _number(note)):
            found[who] = _Said(decision, at, note)
    return found


def _number(note: Answer) -> int:
    id = note.id("id")
    return int(id) if id.isdecimal() else 0


def _version_at(versions: tuple[Answer, ...], at: datetime) -> Answer | None:
    """Return the version that was the newest at that time."""
    known = [(version.moment("created_at"), _number(version), version) for version in versions]
    before = [entry for entry in known if entry[0] <= at]
    return max(before, key=lambda entry: entry[:2])[2] if before else None


def account(user: Answer | None) -> ForgeAccount:
    """Return who somebody is; names of tokens and service accounts follow a pattern that GitLab documents."""
    if user is None or user.text("username").lower() == "ghost":
        return ForgeAccount("")
    login = user.text("username")
    return ForgeAccount(login, user.id("id"), bool(_BOT.fullmatch(login)) or user.flag("bot"))
