"""A CODEOWNERS file as a whole, asked about paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from opsledger.codeowners.model import Demand, Dialect, Entry, Names, Ownership, Remark


@dataclass(frozen=True)
class Owners:
    """
    What a forge takes from a CODEOWNERS file.

    Args:
        entries: the lines that it takes for rules, in order.
        remarks: what it skips or reads otherwise than its writer may think, in order.
        unread: why it reads none of it; empty where it does.
    """

    dialect: Dialect
    entries: tuple[Entry, ...] = ()
    remarks: tuple[Remark, ...] = ()
    unread: str = ""
    _plans: dict[str, tuple[tuple[Entry, Names], ...]] = field(default_factory=dict, repr=False, compare=False)

    def of(self, path: str) -> Ownership:
        """Who must approve a change of a file, which is named from the root of the repository."""
        folder, _, name = path.strip("/").rpartition("/")
        met = [entry for entry, names in self._plan(folder) if names is True or (names is not False and names(name))]
        return self._decided(path.strip("/"), met)

    def throughout(self, folder: str) -> Ownership | None:
        """What holds for every file right inside a folder, or `None` where it depends on their names."""
        plan = self._plan(folder.strip("/"))
        if any(names is not True for _, names in plan):
            return None
        return self._decided(f"{folder.strip('/')}/", [entry for entry, _ in plan])

    def _plan(self, folder: str) -> tuple[tuple[Entry, Names], ...]:
        """The lines that may be about the files right inside a folder, in order."""
        if folder not in self._plans:
            judged = [(entry, entry.below(folder)) for entry in self.entries]
            kept = [(entry, names) for entry, names in judged if names is not False]
            if self.dialect is Dialect.GITHUB:
                last = max((at for at, (_, names) in enumerate(kept) if names is True), default=0)
                kept = kept[last:]  # the last line decides, so that none before one about all of them counts
            self._plans[folder] = tuple(kept)
        return self._plans[folder]

    def _decided(self, path: str, met: list[Entry]) -> Ownership:
        if self.unread:
            return Ownership(path, fails_open=self.unread)
        undecided = tuple(entry for entry in met if entry.doubt)
        sure = [entry for entry in met if not entry.doubt]
        if self.dialect is Dialect.GITHUB:
            deciding = sure[-1:]
        elif self.dialect is Dialect.GITLAB:
            deciding = list(self._by_section(sure))
        else:
            deciding = sure
        demands = tuple(
            Demand(entry, entry.owners, entry.count, entry.is_optional and entry.section not in self._required)
            for entry in deciding
            if not entry.excludes
        )
        return Ownership(path, demands, self._why_open(demands, deciding), undecided)

    def _by_section(self, met: list[Entry]) -> Iterator[Entry]:
        """The last line of each section, or the one that takes the path out of it."""
        by_section: dict[str, list[Entry]] = {}
        for entry in met:
            by_section.setdefault(entry.section, []).append(entry)
        for entries in by_section.values():
            yield next((entry for entry in entries if entry.excludes), entries[-1])

    @cached_property
    def _required(self) -> frozenset[str]:
        """The sections that one required heading makes required."""
        return frozenset(entry.section for entry in self.entries if not entry.is_optional and not entry.excludes)

    def _why_open(self, demands: tuple[Demand, ...], deciding: list[Entry]) -> str:
        """Why nobody need approve, in words that name the line; empty where somebody must."""
        if any(demand.binds for demand in demands):
            return ""
        forge = self.dialect.forge
        if not deciding:
            return f"no line is about it, so {forge} asks nobody"
        if not demands:
            lines = _lines(deciding)
            return f"{lines} {'takes' if len(deciding) == 1 else 'take'} it out of what {forge} asks about"
        without = [demand.entry for demand in demands if not demand.owners]
        if without:
            ending = "approves it by itself" if self.dialect is Dialect.GITLAB else "asks nobody"
            return f"{_lines(without)} {'names' if len(without) == 1 else 'name'} no owner, so {forge} {ending}"
        return f"{_lines([demand.entry for demand in demands])} only {'asks' if len(demands) == 1 else 'ask'} for an " \
               "optional approval"  # fmt: skip


def _lines(entries: list[Entry]) -> str:
    numbers = [str(entry.line) for entry in entries]
    return f"line {numbers[0]}" if len(numbers) == 1 else f"lines {', '.join(numbers[:-1])} and {numbers[-1]}"
