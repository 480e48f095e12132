"""The fields of a record as a reader sees them: each with its description, its links and its times."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from markupsafe import Markup

from opsledger.site.text import markup, moment, opening, prose, safe, web_link

Schema = Mapping[str, Any]
LinkAt = Callable[[str], Markup | None]

_SPELT = {
    "ci": "CI",
    "cis": "CIs",
    "els": "early-life support",
    "pir": "post-implementation review",
    "purl": "package URL",
    "sbom": "SBOM",
    "url": "URL",
}
_LONG = 110
_WIDE = 6
_MACHINE = re.compile(r"sha256:[0-9a-f]{64}|[0-9a-f]{40,64}|pkg:\S+")
_CODE = re.compile(r"[A-Z]{3}[0-9]{3}")
_NAMES = ("id", "name", "title", "version", "action", "step", "role", "criterion", "what")


@dataclass(frozen=True)
class Field:
    """One top-level field of a record, ready to be shown."""

    name: str
    label: str
    help: str
    html: Markup
    wide: bool = False


@dataclass(frozen=True)
class Shape:
    """What a schema says of one value, with its references followed."""

    schema: Schema = field(default_factory=dict)
    definitions: Schema = field(default_factory=dict, repr=False)

    @property
    def help(self) -> str:
        """The description that a reader sees."""
        return str(self.schema.get("description", ""))

    @property
    def is_word(self) -> bool:
        """Whether the value comes from a vocabulary."""
        return "enum" in self.schema

    def names(self) -> Iterator[str]:
        """The names of its fields, in the schema's order."""
        return iter(self.schema.get("properties", {}))

    @cached_property
    def _fields(self) -> Mapping[str, Shape]:
        return {name: shape_of(stated, self.definitions) for name, stated in self.schema.get("properties", {}).items()}

    @cached_property
    def _items(self) -> Shape:
        return shape_of(self.schema.get("items"), self.definitions)

    def below(self, name: str) -> Shape:
        """The shape of one of its fields."""
        return self._fields.get(name) or shape_of(self.schema.get("additionalProperties"), self.definitions)

    def each(self) -> Shape:
        """The shape of its items."""
        return self._items


def shape_of(stated: Any, definitions: Schema) -> Shape:
    """The shape that a piece of a schema states; what stands beside a reference wins over what it brings."""
    merged: dict[str, Any] = {}
    for _ in range(16):
        if not isinstance(stated, Mapping):
            break
        merged = {**stated, **merged}
        reference = stated.get("$ref")
        if not isinstance(reference, str):
            break
        stated = definitions.get(reference.rpartition("/")[2])
    merged.pop("$ref", None)
    return Shape(merged, definitions)


def shape_of_kind(schema: Schema) -> Shape:
    """The shape of a whole record."""
    return Shape(schema, schema.get("$defs", {}))


def label(name: str) -> str:
    """A field's name as words, such as *Affected versions*."""
    words = " ".join(_SPELT.get(word, word) for word in name.replace("-", "_").split("_"))
    return opening(words)


def fields(data: Mapping[str, Any], shape: Shape, link_at: LinkAt, skip: Collection[str] = ()) -> list[Field]:
    """
    The record's fields in the schema's order, then those that the schema does not know.

    Args:
        link_at: the link at a pointer, as HTML, or `None` where the value names no record.
        skip: fields that stand elsewhere on the page.
    """
    names = [
        *(name for name in shape.names() if name in data),
        *(name for name in data if name not in shape.schema.get("properties", {})),
    ]
    found = []
    for name in names:
        if name in skip:
            continue
        below = shape.below(name)
        html, wide = show(data[name], below, f"/{_escaped(name)}", link_at)
        found.append(Field(name, label(name), below.help, html, wide))
    return found


def show(value: Any, shape: Shape, pointer: str, link_at: LinkAt) -> tuple[Markup, bool]:
    """A value as HTML, and whether it needs the page's full width."""
    if isinstance(value, Mapping):
        return _mapping(value, shape, pointer, link_at), _is_deep(value)
    if isinstance(value, list):
        return _list(value, shape, pointer, link_at)
    return scalar(value, shape, pointer, link_at), isinstance(value, str) and len(value) > _LONG * 3


def scalar(value: Any, shape: Shape, pointer: str, link_at: LinkAt) -> Markup:
    """A single value as HTML."""
    if isinstance(value, str):
        return _text(value, shape, pointer, link_at)
    if value is None:
        return Markup('<span class="none">none</span>')
    if isinstance(value, bool):
        return markup('<span class="flag">{}</span>', "yes" if value else "no")
    return markup('<span class="number">{}</span>', value)


