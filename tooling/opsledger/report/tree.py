"""Traces and impacts as trees for eyes and as objects for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from opsledger.graph import Branch, Impact, Node, Touch
from opsledger.report.plain import counted, cut, escape

_DRAWN = ("├─ ", "└─ ", "│  ", "   ")
_PLAIN = ("|- ", "`- ", "|  ", "   ")


def drawn(lines: Sequence[tuple[int, str]], *, plain: bool = False, columns_wide: int | None = None) -> Iterator[str]:
    """
    Yield a tree's lines.

    Args:
        lines: depth and text of each, from the top down; the first has depth 0.
        plain: whether to use no character beyond ASCII for the branches.
        columns_wide: where to cut lines; `None` cuts nothing.
    """
    tee, corner, bar, gap = _PLAIN if plain else _DRAWN
    # From the bottom up it is known whether more branches follow on a level.
    follows: list[bool] = []
    heads: list[str] = []
    for depth, _ in reversed(lines):
        open_levels = follows[:depth] + [False] * (depth - len(follows))
        trunk = "".join(bar if is_open else gap for is_open in open_levels[: depth - 1])
        heads.append(trunk + (tee if open_levels[depth - 1] else corner) if depth else "")
        follows = [*open_levels[: depth - 1], True] if depth else []
    for head, (_, text) in zip(reversed(heads), lines, strict=True):
        yield head + (text if columns_wide is None else cut(text, max(columns_wide - len(head), 20)))


def _called(node: Node) -> str:
    """Return a record on one line: id, state, title."""
    state = f" [{escape(node.state)}]" if node.state else ""
    title = f" {escape(node.title)}" if node.title and node.title != node.id else ""
    return f"{escape(node.id)}{state}{title}" if node.is_known else f"{escape(node.id)} (no such record)"


def _joined(relations: tuple[str, ...]) -> str:
    """Return relations as one part of a sentence."""
    *first, last = relations
    return escape(f"{', '.join(first)} and {last}" if first else last)


def trace_lines(trace: Branch) -> list[tuple[int, str]]:
    """Return a trace as depth and text."""
    return [(depth, _branch_line(branch)) for depth, branch in trace.walked()]


def _branch_line(branch: Branch) -> str:
    relation = f"{_joined(branch.relations)} " if branch.relations else ""
    return relation + _called(branch.node) + (" (see above)" if branch.is_above else "")


def impact_lines(impact: Impact) -> list[tuple[int, str]]:
    """Return an impact as depth and text; open work stands before what depends on the record."""
    lines = [(0, _called(impact.start)), *_touches(impact.touched, 1)]
    for reached in impact.reached:
        lines.append((reached.depth, f"{_joined(reached.relations)} {_called(reached.node)}"))
        lines.extend(_touches(reached.touched, reached.depth + 1))
    return lines


def _touches(touched: Iterable[Touch], depth: int) -> Iterator[tuple[int, str]]:
    return ((depth, f"* {_joined(touch.relations)} {_called(touch.node)}") for touch in touched)


def impact_summary(impact: Impact, plurals: Mapping[str, str]) -> str:
    """Say in one sentence how much depends on a record and which work is open on all of it."""
    number = len(impact.reached)
    farthest = max((reached.depth for reached in impact.reached), default=0)
    depends = counted(number, "record depends", "records depend") if number else "nothing depends"
    depends += f" on {impact.start.id}"
    if farthest > 1:
        depends += f", up to {farthest} steps away"
    groups = (impact.touched, *(reached.touched for reached in impact.reached))
    kinds = {touch.node.id: touch.node.kind for touched in groups for touch in touched}
    works = [counted(many, kind, plurals.get(kind, "")) for kind, many in sorted(Counter(kinds.values()).items())]
    return escape(f"{depends}; open on {'them and it' if number else 'it'} (*): {', '.join(works) or 'nothing'}")


def trace_object(branch: Branch) -> dict[str, Any]:
    """Return a trace for programs; branches hold branches."""
    return {
        **_node_object(branch.node), "relations": list(branch.relations), "way": branch.way,
        "is_above": branch.is_above, "branches": [trace_object(below) for below in branch.branches],
    }  # fmt: skip


def impact_objects(impact: Impact) -> Iterator[dict[str, Any]]:
    """Yield one object a record: the start, then what depends on it, each with its way there."""
    yield {**_node_object(impact.start), "depth": 0, "path": [impact.start.id], "relations": [],
           "open": _open(impact.touched)}  # fmt: skip
    for reached in impact.reached:
        yield {
            **_node_object(reached.node), "depth": reached.depth, "path": list(impact.path_to(reached.node.id)),
            "relations": list(reached.relations), "open": _open(reached.touched),
        }  # fmt: skip


def _open(touched: Iterable[Touch]) -> list[dict[str, Any]]:
    return [{**_node_object(touch.node), "relations": list(touch.relations)} for touch in touched]


def _node_object(node: Node) -> dict[str, Any]:
    return {"id": node.id, "kind": node.kind, "state": node.state, "title": node.title, "exists": node.is_known}
