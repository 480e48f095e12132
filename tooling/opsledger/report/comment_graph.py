"""The part of a comment that shows what a pull request touches: a small picture, and the same in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opsledger.proposal.model import Named, Reach, Touching
from opsledger.report.comment_ink import Ink, called
from opsledger.report.comment_parts import Line, Part
from opsledger.report.plain import counted

MOST_NODES = 20
_DEEPEST = 6
_LABEL = re.compile(r"[^A-Za-z0-9 ._-]")


def graph_part(touching: Touching, ink: Ink) -> Part | None:
    """Return the components that a pull request names and all that depends on them; `None` if it names none."""
    if not touching.named:
        return None
    number = len(touching.named) + touching.left_out
    head = f"What it touches: {counted(number, 'component')}, on which {_depends(len(touching.reached))}"
    return Part("graph", head, tuple(_lines(touching, ink)), folded=True, picture=_picture(touching))


def _depends(number: int) -> str:
    return "nothing else depends" if not number else counted(number, "other depends", "others depend")


def _lines(touching: Touching, ink: Ink) -> Iterator[Line]:
    """Yield the text twin of the picture, as a tree; chains may be longer than lists may nest."""
    below: dict[str, list[Reach]] = {}
    for one in touching.reached:
        below.setdefault(one.via, []).append(one)
    for record in touching.named:
        yield Line(f"{called(ink, record)}, named here")
        waiting = [(1, one) for one in reversed(below.get(record.id, []))]
        while waiting:
            depth, one = waiting.pop()
            yield Line(f"{ink.text(one.relation)} {called(ink, one.record)}", min(depth, _DEEPEST))
            waiting += [(depth + 1, other) for other in reversed(below.get(one.record.id, []))]
    if touching.left_out:
        yield Line(f"{counted(touching.left_out, 'named component')} more were not followed")


def _picture(touching: Touching) -> str:
    """Return a diagram if it is small enough to be read; it holds ids only, and of them only harmless letters."""
    nodes = [*touching.named, *(one.record for one in touching.reached)]
    if not touching.reached or len(nodes) > MOST_NODES:
        return ""
    numbers = {node.id: number for number, node in enumerate(nodes)}
    lines = ["graph LR"]
    lines += [f'  n{numbers[node.id]}["{_label(node)}"]' for node in nodes]
    lines += [f"  n{numbers[one.via]} --> n{numbers[one.record.id]}" for one in touching.reached if one.via in numbers]
    lines.append("  classDef named stroke-width:3px")
    lines.append(f"  class {','.join(f'n{numbers[node.id]}' for node in touching.named)} named")
    return "\n".join(lines)


def _label(node: Named) -> str:
    """Return an id as it may stand in a diagram, whose words know no escape that all forges agree on."""
    return _LABEL.sub("·", node.id)
