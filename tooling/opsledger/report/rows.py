"""Rows of an answer as an aligned table, as CSV that is safe to open in a spreadsheet, or as JSON lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from opsledger.report.json_lines import line
from opsledger.report.plain import cut, escape, width

Cell = str | int | float | bool | None
FORMS = ("table", "csv", "json")
# A spreadsheet runs text that starts like this, also behind blanks, and in its full-width forms (OWASP, CSV injection).
_FORMULA = re.compile(r"\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def render(columns: Sequence[str], rows: Iterable[Sequence[object]], form: str, *, columns_wide: int | None = None,
           colour: bool = False) -> Iterator[str]:  # fmt: skip
    """
    Yield the lines of rows in one of `FORMS`.

    Args:
        columns: their names, in order.
        rows: as many cells each; text is data and is escaped as the form needs.
        form: `table`, `csv` or `json`.
        columns_wide: width of the terminal, to which the widest cells of a table are cut; `None` cuts nothing.
        colour: whether a table's head is marked.
    """
    match form:
        case "csv":
            yield from csv(columns, rows)
        case "json":
            yield from json_rows(columns, rows)
        case _:
            yield from table(columns, rows, columns_wide=columns_wide, colour=colour)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, columns_wide: int | None = None,
          colour: bool = False) -> Iterator[str]:  # fmt: skip
    """Yield aligned lines, numbers to the right; the head is followed by a rule of dashes."""
    head = [escape(column) for column in columns]
    kept = [list(row) for row in rows]
    body = [[_shown(cell) for cell in row] for row in kept]
    right = [bool(kept) and all(_is_number(row[index]) for row in kept) for index in range(len(head))]
    widths = [max(width(cell) for cell in column) for column in zip(head, *body, strict=True)]
    widths = _fitted(widths, [width(name) for name in head], columns_wide)
    for number, row in enumerate([head, ["-" * size for size in widths], *body]):
        cells = zip(row, widths, right, strict=True)
        text = "  ".join(_padded(cut(cell, size), size, to_right) for cell, size, to_right in cells).rstrip()
        yield f"\x1b[1m{text}\x1b[0m" if colour and number == 0 else text


def _fitted(widths: list[int], least: list[int], columns_wide: int | None) -> list[int]:
    """Return widths that fit a terminal: the widest column gives way, none goes below its head or 8."""
    fitted = list(widths)
    while columns_wide is not None and sum(fitted) + 2 * (len(fitted) - 1) > columns_wide:
        loose = [index for index, size in enumerate(fitted) if size > max(least[index], 8)]
        if not loose:
            break
        over = sum(fitted) + 2 * (len(fitted) - 1) - columns_wide
        index = max(loose, key=lambda one: fitted[one])
        fitted[index] = max(fitted[index] - over, least[index], 8)
    return fitted


def _padded(cell: str, size: int, to_right: bool) -> str:
    """Return a cell filled up to its column."""
    blanks = " " * (size - width(cell))
    return blanks + cell if to_right else cell + blanks


def _is_number(cell: object) -> bool:
    """Tell whether a cell is a number or empty."""
    return cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool))


def _plain(cell: object) -> str:
    """Return a cell as text: truth as YAML writes it, a list or mapping as JSON."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case str():
            return cell
        case list() | tuple() | dict():
            return json.dumps(cell, ensure_ascii=False, sort_keys=True)
        case bytes():
            return cell.hex()
        case _:
            return str(cell)


def _shown(cell: object) -> str:
    """Return a cell for a terminal."""
    return escape(_plain(cell))


def csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """
    Yield comma-separated lines (RFC 4180, but without the carriage return) in which no cell is a formula.

    Text that a spreadsheet would run gets a `'` in front; numbers stay numbers.
    """
    yield ",".join(_quoted(column) for column in columns)
    for row in rows:
        yield ",".join(_plain(cell) if _is_number(cell) else _quoted(_plain(cell)) for cell in row)


def _quoted(text: str) -> str:
    """Return one text cell, harmless, quoted where a separator or a blank at its ends needs it."""
    safe = _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    if _FORMULA.match(safe):
        safe = "'" + safe
    needs = any(mark in safe for mark in "\",;\n\r\t'") or safe != safe.strip()
    doubled = safe.replace('"', '""')
    return f'"{doubled}"' if needs else safe


def json_rows(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield one JSON object a row, its columns under `row` so that no name of ours meets one of theirs."""
    for row in rows:
        yield line({"row": {name: _json(cell) for name, cell in zip_longest(columns, row)}})


def _json(cell: object) -> object:
    """Return a cell as JSON can hold it."""
    return cell.hex() if isinstance(cell, bytes) else cell
