"""A record among its neighbours, as a picture: who names it on the left, whom it names on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from opsledger.site.text import markup, safe

_BOX, _HIGH, _GAP, _HEAD = 296, 40, 8, 28
_WIDE = 1060
_MOST = 10


@dataclass(frozen=True)
class Neighbour:
    """One linked record, as a box of the picture, with the words by which it is linked."""

    id: str
    title: str
    family: str
    standing: str
    href: str
    words: str = ""


@dataclass(frozen=True)
class Group:
    """Neighbours of one kind: what several of it are called, and the boxes, of which `more` are left out."""

    words: str
    boxes: tuple[Neighbour, ...]
    more: int = 0


def capped(groups: Sequence[Group], most: int = _MOST) -> list[Group]:
    """The groups with so few boxes that the picture stays readable; each group keeps at least one."""
    if sum(len(group.boxes) for group in groups) <= most:
        return list(groups)
    kept = dict.fromkeys(range(min(len(groups), most)), 1)
    while sum(kept.values()) < most and (short := [at for at in kept if kept[at] < len(groups[at].boxes)]):
        kept[min(short, key=lambda at: kept[at])] += 1
    cut = [
        Group(groups[at].words, groups[at].boxes[:count], len(groups[at].boxes) - count) for at, count in kept.items()
    ]
    left = sum(len(group.boxes) for group in groups[most:])
    return [*cut, *([Group("other kinds", (), left)] if left else [])]


def neighbourhood(centre: Neighbour, named_by: Sequence[Group], names: Sequence[Group]) -> Markup:
    """The picture; empty where nothing is linked."""
    if not named_by and not names:
        return Markup("")
    left, right = capped(named_by), capped(names)
    tall = max(_height(left), _height(right), _HIGH + 40)
    middle = tall / 2
    wide = _WIDE if left and right else _WIDE - _BOX
    at = (wide - _BOX) / 2 if left and right else 0 if right else wide - _BOX
    parts = [
        _side(left, 0, (tall - _height(left)) / 2, (_BOX, at), middle),
        _side(right, wide - _BOX, (tall - _height(right)) / 2, (at + _BOX, wide - _BOX), middle),
        _box(centre, at, middle - 24, 48, "centre"),
    ]
    return markup(
        '<div class="scroll"><svg class="neighbours {4}" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="group" '
        'aria-label="{2}">{3}</svg></div>',
        wide,
        round(tall),
        safe(f"Records linked to {centre.id}"),
        Markup("").join(parts),
        "" if left and right else "one",
    )


def _height(groups: Sequence[Group]) -> int:
    return sum(_HEAD + len(group.boxes) * (_HIGH + _GAP) + (20 if group.more else 0) for group in groups)


def _side(groups: Sequence[Group], x: int, y: float, gap: tuple[float, float], middle: float) -> Markup:
    """One side of the picture: its groups from `y` down, and an edge from each box over the gap to the middle."""
    edges, boxes = [], []
    for group in groups:
        boxes.append(markup('<text class="words" x="{}" y="{}">{}</text>', x + 2, _n(y + 18), safe(group.words)))
        y += _HEAD
        for box in group.boxes:
            ends = (y + _HIGH / 2, middle) if x == 0 else (middle, y + _HIGH / 2)
            edges.append(_edge(gap, ends, box.family))
            boxes.append(_box(box, x, y, _HIGH, ""))
            y += _HIGH + _GAP
        if group.more:
            place = x + 12, _n(y + 8)
            more = '<a href="#links"><text class="more" x="{}" y="{}">{} more …</text></a>'
            boxes.append(markup(more, *place, group.more))
            y += 20
    return Markup("").join([*edges, *boxes])


def _edge(gap: tuple[float, float], ends: tuple[float, float], family: str) -> Markup:
    bend = _n(sum(gap) / 2)
    (x1, x2), (y1, y2) = ((_n(a), _n(b)) for a, b in (gap, ends))
    return markup('<path class="edge {}" d="M{} {}C{} {} {} {} {} {}"/>', family, x1, y1, bend, y1, bend, y2, x2, y2)


def _box(box: Neighbour, x: float, y: float, high: float, more: str) -> Markup:
    """A box that clips what is too long for it: a picture within the picture."""
    inside = markup(
        '<svg x="{x}" y="{y}" width="{w}" height="{h}"><title>{hint}</title>'
        '<rect class="card" x="1" y="1" width="{iw}" height="{ih}" rx="5"/>'
        '<rect class="spine" x="1" y="1" width="4" height="{ih}" rx="2"/>'
        '<text class="id" x="13" y="{ty}">{id}</text><text class="title" x="13" y="{by}">{title}</text>'
        '<text class="by" x="{wx}" y="{ty}" text-anchor="end">{words}</text>'
        '<circle class="dot {standing}" cx="{cx}" cy="13" r="4.5"/></svg>',
        x=_n(x), y=_n(y), w=_BOX, h=high, iw=_BOX - 2, ih=high - 2, ty=_n(high / 2 - 4), by=_n(high / 2 + 12),
        id=safe(_cut(box.id, 28)), title=safe(_cut(box.title, 44)), wx=_BOX - 24,
        words=safe(_cut(box.words, max(31 - len(box.id), 0))), standing=box.standing, cx=_BOX - 13,
        hint=safe(f"{box.words} {box.id}: {box.title}".strip()),
    )  # fmt: skip
    group = markup('<g class="box {} {}">{}</g>', box.family, more, inside)
    return markup('<a href="{}">{}</a>', box.href, group) if box.href else group


def _n(number: float) -> str:
    """A coordinate, to a tenth and no longer than it must be."""
    return f"{number:.1f}".removesuffix(".0")


def _cut(text: str, most: int) -> str:
    if most < 4:
        return ""
    return text if len(text) <= most else f"{text[: most - 1]}…"
