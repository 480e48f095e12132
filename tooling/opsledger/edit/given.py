"""How what a state asks for is given on the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from opsledger.edit.shape import Shape, shape_of
from opsledger.kind import Kind, Requirement
from opsledger.yamlfile import parts

_LONGEST = 100
"""How long the choices of a value may be to be listed."""
_DEEPEST = 4


def options_for(kind: Kind, asked: Requirement) -> str:
    """Return what to type so that a record has what a state asks for: an option for each value that must be there."""
    path = parts(asked.at)
    inner = asked.fragment.get("required", ())
    shape = shape_of(kind).at(path)
    return "give " + " ".join(f"--set {one}" for one in _assignments(path, shape, inner))


def _assignments(path: Sequence[str], shape: Shape | None, inner: Sequence[str] = ()) -> Iterator[str]:
    """Yield the assignments that make a value: its own, or those of all that must stand inside it."""
    if shape is not None and "array" in shape.types and (entry := shape.inside("0")) and "object" in entry.types:
        yield from _assignments([*path, "0"], entry)
        return
    names = [*inner, *(name for name in (shape.required if shape else ()) if name not in inner)]
    if not names or len(path) > _DEEPEST:
        yield f"{'.'.join(path)}={_choices(shape)}"
    for name in names if len(path) <= _DEEPEST else ():
        yield from _assignments([*path, name], shape.inside(name) if shape else None)


def _choices(shape: Shape | None) -> str:
    listed = "|".join(str(choice) for choice in shape.choices) if shape else ""
    return listed if 0 < len(listed) <= _LONGEST else "…"
