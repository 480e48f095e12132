"""What a calendar says in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from opsledger.moments import to_the_minute

if TYPE_CHECKING:
    from opsledger.calendar.model import Span, Standing


def span_said(span: Span) -> str:
    """From when to when a window holds."""
    if span.end is None:
        return f"from {to_the_minute(span.start)} until it is cancelled"
    return f"from {to_the_minute(span.start)} to {to_the_minute(span.end)}"


def opening(standing: Standing) -> str:
    """When it next opens, as the end of a sentence."""
    if standing.doubts:
        return "nobody knows when it opens"
    if standing.opens is not None:
        return f"it opens at {to_the_minute(standing.opens)}"
    endless = next((span.window.id for span in (*standing.halts, *standing.freezes) if span.end is None), "")
    return f"it opens when {endless} is cancelled" if endless else "it does not open within a year"


def reasons(standing: Standing) -> tuple[str, ...]:
    """Why it is as it is."""
    return tuple(_reasons(standing)) or ("no window says anything against it",)


def _reasons(standing: Standing) -> Iterator[str]:
    for word, spans in (("halt", standing.halts), ("freeze", standing.freezes)):
        for span in spans:
            yield f"the {word} {span.window.id} in {span.window.path} holds {span_said(span)}"
    for closed in standing.closed:
        named = " and ".join(f"{one.id} in {one.path}" for one in closed.windows)
        yield f"work on {', '.join(closed.cis)} waits for a time of {named}"
    for doubt in standing.doubts:
        yield f"{doubt.missing} ({doubt.path})"
    for span in standing.passed:
        yield f"the freeze {span.window.id} lets this type of change through"
    for span in standing.allowed_by:
        yield f"{span.window.id} in {span.window.path} allows it {span_said(span)}"
