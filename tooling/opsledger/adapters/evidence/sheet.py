"""Tables of cases as people keep them, as CSV. A formula in a cell is text, and stays text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opsledger.adapters.evidence.json_text import decoded
from opsledger.adapters.evidence.words import line, slug, text, tied
from opsledger.edit.evidence import UNMAPPED, Case, NotRead, Reading

MOST_ROWS = 50_000
_LONGEST_CELL = 32_767
_COLUMNS = {
    "key": ("key", "id", "case", "test", "test case", "test id", "case id"),
    "result": ("result", "outcome", "status", "verdict"),
    "title": ("title", "name", "summary", "what"),
    "problem": ("problem", "defect"),
    "criterion": ("criterion", "acceptance criterion"),
    "covers": ("covers",),
    "expected": ("expected", "expected result"),
    "actual": ("actual", "actual result", "observed"),
}
_RESULTS = {
    "passed": ("passed", "pass", "ok", "yes", "success", "successful"),
    "passed-with-issues": ("passed-with-issues", "passed with issues", "pass with issues"),
    "failed": ("failed", "fail", "no", "nok", "error", "failure"),
    "not-run": ("not-run", "not run", "skipped", "skip", "blocked", "n/a", "open", "todo"),
}


def read(data: bytes) -> Reading:
    """
    Read a table: its first row names the columns, of which `key` and `result` must be there.

    Raises:
        NotRead: it is none, a column is missing, or a result is a word that stands for none of ours.
    """
    content = decoded(data)
    rows = _rows(content)
    number, header = next(rows, (1, ()))
    columns = _columns(header, number)
    cases: dict[str, Case] = {}
    for number, row in rows:
        case = columns.case(row, number)
        if case is None:
            continue
        if case.key in cases:
            said = f"row {number} gives {case.key!r} a result, and so does a row above it"
            raise NotRead(said, "give each row a key of its own", place=(number, 1))
        if len(cases) == MOST_ROWS:
            raise NotRead(f"the table has more than {MOST_ROWS:,} rows", "split it", place=(number, 1))
        cases[case.key] = case
    if not cases:
        raise NotRead("the table has no row below its heading", "write one row for each case")
    counts = {word: sum(one.result == word for one in cases.values()) for word in _RESULTS}
    listed = tuple(cases.values())
    counted = {"tests": len(listed), **{word: number for word, number in counts.items() if number}}
    return Reading("csv", "uat", "Acceptance tests", _result(counts), "text/csv", cases=listed, counts=counted)


def _result(counts: dict[str, int]) -> str:
    if counts["failed"]:
        return "failed"
    if not counts["passed"] and not counts["passed-with-issues"]:
        return "not-run"
    return "passed-with-issues" if counts["passed-with-issues"] else "passed"


def _rows(content: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Each row with the line that it starts on; whatever parts the cells of the heading parts them all."""
    first = content.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
        number = 1
        for row in reader:
            yield number, row
            number = reader.line_num + 1
    except csv.Error as fault:
        why = "a cell is longer than 32,767 characters" if "field larger" in str(fault) else "its quotes do not match"
        raise NotRead(
            f"the row that starts here cannot be read: {why}", "save the table anew", place=(number, 1)
        ) from None
    finally:
        csv.field_size_limit(before)


@dataclass(frozen=True)
class _Columns:
    """Where each of our fields stands in a row."""

    at: dict[str, int]

    def case(self, row: Sequence[str], number: int) -> Case | None:
        """The case of a row; `None` where the row is empty."""
        if not any(cell.strip() for cell in row):
            return None
        key = line(self._cell(row, "key"))
        if not key:
            raise NotRead(f"row {number} has no key", "name the case", place=(number, 1))
        said = self._cell(row, "result")
        result = next((word for word, words in _RESULTS.items() if said.lower() in words), "")
        if not result:
            words = ", ".join(_RESULTS)
            told = f"row {number} ends {line(said, 40)!r}" if said else f"row {number} says no result"
            raise NotRead(
                f"{told}, which stands for none of {words}", f"write one of {words}", place=(number, 1), code=UNMAPPED
            )
        covers = tuple(dict.fromkeys(filter(None, (slug(one.strip()) for one in self._cell(row, "covers").split(" ")))))
        return Case(
            key, result, line(self._cell(row, "title")), self._tied(row, number, key), self._criterion(row, number),
            covers, text(self._cell(row, "expected")), text(self._cell(row, "actual")),
        )  # fmt: skip

    def _tied(self, row: Sequence[str], number: int, key: str) -> str:
        said = self._cell(row, "problem")
        found = tied(said or key)
        if said and not found:
            told = f"row {number} names the problem {line(said, 40)!r}, which is the id of none"
            raise NotRead(told, "write it as PRB-2026-0017 or PRB-2026-0017#rt-1", place=(number, 1), code=UNMAPPED)
        return found

    def _criterion(self, row: Sequence[str], number: int) -> str:
        said = self._cell(row, "criterion")
        if said and not slug(said):
            told = f"row {number} names the criterion {line(said, 40)!r}, which cannot be the short name of one"
            raise NotRead(told, "write the id under which the release has it", place=(number, 1), code=UNMAPPED)
        return said

    def _cell(self, row: Sequence[str], name: str) -> str:
        index = self.at.get(name, len(row))
        return row[index].strip() if index < len(row) else ""


def _columns(header: Sequence[str], number: int) -> _Columns:
    names = [" ".join(cell.lower().replace("_", " ").split()) for cell in header]
    at: dict[str, int] = {}
    for field, spellings in _COLUMNS.items():
        found = [names.index(spelling) for spelling in spellings if spelling in names]
        if found:
            at[field] = found[0]
    for field in ("key", "result"):
        if field not in at:
            said = f"no column of the table is called {field}; it has {line(', '.join(header), 120) or 'none'}"
            raise NotRead(said, f"name a column {field} in the first row", place=(number, 1), code=UNMAPPED)
    return _Columns(at)
