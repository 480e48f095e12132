"""YAML text to data and back, with positions; the YAML libraries live here and nowhere else."""

from __future__ import annotations

from opsledger.yamlfile.editing import REMOVE, CannotEdit, EditWentWrong, NothingThere, set_values
from opsledger.yamlfile.exact import Located, read_exact
from opsledger.yamlfile.fast import read
from opsledger.yamlfile.model import MAX_BYTES, MAX_DEPTH, Data, Unreadable
from opsledger.yamlfile.ordering import order_keys
from opsledger.yamlfile.pointers import MISSING, at, parts, pointer
from opsledger.yamlfile.writer import NotWritable, write

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
