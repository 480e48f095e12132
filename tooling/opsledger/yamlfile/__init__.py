"""YAML text to data and back, with positions; the YAML libraries live here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opsledger.yamlfile.fast import read
from opsledger.yamlfile.model import MAX_BYTES, MAX_DEPTH, Data, Unreadable
from opsledger.yamlfile.pointers import MISSING, at, parts, pointer

if TYPE_CHECKING:
    from opsledger.yamlfile.editing import REMOVE, CannotEdit, EditWentWrong, NothingThere, set_values
    from opsledger.yamlfile.exact import Located, read_exact
    from opsledger.yamlfile.ordering import order_keys
    from opsledger.yamlfile.writer import NotWritable, write

# A check of a sound ledger writes nothing and asks for no line, so it does not wait for what that needs.
_LATER = {
    **dict.fromkeys(("Located", "read_exact"), "exact"),
    **dict.fromkeys(("REMOVE", "CannotEdit", "EditWentWrong", "NothingThere", "set_values"), "editing"),
    **dict.fromkeys(("NotWritable", "write"), "writer"),
    "order_keys": "ordering",
}

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MISSING",
    "REMOVE",
    "CannotEdit",
    "Data",
    "EditWentWrong",
    "Located",
    "NotWritable",
    "NothingThere",
    "Unreadable",
    "at",
    "order_keys",
    "parts",
    "pointer",
    "read",
    "read_exact",
    "set_values",
    "write",
]


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
