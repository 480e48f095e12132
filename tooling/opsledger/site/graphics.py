"""Pictures made at build time: a lifecycle and where a record stands in it, as SVG that the style sheet colours."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from markupsafe import Markup

from opsledger.site.text import markup, safe

_STEP, _EDGE, _LINE = 96, 50, 14
_CHARACTER = 6.4


@lru_cache(maxsize=512)
def lifecycle_strip(
    main: tuple[str, ...],
    off_path: tuple[str, ...],
    state: str | None,
    reachable: tuple[str, ...],
    done: frozenset[str],
) -> Markup:
    """
    The main path from left to right with the record's place in it, and the states beside it below.

    Args:
        reachable: the states that one move may take the record to.
        done: the states that end the work.
    """
    width = max(_EDGE * 2 + _STEP * (len(main) - 1), 320)
    lines = [_wrapped(name) for name in main]
    foot = 52 + _LINE * max(len(words) for words in lines)
    beside, height = _beside(off_path, state, reachable, width, foot)
    at = main.index(state) if state in main else -1
    parts = [_rail(main, at)]
    for place, name in enumerate(main):
        parts.append(_stop(_x(place), lines[place], _classes(place, at, name, reachable, done)))
    if at >= 0:
        parts.append(markup('<text class="here" x="{}" y="12" text-anchor="middle">{}</text>', _x(at), "is here"))
    where = f"{state}, " + ("on" if at >= 0 else "beside") + " the main path" if state else "no state"
    said = f"Lifecycle: {where}. Main path: {', '.join(main)}."
    return _svg("strip", width, height, said, Markup("").join([*parts, beside]))


def _x(place: int) -> int:
    return _EDGE + _STEP * place


def _rail(main: Sequence[str], at: int) -> Markup:
    done = Markup("")
    if at > 0:
        done = markup('<line class="walked" x1="{}" y1="30" x2="{}" y2="30"/>', _x(0), _x(at))
    return markup('<line class="rail" x1="{}" y1="30" x2="{}" y2="30"/>{}', _x(0), _x(len(main) - 1), done)


def _classes(place: int, at: int, name: str, reachable: Collection[str], done: Collection[str]) -> str:
    stand = "now" if place == at else "past" if place < at else "ahead"
    return " ".join([stand, *(["next"] if name in reachable else []), *(["end"] if name in done else [])])


def _stop(x: int, words: Sequence[str], classes: str) -> Markup:
    now = "now" in classes.split()
    ring = markup('<circle class="halo" cx="{}" cy="30" r="15"/>', x) if now else Markup("")
    text = Markup("").join(
        markup('<text x="{}" y="{}" text-anchor="middle">{}</text>', x, 58 + _LINE * row, safe(word))
        for row, word in enumerate(words)
    )
    dot = markup('<circle cx="{}" cy="30" r="{}"/>', x, 10 if now else 7)
    tick = ""
    if "past" in classes:
        tick = markup('<path class="tick" d="M{} 30l2.6 2.8 4.6-5.4"/>', x - 3.6)
    return markup('<g class="stop {}">{}{}{}{}</g>', classes, ring, dot, tick, text)


def _beside(
    off_path: Sequence[str], state: str | None, reachable: Collection[str], width: int, top: int
) -> tuple[Markup, int]:
    """The states beside the main path as tags in rows, and where the picture ends."""
    if not off_path:
        return Markup(""), top + 4
    x, y = _EDGE - 40, top + 12
    parts = [markup('<text class="aside" x="{}" y="{}">beside the path</text>', x, y + 15)]
    x += 106
    for name in off_path:
        span = round(len(name) * _CHARACTER) + 26
        if x + span > width - 8:
            x, y = _EDGE + 66, y + 30
        stand = "now" if name == state else "next" if name in reachable else "ahead"
        parts.append(
            markup(
                '<g class="tag {}"><rect x="{}" y="{}" width="{}" height="22" rx="11"/>'
                '<text x="{}" y="{}" text-anchor="middle">{}</text></g>',
                stand,
                x,
                y,
                span,
                x + span / 2,
                y + 15,
                safe(name),
            )
        )
        x += span + 8
    return Markup("").join(parts), y + 30


def lifecycle_map(main: Sequence[str], moves: Mapping[str, Sequence[str]], done: Collection[str]) -> Markup:
    """The main path with every move along it: moves that are no single step ahead bend above the line."""
    width = max(_EDGE * 2 + _STEP * (len(main) - 1), 320)
    order = {name: place for place, name in enumerate(main)}
    jumps = sorted({(order[a], order[b]) for a, targets in moves.items() for b in targets if a in order and b in order})
    bends = [(a, b) for a, b in jumps if b != a + 1]
    line = 24 + max((_rise(a, b) for a, b in bends), default=0)
    curves = Markup("").join(_bend(a, b, line) for a, b in bends)
    steps = Markup("").join(
        markup(
            '<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>',
            "move" if (a, a + 1) in jumps else "gap",
            _x(a) + 9,
            line,
            _x(a + 1) - 9,
            line,
        )
        for a in range(len(main) - 1)
    )
    stops = Markup("").join(
        markup(
            '<g class="stop {}"><circle cx="{}" cy="{}" r="8"/>{}</g>',
            "first" if place == 0 else "end" if name in done else "ahead",
            _x(place),
            line,
            _words(name, _x(place), line),
        )
        for place, name in enumerate(main)
    )
    height = line + 28 + _LINE * max(len(_wrapped(name)) for name in main)
    return _svg("map", width, height, f"Lifecycle: {', '.join(main)}", steps + curves + stops)


def _words(name: str, x: int, line: int) -> Markup:
    return Markup("").join(
        markup('<text x="{}" y="{}" text-anchor="middle">{}</text>', x, line + 28 + _LINE * row, safe(word))
        for row, word in enumerate(_wrapped(name))
    )


def _rise(a: int, b: int) -> int:
    """How high a move bends: the farther it goes the higher, but never out of sight."""
    return 10 + 11 * min(abs(b - a), 6)


def _bend(a: int, b: int, line: int) -> Markup:
    """A move between two states that are no neighbours, with an arrow's head at its end."""
    lean = 5 if b > a else -5
    x1, x2, top, end = _x(a) + lean, _x(b) - lean, line - _rise(a, b) * 1.33, line - 10
    return markup(
        '<g class="{0}"><path d="M{1} {3} C{1} {4} {2} {4} {2} {3}"/><path d="M{5} {6}L{2} {3}L{7} {6}"/></g>',
        "skip" if b > a else "back",
        x1,
        x2,
        end,
        round(top, 1),
        x2 - 3.5,
        end - 5,
        x2 + 3.5,
    )


