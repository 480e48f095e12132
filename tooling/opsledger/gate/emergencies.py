"""The short way for emergencies: who may ask for it, so that what the policy lets be met afterwards is owed."""

from __future__ import annotations

from dataclasses import replace

from opsledger.errors import Refused
from opsledger.ledger import Record
from opsledger.policy import rank
from opsledger.question import Question

LEAST = "high"
"""From which impact on a fault makes an emergency."""


def as_emergency(question: Question) -> Question:
    """
    The same question, with what the policy calls `emergency.deferrable` owed instead of blocked.

    Raises:
        Refused: it takes a release and a change of type emergency and a fault of high impact, and one is not there.

    Source:
        S2-emg-01, S2-emg-02.
    """
    release = _release(question)
    if release is None:
        raise Refused(
            f"{question.subject.id} belongs to no release, so this is no emergency", "ask without --emergency"
        )
    if release.get("type") != "emergency":
        raise Refused(
            f"{release.id} is of type {release.get('type')}, and only an emergency release goes the short way",
            "ask without --emergency, or plan the release anew with `type: emergency`",
        )
    if not any(change.get("type") == "emergency" for change in _changes(question, release)):
        raise Refused(
            f"{release.id} ships no change of type emergency",
            "name the emergency change under `changes` of the release, or ask without --emergency",
        )
    _refuse_a_small_fault(question, release)
    return replace(question, is_emergency=True)


def _release(question: Question) -> Record | None:
    if question.release is not None or question.subject.kind.name != "change":
        return question.release
    shipping = question.ledger.naming(question.subject.id, "release", at="/changes/*", is_open=True)
    return next(iter(shipping), None)


def _changes(question: Question, release: Record) -> list[Record]:
    named = (question.ledger.find(id) for _, id in release.items("/changes") if isinstance(id, str))
    return [record for record in named if record is not None and record.kind.name == "change"]


def _refuse_a_small_fault(question: Question, release: Record) -> None:
    stated = release.get("emergency")
    id = stated.get("fault") if isinstance(stated, dict) else None
    fault = question.ledger.find(id) if isinstance(id, str) else None
    if fault is None or not fault.is_readable:
        raise Refused(
            f"{release.id} names no fault that makes it urgent and that can be read",
            "name the incident or problem under `emergency.fault` of the release",
        )
    impact, kinds = fault.get("impact"), question.ledger.kinds
    try:
        is_grave = isinstance(impact, str) and rank(kinds, "impact", impact) >= rank(kinds, "impact", LEAST)
    except ValueError:
        is_grave = False
    if not is_grave:
        raise Refused(
            f"{fault.id} is of {impact or 'no stated'} impact, and an emergency takes {LEAST} impact or more",
            f"correct the impact of {fault.id} if it is graver than that, or ask without --emergency",
        )
