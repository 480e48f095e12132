"""The history of a record as its page tells it: one event for each commit, with the fields that it changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from opsledger.history import FieldChange, Touch, field_changes
from opsledger.site.text import minute, safe
from opsledger.site.values import label
from opsledger.store import LIMIT, Person, Source
from opsledger.yamlfile import MISSING, Unreadable, parts, read

_SHORT = 400
_WHAT = {"A": "written", "M": "changed", "D": "deleted", "T": "turned into another sort of file"}


@dataclass(frozen=True)
class Difference:
    """One field that a commit changed: its name, and what stood there before and after; `None` is nothing."""

    pointer: str
    where: str
    before: Markup | None
    after: Markup | None


@dataclass(frozen=True)
class Event:
    """
    One commit in the history of a record.

    Args:
        author: who wrote it, as the commit claims.
        contact: the author's name and address in full.
        committer: who made the commit, where that is somebody else.
        what: what it did to the file, in a word.
        is_merge: whether it is a merge that left here what none of its parents held.
        is_birth: whether the record was not there before, so that every field is new.
    """

    commit: str
    when: str
    instant: str
    author: str
    contact: str
    committer: str
    subject: str
    what: str
    is_merge: bool
    is_birth: bool
    differences: tuple[Difference, ...]


def told(trail: Sequence[Touch], changed: Sequence[tuple[Difference, ...]]) -> Iterator[Event]:
    """The commits of a trail as events, newest first."""
    for touch, found in zip(trail, changed, strict=True):
        yield Event(
            commit=touch.commit,
            when=minute(touch.when),
            instant=touch.when.isoformat(),
            author=touch.author.name or touch.author.email,
            contact=_contact(touch.author),
            committer=_contact(touch.committer) if touch.committer != touch.author else "",
            subject=touch.subject,
            what="changed" if touch.is_merge else _WHAT.get(touch.status, "changed"),
            is_merge=touch.is_merge,
            is_birth=touch.before is None,
            differences=found,
        )


def _contact(person: Person) -> str:
    return f"{person.name} <{person.email}>" if person.email else person.name


def differences(trail: Sequence[Touch], source: Source) -> list[tuple[Difference, ...]]:
    """Which fields each commit of a trail changed; none where a version cannot be read."""
    wanted = sorted({blob for touch in trail for blob in (touch.before, touch.after) if blob is not None})
    versions = {blob: _read(data) for blob, data in source.blobs([(blob, blob) for blob in wanted], limit=LIMIT)}
    found = []
    for touch in trail:
        before, after = (versions.get(blob) if blob else {} for blob in (touch.before, touch.after))
        unreadable = before is None or after is None
        found.append(() if unreadable else tuple(_difference(change) for change in field_changes(before, after)))
    return found


def _read(source: bytes | None) -> Mapping[str, Any] | None:
    data = read(source) if source is not None else None
    return None if data is None or isinstance(data, Unreadable) else data


def _difference(change: FieldChange) -> Difference:
    where = " › ".join(str(int(part) + 1) if part.isdecimal() else label(part) for part in parts(change.pointer))
    return Difference(change.pointer, where or "the whole record", _as_it_was(change.before), _as_it_was(change.after))


def _as_it_was(value: Any) -> Markup | None:
    if value is MISSING:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return safe(text if len(text) <= _SHORT else f"{text[:_SHORT]}…")
