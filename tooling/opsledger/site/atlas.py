"""Where every record's page is and what a link to it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from sys import intern

from markupsafe import Markup

from opsledger.kind import Kind, Lifecycle
from opsledger.ledger import Ledger, Record
from opsledger.site.slugs import slug, slugs
from opsledger.site.text import markup, safe

_FAMILIES = ("Flow", "Fault", "Fix", "Proof", "Ground", "Policy")


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A record as others point to it.

    Args:
        address: its page from the site's root, without suffix.
        standing: the class of its state: start, moving, done, aside or none.
    """

    id: str
    kind: str
    title: str
    state: str
    standing: str
    family: str
    address: str

    @property
    def href(self) -> str:
        """Its page from the site's root."""
        return f"{self.address}.html"


class Atlas:
    """All records of a ledger by id, and by file where two files claim one id."""

    def __init__(self, ledger: Ledger) -> None:
        self.kinds = ledger.kinds
        self._by_path: dict[str, Entry] = {}
        self._by_id: dict[str, Entry] = {}
        waiting: list[Record] = []
        for record in ledger.records():
            if waiting and waiting[0].kind.name != record.kind.name:
                self._enter(waiting)
                waiting = []
            waiting.append(record)
        self._enter(waiting)
        self._name_by_subject()

    def _name_by_subject(self) -> None:
        """A record whose title is another record's id, such as an approval of it, goes by that one's title as well."""
        named = {path: self._by_id[entry.title] for path, entry in self._by_path.items() if entry.title in self._by_id}
        for path, subject in named.items():
            entry = self._by_path[path]
            if subject.title not in (subject.id, entry.id) and entry.title != entry.id:
                whole = replace(entry, title=f"{subject.id} {subject.title}")
                self._by_path[path] = whole
                if self._by_id[entry.id] is entry:
                    self._by_id[entry.id] = whole

    def _enter(self, records: list[Record]) -> None:
        if not records:
            return
        kind = records[0].kind
        names, claimed = [], set()
        for record in records:
            names.append(f"{record.id}\n{record.path}" if record.id in claimed else record.id)
            claimed.add(record.id)
        chosen, folder, family = slugs(names), home(kind), family_of(kind)
        for record, name in zip(records, names, strict=True):
            entry = Entry(
                record.id, kind.name, record.title or record.id, intern(record.state or ""),
                standing(kind.lifecycle, record.state), family, f"{folder}/{chosen[name]}",
            )  # fmt: skip
            self._by_path[record.path] = entry
            self._by_id.setdefault(record.id, entry)

    def __len__(self) -> int:
        return len(self._by_path)

    def of(self, record: Record) -> Entry:
        """The entry of a record at hand."""
        return self._by_path[record.path]

    def at_path(self, path: str) -> Entry | None:
        """The entry of a file, or `None` where no record stands in it now."""
        return self._by_path.get(path)

    def find(self, id: str) -> Entry | None:
        """The entry of an id, or `None`."""
        return self._by_id.get(id)

    def entries(self) -> Iterator[Entry]:
        """All entries, by kind and id."""
        return iter(self._by_path.values())

    @cached_property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many records of each kind stand in each state."""
        found: dict[str, dict[str, int]] = {name: {} for name in self.kinds}
        for entry in self.entries():
            states = found[entry.kind]
            states[entry.state] = states.get(entry.state, 0) + 1
        return found


def home(kind: Kind) -> str:
    """The folder of the site in which the records of a kind stand."""
    return f"records/{slug(kind.name)}"


def family_of(kind: Kind) -> str:
    """The class of the style sheet that colours a kind's family."""
    return f"f-{kind.family.casefold()}" if kind.family in _FAMILIES else "f-own"


def standing(lifecycle: Lifecycle | None, state: str | None) -> str:
    """What a state means, whatever its kind calls it: start, moving, done, aside or none."""
    if lifecycle is None or not state:
        return "none"
    if state not in lifecycle.main:
        return "aside"
    if state in lifecycle.done:
        return "done"
    # With two states only, the first is where a record spends its life.
    return "start" if state == lifecycle.initial and len(lifecycle.main) > 2 else "moving"


@lru_cache(maxsize=1024)
def badge(state: str, standing: str) -> Markup:
    """A state as a tag; its shape says the same as its colour."""
    return markup('<span class="state {}">{}</span>', standing, safe(state)) if state else Markup("")


def chip(entry: Entry, root: str, *, fragment: str = "", title: bool = True) -> Markup:
    """A link to a record, with its title and state."""
    name = safe(f"{entry.id}#{fragment}" if fragment else entry.id)
    words = (
        markup('<span class="rec-title">{}</span>', safe(entry.title))
        if title and entry.title != entry.id
        else Markup("")
    )
    return markup(
        '<a class="rec {}" href="{}{}" title="{}"><span class="rec-id">{}</span>{}{}</a>',
        entry.family,
        root,
        entry.href,
        safe(entry.title),
        name,
        words,
        badge(entry.state, entry.standing),
    )


def missing(id: str) -> Markup:
    """An id that no record bears."""
    return markup(
        '<span class="rec missing"><span class="rec-id">{}</span>'
        '<span class="rec-title">not in this ledger</span></span>',
        safe(id),
    )
