"""What a CODEOWNERS file comes to: what is wrong with it, and who must approve a change of one path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from opsledger.check import Judgement
from opsledger.codeowners import Asking, Demand, Dialect, Ownership, why_open
from opsledger.finding import Finding
from opsledger.report.plain import escape


@dataclass(frozen=True)
class Explained:
    """
    One path at a forge, beside what the records say of it.

    Args:
        ownership: what the forge makes of it.
        is_found: whether the forge finds a file at all.
    """

    asking: Asking
    ownership: Ownership
    is_found: bool

    @property
    def exit_code(self) -> int:
        """0 where somebody must approve, 1 where nobody need, 3 where nobody can tell."""
        if self.ownership.undecided:
            return 3
        return 1 if self.open else 0

    @property
    def open(self) -> str:
        """Why the forge would let a change through without anybody whom the records know; empty where not."""
        if not self.is_found:
            return f"{self.asking.dialect.forge} finds no CODEOWNERS file"
        return why_open(self.ownership, self.asking.knows)[0]


def judged(asking: Asking, findings: Sequence[Finding], records: int) -> Judgement:
    """Return the findings as what a check says, so that every form can print them."""
    subject = asking.path or f"the repository for {asking.dialect.forge}"
    return Judgement(tuple(findings), subject, "the roles", records)


def explained_lines(told: Explained) -> Iterator[str]:
    """Yield who must approve a change of a path, for eyes."""
    forge, path = told.asking.dialect.forge, told.asking.path
    where = f", as {forge} reads {path}" if path else ""
    yield escape(f"{told.ownership.path}{where}:")
    for demand in told.ownership.demands:
        yield escape(f"    {_demanded(demand)}")
    for entry in told.ownership.undecided:
        yield escape(f"    line {entry.line} {entry.text} cannot be judged here: {entry.doubt}")
    if told.ownership.undecided:
        yield f"Whom {forge} asks in all cannot be told here"
    elif told.open:
        yield escape(f"{forge} lets a change of it through: {told.open}")
    elif told.asking.dialect in (Dialect.GITEA, Dialect.FORGEJO):
        yield f"{forge} asks for these reviews; whether it waits for them is up to the rule of the branch"
    else:
        yield f"{forge} waits for this where the branch requires the review of code owners"
    yield escape(f"The records ask for {_recorded(told)}")
    if told.open:
        yield "opsledger counts nobody as having approved where nobody was asked"


def _demanded(demand: Demand) -> str:
    """Say what one line asks for."""
    entry = demand.entry
    section = f"[{demand.section}] " if demand.section else ""
    line = f"{section}line {entry.line} {entry.text}"
    if not demand.owners:
        return f"{line} asks nobody"
    count = "one" if demand.count == 1 else str(demand.count)
    optional = ", if they like" if demand.is_optional else ""
    return f"{line} asks for {count} of {', '.join(demand.owners)}{optional}"


def _recorded(told: Explained) -> str:
    """Say which roles the records name."""
    estates = told.asking.estates().of(told.ownership.path)
    named = dict.fromkeys(f"{estate.role} ({', '.join(estate.owners)})" for estate in estates)
    return " and ".join(named) or f"nobody: no role with an owner at {told.asking.dialect.forge} has this path"


def explained_object(told: Explained) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "path": told.ownership.path,
        "dialect": told.asking.dialect.value,
        "file": told.asking.path,
        "demands": [
            {
                "line": demand.entry.line, "pattern": demand.entry.text, "section": demand.section,
                "owners": list(demand.owners), "count": demand.count, "is_optional": demand.is_optional,
            }
            for demand in told.ownership.demands
        ],
        "undecided": [{"line": entry.line, "why": entry.doubt} for entry in told.ownership.undecided],
        "open": told.open,
        "roles": sorted({estate.role for estate in told.asking.estates().of(told.ownership.path)}),
    }  # fmt: skip
