"""Who stands where, for people at a terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from opsledger.moments import spoken
from opsledger.report.plain import counted, escape
from opsledger.report.standing import UNREADABLE, Ahead, Filled, Signature, Somebody, Standing

INDENT = "    "


def who_view(standing: Standing, *, colour: bool = False, plain: bool = False) -> Iterator[str]:
    """
    Yield the lines about who stands where; what records say is escaped.

    Args:
        colour: whether to mark the first line.
        plain: whether to use no character of our own beyond ASCII.
    """
    title = f"  {escape(standing.title)}" if standing.title not in ("", standing.id) else ""
    head = escape(standing.id or standing.path) + title
    yield f"\x1b[1m{head}\x1b[0m" if colour else head
    if standing.about:
        yield INDENT + escape(standing.about)
    if standing.id:
        yield INDENT + escape(standing.path)
    yield f"{INDENT}as of {_moment(standing)}, by {escape(standing.judge)}"
    for heading, lines in standing.facts:
        yield from _section(heading, (escape(line) for line in lines))
    if standing.sort in ("record", "file"):
        yield from _section("Owned by:", _owners(standing.owners))
    if standing.ahead:
        gated = (line for one in standing.ahead if one.gate for line in _ahead(one, plain))
        free = [escape(one.after) for one in standing.ahead if not one.gate]
        yield from _section("Gates ahead:", gated)
        yield from _section("No gate before:", [", ".join(free)] if free else ())
    yield from _section("Note:", (escape(note) for note in standing.notes))


def who_object(standing: Standing) -> dict[str, Any]:
    """Return all of it for programs."""
    fields = asdict(standing)
    facts = fields.pop("facts")
    return {
        **fields,
        "as_of": standing.as_of.isoformat(),
        "facts": {heading.rstrip(":"): lines for heading, lines in facts},
    }


def _moment(standing: Standing) -> str:
    return spoken(standing.as_of) if spoken(standing.as_of).endswith("UTC") else f"{spoken(standing.as_of)} 00:00 UTC"


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield lines under a heading; nothing where there are none."""
    for number, line in enumerate(lines):
        if number == 0:
            yield ""
            yield heading
        yield INDENT + line


def _owners(owners: Iterable[Filled]) -> Iterator[str]:
    is_owned = False
    for one in owners:
        is_owned = True
        yield f"{escape(one.role)} {escape(one.title)}, by {escape(one.because)}"
        yield from (INDENT + line for line in _people(one.people))
    if not is_owned:
        yield "no role: no pattern under `paths` of any role fits"


def _people(people: Iterable[Somebody]) -> Iterator[str]:
    is_held = False
    for one in people:
        is_held = True
        bars = f", but {escape(one.bars)}" if one.bars else ""
        yield f"{escape(one.party)} {escape(one.name)}: {escape(one.why)}{bars}"
    if not is_held:
        yield "nobody holds it"


def _ahead(one: Ahead, plain: bool) -> Iterator[str]:
    move = f"{escape(one.before)} {'->' if plain else '→'} {escape(one.after)}"
    if one.mode == UNREADABLE:
        yield f"{move}: {escape(one.gate)} cannot be read, so nobody knows what it asks"
        return
    softly = "" if one.mode == "enforce" else f", in mode {escape(one.mode)}"
    yield f"{move}: {escape(one.gate)}{softly}{'' if one.signatures or one.doubts else ' asks for no signature'}"
    yield from (f"{INDENT}undecided: {escape(doubt)}" for doubt in one.doubts)
    for signature in one.signatures:
        yield from (INDENT + line for line in _signature(signature))


def _signature(one: Signature) -> Iterator[str]:
    number = f" by {counted(one.quorum, 'person', 'people')} at least" if one.quorum > 1 else ""
    yield f"{escape(one.scope)}, to be signed as {' and '.join(escape(role.role) for role in one.roles)}{number}"
    yield from (f"{INDENT}signed: {escape(sentence)}" for sentence in one.signed)
    yield from (f"{INDENT}not counted: {escape(sentence)}" for sentence in one.refused)
    yield from (f"{INDENT}undecided: {escape(sentence)}" for sentence in one.undecided)
    for role in one.roles:
        if role.is_missing:
            yield f"{INDENT}missing: {escape(role.role)} {escape(role.title)}, which could be signed by"
            yield from (INDENT * 2 + line for line in _people(role.people))
    if one.short:
        yield f"{INDENT}missing: {counted(one.short, 'more person', 'more people')}"
