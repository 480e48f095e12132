"""Exceptions in force: which rules they waive, for which records, where and until when, and why others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsledger.waivers.counting import Waivers, waivers_of
    from opsledger.waivers.limits import MOST_NAMED, demanded_level, is_waivable, outside_limits, renewals
    from opsledger.waivers.model import Reason, Standing, Waiver

# A gate at which every code is met pays for none of this.
_LATER = {
    **dict.fromkeys(("Waivers", "waivers_of"), "counting"),
    **dict.fromkeys(("MOST_NAMED", "demanded_level", "is_waivable", "outside_limits", "renewals"), "limits"),
    **dict.fromkeys(("Reason", "Standing", "Waiver"), "model"),
}

__all__ = [
    "MOST_NAMED",
    "Reason",
    "Standing",
    "Waiver",
    "Waivers",
    "demanded_level",
    "is_waivable",
    "outside_limits",
    "renewals",
    "waivers_of",
]


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
