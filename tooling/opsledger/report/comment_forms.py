"""A proposal in the form that was asked for."""

from __future__ import annotations

from collections.abc import Iterator

from opsledger.proposal.model import Proposal
from opsledger.report.comment import comment, comment_text
from opsledger.report.comment_json import comment_json

FORMS = ("markdown", "text", "json")


def printed(proposal: Proposal, form: str) -> Iterator[str]:
    """Yield what is printed of a proposal in one of `FORMS`."""
    match form:
        case "json":
            yield comment_json(proposal)
        case "text":
            yield from comment_text(proposal)
        case _:
            yield comment(proposal).rstrip("\n")
