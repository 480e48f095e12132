"""Paths that a forge would let through without an owner; looked for folder by folder, however many files these hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from opsledger.codeowners.model import Entry, Ownership
from opsledger.codeowners.owners import Owners


@dataclass(frozen=True)
class Gap:
    """
    Something without an owner.

    Args:
        path: the first such file; a folder, with a slash at its end, where all of its files are meant.
        others: how many more files of the folder are meant.
        why: in the forge's terms.
        entry: the line behind it, or `None` where no line is.
    """

    path: str
    why: str
    entry: Entry | None = None
    others: int = 0

    @property
    def what(self) -> str:
        """What is meant, as the start of a sentence."""
        return f"{self.path} and {self.others:,} more" if self.others else self.path


def everybody(_: str) -> bool:
    """Every owner is known."""
    return True


def gaps(
    owners: Owners,
    folders: Iterable[str],
    names_in: Callable[[str], Iterable[str]],
    *,
    is_known: Callable[[str], bool] = everybody,
) -> Iterator[Gap]:
    """
    What is not owned for sure of the files right inside some folders.

    Args:
        folders: from the root of the repository, without slashes at their ends.
        names_in: the names of the files right inside a folder; asked for only where names make a difference.
        is_known: whether an owner is somebody whom the records know.
    """
    for folder in sorted(folders):
        whole = owners.throughout(folder)
        if whole is not None:
            why, entry = why_open(whole, is_known)
            if why:
                yield Gap(f"{folder}/", why, entry)
            continue
        found: dict[tuple[str, Entry | None], list[str]] = {}
        for name in sorted(names_in(folder)):
            path = f"{folder}/{name}" if folder else name
            reason = why_open(owners.of(path), is_known)
            if reason[0]:
                found.setdefault(reason, []).append(path)
        yield from (Gap(paths[0], why, entry, len(paths) - 1) for (why, entry), paths in found.items())


def why_open(ownership: Ownership, is_known: Callable[[str], bool] = everybody) -> tuple[str, Entry | None]:
    """Why nobody need approve a change, or why nobody can tell, with the line behind it; empty where one must."""
    if ownership.undecided:
        entry = ownership.undecided[0]
        return f"line {entry.line} may be about it, and nobody can tell: {entry.doubt}", entry
    if ownership.fails_open:
        return ownership.fails_open, ownership.demands[-1].entry if ownership.demands else None
    binding = [demand for demand in ownership.demands if demand.binds]
    if not any(is_known(owner) for demand in binding for owner in demand.owners):
        named = ", ".join(ownership.owners)
        return f"line {binding[-1].entry.line} asks {named}, whom the records do not know", binding[-1].entry
    return "", None
