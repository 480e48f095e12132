"""A JSON Schema read as a kind of record; the JSON Schema libraries live here."""

from opsledger.kind.lifecycle import Lifecycle, Move, Requirement
from opsledger.kind.loading import load_kinds, packaged_kinds
from opsledger.kind.model import Kind, Kinds, Mark, Reference

__all__ = ["Kind", "Kinds", "Lifecycle", "Mark", "Move", "Reference", "Requirement", "load_kinds", "packaged_kinds"]
