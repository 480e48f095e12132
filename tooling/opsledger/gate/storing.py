"""A verdict as a deployment keeps it: what was asked, by whom it was judged, each answer, and a fingerprint of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opsledger.gate.model import Answer, Verdict
from opsledger.kind import Kinds
from opsledger.moments import written
from opsledger.policy import settings_of
from opsledger.store import Snapshot

Stored = Mapping[str, Any]


def stored(verdict: Verdict, *, package: str, judge: Snapshot, kinds: Kinds) -> dict[str, Any]:
    """
    What is kept of a verdict, so that anybody can ask again and hold the answer against it.

    Args:
        package: digest of the package that is let through, or empty.
        judge: by whose gates, roles and policy it was judged.
        kinds: what the judge's schemas say.
    """
    made: dict[str, Any] = {
        "gate": verdict.gate.removeprefix("GAT-"),
        "subject": verdict.subject,
        "environment": verdict.environment,
        "group": verdict.group,
        "package_digest": package,
        "outcome": verdict.outcome,
        "mode": verdict.mode,
        "as_of": written(verdict.as_of),
        "commit": verdict.commit,
        "judge": judge.commit or "",
        "policy": _policy(judge, kinds),
        "reviews": verdict.reviews,
        "tool": verdict.tool,
        "answers": [_answer(answer) for answer in verdict.answers],
    }
    kept = {name: value for name, value in made.items() if value not in ("", [])}
    return {**kept, "digest": fingerprint(kept)}


def fingerprint(kept: Stored) -> str:
    """The digest of all that is kept of a verdict, but for the digest itself."""
    from opsledger.canonical import digest  # heavy, and only deployments pay for it

    return digest({name: value for name, value in kept.items() if name != "digest"})


def _answer(answer: Answer) -> dict[str, Any]:
    made: dict[str, Any] = {"code": answer.code, "outcome": answer.outcome.value}
    waived = [id.strip() for id in answer.waived_by.split(",") if id.strip()]
    until = {"until": written(answer.until)} if answer.until is not None else {}
    return made | ({"waived_by": waived} if waived else {}) | until


def _policy(judge: Snapshot, kinds: Kinds) -> dict[str, str]:
    kind = kinds.get("policy")
    below = judge.below(kind.folder) if kind is not None else ()
    path = next((path for path in below if path.endswith(".yaml")), "")
    found = {"preset": settings_of(judge).preset}
    return found | ({"path": path, "blob": judge.files[path]} if path else {})
