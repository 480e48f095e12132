"""RFC 6901 pointers into a record's data: making, taking apart, following."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Final


class _Missing(Enum):
    """The one value that no record can hold."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing.MISSING
"""What `at` answers when nothing stands at the pointer; it is false in a condition."""


def pointer(parts: Iterable[str | int]) -> str:
    """
    Write keys and list positions as one pointer.

    Returns:
        `/a/0/b~1c` for `["a", 0, "b/c"]`; the empty text, which names the whole record, for no parts.
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def parts(pointer: str) -> list[str]:
    """
    Take a pointer apart into keys and list positions, both as text.

    Raises:
        ValueError: the text is not empty and does not start with a slash.
    """
    if not pointer:
        return []
    if not pointer.startswith("/"):
        raise ValueError(f"a pointer starts with '/', unlike {pointer!r}")
    if "~" not in pointer:
        return pointer[1:].split("/")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def position(part: str, length: int) -> int | None:
    """
    Read a pointer's part as a position in a list of that length.

    Returns:
        The position, or `None` when the part is no position or lies past the end.
    """
    # RFC 6901 section 4: digits of ASCII without a leading zero, so that one place has one name.
    if not (part.isascii() and part.isdigit()) or (part[0] == "0" and part != "0") or len(part) > 9:
        return None
    number = int(part)
    return number if number < length else None


def at(data: Any, pointer: str) -> Any:
    """
    Follow a pointer into data.

    Returns:
        What stands there, or `MISSING`.
    """
    here = data
    for part in parts(pointer):
        if isinstance(here, Mapping):
            if part not in here:
                return MISSING
            here = here[part]
        elif isinstance(here, Sequence) and not isinstance(here, str):
            index = position(part, len(here))
            if index is None:
                return MISSING
            here = here[index]
        else:
            return MISSING
    return here
