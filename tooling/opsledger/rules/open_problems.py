"""Which open problems a question is about: how bad they must be, and on which components they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opsledger.errors import Undecided
from opsledger.ledger import Ledger, Record
from opsledger.packages import Part, parts_of
from opsledger.policy import rank
from opsledger.question import Question

PRODUCTION = "production"
BEFORE = "pre-production"
SHAPE = ("/severity", "/state", "/cis", "/affected_versions", "/environments")
"""Where a problem says how bad it is and what it is on."""

HELD_UP = ("FLT751", "PKG514")
"""The codes that say of an open problem that it holds up a release: waived together, it is through every gate."""

_BLOCKING: Mapping[str, str] = {PRODUCTION: "high", BEFORE: "critical"}


@dataclass(frozen=True)
class Held:
    """
    An open problem that a release meets.

    Args:
        problem: its record.
        pointer: where in the release it is met.
        words: what the release has to do with it, as a part of a sentence behind the release's id.
        doubt: why nobody knows whether it is met, or empty.
    """

    problem: Record
    pointer: str
    words: str
    doubt: str = ""


def places_of(question: Question) -> tuple[str, ...]:
    """The environments that a question is about: the one that is asked for, else those of the release's rollout."""
    if question.environment:
        return (question.environment,)
    release = question.release
    groups = release.items("/rollout/groups") if release is not None else ()
    named = (group.get("environment") for _, group in groups if isinstance(group, dict))
    return tuple(dict.fromkeys(one for one in named if isinstance(one, str)))


def tier_of(question: Question) -> str:
    """The stricter half of the policy that a question falls under: *production*, unless each of its places is none."""
    places = places_of(question)
    is_lower = places and all(is_no_production(question.ledger, one) for one in places)
    return BEFORE if is_lower else PRODUCTION


def is_no_production(ledger: Ledger, environment: str) -> bool:
    """Whether an environment says that nobody's work depends on it; one that cannot be read says nothing."""
    found = ledger.find(environment)
    return found is not None and found.kind.name == "environment" and found.get("production") is False


def threshold_of(question: Question) -> str:
    """From which severity on an open problem holds up a release, by the policy."""
    tier = tier_of(question)
    return str(question.policy.at("blocking", tier, "severity", default=_BLOCKING[tier]))


def is_at_least(question: Question, record: Record, least: str) -> bool:
    """
    Whether a problem or weakness is as bad as that, or worse.

    Raises:
        Undecided: one of the two is no word of the vocabulary.
    """
    said = record.get("severity")
    kinds = question.ledger.kinds
    try:
        return rank(kinds, "severity", str(said)) >= rank(kinds, "severity", least)
    except ValueError:
        missing = f"{record.id} is of severity {said!r} and the policy asks for {least!r}, which nobody can compare"
        raise Undecided(missing, f"write one of the severities of schemas/common.json in {record.path}") from None


def is_open(problem: Record) -> bool:
    """Whether work on a problem is not done; one whose state cannot be read is open."""
    lifecycle = problem.kind.lifecycle
    return lifecycle is None or problem.state not in lifecycle.done


def mended_by(release: Record | None) -> frozenset[str]:
    """The ids of what a release fixes."""
    return frozenset(id for _, id in release.items("/fixes") if isinstance(id, str)) if release else frozenset()


def known_in(ledger: Ledger, release: Record) -> Iterator[Held]:
    """The open problems that a release says are in it."""
    for pointer, id in release.items("/known_problems"):
        problem = ledger.find(id) if isinstance(id, str) else None
        if problem is not None and problem.kind.name == "problem" and problem.is_readable and is_open(problem):
            yield Held(problem, pointer, f"ships with {problem.id}")


def brought_parts(question: Question) -> tuple[Part, ...]:
    """The components that go out: those in the release's scope, those that a change touches, or the one asked about."""
    subject = question.subject
    if subject.kind.name == "ci":
        return (Part(subject.id, question.version, "changed", ""),)
    if question.release is None and subject.kind.name == "change":
        stated = (one for one in subject.items("/effects") if isinstance(one[1], dict))
        return tuple(
            Part(one["ci"], "", str(one.get("effect")), pointer)
            for pointer, one in stated
            if one.get("effect") != "retired"
        )
    release = release_of(question)
    return tuple(part for part in parts_of(release) if part.effect != "retired")


def release_of(question: Question) -> Record:
    """
    The release that a question is about.

    Raises:
        Undecided: the subject names none that can be read.
    """
    release = question.release
    if release is None or not release.is_readable:
        subject = question.subject
        raise Undecided(f"{subject.id} names no release that can be read", f"name it under `release` in {subject.path}")
    return release


def problems_on(ledger: Ledger, part: Part) -> Iterator[Held]:
    """The open problems of a component that the version which is brought has, or may have; by id."""
    found = {one.id: one for at in ("/cis/*", "/affected_versions/*/ci") for one in _naming(ledger, part.ci, at)}
    for id in sorted(found):
        held = _met(found[id], part)
        if held is not None:
            yield held


def _naming(ledger: Ledger, ci: str, at: str) -> tuple[Record, ...]:
    return ledger.naming(ci, "problem", at=at, is_open=True)


def _met(problem: Record, part: Part) -> Held | None:
    brings = f"brings {part.ci} {part.version}".rstrip()
    stated = [
        one for _, one in problem.items("/affected_versions") if isinstance(one, dict) and one.get("ci") == part.ci
    ]
    if not stated:
        return Held(problem, part.pointer, f"{brings}, and {problem.id} is on it without saying in which versions")
    versions = [one.get("version") for one in stated]
    if None in versions:
        return Held(problem, part.pointer, f"{brings}, and every version of it has {problem.id}")
    if part.version in versions:
        return Held(problem, part.pointer, f"{brings}, which has {problem.id}")
    if part.version:
        return None
    doubt = f"{problem.id} is in {_list(versions)} of {part.ci}, and which version is brought is not said"
    return Held(problem, part.pointer, brings, doubt)


def _list(versions: list[object]) -> str:
    return ", ".join(map(str, versions))


def where(record: Record, pointer: str = "/severity") -> str:
    """File and line of what a record says."""
    place = record.place(pointer)
    return f"{place.path}:{place.line}"
