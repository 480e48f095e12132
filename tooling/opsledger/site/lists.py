"""Lists: every record of a kind with the facts that tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from opsledger.kind import Kind, Reference
from opsledger.site.atlas import Atlas, Entry, badge, chip, home, missing
from opsledger.site.press import Press
from opsledger.site.text import opening
from opsledger.site.values import Shape, label, scalar

PAGE = 1000
_ROOT = "../../"
_FACTS = 4
_WIDEST = 60


@dataclass(frozen=True)
class Row:
    """One record in a list."""

    entry: Entry
    facts: tuple[str, ...]
    touched: str


@dataclass
class Listing:
    """
    The list of one kind, filled while the pages of its records are written.

    Args:
        columns: the fields that may become columns.
    """

    kind: Kind
    shape: Shape
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.columns = _candidates(self.kind, self.shape)

    def add(self, entry: Entry, data: Mapping[str, Any], touched: str) -> None:
        """Take in one record."""
        self.rows.append(Row(entry, tuple(_fact(data.get(name)) for name in self.columns), touched))

    def write(self, atlas: Atlas, press: Press) -> None:
        """Write the list, in as many pages as it needs, and its JSON twins."""
        chosen = self._chosen()
        rows = sorted(self.rows, key=lambda row: (row.touched, row.entry.id), reverse=True)
        counts = Counter((row.entry.state, row.entry.standing) for row in rows)
        count = max(1, -(-len(rows) // PAGE))
        folder = home(self.kind)
        for number in range(count):
            part = rows[number * PAGE : (number + 1) * PAGE]
            press.page(
                f"{folder}/index" if number == 0 else f"{folder}/index-{number + 1}",
                "list",
                opening(self.kind.plural),
                {
                    "kind": self.kind.name,
                    "page": number + 1,
                    "pages": count,
                    "records": [_twin(row, self.columns) for row in part],
                },
                within=f"{folder}/index",
                kind=self.kind,
                total=len(rows),
                states=_in_order(self.kind, counts),
                heads=[(label(self.columns[at]), self.shape.below(self.columns[at]).help) for at in chosen],
                rows=[self._shown(row, chosen, atlas) for row in part],
                page=number + 1,
                pages=count,
            )

    def _chosen(self) -> list[int]:
        """The columns that at least a quarter of the records fill and that do not say the same for all."""
        filled = [
            at
            for at in range(len(self.columns))
            if 4 * sum(bool(row.facts[at]) for row in self.rows) >= max(len(self.rows), 1)
        ]
        telling = [at for at in filled if len(self.rows) < 3 or len({row.facts[at] for row in self.rows}) > 1]
        return (telling or filled)[:_FACTS]

    def _shown(self, row: Row, chosen: Sequence[int], atlas: Atlas) -> dict[str, Any]:
        return {
            "entry": row.entry,
            "badge": badge(row.entry.state, row.entry.standing),
            "facts": [
                (row.facts[at], _cell(row.facts[at], self.shape.below(self.columns[at]), atlas)) for at in chosen
            ],
            "touched": row.touched,
        }


def _candidates(kind: Kind, shape: Shape) -> tuple[str, ...]:
    """Fields that a table can show: words of a vocabulary first, then links, times and short texts."""
    lifecycle = kind.lifecycle
    left_out = {
        "id",
        kind.title_pointer.removeprefix("/"),
        lifecycle.field if lifecycle else "",
        "description",
        "source",
        "external",
    }
    ranked = []
    for place, name in enumerate(kind.fields):
        below = shape.below(name)
        if name in left_out or not _is_single(below):
            continue
        required = name in shape.schema.get("required", ())
        ranked.append((0 if below.is_word and required else 1 if below.is_word else 2 if required else 3, place, name))
    return tuple(name for _, _, name in sorted(ranked)[:10])


def _is_single(shape: Shape) -> bool:
    stated = shape.schema
    return "enum" in stated or (
        stated.get("type") in {"string", "integer", "number", "boolean"} and stated.get("maxLength", 0) <= 240
    )


def _fact(value: Any) -> str:
    if value is None or isinstance(value, list | Mapping):
        return ""
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _cell(text: str, shape: Shape, atlas: Atlas) -> Markup:
    def link_at(_: str) -> Markup | None:
        if "x-refers-to" not in shape.schema:
            return None
        entry = atlas.find(text.partition("#")[0])
        return chip(entry, _ROOT, title=False) if entry else missing(text)

    return scalar(text, shape, "", link_at) if text else Markup("")


def _in_order(kind: Kind, counts: Mapping[tuple[str, str], int]) -> list[tuple[str, str, int]]:
    """State, its standing and how many, along the lifecycle."""
    order = {state: place for place, state in enumerate(kind.lifecycle.states)} if kind.lifecycle else {}
    found = sorted(counts.items(), key=lambda item: (order.get(item[0][0], len(order)), item[0]))
    return [(state, standing, count) for (state, standing), count in found]


def _twin(row: Row, columns: Sequence[str]) -> dict[str, Any]:
    facts = {name: fact for name, fact in zip(columns, row.facts, strict=True) if fact}
    return {
        "id": row.entry.id,
        "title": row.entry.title,
        "state": row.entry.state,
        "touched": row.touched,
        "facts": facts,
    }


def field_rows(shape: Shape) -> list[dict[str, Any]]:
    """What a schema says of each top-level field, for the page of a kind."""
    required = shape.schema.get("required", ())
    return [_field_row(name, shape.below(name), name in required) for name in shape.names()]


def _field_row(name: str, shape: Shape, required: bool) -> dict[str, Any]:
    inner = shape.each() if shape.schema.get("type") == "array" else shape
    return {
        "name": name,
        "label": label(name),
        "help": shape.help,
        "required": required,
        "sort": _sort(shape),
        "words": list(inner.schema.get("enum", ())),
        "below": [
            (below, inner.below(below).help, _sort(inner.below(below)), list(inner.below(below).schema.get("enum", ())))
            for below in inner.names()
        ],
    }


_SORTS = {
    "object": "section",
    "string": "text",
    "boolean": "yes or no",
    "integer": "whole number",
    "number": "number",
}


def _sort(shape: Shape) -> str:
    """What may stand in a field, in words."""
    stated = shape.schema
    if "x-refers-to" in stated:
        kinds = stated["x-refers-to"].get("kinds", ["*"])
        return "id of any record" if kinds == ["*"] else f"id of a {' or '.join(str(kind) for kind in kinds)}"
    if "enum" in stated:
        return "one word of"
    if stated.get("type") == "array":
        return f"list: {_sort(shape.each())}"
    if stated.get("format") in {"date-time", "date"}:
        return "time" if stated["format"] == "date-time" else "day"
    return _SORTS.get(str(stated.get("type")), "any")


def reference_sentences(references: Sequence[Reference]) -> list[tuple[str, str, str]]:
    """How links of a kind read: the words, the kinds that may be named, and the words from the other side."""
    seen = dict.fromkeys(
        (x.name, "any record" if x.kinds == ("*",) else ", ".join(x.kinds), x.inverse) for x in references
    )
    return list(seen)
