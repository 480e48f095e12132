"""Which person stands for which role, so that as many roles as possible are signed for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def matched(roles: Sequence[str], able: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """
    Give each role to one person and each person one role, for as many roles as there is a way.

    Args:
        able: person → the roles that they signed for, or may stand for.

    Returns:
        Person → role. The same for the same input, whatever order it comes in.

    Source:
        Kuhn's method of augmenting paths for a maximum matching.
    """
    taken: dict[str, str] = {}
    for role in roles:
        _placed(role, {person: frozenset(able[person]) for person in sorted(able)}, taken, set())
    return taken


def _placed(role: str, able: Mapping[str, frozenset[str]], taken: dict[str, str], tried: set[str]) -> bool:
    """Find somebody for a role, moving others to another role of theirs where that helps."""
    for person, possible in able.items():
        if role not in possible or person in tried:
            continue
        tried.add(person)
        if person not in taken or _placed(taken[person], able, taken, tried):
            taken[person] = role
            return True
    return False