def bars(counts: Sequence[tuple[str, int]], top: int) -> Markup:
    """
    One stacked bar: how many stand in each class of states.

    Args:
        counts: class of the style sheet and number, in order from left.
        top: the number that fills the whole width.
    """
    x, parts = 0.0, []
    for name, count in counts:
        if count:
            span = max(100 * count / max(top, 1), 0.8)
            parts.append(
                markup('<rect class="{}" x="{}" y="0" width="{}" height="10"/>', name, round(x, 2), round(span, 2))
            )
            x += span
    said = ", ".join(f"{count} {name}" for name, count in counts if count) or "none"
    return markup(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        said,
        Markup("").join(parts),
    )


def _wrapped(name: str) -> list[str]:
    """A state's name in lines of about a dozen letters, broken at its hyphens."""
    lines = [""]
    for word in name.split("-"):
        if lines[-1] and len(lines[-1]) + len(word) > 11:
            lines[-1] += "-"
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]}-{word}" if lines[-1] else word
    return [line if len(line) <= 16 else f"{line[:15]}…" for line in lines]


def _svg(name: str, width: float, height: float, said: str, inside: Markup) -> Markup:
    """A picture that shrinks with its frame, but not until its words are too small: then the frame scrolls."""
    return markup(
        '<div class="scroll"><svg class="{0}" viewBox="0 0 {1} {2}" width="{1}" height="{2}" role="img" '
        'style="min-width:{3}px" aria-label="{4}">{5}</svg></div>',
        *(name, width, height, round(width * 0.7), safe(said), inside),
    )
