"""The changes behind a range of commits: those that it names, or the standard one that is made with the release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opsledger.edit.mentions import Mentions, is_record_id
from opsledger.edit.ranges import Span
from opsledger.ledger import Ledger, Record
from opsledger.yamlfile import pointer as pointer_to


@dataclass(frozen=True)
class Named:
    """
    The records that the commits of a range name.

    Args:
        changes: they carry out.
        fixes: the problems and weaknesses that they end.
        notes: what was named and not taken, and why.
    """

    changes: tuple[Record, ...] = ()
    fixes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def named_in(ledger: Ledger, found: Mentions, span: Span) -> Named:
    """The changes and fixes that commits name: by id, by a tracker's key, by a merged pull request."""
    changes: dict[str, Record] = {}
    fixes: dict[str, None] = {}
    notes: list[str] = []
    for key in dict.fromkeys((*found.changes, *found.ends, *found.keys)):
        records = _records(ledger, key)
        if not records and is_record_id(key):
            notes.append(f"a commit names {key}, which this ledger does not have")
        elif not records and key in found.ends:
            notes.append(f"a commit ends {key}, which no record here gives as its key in another system")
        for record in records:
            if record.kind.name == "change":
                changes[record.id] = record
            elif record.kind.name in ("problem", "vulnerability") and key in found.ends:
                fixes[record.id] = None
    for record in _of_pulls(ledger, found.pulls, span):
        changes[record.id] = record
    kept = []
    for record in changes.values():
        if why := _why_not(ledger, record):
            notes.append(why)
            continue
        kept.append(record)
        fixes |= {str(id): None for _, id in record.items("/problems")}
    return Named(tuple(sorted(kept, key=lambda one: one.id)), tuple(sorted(fixes)), tuple(notes))


def _records(ledger: Ledger, key: str) -> tuple[Record, ...]:
    if is_record_id(key):
        found = ledger.find(f"VUL-{key}" if key.startswith("CVE-") else key)
        return (found,) if found is not None and found.is_readable else ()
    return ledger.declaring("external", key)


def _of_pulls(ledger: Ledger, pulls: Sequence[str], span: Span) -> Iterator[Record]:
    """The changes that were discussed in one of some pull requests of the repository."""
    endings = tuple(f"{span.address}/{way}/{number}".lower() for number in pulls for way in _WAYS)
    if not (pulls and span.address):
        return
    waiting = (record for record in ledger.of("change") if record.state not in _ended(record))
    for record, data in ledger.data_of(waiting):
        if str(data.get("pull_request", "")).lower().rstrip("/").endswith(endings):
            yield record


_WAYS = ("pull", "pulls", "pull-requests", "-/merge_requests", "merge_requests")


def _ended(record: Record) -> frozenset[str]:
    return record.kind.lifecycle.done if record.kind.lifecycle else frozenset()


def _why_not(ledger: Ledger, change: Record) -> str:
    if change.state in _ended(change):
        return f"a commit names {change.id}, which is {change.state} already"
    other = change.get("release")
    release = ledger.find(other) if isinstance(other, str) else None
    if release is not None and release.state not in _ended(release):
        return f"a commit names {change.id}, which {release.id} ships already"
    return ""


def model_for(ledger: Ledger, cis: Sequence[Record], environments: Sequence[Record]) -> tuple[Record | None, str]:
    """The only published model that such a change may follow, or `None` and why there is none."""
    classes = {str(one.get("class")) for one in cis}
    places = {one.id for one in environments}
    fitting = [
        one
        for one in (ledger.of("model") if "model" in ledger.kinds else ())
        if one.state == "published"
        and classes <= {str(name) for _, name in one.items("/ci_classes")}
        and ("environments" not in one.data or places <= {str(id) for _, id in one.items("/environments")})
    ]
    if len(fitting) == 1:
        return fitting[0], ""
    if fitting:
        return None, f"several published models fit it: {', '.join(one.id for one in fitting)}"
    return None, "no published model fits it"


def risk_of(changes: Sequence[Record], model: Record | None, ledger: Ledger) -> str:
    """How risky the release is: as its riskiest change, or as the model says; empty where neither does."""
    words = list(ledger.kinds.vocabularies.get("risk", {}).get("enum", ()))
    stated = [str(one.get("risk")) for one in changes if one.get("risk") in words]
    if changes:
        return max(stated, key=words.index) if len(stated) == len(changes) else ""
    if model is None:
        return ""
    locked = {str(one.get("field")): one.get("value") for _, one in model.items("/locked")}
    return str(locked.get("/risk") or model.get("most_risk") or "")


def standard_change(
    release: str, data: Mapping[str, Any], model: Record, environments: Sequence[Record], pull: str
) -> dict[str, Any]:
    """
    The standard change that a release carries out, without its id.

    Args:
        release: its id.
        data: the release's.
        pull: address of the only pull request in it, or empty.
    """
    found: dict[str, Any] = {
        "title": data.get("title") or data.get("name"),
        "state": "draft",
        "type": "standard",
        "model": model.id,
        "owner": data.get("accountable"),
        "risk": data.get("risk"),
        "effects": [_effect(part) for part in data.get("scope", {}).get("cis", ())],
        "environments": [one.id for one in environments],
        "release": release,
        "problems": [id for id in data.get("fixes", ()) if id.startswith("PRB-")],
        "pull_request": pull,
    }
    for _, one in model.items("/locked"):
        field = str(one.get("field"))
        if field.count("/") == 1:
            found[field[1:]] = one.get("value")
    kept = {name: value for name, value in found.items() if value}
    return {**kept, "derived": [pointer_to([name]) for name in kept if name != "state"]}


def _effect(part: Mapping[str, str]) -> dict[str, str]:
    return {"ci": part["ci"], "effect": part.get("effect", "changed")}
