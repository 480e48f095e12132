"""Exports of other systems: their rows read, and turned into the fields of records as a field map says."""

from opsledger.adapters.exports.fieldmaps import FieldMap, field_map, field_map_called, ready_maps
from opsledger.adapters.exports.mapping import Brought, Look, brought
from opsledger.adapters.exports.rows import Row, Rows, read_rows

__all__ = [
    "Brought",
    "FieldMap",
    "Look",
    "Row",
    "Rows",
    "brought",
    "field_map",
    "field_map_called",
    "read_rows",
    "ready_maps",
]
