"""What a pull request does to those who judge it, sentence by sentence: all of it waits for the merge."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opsledger.ledger import Record
from opsledger.policy import MARK, settings_of
from opsledger.proposal.entries import (
    entries,
    fresh,
    fresh_mappings,
    gone,
    gone_mappings,
    listed,
    number,
)
from opsledger.proposal.meaning import Titles
from opsledger.proposal.model import Loosened
from opsledger.proposal.schema_files import schema_sentences
from opsledger.proposal.severities import severity_sentences
from opsledger.steps import Step
from opsledger.store import Snapshot, in_memory

Said = Iterator[tuple[str, bool]]
"""Sentences, each with whether it loosens something."""

_OWNERS = re.compile(r"(?:(?:\.github|\.gitlab|\.gitea|\.forgejo|docs)/)?CODEOWNERS")
_RUNS = re.compile(r"\.gitlab-ci\.yml|\.gitlab/.+|\.(?:github|gitea|forgejo)/.+")


@dataclass(frozen=True)
class Judging:
    """A judging record before and after, with what is needed to speak of it."""

    before: Record
    after: Record
    writers: Collection[str]
    titles: Titles

    def called(self, id: str) -> str:
        """An id with its title, and whether that is somebody who wrote the pull request."""
        title = self.titles(id).title
        who = f"{title} ({id})" if title else id
        return f"{who}, who wrote this pull request," if id in self.writers else who


def loosened(
    steps: Sequence[Step],
    ledger: tuple[Snapshot, Snapshot],
    whole: tuple[Snapshot, Snapshot],
    *,
    writers: Collection[str],
    titles: Titles,
) -> tuple[Loosened, ...]:
    """
    Say what becomes of records, schemas and files that judge; what certainly asks less comes first.

    Args:
        ledger: its files at the base, which judge, and as they would be merged.
        whole: the same of the whole repository, at whose top forges look for theirs.
        writers: the parties that wrote the pull request.
    """
    said = [one for step in steps for one in _of_record(step, writers, titles)]
    said += _of_files(*ledger, _of_ledger(*ledger))
    said += _of_files(*whole, _of_forge)
    return tuple(sorted(said, key=lambda one: (not one.is_looser, one.subject)))


def _of_record(step: Step, writers: Collection[str], titles: Titles) -> Iterator[Loosened]:
    kept = step.after or step.before
    if kept is None or not kept.kind.judges:
        return
    name = f"{step.record} ({kept.title})" if kept.title and kept.title != step.record else step.record
    if step.before is None:
        yield from _of_new(kept, name, writers, titles)
    elif step.after is None:
        sentence, is_looser = _deletion(step.before)
        yield Loosened(step.record, f"deletes {name}: {sentence}", is_looser)
    else:
        judging = Judging(step.before, step.after, writers, titles)
        said = list(_BY_KIND.get(kept.kind.name, _nothing)(judging))
        for sentence, is_looser in said or [(f"changes {name}, a {kept.kind.name} that others are judged by", False)]:
            yield Loosened(step.record, sentence, is_looser)


def _of_new(record: Record, name: str, writers: Collection[str], titles: Titles) -> Iterator[Loosened]:
    """A new party or role may give rights from its first day, and a new lane does."""
    nothing = replace(record, state=None, snapshot=in_memory({record.path: b"{}\n"}, name="nothing"))
    judging = Judging(nothing, record, writers, titles)
    said = [] if record.kind.name == "gate" else list(_BY_KIND.get(record.kind.name, _nothing)(judging))
    yield Loosened(record.id, f"adds {name}", False)
    yield from (Loosened(record.id, sentence, is_looser) for sentence, is_looser in said if is_looser)


def _deletion(record: Record) -> tuple[str, bool]:
    match record.kind.name:
        case "gate":
            return "its moves are no longer asked about", True
        case "window" if record.get("type") == "freeze":
            return "what it froze may be changed again", True
        case "policy":
            return "the preset alone decides then", True
        case "control" | "model":
            return "nothing is measured against it any more", True
        case _:
            return "nobody can rely on it any more", False


def _nothing(_: Judging) -> Said:
    yield from ()


def _gate(judging: Judging) -> Said:
    before, after, id = judging.before, judging.after, judging.after.id
    order = ("observe", "warn", "enforce")
    modes = [str(one.get("mode", "enforce")) for one in (before, after)]
    if all(mode in order for mode in modes) and order.index(modes[1]) < order.index(modes[0]):
        yield f"{id} goes from {modes[0]} to {modes[1]}: what it finds no longer stops a move", True
    for code in gone(before, after, "/codes"):
        yield f"{id} no longer asks {code}", True
    for move in gone_mappings(before, after, "/moves"):
        yield f"{id} no longer stands before {move.get('from', 'any state')} → {move.get('to')}", True
    old, new = (_signatures(one) for one in (before, after))
    for scope in old:
        yield from _signature(id, scope, old[scope], new.get(scope), judging)
    if after.get("when") is not None and after.get("when") != before.get("when"):
        yield f"{id} is asked only where its new condition holds", True


def _signatures(record: Record) -> Mapping[str, Mapping[str, Any]]:
    return {str(one.get("scope")): one for one in entries(record, "/signatures") if isinstance(one, Mapping)}


def _signature(id: str, scope: str, old: Mapping[str, Any], new: Mapping[str, Any] | None, judging: Judging) -> Said:
    if new is None:
        yield f"{id} no longer asks for a signature on the {scope}", True
        return
    for role in listed(old, "roles"):
        if role not in listed(new, "roles"):
            yield f"{id} no longer asks {judging.called(role)} to sign the {scope}", True
    was, will = (number(one.get("quorum"), 1) for one in (old, new))
    if will < was:
        yield f"{id} asks for {will} instead of {was} people on the {scope}", True
    if new.get("when") is not None and new.get("when") != old.get("when"):
        yield f"{id} asks for the {scope} only where a new condition holds", True


def _role(judging: Judging) -> Said:
    before, after, id = judging.before, judging.after, judging.after.id
    for holder in fresh_mappings(before, after, "/holders"):
        yield f"{judging.called(str(holder.get('party')))} is to hold {judging.called(id)}", True
    was, will = (number(one.get("least"), 1) for one in (before, after))
    if will < was:
        yield f"{id} needs fewer holders: {will} instead of {was}", True
    for pair in gone_mappings(before, after, "/incompatible"):
        yield f"{id} may go together with {pair.get('role')} on one matter", True
    for field in ("kinds", "scopes"):
        if before.get(field) and not after.get(field):
            yield f"{id} is no longer limited to some {field}", True
        for one in fresh(before, after, f"/{field}") if before.get(field) else ():
            yield f"{id} decides on {field} {one} too", True


def _party(judging: Judging) -> Said:
    before, after = judging.before, judging.after
    who = judging.called(after.id)
    for role in fresh_mappings(before, after, "/roles"):
        yield f"{who} is to hold {judging.called(str(role.get('role')))}", True
    for member in fresh_mappings(before, after, "/members"):
        yield f"{judging.called(str(member.get('party')))} joins {who} and its roles", True
    for one in fresh_mappings(before, after, "/delegations"):
        yield f"{who} hands roles on to {judging.called(str(one.get('to')))}", True
    words = {"emails": "another address", "accounts": "another account", "keys": "another key"}
    for field, word in words.items():
        where = f"/identities/{field}"
        if before.data and (fresh(before, after, where) or fresh_mappings(before, after, where)):
            yield f"{who} is known by {word}: what it signs or writes counts as theirs", True
    if before.state not in (None, "active") and after.state == "active":
        yield f"{who} becomes active, and its roles with it", True
    was, will = (number(one.get("quorum"), 1) for one in (before, after))
    if will < was:
        yield f"{who} decides with {will} instead of {was} people", True


def _window(judging: Judging) -> Said:
    before, after, id = judging.before, judging.after, judging.after.id
    if before.get("type") != "freeze":
        return
    if after.get("type") != "freeze":
        yield f"{id} is no freeze any more", True
    for field, is_shorter in (("start", "later"), ("end", "earlier")):
        old, new = str(before.get(field, "")), str(after.get(field, ""))
        if old != new:
            yield f"the freeze {id} has another {field}: {new} instead of {old} (it loosens if {is_shorter})", True
    if before.get("scope") != after.get("scope"):
        yield f"the freeze {id} covers something else", True
    if before.state != after.state:
        yield f"the freeze {id} goes from {before.state} to {after.state}", True


def _lane(judging: Judging) -> Said:
    before, after, id = judging.before, judging.after, judging.after.id
    for party in fresh(before, after, "/parties"):
        yield f"{judging.called(str(party))} may use the lane {id}", True
    for path in fresh(before, after, "/paths"):
        yield f"the lane {id} may create {path}", True
    for one in fresh_mappings(before, after, "/fields"):
        yield f"the lane {id} may change {', '.join(listed(one, 'fields'))} of a {one.get('kind')}", True
    for one in fresh_mappings(before, after, "/moves"):
        yield f"the lane {id} may move a {one.get('kind')} from {one.get('from')} to {one.get('to')}", True


def _policy(judging: Judging) -> Said:
    yield from severity_sentences(judging.before, judging.after)
    rest = [
        field.replace("_", " ")
        for field in {**judging.before.data, **judging.after.data}
        if field not in ("rules", "title") and judging.before.get(field) != judging.after.get(field)
    ]
    if rest:
        yield f"{judging.after.id} says something else of {', '.join(rest)}", False


_BY_KIND: Mapping[str, Callable[[Judging], Said]] = {
    "gate": _gate, "role": _role, "party": _party, "window": _window, "lane": _lane, "policy": _policy,
}  # fmt: skip


def _of_files(before: Snapshot, after: Snapshot, said: Callable[[str, str], Said]) -> Iterator[Loosened]:
    """Ask of each file that differs what it loosens, given its path and what is done to it."""
    changed = {path for path, blob in after.files.items() if before.files.get(path) != blob}
    changed |= {path for path in before.files if path not in after.files}
    for path in sorted(changed):
        done = "adds" if path not in before.files else "deletes" if path not in after.files else "changes"
        yield from (Loosened(path, sentence, is_looser) for sentence, is_looser in said(path, done))


def _of_forge(path: str, done: str) -> Said:
    """What files say that a forge looks for at the top of a repository."""
    if _OWNERS.fullmatch(path):
        yield f"{done} {path}: who is asked at the forge for which file", done == "deletes"
    elif _RUNS.fullmatch(path):
        yield f"{done} {path}: what the forge runs, perhaps what judges", done == "deletes"


def _of_ledger(before: Snapshot, after: Snapshot) -> Callable[[str, str], Said]:
    """What the files of a ledger say that are no records."""

    def said(path: str, done: str) -> Said:
        if path == MARK and done == "changes":
            yield from _settings(before, after)
        elif path.startswith("schemas/") and path.endswith(".json"):
            yield from schema_sentences(path, before, after)

    return said


def _settings(before: Snapshot, after: Snapshot) -> Said:
    old, new = settings_of(before), settings_of(after)
    for field in ("tool", "preset", "protected"):
        was, will = getattr(old, field), getattr(new, field)
        if was != will:
            yield f"{MARK} says {field} {will or 'any'} instead of {was or 'any'}", False
