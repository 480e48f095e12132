"""The trail of a record: each commit that touched it, when, by whom, and which fields went from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from opsledger.errors import Undecided
from opsledger.finding import Progress, silent
from opsledger.store import Commit, Person, Repository
from opsledger.yamlfile import MISSING, pointer

_EVERY = 1000


class Touch(NamedTuple):
    """
    What one commit did to one record.

    Args:
        when: when its committer says it was made, in UTC. Names and times are claims that nothing vouches for.
        before: the record's blob id in the first parent; None if it was not there.
        after: its blob id from then on; None if it was deleted.
        status: `A` added, `M` changed, `D` deleted, `T` became another sort of file; of a merge, one letter for
            each parent.
    """

    commit: str
    when: datetime
    author: Person
    authored: datetime
    committer: Person
    subject: str
    parents: tuple[str, ...]
    before: str | None
    after: str | None
    status: str

    @property
    def is_merge(self) -> bool:
        """Whether a merge left here what none of its parents held: both sides brought together, or something new."""
        return len(self.parents) > 1


@dataclass(frozen=True)
class FieldChange:
    """
    One field that went from one value to another.

    Args:
        pointer: where it stands: in the later record, or in the earlier one if it was removed.
        before: what it held; `MISSING` if it was not there.
        after: what it holds; `MISSING` if it is gone.
    """

    pointer: str
    before: Any
    after: Any


def trail(
    repository: Repository,
    paths: Sequence[str] | None = None,
    *,
    at: str = "HEAD",
    since: str | None = None,
    progress: Progress = silent,
) -> Mapping[str, tuple[Touch, ...]]:
    """
    Who touched what: path → its touches, newest first, from one walk through the history.

    A record is its path: a renamed file is one record deleted and another one added. A commit on a side branch is
    listed itself; the merge that brought it in is not, unless it wrote something that none of its parents held.

    Args:
        paths: these records only, relative to the ledger's root; None for all files.
        at: the revision whose history it is.
        since: leave out this commit and all before it.

    Raises:
        NoSuchRevision: a revision names no commit.
        Undecided: the history is not whole, or something in the clone shows another one than the commits tell.
    """
    refuse_partial_history(repository)
    touches: dict[str, list[Touch]] = {}
    count = 0
    for count, commit in enumerate(repository.log(at, paths=paths, since=since), start=1):
        for path, touch in _touches(commit):
            touches.setdefault(path, []).append(touch)
        if count % _EVERY == 0:
            progress(count, 0, "commits")
    progress(count, count, "commits")
    return {path: tuple(touches[path]) for path in sorted(touches)}


def refuse_partial_history(repository: Repository) -> None:
    """
    Stop where what git shows as history is not the history.

    Raises:
        Undecided: the clone is shallow, or holds replace references or grafts.
    """
    if repository.is_shallow:
        raise Undecided("this clone is shallow and lacks the history", "run `git fetch --unshallow`")
    if graft := repository.grafted():
        raise Undecided(
            f"the history of this clone was bent: {graft}",
            "delete it (`git replace --delete`, or the file .git/info/grafts), or clone again",
        )


def field_changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[FieldChange, ...]:
    """
    Which fields went from what to what between two readings of a record, in the later record's order.

    Order of keys does not count. Lists of mappings that all carry an `id`, or all a `name`, are matched by it, and
    a mere change of their order is no change. Other lists are matched by what they share at both ends.

    Args:
        before: None if the record was not there; then every field is new.
        after: None if the record is gone; then every field is removed.
    """
    return tuple(_differences((), {} if before is None else before, {} if after is None else after))


def _touches(commit: Commit) -> Iterator[tuple[str, Touch]]:
    for change in commit.changes:
        yield change.path, Touch(
            commit.id, commit.when, commit.author, commit.authored, commit.committer, commit.subject,
            commit.parents, change.before[0], change.after, change.status,
        )  # fmt: skip


Steps = tuple[str | int, ...]


def _differences(steps: Steps, before: Any, after: Any) -> Iterator[FieldChange]:
    if _is_container(before, after, Mapping):
        yield from _in_mapping(steps, before, after)
    elif _is_container(before, after, list):
        yield from _in_list(steps, [] if before is MISSING else before, [] if after is MISSING else after)
    elif not _same(before, after):
        yield FieldChange(pointer(steps), before, after)


def _is_container(before: Any, after: Any, sort: type) -> bool:
    """Whether to look inside: both are of that sort, or one is, and not empty, and the other is not there."""
    if isinstance(before, sort) and isinstance(after, sort):
        return True
    return (before is MISSING and isinstance(after, sort) and bool(after)) or (
        after is MISSING and isinstance(before, sort) and bool(before)
    )


def _in_mapping(steps: Steps, before: Any, after: Any) -> Iterator[FieldChange]:
    old: Mapping[str, Any] = {} if before is MISSING else before
    new: Mapping[str, Any] = {} if after is MISSING else after
    for key in (*new, *(key for key in old if key not in new)):
        yield from _differences((*steps, key), old.get(key, MISSING), new.get(key, MISSING))


def _in_list(steps: Steps, before: list[Any], after: list[Any]) -> Iterator[FieldChange]:
    key = _identity(before, after)
    if key is not None:
        yield from _by_identity(steps, before, after, key)
        return
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    for place in range(max(len(old), len(new))):
        yield from _differences(
            (*steps, start + place),
            old[place] if place < len(old) else MISSING,
            new[place] if place < len(new) else MISSING,
        )


def _identity(before: list[Any], after: list[Any]) -> str | None:
    """The key that tells the entries of both lists apart: `id` or `name`, where all have it and no two share it."""
    for key in ("id", "name"):
        if all(_is_told_apart(entries, key) for entries in (before, after)):
            return key
    return None


def _is_told_apart(entries: list[Any], key: str) -> bool:
    names = [entry.get(key) if isinstance(entry, Mapping) else None for entry in entries]
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


def _by_identity(steps: Steps, before: list[Any], after: list[Any], key: str) -> Iterator[FieldChange]:
    old = {entry[key]: entry for entry in before}
    new = {entry[key] for entry in after}
    for place, entry in enumerate(after):
        yield from _differences((*steps, place), old.get(entry[key], MISSING), entry)
    for place, entry in enumerate(before):
        if entry[key] not in new:
            yield from _differences((*steps, place), entry, MISSING)


def _shared(before: list[Any], after: list[Any]) -> int:
    for count, (old, new) in enumerate(zip(before, after, strict=False)):
        if not _same(old, new):
            return count
    return min(len(before), len(after))


def _same(before: Any, after: Any) -> bool:
    """Equal as data: true is not 1, however Python sees it, and 1.0 is 1, as for a digest."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.keys() == after.keys() and all(_same(before[key], after[key]) for key in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_same, before, after))
    return isinstance(before, bool) == isinstance(after, bool) and bool(before == after)
