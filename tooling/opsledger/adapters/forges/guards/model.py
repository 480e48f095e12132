"""Answers about the protection of a branch, as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

from opsledger.adapters.forges.wire import NotAnswered


class Outcome(Enum):
    """How far something is guarded."""

    ENFORCED = "enforced"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Guard:
    """
    One thing that the flow needs the forge to guard.

    Args:
        name: *protection*, *pull-request*, *required-check*, *code-owners*, *stale-reviews*, *bypass*, *force-push*,
            *deletion* or *merge-queue*.
        sentence: what the forge says of it.
        fix: what to do where it is not enforced.
    """

    name: str
    outcome: Outcome
    sentence: str
    fix: str = ""

    @property
    def is_advice(self) -> bool:
        """Whether opsledger notices by itself where the forge does not enforce it."""
        return self.name in ADVICE


ADVICE = frozenset({"code-owners", "stale-reviews", "merge-queue", "hook"})
"""Guards that make life easier: the roles, the digest and the merge result are judged by opsledger in any case."""


@dataclass(frozen=True)
class Protection:
    """All that was asked about one branch."""

    forge: str
    repository: str
    branch: str
    guards: tuple[Guard, ...]


@dataclass(frozen=True)
class Told:
    """
    What a forge told, or why it did not.

    Args:
        value: the answer; `None` where the forge says that there is none.
        why: why nothing is known; empty where something is.
        fix: what to do about that.
    """

    value: Any = None
    why: str = ""
    fix: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the forge answered."""
        return not self.why


def told(ask: Callable[[], Any]) -> Told:
    """
    Take an answer, or note that the token may not have it.

    Raises:
        NotAnswered: the forge cannot be reached or asks to be left alone: then nothing at all can be said.
    """
    try:
        return Told(ask())
    except NotAnswered as unknown:
        if unknown.status in {401, 403, 404, 410}:
            return Told(None, unknown.missing, unknown.remedy)
        raise


def guard(name: str, holds: bool | None, good: str, bad: str, fix: str, *unread: Told) -> Guard:
    """
    Put an answer in words.

    Args:
        holds: whether it is guarded; `None` where that is not known.
        good: what to say if it is.
        bad: what to say if it is not.
        fix: what to do then.
        unread: what could not be read, for the case that it is not known.
    """
    if holds:
        return Guard(name, Outcome.ENFORCED, good)
    if holds is None:
        first = next((one for one in unread if not one.is_known), Told(None, "the forge does not say", fix))
        return Guard(name, Outcome.UNKNOWN, first.why, first.fix)
    return Guard(name, Outcome.MISSING, bad, fix)


def either(*answers: bool | None) -> bool | None:
    """Yes if one is; else not known if one is not known; else no."""
    if any(answers):
        return True
    return None if any(answer is None for answer in answers) else False


def covers(pattern: str, branch: str) -> bool:
    """Whether a pattern with stars names a branch."""
    return fnmatchcase(branch, pattern.replace("[", "[[]"))
