"""Circles in a graph of references."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping


def loops(edges: Mapping[str, Collection[str]]) -> Iterator[tuple[str, ...]]:
    """
    One circle for each knot of nodes that reach each other, the smallest node first.

    Args:
        edges: node to the nodes that it names.

    Yields:
        Nodes in the order of the references, the first one again at the end.
    """
    for knot in _knots(edges):
        start = min(knot)
        yield _shortest(edges, knot, start)


def _knots(edges: Mapping[str, Collection[str]]) -> list[set[str]]:
    """
    What remains when nodes that lead nowhere or that nothing leads to are taken away, cut into reachable parts.

    Almost always nothing remains, so the cheap stripping comes first.
    """
    left = {node: {other for other in others if other in edges} for node, others in edges.items()}
    while True:
        ends = {node for node, others in left.items() if not others}
        if not ends:
            break
        left = {node: others - ends for node, others in left.items() if node not in ends}
    knots: list[set[str]] = []
    for node in sorted(left):
        if not any(node in knot for knot in knots):
            there = _reached(left, node)
            knot = {other for other in there if node in _reached(left, other)}
            if node in knot:
                knots.append(knot)
    return knots


def _reached(edges: Mapping[str, Collection[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(edges.get(start, ()))
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += edges.get(node, ())
    return reached


def _shortest(edges: Mapping[str, Collection[str]], knot: set[str], start: str) -> tuple[str, ...]:
    seen = {start}
    ways: list[tuple[str, ...]] = [(start,)]
    while ways:
        longer: list[tuple[str, ...]] = []
        for way in ways:
            for node in sorted(edges[way[-1]]):
                if node == start:
                    return (*way, start)
                if node in knot and node not in seen:
                    seen.add(node)
                    longer.append((*way, node))
        ways = longer
    return (start, start)
