"""A row turned into the fields of a record, as a field map says; what does not fit is told and never guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from opsledger.adapters.exports.fieldmaps import FieldMap, Filling
from opsledger.adapters.exports.plain_text import plain_text
from opsledger.adapters.exports.rows import Row
from opsledger.adapters.exports.times import day, moment
from opsledger.edit.shape import Shape
from opsledger.edit.values import parsed
from opsledger.errors import Refused
from opsledger.yamlfile import parts

Named = Callable[[str], Sequence[str]]
"""Text from an export → the ids that it may mean: none, one, or several."""
MOST = 2**53
"""The largest number that every reader of a record understands alike."""
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True)
class Look:
    """
    Who and what is known here.

    Args:
        party: the parties that an e-mail, account, key or name may mean.
        record: of these kinds, the records that an id, key or title may mean.
    """

    party: Named
    record: Callable[[str, Sequence[str]], Sequence[str]]


@dataclass(frozen=True)
class Trouble:
    """
    Something in a row that the map does not know what to do with.

    Args:
        message: what, as a sentence without a stop.
        is_grave: whether the row cannot be taken; else one field is left out.
    """

    message: str
    fix: str
    is_grave: bool = True


@dataclass(frozen=True)
class Brought:
    """
    What one row comes to.

    Args:
        key: the row's name over there, or empty where it has none.
        data: the fields that are filled, with nothing of where they come from.
        is_wanted: whether the map takes such rows at all.
    """

    row: Row
    key: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    troubles: tuple[Trouble, ...] = ()
    is_wanted: bool = True

    @property
    def is_sound(self) -> bool:
        """Whether it can be taken."""
        return not any(one.is_grave for one in self.troubles)


class _Unfit(Exception):
    """A cell does not say what its field needs."""

    def __init__(self, message: str, fix: str, *, is_grave: bool = True) -> None:
        super().__init__(message)
        self.trouble = Trouble(message, fix, is_grave)


def brought(row: Row, fields: FieldMap, whole: Shape, look: Look) -> Brought:
    """
    Turn a row into the fields of a record.

    Args:
        whole: the shape of records of the map's kind.
        look: who and what is known here.
    """
    if row.broken:
        return Brought(row, troubles=(Trouble(f"it {row.broken}", "mend it in the export, and import it again"),))
    for column, words in (fields.only or {}).items():
        if not words & set(row.cells.get(column, ())):
            return Brought(row, is_wanted=False)
    key = next(iter(row.cells.get(fields.key, ())), "")
    if not key:
        fix = "export that column too, or correct `key` in the field map"
        return Brought(row, troubles=(Trouble(f"it has nothing under {fields.key!r}, which names it", fix),))
    data: dict[str, Any] = {}
    troubles: list[Trouble] = []
    for filling in fields.fillings:
        shape = whole.at(["0" if part == "*" else part for part in parts(filling.to)])
        if shape is None:
            raise Refused(f"{fields.id} fills {filling.to}, and a {fields.kind} has no such field", "correct `to`")
        values, found = _values(row, fields, filling, shape, look)
        troubles += found
        _fill(data, parts(filling.to), values, is_constant=not filling.column)
    return Brought(row, key, data, tuple(troubles))


def _values(row: Row, fields: FieldMap, filling: Filling, shape: Shape, look: Look) -> tuple[list[Any], list[Trouble]]:
    """What a field gets, and what could not be turned into it."""
    if not filling.column:
        return ([filling.value] if filling.value is not None else []), []
    values, troubles = [], []
    for text in _cells(row, filling):
        try:
            values.append(_value(text, fields, filling, shape, look))
        except _Unfit as unfit:
            troubles.append(unfit.trouble)
    return list(dict.fromkeys(values)), troubles


def _cells(row: Row, filling: Filling) -> Iterator[str]:
    for cell in row.cells.get(filling.column, ()):
        pieces = cell.split(filling.split) if filling.split else [cell]
        yield from (piece.strip() for piece in pieces if piece.strip())


def _value(text: str, fields: FieldMap, filling: Filling, shape: Shape, look: Look) -> Any:
    column = filling.column
    if filling.words is not None:
        text = _word(text, column, filling.words)
    ways: dict[str, Callable[[], Any]] = {
        "time": lambda: moment(text, zone=fields.time_zone, formats=fields.time_formats),
        "day": lambda: day(text, formats=fields.time_formats),
        "party": lambda: _one(look.party(text), text, filling, "party"),
        "record": lambda: _one(look.record(text, shape.names), text, filling, " or ".join(shape.names)),
        "yes-no": lambda: _YES[text.casefold()],
        "number": lambda: _number(text),
        "html": lambda: plain_text(text),
    }
    ways[""] = lambda: parsed(text, shape, filling.to) if shape.choices else text
    try:
        return ways.get(filling.sort, ways[""])()
    except KeyError:
        raise _Unfit(f"{column} says {text!r}, which is neither yes nor no", "correct it in the export") from None
    except ValueError as wrong:
        raise _Unfit(f"{column} says {wrong}", "correct it, or say in the field map how it is written") from None
    except Refused:
        listed = ", ".join(map(str, shape.choices))
        fix = f"say under `words` which of {listed} it means"
        raise _Unfit(f"{column} says {text!r}, which is no word for {filling.to} here", fix) from None


def _number(text: str) -> int | float:
    plain = text.replace(",", "").replace("\xa0", "")
    try:
        found = float(plain) if "." in plain else int(plain)
    except ValueError:
        raise ValueError(f"{text!r}, which is no number") from None
    if not abs(found) <= MOST:  # so that what is no number is beyond it too
        raise ValueError(f"{text!r}, which is beyond what a record can hold")
    return found


def _word(text: str, column: str, words: Mapping[str, str]) -> str:
    if text in words:
        return words[text]
    near = {theirs.casefold(): ours for theirs, ours in words.items()}
    if text.casefold() in near:
        return near[text.casefold()]
    known = ", ".join(words)
    raise _Unfit(
        f"{column} says {text!r}, and the field map does not say what that means here",
        f"add it to `words` in the field map, which knows {known}",
    )


def _one(found: Sequence[str], text: str, filling: Filling, sort: str) -> str:
    if len(found) == 1:
        return found[0]
    is_grave = filling.unknown == "refuse"
    if found:
        said = f"{filling.column} says {text!r}, which may mean {' or '.join(sorted(found))}"
        raise _Unfit(said, "give the one that is meant an `external` key of this system", is_grave=is_grave)
    said = f"{filling.column} says {text!r}, and no {sort} here is known by that"
    fix = f"add it with `opsledger new {sort.partition(' ')[0]}`, or give one that stands here an `external` key"
    raise _Unfit(said + ("" if is_grave else ", so it is left out"), fix, is_grave=is_grave)


def _fill(data: dict[str, Any], way: list[str], values: list[Any], *, is_constant: bool) -> None:
    """Put values where a pattern leads; a constant goes into each entry that stands there already."""
    if not values:
        return
    if "*" not in way:
        _put(data, way, values[0])
        return
    star = way.index("*")
    if is_constant:
        count = len(_entries(data, way[:star]))
        values = values * count
    for number, value in enumerate(values):
        _put(data, [*way[:star], str(number), *way[star + 1 :]], value)


def _entries(data: Any, way: list[str]) -> list[Any]:
    for part in way:
        data = data.get(part, []) if isinstance(data, dict) else []
    return data if isinstance(data, list) else []


def _put(data: Any, way: list[str], value: Any) -> None:
    for part, following in zip(way, [*way[1:], ""], strict=True):
        is_last = following == ""
        empty: Any = value if is_last else [] if following.isdigit() else {}
        if isinstance(data, list):
            index = int(part)
            if index == len(data):
                data.append(empty)
            elif is_last:
                data[index] = value
            data = data[index]
        else:
            if is_last or part not in data:
                data[part] = empty
            data = data[part]
