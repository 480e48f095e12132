"""Who approved which exact content, by what proof, and whether it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsledger.approvals.authorship import authors_of
    from opsledger.approvals.evidence import verify
    from opsledger.approvals.model import (
        Approval,
        Asked,
        Authorship,
        Counted,
        Discounted,
        ForgeAccount,
        PullRequest,
        Review,
        Tally,
    )
    from opsledger.approvals.reading import approval_of, approvals_on
    from opsledger.approvals.scopes import content_of, digest_of, parts_of, scope_pointers, uncovered
    from opsledger.approvals.signing import sign
    from opsledger.approvals.situation import Situation
    from opsledger.approvals.statements import data_of, id_of, statement
    from opsledger.approvals.tallying import tally

# A check that meets no approval pays for none of this.
_LATER = {
    "authors_of": "authorship",
    "verify": "evidence",
    **dict.fromkeys(
        ("Approval", "Asked", "Authorship", "Counted", "Discounted", "ForgeAccount", "PullRequest", "Review", "Tally"),
        "model",
    ),
    **dict.fromkeys(("approval_of", "approvals_on"), "reading"),
    **dict.fromkeys(("content_of", "digest_of", "parts_of", "scope_pointers", "uncovered"), "scopes"),
    "sign": "signing",
    "Situation": "situation",
    **dict.fromkeys(("data_of", "id_of", "statement"), "statements"),
    "tally": "tallying",
}

__all__ = [
    "Approval",
    "Asked",
    "Authorship",
    "Counted",
    "Discounted",
    "ForgeAccount",
    "PullRequest",
    "Review",
    "Situation",
    "Tally",
    "approval_of",
    "approvals_on",
    "authors_of",
    "content_of",
    "data_of",
    "digest_of",
    "id_of",
    "parts_of",
    "scope_pointers",
    "sign",
    "statement",
    "tally",
    "uncovered",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
