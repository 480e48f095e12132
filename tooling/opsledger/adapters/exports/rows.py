"""The rows of an export, from CSV or JSON, each with its number and the line on which it starts."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opsledger.errors import Refused
from opsledger.yamlfile import at

FORMS = ("csv", "json")
MOST_BYTES = 64 << 20
MOST_ROWS = 100_000
MOST_COLUMNS = 2_000
LONGEST_CELL = 1 << 20

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """
    One row.

    Args:
        number: its place among the rows, from 1, as a spreadsheet counts them without its head.
        line: the line of the file on which it starts, from 1.
        cells: column → what it holds; a column that stands several times, or a list, holds several texts.
        broken: what keeps it from being read, as a sentence, or empty.
    """

    number: int
    line: int
    cells: Mapping[str, Cells] = field(default_factory=dict)
    broken: str = ""


@dataclass(frozen=True)
class Rows:
    """
    All rows of a file.

    Args:
        columns: the names that any row has; of JSON, the ways to texts, as `fields.status.name`.
    """

    columns: Cells
    rows: tuple[Row, ...]


def read_rows(data: bytes, form: str, *, delimiter: str = "", where: str = "") -> Rows:
    """
    Read an export.

    Args:
        form: `csv` or `json`.
        delimiter: of CSV, what stands between cells; empty to find it out from the first line.
        where: of JSON, the way to the list of rows, as `result` or `data.issues`; empty where the file is the list.

    Raises:
        Refused: the file as a whole cannot be read; nothing of it is taken.
    """
    if len(data) > MOST_BYTES:
        raise Refused("the export is longer than 64 MiB", "export it in parts")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = data.count(b"\n", 0, broken.start) + 1
        raise Refused(f"the export is not UTF-8: line {line} holds another byte", "export it as UTF-8") from None
    if "\0" in text:
        raise Refused("the export holds a NUL, so it is no text", "export it as UTF-8 text")
    return _of_csv(text, delimiter) if form == "csv" else _of_json(text, where)


def _of_csv(text: str, delimiter: str) -> Rows:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_between(text, delimiter), strict=True)
    csv.field_size_limit(LONGEST_CELL)
    try:
        head = next(reader, [])
    except csv.Error as broken:
        raise Refused(f"the head of the export cannot be read: {broken}", "export it again") from None
    columns = tuple(name.strip() for name in head)
    if not any(columns):
        raise Refused("the export has no head, so nobody knows what its columns are", "export it with its head")
    if len(columns) > MOST_COLUMNS:
        raise Refused(f"the export has more than {MOST_COLUMNS} columns", "export fewer")
    return Rows(tuple(dict.fromkeys(columns)), tuple(_csv_rows(reader, columns)))


def _csv_rows(reader: Any, columns: Cells) -> Iterator[Row]:
    number = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as broken:
            number += 1
            # What follows a quote that is never closed is part of that cell, so nothing more can be told apart.
            yield Row(number, line, broken=f"cannot be read: {broken}")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        number += 1
        if number > MOST_ROWS:
            raise Refused(f"the export has more than {MOST_ROWS:,} rows", "export it in parts")
        yield _csv_row(number, line, cells, columns)


def _csv_row(number: int, line: int, cells: list[str], columns: Cells) -> Row:
    if len(cells) != len(columns):
        return Row(number, line, broken=f"has {len(cells)} cells where the head has {len(columns)}")
    gathered: dict[str, list[str]] = {}
    for name, cell in zip(columns, cells, strict=True):
        if name and cell.strip():
            gathered.setdefault(name, []).append(cell.strip())
    return Row(number, line, {name: tuple(texts) for name, texts in gathered.items()})


def _between(text: str, stated: str) -> str:
    if stated:
        return "\t" if stated == "tab" else stated
    head = text.partition("\n")[0]
    return max(",;\t|", key=head.count)


def _of_json(text: str, where: str) -> Rows:
    try:
        found = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as broken:
        said = str(broken) or "it is nested too deeply"
        raise Refused(f"the export is no JSON: {said}", "export it again") from None
    listed = at(found, "/" + where.replace(".", "/").strip("/")) if where.strip("./") else found
    if not isinstance(listed, list):
        place = f"under {where!r}" if where else "in it"
        raise Refused(f"the export has no list of rows {place}", "correct `rows` in the field map")
    if len(listed) > MOST_ROWS:
        raise Refused(f"the export has more than {MOST_ROWS:,} rows", "export it in parts")
    lines = _lines(text, len(listed))
    rows = tuple(_json_row(number, lines[number - 1], value) for number, value in enumerate(listed, 1))
    return Rows(tuple(dict.fromkeys(name for row in rows for name in row.cells)), rows)


def _json_row(number: int, line: int, value: Any) -> Row:
    if not isinstance(value, dict):
        return Row(number, line, broken="is no mapping of fields")
    gathered: dict[str, list[str]] = {}
    for name, text in _texts(value, "", 0):
        if text.strip():
            gathered.setdefault(name, []).append(text.strip())
    return Row(number, line, {name: tuple(texts) for name, texts in gathered.items()})


def _texts(value: Any, way: str, depth: int) -> Iterator[tuple[str, str]]:
    """Each text below a value with the names on the way to it; the entries of a list share one way."""
    if isinstance(value, dict):
        if depth < 12:
            for name, inner in value.items():
                yield from _texts(inner, f"{way}.{name}" if way else str(name), depth + 1)
    elif isinstance(value, list):
        if depth < 12:
            for inner in value:
                yield from _texts(inner, way, depth + 1)
    elif isinstance(value, bool):
        yield way, "true" if value else "false"
    elif value is not None:
        yield way, str(value)


def _lines(text: str, count: int) -> list[int]:
    """The line on which each entry of the list of rows starts; of an export in one line, that line."""
    decoder = json.JSONDecoder()
    start = text.find("[")
    while start >= 0:
        found: list[int] = []
        position = start + 1
        try:
            while len(found) < count:
                while text[position] in " \t\r\n,":
                    position += 1
                found.append(text.count("\n", 0, position) + 1 if len(text) < 1 << 20 else 1)
                _, position = decoder.raw_decode(text, position)
        except (ValueError, IndexError, RecursionError):
            start = text.find("[", start + 1)
            continue
        return found
    return [1] * count


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")
