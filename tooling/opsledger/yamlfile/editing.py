"""Changes to a record's text that leave its comments, order, quotes and line ends alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from enum import Enum
from typing import Any, Final

from opsledger.yamlfile import splices, writer
from opsledger.yamlfile.decoding import BOM
from opsledger.yamlfile.exact import Located, read_exact
from opsledger.yamlfile.model import Unreadable
from opsledger.yamlfile.nodes import LIST, MAP, Node, data_of
from opsledger.yamlfile.pointers import parts, pointer, position
from opsledger.yamlfile.splices import Page


class _Remove(Enum):
    """The one value that takes a value away."""

    REMOVE = "remove"

    def __repr__(self) -> str:
        return "REMOVE"


REMOVE: Final = _Remove.REMOVE
"""In place of a value: take away what stands at the pointer."""


class CannotEdit(ValueError):
    """A text is no record, so nothing in it can be changed."""

    def __init__(self, why: Unreadable) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"the record cannot be read at {self.why.line}:{self.why.column}: {self.why.message}"


class NothingThere(LookupError):
    """A pointer leads through a value that has no such part."""

    def __init__(self, pointer: str) -> None:
        super().__init__(pointer)
        self.pointer = pointer

    def __str__(self) -> str:
        return f"nothing can be set or removed at {self.pointer}"


class EditWentWrong(RuntimeError):
    """A changed text would not read as it should; it was thrown away. This is a fault of opsledger."""

    def __init__(self, pointer: str) -> None:
        super().__init__(pointer)
        self.pointer = pointer

    def __str__(self) -> str:
        return f"the change at {self.pointer} cannot be written without harm to the rest of the file"


def set_values(source: bytes, changes: Mapping[str, Any], *, order: Sequence[str] = ()) -> bytes:
    """
    Change values of a record, and nothing else in its text.

    Args:
        source: the record as it is.
        changes: pointer to new value, applied one after the other, each to the result of the one
            before. `REMOVE` takes a value away; a pointer that ends in `/-` adds to a list; maps and
            lists that are missing on the way are made.
        order: the kind's fields: a new one goes to its place among those that are there, not to the end.

    Returns:
        The changed record. Lines that hold no changed value are the same, byte for byte.

    Raises:
        CannotEdit: the source is no record.
        NothingThere: a pointer leads into a text or number, past the end of a list, or removes what is absent.
        NotWritable: a value is of no type that a record holds.
        EditWentWrong: the text after the change did not read as it should.
    """
    mark = BOM if source.startswith(BOM) else b""
    page = _page(source)
    for where, value in changes.items():
        page = _changed(page, parts(where), deepcopy(value), order)
    return mark + page.text.encode()


def _page(source: bytes) -> Page:
    located = read_exact(source)
    if isinstance(located, Unreadable):
        raise CannotEdit(located)
    return _page_of(located)


def _page_of(located: Located) -> Page:
    text = located.text
    line_end = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
    # A record in brackets whose keys are in double quotes is JSON, and stays JSON.
    keys = [key for key, _ in located.root.pairs.values()]
    as_json = located.root.flow and all(key.style == '"' for key in keys)
    return Page(text, located.root, line_end, as_json=as_json)


def _changed(page: Page, path: list[str], value: Any, order: Sequence[str]) -> Page:
    before = data_of(page.root)
    after = _applied(deepcopy(before), path, value)
    for step, new in _steps(before, after, []):
        page = _spliced(page, step, new, order)
    return page


def _spliced(page: Page, path: list[str], value: Any, order: Sequence[str]) -> Page:
    """One splice, read back; if that harmed anything, the field that it stands in is written anew."""
    expected = _applied(data_of(page.root), path, value)
    for depth in range(len(path), 0, -1):
        here = path[:depth]
        new = value if depth == len(path) else _follow(expected, here)
        for sheet in (page, replace(page, on_one_line=True)):
            text = _splice(sheet, here, new, order)
            # A block of text at the end of a file without a last line end needs one after all.
            for candidate in (text,) if text.endswith("\n") else (text, text + page.line_end):
                read = _mended(candidate, expected, path[0])
                if read is not None:
                    return read
    raise EditWentWrong(pointer(path))


def _mended(text: str, expected: dict[str, Any], changed: str) -> Page | None:
    """The page of a text that reads as expected, if need be once a field that only got a line end has been set back."""
    located = read_exact(text.encode())
    if isinstance(located, Unreadable):
        return None
    if same(located.data, expected):
        return _page_of(located)
    harmed = [key for key in expected if key not in located.data or not same(located.data[key], expected[key])]
    if len(harmed) != 1 or harmed[0] == changed or located.data.keys() != expected.keys():
        return None
    again = read_exact(_splice(_page_of(located), harmed, expected[harmed[0]], ()).encode())
    return _page_of(again) if isinstance(again, Located) and same(again.data, expected) else None


def _splice(page: Page, path: list[str], value: Any, order: Sequence[str]) -> str:
    parent = page.root
    key: Node | None = None
    above: Node | None = None
    for part in path[:-1]:
        above = parent
        key, parent = parent.pairs[part] if parent.style == MAP else (None, parent.items[int(part)])
    if _changes_brackets(parent, path[-1], value):
        whole: Any = [] if parent.style == LIST else {}
        if value is not REMOVE:
            whole = [value] if parent.style == LIST else {path[-1]: value}
        return _splice_root(page, whole) if above is None else splices.replace(page, above, key, parent, whole)
    if parent.style == LIST:
        return _splice_list(page, parent, path[-1], value)
    return _splice_map(page, parent, path[-1], value, order if parent is page.root else ())


def _changes_brackets(parent: Node, name: str, value: Any) -> bool:
    """Whether the first value comes into an empty map or list, or the last one goes out of it."""
    inside = len(parent.pairs) or len(parent.items)
    return inside == 0 or (inside == 1 and value is REMOVE and name in (*parent.pairs, "0"))


def _splice_map(page: Page, parent: Node, name: str, value: Any, order: Sequence[str]) -> str:
    if value is REMOVE:
        return splices.remove_key(page, parent, name)
    if name in parent.pairs:
        return splices.replace(page, parent, *parent.pairs[name], value)
    return splices.insert_key(page, parent, name, value, _neighbour(parent, name, order))


def _splice_list(page: Page, parent: Node, name: str, value: Any) -> str:
    if value is REMOVE:
        return splices.remove_item(page, parent, int(name))
    if name == "-":
        return splices.append(page, parent, value)
    return splices.replace(page, parent, None, parent.items[int(name)], value)


def _splice_root(page: Page, whole: Mapping[str, Any]) -> str:
    root = page.root
    stop = root.end if root.flow else page.line_stop(root.end)
    if root.flow or not whole:
        return page.spliced(root.start, stop, writer.inline(whole, as_json=page.as_json))
    return page.spliced(root.start, stop, page.joined(writer.block(whole, 0)))


def _neighbour(parent: Node, name: str, order: Sequence[str]) -> Node | None:
    """The value after which a new key goes: of the last key that precedes it in the order, else of the last key."""
    values = {key: value for key, (_, value) in parent.pairs.items()}
    if name not in order:
        return next(reversed(values.values()))
    before = order[: list(order).index(name)]
    earlier = [key for key in before if key in values]
    return values[earlier[-1]] if earlier else None


def _steps(before: Any, after: Any, path: list[str]) -> Iterator[tuple[list[str], Any]]:
    """The smallest changes that lead from one value to another, so that comments beside them stay."""
    if isinstance(before, dict) and isinstance(after, dict) and before and (after or not path):
        for key in before:
            if key in after:
                yield from _steps(before[key], after[key], [*path, key])
        yield from (([*path, key], value) for key, value in after.items() if key not in before)
        yield from (([*path, key], REMOVE) for key in before if key not in after)
    elif isinstance(before, list) and isinstance(after, list) and before and after:
        yield from _list_steps(before, after, path)
    elif not same(before, after) or not path:
        if path:
            yield path, after
        else:
            yield from (([key], value) for key, value in after.items())


def _list_steps(before: list[Any], after: list[Any], path: list[str]) -> Iterator[tuple[list[str], Any]]:
    shorter = min(len(before), len(after))
    head = next((index for index in range(shorter) if not same(before[index], after[index])), shorter)
    surplus = len(before) - len(after)
    # Items in the middle that went away are taken from the first difference; all others pair up in order.
    tail = 0
    if surplus > 0:
        while tail < shorter - head and same(before[-1 - tail], after[-1 - tail]):
            tail += 1
    for index in range(head, shorter - tail):
        yield from _steps(before[index], after[index], [*path, str(index)])
    for _ in range(surplus):
        yield [*path, str(shorter - tail)], REMOVE
    for value in after[len(before) :]:
        yield [*path, "-"], value


def _applied(data: Any, path: list[str], value: Any) -> Any:
    """The data as it shall be after a change; missing maps and lists on the way are made."""
    if not path:
        if not isinstance(value, dict):
            raise NothingThere("")
        return value
    here = data
    for index, part in enumerate(path[:-1]):
        here = _step_into(here, part, path, missing=[] if path[index + 1] == "-" else {}, make=value is not REMOVE)
    _put(here, path, value)
    return data


def _step_into(here: Any, part: str, path: list[str], *, missing: Any, make: bool) -> Any:
    if isinstance(here, dict):
        if make and here.get(part) is None:
            here[part] = missing
        if part in here:
            return here[part]
    elif isinstance(here, list):
        index = position(part, len(here))
        if index is not None:
            return here[index]
        if make and part == "-":
            here.append(missing)
            return missing
    raise NothingThere(pointer(path))


def _put(here: Any, path: list[str], value: Any) -> None:
    name = path[-1]
    if isinstance(here, dict) and (value is not REMOVE or name in here):
        if value is REMOVE:
            del here[name]
        else:
            here[name] = value
        return
    if isinstance(here, list):
        index = position(name, len(here))
        if name == "-" and value is not REMOVE:
            here.append(value)
            return
        if index is not None and value is REMOVE:
            del here[index]
            return
        if index is not None:
            here[index] = value
            return
    raise NothingThere(pointer(path))


def _follow(data: Any, path: list[str]) -> Any:
    for part in path:
        data = data[part] if isinstance(data, dict) else data[int(part)]
    return data


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal and of one type all the way down: 1, 1.0 and true are three values."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and bool(one == other)
