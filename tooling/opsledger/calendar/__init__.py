"""Windows at a time: what may be done when, what forbids it, and when it opens; no library lives here."""

from opsledger.calendar.calendar import AHEAD, Calendar, calendar_of
from opsledger.calendar.model import Closed, Doubt, Span, Standing
from opsledger.calendar.saying import opening, span_said
from opsledger.calendar.windows import Window, window_of

__all__ = [
    "AHEAD",
    "Calendar",
    "Closed",
    "Doubt",
    "Span",
    "Standing",
    "Window",
    "calendar_of",
    "opening",
    "span_said",
    "window_of",
]
