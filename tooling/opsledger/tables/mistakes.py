"""What SQLite says of a query that does not work, as one sentence for the person who wrote it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping

from opsledger.tables.aggregates import NAMES
from opsledger.tables.layout import Table

LISTED = "`opsledger query --tables` lists them"
READS_ONLY = "a query may only read: it is one SELECT, and starts with SELECT, WITH or VALUES"
_FUNCTIONS = (
    *NAMES, "abs", "avg", "coalesce", "count", "date", "datetime", "group_concat", "ifnull", "instr",
    "json_array_length", "json_each", "json_extract", "json_type", "julianday", "length", "like", "lower", "max", "min",
    "nullif", "printf", "replace", "round", "strftime", "substr", "sum", "time", "total", "trim", "typeof", "upper",
)  # fmt: skip


def sentence_of(said: str, sql: str, tables: Mapping[str, Table]) -> str:
    """
    Say what is wrong with a query.

    Args:
        said: by SQLite.
        sql: the query.
        tables: all that it could ask.
    """
    for pattern, sentence in _KNOWN.items():
        found = re.search(pattern, said, re.DOTALL | re.IGNORECASE)
        if found:
            return sentence(found[1] if found.groups() else "", sql, tables)
    return f"the query cannot be answered: {said}"


def _no_table(name: str, _: str, tables: Mapping[str, Table]) -> str:
    plurals = {table.kind.plural: table.name for table in tables.values() if table.kind is not None}
    bare = name.rpartition(".")[2]
    near = plurals.get(bare.casefold()) or _nearest(bare, tables)
    return f"no table is called {name!r}; " + (f"did you mean {near}?" if near else LISTED)


def _no_column(name: str, sql: str, tables: Mapping[str, Table]) -> str:
    words = set(re.findall(r"\w+", sql.casefold()))
    asked = [table for table in tables.values() if words & {table.name.casefold()}]
    near = _nearest(name.rpartition(".")[2], [column for table in asked for column in table.columns])
    if near:
        return f"no column is called {name!r}; did you mean {near}?"
    return f"no column is called {name!r}; text stands in 'single quotes', and {LISTED}"


def _no_function(name: str, _: str, __: Mapping[str, Table]) -> str:
    near = _nearest(name, _FUNCTIONS)
    return f"no function is called {name!r}" + (f"; did you mean {near}?" if near else "")


def _near(words: str, _: str, __: Mapping[str, Table]) -> str:
    return f"the query cannot be read from {words!r} on"


def _two_columns(name: str, _: str, __: Mapping[str, Table]) -> str:
    return f"more than one table has a column called {name!r}; put the table's name and a dot in front of it"


def _just(words: str) -> Callable[[str, str, Mapping[str, Table]], str]:
    return lambda _, __, ___: words


def _nearest(name: str, known: Iterable[str]) -> str:
    spelled = {one.casefold(): one for one in known}
    near = difflib.get_close_matches(name.casefold(), spelled, n=1)
    return spelled[near[0]] if near else ""


_KNOWN: Mapping[str, Callable[[str, str, Mapping[str, Table]], str]] = {
    r"no such table: (.+)": _no_table,
    r"no such column: (.+)": _no_column,
    r"no such function: (.+)": _no_function,
    r'near "(.*)": syntax error': _near,
    r'unrecognized token: "(.*)"': _near,
    r"ambiguous column name: (.+)": _two_columns,
    r"incomplete input": _just("the query stops too early"),
    r"one statement at a time": _just("the query is more than one statement; ask one at a time"),
    r"not authorized|authorization denied|access to .* is prohibited": _just(READS_ONLY),
    r"aggregate's 'step' method": _just("median and p90 take numbers, and were given something else"),
    r"number of bindings|value for binding": _just("a question mark or a :name in a query has no value here"),
    r"null character|surrogates not allowed": _just("the query holds a character that no query can hold"),
}
