"""What people export from a forge, whatever of it they put into one file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from opsledger.adapters.forges import bitbucket, gitea, github, gitlab
from opsledger.adapters.forges.answers import COUNT, Answer, NotJson, documents
from opsledger.approvals.model import PullRequest, Review
from opsledger.errors import Refused, Undecided

_EXPORT = (
    "export the pull request and the list of its reviews, one after the other or in one object, or print it with "
    "`gh pr view N --json author,baseRefName,headRefOid,mergeCommit,mergedAt,number,reviews,url`"
)
_DEEPEST = 4
# A list as long as a page that forges send unless they are asked for another may be the first page of several.
_PAGES = frozenset({20, 30, 50, 100})


@dataclass(frozen=True)
class _Found:
    """The objects of an export, and how long the lists around them are."""

    answers: list[Answer] = field(default_factory=list)
    lists: list[int] = field(default_factory=list)

    def like(self, *sorts: Any) -> tuple[Answer, ...]:
        """Return the objects that look like one of some sorts."""
        return tuple(answer for answer in self.answers if any(sort(answer) for sort in sorts))

    @property
    def may_be_cut(self) -> bool:
        """Whether the last list may be no more than a first page."""
        return bool(self.lists) and self.lists[-1] in _PAGES


def read_export(text: bytes, *, forge: str | None = None) -> PullRequest:
    """
    Read one pull request and its reviews from what a forge answered.

    The text may be one JSON value or several one after the other; lists may be nested as programs that page leave
    them, and the parts may stand in an object under any names.

    Args:
        forge: the host or the sort of forge that it must come from; `None` for any.

    Raises:
        Refused: it is no such export, or holds parts of several pull requests.
        Undecided: it is one, and lacks what is needed.
    """
    found = _Found()
    try:
        values = documents(text)
    except NotJson as problem:
        if problem.is_cut:
            raise Undecided(f"the export ends in the middle: {problem.why}", "export it again, to its end") from None
        raise Refused(f"the export cannot be read: {problem.why}", _EXPORT) from None
    for index, value in enumerate(values):
        _unfold(f"part {index + 1}" if len(values) > 1 else "the export", value, found, depth=0)
    sort, read = _understood(found)
    if forge and forge not in {sort, read.forge} and not (sort == "gitea" and forge == "forgejo"):
        raise Refused(f"the export comes from {read.forge} and not from {forge}", "name the forge that it comes from")
    return once(read)


def _unfold(name: str, value: Any, found: _Found, *, depth: int) -> None:
    """Collect the objects of an export: those at its top, in lists, and in envelopes around them."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        if len(value) > COUNT:
            raise Refused(f"{name} is a list of more than {COUNT:,} entries", _EXPORT)
        found.lists.append(len(value))
        for index, entry in enumerate(value):
            _unfold(f"{name}[{index}]", entry, found, depth=depth + 1)
    elif isinstance(value, dict):
        answer = Answer(name, value)
        if any(sort(answer) for sort in _SORTS):
            found.answers.append(answer)
            return
        for key, inner in value.items():
            _unfold(f"{name}.{key}", inner, found, depth=depth + 1)


def _is_event(answer: Answer) -> bool:
    """Whether an object looks like the webhook of a review: such a one holds its pull request inside."""
    data = answer.data
    return all(isinstance(data.get(key), dict) for key in ("pull_request", "review")) and isinstance(
        data.get("action"), str
    )


_SORTS = (
    _is_event, github.is_printed_by_gh, github.is_pull_request, github.is_review, gitea.is_pull_request,
    gitea.is_review, gitlab.is_pull_request, gitlab.is_approvals, gitlab.is_approval_state, gitlab.is_note,
    gitlab.is_version, bitbucket.is_pull_request, bitbucket.is_activity, bitbucket.is_commit,
)  # fmt: skip


def _understood(found: _Found) -> tuple[str, PullRequest]:
    """Return the sort of forge and what it says, going by the one pull request that the export holds."""
    events, printed = found.like(_is_event), found.like(github.is_printed_by_gh)
    pulls = {
        "github": found.like(github.is_pull_request),
        "gitea": found.like(gitea.is_pull_request),
        "gitlab": found.like(gitlab.is_pull_request),
        "bitbucket": found.like(bitbucket.is_pull_request),
    }
    number = sum(len(some) for some in pulls.values()) + len(events) + len(printed)
    if number == 0:
        raise Refused("the export holds no pull request", _EXPORT)
    if number > 1:
        raise Refused(f"the export holds {number} pull requests", "export them one by one")
    if events:
        return "github", github.from_webhook(events[0])
    if printed:
        return "github", github.from_gh(printed[0])
    sort = next(sort for sort, some in pulls.items() if some)
    return sort, _read(sort, pulls[sort][0], found)


def _read(sort: str, pull: Answer, found: _Found) -> PullRequest:
    """Return what one forge says."""
    if sort == "gitlab":
        return _read_gitlab(pull, found)
    if sort == "bitbucket":
        activity = found.like(bitbucket.is_activity)
        commits = frozenset(commit.commit("hash") for commit in found.like(bitbucket.is_commit)) - {""}
        return bitbucket.pull_request(bitbucket.Answers(pull, activity, commits, has_activity=bool(activity)))
    if not found.lists:
        raise Undecided("the export holds a pull request and not its reviews", _EXPORT)
    is_whole = not found.may_be_cut
    if sort == "github":
        return github.pull_request(pull, found.like(github.is_review), is_whole=is_whole)
    return gitea.pull_request(pull, found.like(gitea.is_review), is_whole=is_whole)


def _read_gitlab(merge_request: Answer, found: _Found) -> PullRequest:
    approvals, states = found.like(gitlab.is_approvals), found.like(gitlab.is_approval_state)
    if len(approvals) > 1 or len(states) > 1:
        raise Refused("the export holds the approvals of several merge requests", "export them one by one")
    notes = found.like(gitlab.is_note)
    return gitlab.pull_request(
        gitlab.Answers(
            merge_request,
            approvals[0] if approvals else None,
            states[0] if states else None,
            notes,
            found.like(gitlab.is_version),
            has_notes=bool(notes) and not found.may_be_cut,
        )
    )


def once(pull_request: PullRequest) -> PullRequest:
    """
    Return a pull request with each review once, oldest first: pages overlap when somebody reviews while they are read.

    Raises:
        Undecided: two reviews of one id say different things.
    """
    seen: dict[str, Review] = {}
    for review in pull_request.reviews:
        if seen.setdefault(review.id, review) != review:
            raise Undecided(
                f"review {review.id} is there twice and says two things",
                "ask for the pull request and its reviews anew",
            )
    return replace(pull_request, reviews=tuple(sorted(seen.values(), key=lambda review: (review.at, review.id))))
