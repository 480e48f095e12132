"""Which roles own a file: the patterns of role records, read as a .gitignore is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from opsledger.people.model import Role


@dataclass(frozen=True)
class Ownership:
    """One role that owns a file, and the pattern that says so."""

    role: str
    pattern: str


def owners_of(path: str, roles: Iterable[Role]) -> tuple[Ownership, ...]:
    """
    The roles that own a file, by id.

    Of the patterns of one role the last one that fits decides; one that starts with `!` takes the file out again.

    Args:
        path: from the ledger's root, with `/` between its parts.
    """
    found = []
    for role in sorted(roles, key=lambda one: one.id):
        fitting = [pattern for pattern in role.paths if fits(pattern.removeprefix("!"), path)]
        if fitting and not fitting[-1].startswith("!"):
            found.append(Ownership(role.id, fitting[-1]))
    return tuple(found)


def fits(pattern: str, path: str) -> bool:
    """Whether a pattern names a file, or a folder that holds it."""
    stated = pattern.strip()
    parts = [_portable(part) for part in stated.strip("/").split("/")]
    if not stated.strip("/"):
        return False
    if parts[-1] == "**":  # what lies in a folder, and not the folder
        parts.append("*")
    # As in a .gitignore: with a slash at its start or inside, a pattern counts from the root.
    anywhere = "/" not in stated.rstrip("/")
    names = path.split("/")
    # A slash at its end means a folder, and then the file must lie below.
    least = 1 if stated.endswith("/") else 0
    return any(
        _match(["**", *parts] if anywhere else parts, names[: len(names) - end]) for end in range(least, len(names))
    )


def _portable(part: str) -> str:
    """A part of a pattern without backslashes, which take a character as it is."""
    return re.sub(r"\\(.)", r"[\1]", part)


def _match(pattern: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the parts of a pattern fit the parts of a path one by one; `**` fits any number of them."""
    reached = {0}
    for part in pattern:
        if part == "**":
            reached = set(range(min(reached), len(names) + 1)) if reached else set()
        else:
            reached = {end + 1 for end in reached if end < len(names) and fnmatchcase(names[end], part)}
    return len(names) in reached
