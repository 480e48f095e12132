"""The page of a record: what it is, where it stands, what it is linked to, and everything that ever happened to it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from markupsafe import Markup

from opsledger.gate.ahead import Ahead
from opsledger.history import Touch
from opsledger.ledger import Ledger, Link, Record
from opsledger.site import graphics
from opsledger.site.approved import Word, words_on
from opsledger.site.atlas import Atlas, Entry, badge, chip, missing
from opsledger.site.events import Difference, Event, differences, told
from opsledger.site.neighbours import Group, Neighbour, neighbourhood
from opsledger.site.press import Press
from opsledger.site.shipped import Passage, shown
from opsledger.site.slugs import slug
from opsledger.site.sources import Trails
from opsledger.site.text import markup, safe, turns
from opsledger.site.values import Shape, fields, shape_of_kind
from opsledger.site.verdicts import Titles, table_ahead, twin_ahead
from opsledger.yamlfile import at

_ROOT = "../../"
_LISTED = 60


@dataclass(frozen=True)
class Sentence:
    """One relation of a record: its words, and the records that it names or that name it."""

    words: str
    links: tuple[Markup, ...]
    more: int = 0


@dataclass(frozen=True)
class Pages:
    """
    Writes the pages of records.

    Args:
        trails: file to commits, newest first; `None` where the history was not read.
        field_history: whether the history says which fields went from what to what.
        at: the revision by which readers can check, such as a commit's id.
        aheads: what the next gates say, by the file of the record that they are asked about.
        unheard: the files of records whose next gates could not be asked.
        passages: how each deployment went, by its file.
        titles: what the rules that have a page are called, by code.
    """

    ledger: Ledger
    atlas: Atlas
    press: Press
    trails: Trails | None
    _: KW_ONLY
    field_history: bool
    at: str
    aheads: Mapping[str, Sequence[Ahead]] = field(default_factory=dict)
    unheard: Collection[str] = ()
    passages: Mapping[str, Passage] = field(default_factory=dict)
    titles: Titles = field(default_factory=dict)

    def write(self, record: Record, data: Mapping[str, Any], shape: Shape) -> None:
        """Write the page of one record."""
        entry = self.atlas.of(record)
        links, backlinks = self.ledger.links(record.id), self.ledger.backlinks(record.id)
        trail = self.trails.get(record.path, ()) if self.trails is not None else None
        events = list(told(trail, self._differences(trail))) if trail is not None else None
        lifecycle = record.kind.lifecycle
        next_states = lifecycle.next_states(record.state, data) if lifecycle and record.state else ()
        skip = {"id", lifecycle.field if lifecycle else ""}
        if not any(link.pointer == record.kind.title_pointer for link in links):
            skip.add(record.kind.title_pointer.removeprefix("/"))
        finding = self.ledger.unreadable.get(record.path)
        passage = self.passages.get(record.path)
        if passage is not None and passage.kept is not None:
            skip.add("verdict")
        aheads = self.aheads.get(record.path)
        words = words_on(record, data, backlinks, self.ledger, self.atlas, _ROOT)
        self.press.page(
            entry.address,
            f"{record.kind.name}|record",
            f"{entry.id} {entry.title}" if entry.title != entry.id else entry.id,
            self._twin(record, data, links, backlinks, events) | _twin_of_gates(aheads, passage, words),
            within=f"{entry.address.rpartition('/')[0]}/index",
            record=record,
            entry=entry,
            kind=record.kind,
            data=data,
            badge=badge(entry.state, entry.standing),
            strip=self._strip(record, next_states),
            next_states=[
                badge(name, "aside" if lifecycle and name not in lifecycle.main else "moving") for name in next_states
            ],
            fields=fields(data, shape, self._link_at(links, data), skip),
            says=list(self._sentences(links)),
            said=list(self._sentences(backlinks, inverse=True)),
            graph=self._graph(entry, links, backlinks),
            events=events,
            first=events[-1] if events else None,
            last=events[0] if events else None,
            finding=finding,
            turning=finding is None and turns(json.dumps(data, ensure_ascii=False)),
            commands=list(self._commands(record)),
            aheads=[table_ahead(one, self.atlas, self.titles) for one in aheads or ()],
            is_unheard=aheads is None and record.path in self.unheard,
            words=words,
            passage=shown(passage, self.atlas, self.titles, _ROOT) if passage is not None else None,
        )

    def _differences(self, trail: Sequence[Touch]) -> Sequence[tuple[Difference, ...]]:
        return differences(trail, self.ledger.snapshot.source) if self.field_history else [()] * len(trail)

    def _strip(self, record: Record, next_states: tuple[str, ...]) -> Markup:
        lifecycle = record.kind.lifecycle
        if lifecycle is None:
            return Markup("")
        return graphics.lifecycle_strip(lifecycle.main, lifecycle.off_path, record.state, next_states, lifecycle.done)

    def _link_at(self, links: Iterable[Link], data: Mapping[str, Any]) -> Any:
        by_pointer = {link.pointer: link for link in links}

        def link_at(pointer: str) -> Markup | None:
            link = by_pointer.get(pointer)
            if link is None:
                return self._rule_at(data, pointer)
            entry = self.atlas.find(link.target)
            return missing(link.target) if entry is None else chip(entry, _ROOT, fragment=link.fragment)

        return link_at

    def _rule_at(self, data: Mapping[str, Any], pointer: str) -> Markup | None:
        """A link to the rule whose code stands there."""
        code = at(data, pointer)
        if not isinstance(code, str) or code not in self.titles:
            return None
        words = f"rules/{slug(code)}.html", safe(self.titles[code])
        return markup('<a class="code" href="{}{}" title="{}">{}</a>', _ROOT, *words, safe(code))

    def _sentences(self, links: Iterable[Link], *, inverse: bool = False) -> Iterator[Sentence]:
        grouped: dict[str, dict[str, Link]] = {}
        for link in links:
            words = link.reference.inverse if inverse else link.reference.name
            grouped.setdefault(words, {}).setdefault(link.source if inverse else link.target, link)
        for words, found in grouped.items():
            shown = []
            for name in list(found)[:_LISTED]:
                entry = self.atlas.find(name)
                shown.append(missing(name) if entry is None else chip(entry, _ROOT))
            yield Sentence(words, tuple(shown), max(len(found) - _LISTED, 0))

    def _graph(self, entry: Entry, links: Iterable[Link], backlinks: Iterable[Link]) -> Markup:
        return neighbourhood(_neighbour(entry, ""), self._groups(backlinks, inverse=True), self._groups(links))

    def _groups(self, links: Iterable[Link], *, inverse: bool = False) -> list[Group]:
        """Linked records by kind; a record stands once, with all the words by which it is linked."""
        kinds: dict[str, dict[str, tuple[Entry, dict[str, None]]]] = {}
        for link in links:
            entry = self.atlas.find(link.source if inverse else link.target)
            if entry is not None:
                words = link.reference.inverse if inverse else link.reference.name
                kinds.setdefault(entry.kind, {}).setdefault(entry.id, (entry, {}))[1][words] = None
        return [
            Group(
                self.ledger.kinds[kind].plural,
                tuple(_neighbour(entry, _ROOT, words) for entry, words in found.values()),
            )
            for kind, found in kinds.items()
        ]

    def _commands(self, record: Record) -> Iterator[tuple[str, str]]:
        path, commit = shlex.quote(record.path), shlex.quote(self.at)
        yield "what the file says, byte for byte", f"git show {shlex.quote(f'{self.at}:./{record.path}')}"
        yield "each commit that touched it, and what it changed", f"git log -p {commit} -- {path}"
        yield "the fingerprint that git has of it", f"git rev-parse {shlex.quote(f'{self.at}:./{record.path}')}"
        yield "the same page on a terminal", f"opsledger show {shlex.quote(record.id)} --at {commit}"

    def _twin(
        self,
        record: Record,
        data: Mapping[str, Any],
        links: Iterable[Link],
        backlinks: Iterable[Link],
        events: Sequence[Event] | None,
    ) -> dict[str, Any]:
        return {
            "id": record.id,
            "kind": record.kind.name,
            "title": record.title,
            "state": record.state,
            "path": record.path,
            "blob": record.blob,
            "data": data,
            "links": [_said(link, target=link.target) for link in links],
            "backlinks": [_said(link, source=link.source) for link in backlinks],
            "history": None if events is None else [_recorded(event) for event in events],
        }


def _twin_of_gates(aheads: Sequence[Ahead] | None, passage: Passage | None, words: Sequence[Word]) -> dict[str, Any]:
    next_gates = {"next_gates": [twin_ahead(one) for one in aheads]} if aheads is not None else {}
    approved = {"approved": [word.twin for word in words]} if words else {}
    return next_gates | approved | ({"passage": passage.twin} if passage is not None else {})


def _said(link: Link, **end: str) -> dict[str, str]:
    words = link.reference.name if "target" in end else link.reference.inverse
    return {"pointer": link.pointer, "relation": words, **end}


def _recorded(event: Event) -> dict[str, Any]:
    return {
        "commit": event.commit,
        "when": event.instant,
        "author": event.contact,
        "subject": event.subject,
        "fields": [change.pointer for change in event.differences],
    }


def _neighbour(entry: Entry, root: str, words: Iterable[str] = ()) -> Neighbour:
    title = entry.title if entry.title != entry.id else entry.state
    href = f"{root}{entry.href}" if root else ""
    return Neighbour(entry.id, title, entry.family, entry.standing, href, ", ".join(words))


def shapes(ledger: Ledger) -> dict[str, Shape]:
    """The shape of each kind's records, by the kind's name."""
    return {name: shape_of_kind(kind.schema) for name, kind in ledger.kinds.items()}
