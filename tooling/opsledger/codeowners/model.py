"""What a CODEOWNERS file says, line by line, and what a forge makes of it for one path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from opsledger.finding import Severity

Names = bool | Callable[[str], bool]
"""Whether a pattern takes the files right inside a folder: all, none, or those whose names it is asked for."""


class Dialect(StrEnum):
    """Whose CODEOWNERS file it is; the same line means something else at each forge."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"
    FORGEJO = "forgejo"

    @property
    def forge(self) -> str:
        """What people call the forge."""
        return {"github": "GitHub", "gitlab": "GitLab", "gitea": "Gitea", "forgejo": "Forgejo"}[self.value]

    @property
    def is_regular(self) -> bool:
        """Whether its patterns are regular expressions, and not globs."""
        return self in (Dialect.GITEA, Dialect.FORGEJO)


class Pattern(Protocol):
    """What decides whether a line is about a path; takes time that grows with the path alone."""

    def below(self, folder: str) -> Names:
        """Whether it takes the files right inside a folder, which is written from the root without outer slashes."""
        ...


@dataclass(frozen=True)
class Remark:
    """
    A place where the forge skips something, or reads it otherwise than its writer may think.

    Args:
        line: counted from 1; 0 where the whole file is meant.
        column: counted from 1, in characters.
        message: what the forge does, without a stop.
        fix: what to do, as an order.
        severity: an error where something that looks owned is not.
    """

    line: int
    column: int
    message: str
    fix: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True)
class Entry:
    """
    One line that the forge takes for a rule.

    Args:
        line: where it stands, counted from 1.
        column: where its pattern starts, counted from 1.
        text: its pattern as written.
        pattern: what decides; `None` where it cannot be judged here.
        owners: those that the forge takes for owners, as written.
        section: the name of its section, as first written; empty outside of sections.
        count: how many owners must approve.
        is_optional: whether the approval may be missing.
        excludes: whether it takes paths out of its section.
        is_negative: whether it is about every path that its pattern does not match.
        doubt: why nobody can say here what the forge makes of it; empty where one can.
    """

    line: int
    column: int
    text: str
    pattern: Pattern | None = field(repr=False, compare=False)
    owners: tuple[str, ...] = ()
    section: str = ""
    count: int = 1
    is_optional: bool = False
    excludes: bool = False
    is_negative: bool = False
    doubt: str = ""

    def below(self, folder: str) -> Names:
        """Whether it is about the files right inside a folder; what cannot be judged may be about all of them."""
        if self.pattern is None:
            return True
        names = self.pattern.below(folder)
        if not self.is_negative:
            return names
        return (not names) if isinstance(names, bool) else lambda name: not names(name)


@dataclass(frozen=True)
class Demand:
    """
    What one section, or one line, asks for a path.

    Args:
        entry: the line that decides.
        owners: who may approve; empty where the forge asks nobody.
        count: how many of them must.
        is_optional: whether the forge goes on without them.
    """

    entry: Entry
    owners: tuple[str, ...]
    count: int = 1
    is_optional: bool = False

    @property
    def section(self) -> str:
        """The section that it stands in; empty outside of sections."""
        return self.entry.section

    @property
    def binds(self) -> bool:
        """Whether the forge waits for somebody."""
        return bool(self.owners) and not self.is_optional


@dataclass(frozen=True)
class Ownership:
    """
    What a forge makes of one path.

    Args:
        path: from the root of the repository.
        demands: what is asked, by line; every one of them must be met.
        fails_open: why the forge would let a change of it through without any owner; empty where it would not.
        undecided: lines that may be about it, and of which nobody can say here what they do.
    """

    path: str
    demands: tuple[Demand, ...] = ()
    fails_open: str = ""
    undecided: tuple[Entry, ...] = ()

    @property
    def owners(self) -> tuple[str, ...]:
        """Everybody whose approval is waited for, in the order of the lines."""
        return tuple(dict.fromkeys(owner for demand in self.demands if demand.binds for owner in demand.owners))

    @property
    def is_sure(self) -> bool:
        """Whether somebody's approval is waited for, and nothing about it is in doubt."""
        return not self.fails_open and not self.undecided
