"""The ledger as a query database: a table per kind, and the tables record, state and link."""

from opsledger.tables.asking import Answer, QueryRefused, asked
from opsledger.tables.filling import write_database
from opsledger.tables.layout import Table, listing, tables_of

__all__ = ["Answer", "QueryRefused", "Table", "asked", "listing", "tables_of", "write_database"]
