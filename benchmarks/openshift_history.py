"""
What is true at each commit of the upgrade graph: what is offered since when, and which risks stand.

A channel file only says what is offered now. Since when, and until when, is a fold over commits:

- On the main line (first parents from HEAD) a version is in a channel from the first main-line commit
  that has it, at that commit's time. A pull request that waited for two weeks promoted nothing meanwhile.
- A commit on a branch carries what its branch proposes, at its own time, not landed yet.
- A commit on a branch that merges the main line takes each version's history from the parent that knows more of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openshift_source import Blobs, Channel, Commit, Risk, channel_of, release_of

Event = tuple[int, bool]  # seconds since 1970, landed on the main line
History = tuple[Event, ...]  # appeared, vanished, appeared, ...
Histories = Mapping[str, History]  # version -> history
Index = Mapping[str, frozenset[str]]
NOTHING = Channel(frozenset(), frozenset())


@dataclass(frozen=True)
class State:
    """
    What is true after one commit.

    `offers` and `halts` are channel -> version -> history; `links` and `files` are the two shapes of a channel.
    States share what did not change, so that two of them are compared by identity.
    """

    links: Mapping[str, frozenset[str]] = field(default_factory=dict)
    files: Mapping[str, Channel] = field(default_factory=dict)
    offers: Mapping[str, Histories] = field(default_factory=dict)
    halts: Mapping[str, Histories] = field(default_factory=dict)
    risks: Mapping[str, Risk] = field(default_factory=dict)
    problems: Index = field(default_factory=dict)  # problem id -> files
    known: Index = field(default_factory=dict)  # release -> problem ids that it has
    fixes: Index = field(default_factory=dict)  # release -> problem ids that it ends


@dataclass(frozen=True)
class Touched:
    """The records that may differ from those of the first parent."""

    environments: frozenset[str]
    deployments: frozenset[tuple[str, str]]
    halts: frozenset[tuple[str, str]]
    releases: frozenset[str]
    problems: frozenset[str]


def present(history: History) -> bool:
    """Whether the last thing that happened was an appearance."""
    return len(history) % 2 == 1


def problem_ids(risk: Risk) -> tuple[str, ...]:
    """
    The problems that one file speaks of.

    A named risk is one problem, in as many files as releases have it. Before risks had names, a file
    gave its reasons as tracker addresses in comments: each tracker is a problem. Five files give none: the
    blocked release itself then names the problem.
    """
    if risk.name:
        return (f"PRB-{risk.name}",)
    keys = [re.split(r"[=/]", tracker)[-1] for tracker in risk.trackers]
    return tuple(sorted({f"PRB-tracker-{key}" for key in keys})) or (f"PRB-unnamed-{release_of(risk.to)}",)


def fold(commit: Commit, parents: list[State], blobs: Blobs, *, landed: bool) -> tuple[State, Touched]:
    """The state after the commit and what it touched, seen from its first parent."""
    before = parents[0] if parents else State()
    links, files, risks = _tree(commit, before, blobs)
    event = (commit.time, landed)
    others = [] if landed else parents[1:]
    named = {place[0] for path, _ in commit.changes if (place := channel_of(path))}
    names = named | _unlike(before.offers, [other.offers for other in others])
    offered = {name: files.get(name, NOTHING).versions | links.get(name, frozenset()) for name in names}
    offers = _advance(before.offers, [other.offers for other in others], offered, event)
    names = named | _unlike(before.halts, [other.halts for other in others])
    halted = {name: files.get(name, NOTHING).tombstones for name in names}
    halts = _advance(before.halts, [other.halts for other in others], halted, event)
    after = State(links, files, offers, halts, risks, *_index(before, risks))
    return after, _touched(before, after)


def _tree(
    commit: Commit, before: State, blobs: Blobs
) -> tuple[Mapping[str, frozenset[str]], Mapping[str, Channel], Mapping[str, Risk]]:
    if not commit.changes:
        return before.links, before.files, before.risks
    links, files, risks = dict(before.links), dict(before.files), dict(before.risks)
    for path, blob in commit.changes:
        if place := channel_of(path):
            name, version = place
            if version:
                links[name] = links.get(name, frozenset()) - {version} | ({version} if blob else set())
            else:
                _put(files, name, blobs.parse(path, blob) if blob else NOTHING)
        elif path.startswith("blocked-edges/") and path.endswith(".yaml"):
            if blob:
                _put(risks, path, blobs.parse(path, blob))
            else:
                risks.pop(path, None)
    return links, files, risks if risks != before.risks else before.risks


def _put(table: dict[str, Channel] | dict[str, Risk], key: str, value: object) -> None:
    # A file that is no YAML says nothing new: what it said before still holds.
    if value is not None:
        table[key] = value  # type: ignore[assignment]


def _unlike(before: Mapping[str, Histories], others: list[Mapping[str, Histories]]) -> set[str]:
    """The channels of which a second parent knows something else."""
    return {name for other in others if other is not before for name in other if other[name] is not before.get(name)}


def _advance(
    before: Mapping[str, Histories],
    others: list[Mapping[str, Histories]],
    now: Mapping[str, frozenset[str]],
    event: Event,
) -> Mapping[str, Histories]:
    changes: dict[str, Histories] = {}
    for name, versions in now.items():
        old = before.get(name, {})
        new = _histories(old, [other[name] for other in others if name in other], versions, event)
        if new is not old:
            changes[name] = new
    return {**before, **changes} if changes else before


def _histories(old: Histories, others: list[Histories], now: frozenset[str], event: Event) -> Histories:
    changes: dict[str, History] = {}
    for other in others:
        if other is not old:
            for version, history in other.items():
                mine = changes.get(version, old.get(version, ()))
                if history != mine and _weight(history) > _weight(mine):
                    changes[version] = history
    for version in {*old, *changes, *now}:
        history = changes.get(version, old.get(version, ()))
        if present(history) != (version in now):
            changes[version] = (*history, event)
    return {**old, **changes} if changes else old


def _weight(history: History) -> tuple[int, int, int]:
    """How much a history knows: more events, then more that landed, then the earlier start."""
    return len(history), sum(landed for _, landed in history), -history[0][0] if history else 0


def _changed_files(before: State, risks: Mapping[str, Risk]) -> list[tuple[str, Risk]]:
    """The files that came, went or say something else, each with what it says and with what it said."""
    if risks is before.risks:
        return []
    paths = sorted(path for path in {*risks, *before.risks} if risks.get(path) is not before.risks.get(path))
    return [(path, side[path]) for path in paths for side in (risks, before.risks) if path in side]


def _index(before: State, risks: Mapping[str, Risk]) -> tuple[Index, Index, Index]:
    changed = _changed_files(before, risks)
    if not changed:
        return before.problems, before.known, before.fixes
    problems, known, fixes = dict(before.problems), dict(before.known), dict(before.fixes)
    for problem in {problem for _, risk in changed for problem in problem_ids(risk)}:
        _set(problems, problem, {path for path, risk in risks.items() if problem in problem_ids(risk)})
    for release in {release_of(risk.to) for _, risk in changed}:
        files = (risk for risk in risks.values() if release_of(risk.to) == release)
        _set(known, release, {problem for risk in files for problem in problem_ids(risk)})
    for release in {release_of(risk.fixed_in) for _, risk in changed if risk.fixed_in}:
        files = (risk for risk in risks.values() if release_of(risk.fixed_in) == release)
        _set(fixes, release, {problem for risk in files for problem in problem_ids(risk)})
    return problems, known, fixes


def _set(table: dict[str, frozenset[str]], key: str, values: set[str]) -> None:
    if values:
        table[key] = frozenset(values)
    else:
        table.pop(key, None)


def _touched(before: State, after: State) -> Touched:
    deployments = frozenset(_differences(before.offers, after.offers))
    changed = _changed_files(before, after.risks)
    releases = {version for _, version in deployments}
    releases |= {release_of(version) for _, risk in changed for version in (risk.to, risk.fixed_in) if version}
    return Touched(
        environments=frozenset(channel for channel, _ in deployments),
        deployments=deployments,
        halts=frozenset(_differences(before.halts, after.halts)),
        releases=frozenset(releases),
        problems=frozenset(problem for _, risk in changed for problem in problem_ids(risk)),
    )


def _differences(before: Mapping[str, Histories], after: Mapping[str, Histories]) -> Iterable[tuple[str, str]]:
    if before is after:
        return
    for name in {*before, *after}:
        old, new = before.get(name, {}), after.get(name, {})
        if old is not new:
            yield from ((name, version) for version in {*old, *new} if old.get(version) != new.get(version))
