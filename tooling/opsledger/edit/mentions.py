"""What the messages of commits name: pull requests, records, keys of a tracker, and what they end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_RECORD = r"[A-Z]{3}-[0-9]{4}-[0-9]{4,6}|VUL-[A-Z0-9-]{3,60}|CVE-[0-9]{4}-[0-9]{4,7}"
_KEY = r"[A-Z][A-Z0-9]{1,15}-[0-9]{1,9}"
_ID = re.compile(rf"(?<![A-Za-z0-9-])(?:{_RECORD}|{_KEY})(?![A-Za-z0-9-])")
_IS_RECORD = re.compile(_RECORD)
_ENDS = re.compile(r"^[ \t]*(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?)[ \t]*:?[ \t]+(?P<rest>.*)$", re.I | re.M)
_CHANGE = re.compile(r"^[ \t]*changes?[ \t]*:[ \t]*(?P<rest>.*)$", re.I | re.M)
_MERGED = (
    re.compile(r"\AMerge pull request #([0-9]{1,9})\b"),
    re.compile(r"\AMerged? in .* \(pull request #([0-9]{1,9})\)"),
    re.compile(r"\A[^\n]*\(#([0-9]{1,9})\)[ \t]*(?:\n|\Z)"),
    re.compile(r"^See merge request (?:[^ \n!]*)!([0-9]{1,9})[ \t]*$", re.M),
)
_REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{7,64})", re.M)
_NOISE = re.compile(r"\AMerge (?:pull request #[0-9]+ from|(?:remote-tracking )?branch|tag|commit) ")


@dataclass(frozen=True)
class Told:
    """
    One commit of a range, as far as its message matters.

    Args:
        is_merge: whether it has more than one parent.
    """

    id: str
    message: str
    is_merge: bool = False

    @property
    def title(self) -> str:
        """What it did, in a line: of a forge's merge commit, the title of its pull request."""
        lines = [line.strip() for line in self.message.splitlines() if line.strip()]
        if len(lines) > 1 and _NOISE.match(lines[0]):
            return lines[1]
        return re.sub(r"[ \t]*\(#[0-9]+\)$", "", lines[0]) if lines else ""

    @property
    def is_bare_merge(self) -> bool:
        """Whether it says no more than that something was merged."""
        lines = [line for line in self.message.splitlines() if line.strip()]
        return len(lines) < 2 and bool(_NOISE.match(self.message))


@dataclass(frozen=True)
class Mentions:
    """
    What a range of commits names, each in the order of its first mention.

    Args:
        pulls: the numbers of merged pull requests.
        keys: ids of records and keys of trackers, named anywhere.
        changes: ids that a trailer names as the change behind a commit.
        ends: ids and keys that a commit says it fixes, closes or resolves.
    """

    pulls: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


def mentions(commits: Iterable[Told]) -> Mentions:
    """
    What commits name; one that was taken back in the same range names nothing, and neither does what took it back.

    Args:
        commits: the newest first.
    """
    kept = standing(commits)
    return Mentions(
        _each(number for one in kept for pattern in _MERGED for number in pattern.findall(one.message)),
        _each(key for one in kept for key in _ID.findall(one.message)),
        _each(key for one in kept for rest in _CHANGE.findall(one.message) for key in _ID.findall(rest)),
        _each(key for one in kept for rest in _ENDS.findall(one.message) for key in _ID.findall(rest)),
    )


def standing(commits: Iterable[Told]) -> tuple[Told, ...]:
    """The commits whose work is still there at the end, the oldest first."""
    gone: set[str] = set()
    kept: list[Told] = []
    known = list(commits)
    for one in known:
        if one.id in gone:
            # What a revert that was itself taken back had removed is there again.
            continue
        starts = tuple(_REVERTS.findall(one.message))
        reverted = {other.id for other in known if starts and other.id.startswith(starts)}
        gone |= reverted
        if not reverted:
            kept.append(one)
    return tuple(reversed(kept))


def is_record_id(text: str) -> bool:
    """Whether a mention is the id of a record, and no key of a tracker."""
    return _IS_RECORD.fullmatch(text) is not None


def _each(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