def _text(value: str, shape: Shape, pointer: str, link_at: LinkAt) -> Markup:
    """A text as what it is: a link, a word of a vocabulary, a time, an address, a digest, prose, or just itself."""
    found = link_at(pointer)
    if found is None and shape.is_word:
        found = markup('<span class="word">{}</span>', safe(value))
    if found is None:
        found = moment(value) or web_link(value)
    if found is None and _MACHINE.fullmatch(value):
        found = markup("<code>{}</code>", safe(value))
    if found is None and ("\n" in value or len(value) > _LONG):
        found = markup('<div class="said">{}</div>', prose(value))
    return safe(value) if found is None else found


def _mapping(value: Mapping[str, Any], shape: Shape, pointer: str, link_at: LinkAt) -> Markup:
    rows = Markup("").join(
        markup(
            "<div><dt{}>{}</dt><dd>{}</dd></div>",
            _hint(shape.below(name)),
            safe(label(name)),
            show(inner, shape.below(name), f"{pointer}/{_escaped(name)}", link_at)[0],
        )
        for name, inner in _in_order(value, shape)
    )
    return markup('<dl class="inner">{}</dl>', rows)


def _list(value: list[Any], shape: Shape, pointer: str, link_at: LinkAt) -> tuple[Markup, bool]:
    if not value:
        return Markup('<span class="none">none</span>'), False
    each = shape.each()
    if all(isinstance(item, Mapping) for item in value):
        columns = _columns(value, each)
        if _is_tabular(value, columns):
            return _table(value, columns, each, pointer, link_at), len(columns) > 2
        return _cards(value, each, pointer, link_at), True
    items = [show(item, each, f"{pointer}/{at}", link_at)[0] for at, item in enumerate(value)]
    short = all(not isinstance(item, list | Mapping) and len(str(item)) <= 40 for item in value)
    linked = link_at(f"{pointer}/0") is not None and not _CODE.fullmatch(str(value[0]))
    rows = Markup("").join(markup("<li>{}</li>", item) for item in items)
    return markup('<ul class="{}">{}</ul>', "links" if linked else "chips" if short else "points", rows), False


def _columns(value: Sequence[Mapping[str, Any]], shape: Shape) -> list[str]:
    used = {name for item in value for name in item}
    return [*(name for name in shape.names() if name in used), *sorted(used - set(shape.names()))]


def _is_tabular(value: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bool:
    cells = (cell for item in value for cell in item.values())
    return len(columns) <= _WIDE and all(
        (
            not isinstance(cell, Mapping)
            and not isinstance(cell, list)
            and len(str(cell)) <= _LONG * 2
            and "\n" not in str(cell)
        )
        or (isinstance(cell, list) and all(isinstance(inner, str) and len(inner) <= 40 for inner in cell))
        for cell in cells
    )


def _table(
    value: Sequence[Mapping[str, Any]], columns: Sequence[str], shape: Shape, pointer: str, link_at: LinkAt
) -> Markup:
    head = Markup("").join(markup("<th{}>{}</th>", _hint(shape.below(name)), safe(label(name))) for name in columns)
    rows = []
    for at, item in enumerate(value):
        cells = Markup("").join(
            markup(
                "<td>{}</td>",
                show(item[name], shape.below(name), f"{pointer}/{at}/{_escaped(name)}", link_at)[0]
                if name in item
                else "",
            )
            for name in columns
        )
        rows.append(markup("<tr>{}</tr>", cells))
    return markup(
        '<div class="scroll"><table class="plain"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        head,
        Markup("").join(rows),
    )


def _cards(value: Sequence[Mapping[str, Any]], shape: Shape, pointer: str, link_at: LinkAt) -> Markup:
    cards = []
    for at, item in enumerate(value):
        name = next((name for name in _NAMES if isinstance(item.get(name), str) and len(item[name]) <= _LONG), None)
        heading = ""
        if name is not None:
            heading = markup("<h4>{}</h4>", scalar(item[name], shape.below(name), f"{pointer}/{at}/{name}", link_at))
        rest = {key: inner for key, inner in item.items() if key != name}
        cards.append(markup("<li>{}{}</li>", heading, _mapping(rest, shape, f"{pointer}/{at}", link_at)))
    return markup('<ol class="cards">{}</ol>', Markup("").join(cards))


def _in_order(value: Mapping[str, Any], shape: Shape) -> Iterator[tuple[str, Any]]:
    known = [name for name in shape.names() if name in value]
    return ((name, value[name]) for name in [*known, *(name for name in value if name not in known)])


def _hint(shape: Shape) -> Markup:
    return markup(' title="{}"', safe(shape.help)) if shape.help else Markup("")


def _is_deep(value: Mapping[str, Any]) -> bool:
    return any(isinstance(inner, Mapping | list) and inner for inner in value.values())


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
