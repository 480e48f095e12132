"""Who wrote a scope's content: worked out from the commits that changed it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from opsledger.approvals import identities
from opsledger.approvals.model import Authorship, ForgeAccount
from opsledger.approvals.scopes import content_of
from opsledger.errors import GitFailed, NoSuchRevision, Undecided
from opsledger.history import refuse_partial_history
from opsledger.kind import Kind
from opsledger.people import People
from opsledger.store import LIMIT, Change, Commit, Repository, Source

Content = Mapping[str, str]
"""What a scope covers at some commit: pointer → its value as one line of JSON."""


def authors_of(
    repository: Repository,
    people: People,
    record_path: str,
    kind: Kind,
    pointers: tuple[str, ...],
    base: str,
    head: str,
    opener: ForgeAccount | None,
    forge: str,
    *,
    uncommitted: Mapping[str, Any] | None = None,
    approvals: str = "records/approvals",
    environment: Mapping[str, str] | None = None,
) -> Authorship:
    """
    Who wrote what stands at some pointers of a record, between two commits.

    Authors are author, committer, co-author and signer of each commit that left there what none of its parents held,
    and whoever opened the pull request. A merge that only brings the base in has no author, nor has an edit of other
    fields. Where nobody wrote between the two, those are the authors who wrote before what still stands: nobody gets
    round this by a second pull request.

    Args:
        people: the judge's.
        head: the newest commit of what is judged.
        opener: the account that opened the pull request, if there is one.
        forge: its host.
        uncommitted: the record as it stands in a work tree, if that is what is judged.
        approvals: the folder of approval records: a commit that brings one together with the content is a squash, and
            its date tells nothing of which came first.
        environment: where to look for ssh-keygen and gpg.

    Returns:
        The authors; or `undecided`, never nobody, where the history is not here.

    Source:
        S0-7.2; DOMAIN section 1.
    """
    try:
        refuse_partial_history(repository)
        newest = repository.commit(head)
        record = _Record(newest.source, record_path, pointers)
        if uncommitted is not None and as_lines(uncommitted, pointers) != record.content(newest.files.get(record_path)):
            raise Undecided(f"the {kind.name} in {record_path} has edits that are not committed", "commit first")
        step = list(repository.log(head, paths=[record_path, approvals], since=base))
        wrote = [commit for commit in step if record.is_written_by(commit)]
        before = [] if wrote else record.last_writers(repository.log(base, paths=[record_path]))
        found = identities.Found(people, environment or {})
        found.add_all(repository, [*wrote, *before])
        if opener is not None:
            found.add_opener(opener, forge, newest.when or datetime.max.replace(tzinfo=UTC))
    except (Undecided, GitFailed, NoSuchRevision) as absent:
        return Authorship(undecided=str(absent).removeprefix("undecided: "))
    dates = [min(one.authored, one.when) for one in wrote if not _brings(one, approvals)]
    return Authorship(frozenset(found.parties), tuple(found.unknown), last_edit=max(dates, default=None))


class _Record:
    """The versions of one record, as far as a scope covers them."""

    def __init__(self, source: Source, path: str, pointers: Sequence[str]) -> None:
        self._source, self._path, self._pointers = source, path, pointers
        self._versions: dict[str, Content] = {}

    def is_written_by(self, commit: Commit) -> bool:
        """Whether a commit left something there that none of its parents held."""
        return bool(self.written_by(commit))

    def written_by(self, commit: Commit) -> frozenset[str]:
        """The pointers at which a commit left what none of its parents held."""
        change = next((change for change in commit.changes if change.path == self._path), None)
        return self._written(change) if change is not None and change.after is not None else frozenset()

    def last_writers(self, commits: Iterable[Commit]) -> list[Commit]:
        """Of commits, newest first, those that wrote what still stands at any pointer."""
        writers, written = [], set[str]()
        for commit in commits:
            new = self.written_by(commit) - written
            if new:
                writers.append(commit)
                written |= new
        return writers

    def content(self, blob: str | None) -> Content:
        """What the scope covers in one version; nothing where there is none."""
        if blob is None:
            return {}
        if blob not in self._versions:
            self._versions[blob] = self._read(blob)
        return self._versions[blob]

    def _written(self, change: Change) -> frozenset[str]:
        now = self.content(change.after)
        parents = [self.content(blob) for blob in change.before]
        pointers = {*now, *(pointer for parent in parents for pointer in parent)}
        return frozenset(
            pointer for pointer in pointers if all(now.get(pointer) != parent.get(pointer) for parent in parents)
        )

    def _read(self, blob: str) -> Content:
        from opsledger.yamlfile import Unreadable, read

        [(_, data)] = self._source.blobs([(self._path, blob)], limit=LIMIT)
        if data is None:
            raise Undecided(f"an earlier version of {self._path} cannot be read", "run `git fsck`, and clone again")
        found = read(data)
        return {"": blob} if isinstance(found, Unreadable) else as_lines(found, self._pointers)


def as_lines(data: Mapping[str, Any], pointers: Iterable[str]) -> Content:
    """What stands at some pointers, each as one line of JSON that tells true from 1."""
    return {pointer: json.dumps(value, sort_keys=True) for pointer, value in content_of(data, pointers).items()}


def _brings(commit: Commit, approvals: str) -> bool:
    return any(change.path.startswith(f"{approvals}/") for change in commit.changes)
