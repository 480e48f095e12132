"""The start page in numbers: what is there, where it stands, and what changed last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from opsledger.history import Touch
from opsledger.ledger import Ledger
from opsledger.site import graphics
from opsledger.site.atlas import Atlas, chip, family_of, home, standing
from opsledger.site.sources import Trails
from opsledger.site.text import minute

STANDINGS = ("start", "moving", "done", "aside", "none")


@dataclass(frozen=True)
class Tally:
    """How many records a kind has and where they stand."""

    title: str
    name: str
    family: str
    href: str
    total: int
    bar: Markup
    states: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Recent:
    """One commit and the records that it touched."""

    commit: str
    when: str
    author: str
    subject: str
    records: tuple[Markup, ...]
    more: int


def tallies(ledger: Ledger, atlas: Atlas) -> list[tuple[str, list[Tally]]]:
    """The kinds by family, each with its counts; families in the order in which work flows."""
    top = max((sum(states.values()) for states in atlas.counts.values()), default=1)
    families: dict[str, list[Tally]] = defaultdict(list)
    for name, kind in ledger.kinds.items():
        states, by_standing = [], dict.fromkeys(STANDINGS, 0)
        for state, count in sorted(atlas.counts[name].items(), key=lambda item: (-item[1], item[0])):
            stand = standing(kind.lifecycle, state or None)
            by_standing[stand] += count
            states.append((state, stand, count))
        total = sum(by_standing.values())
        families[kind.family or "Own"].append(
            Tally(
                kind.plural,
                name,
                family_of(kind),
                f"{home(kind)}/index.html",
                total,
                graphics.bars(list(by_standing.items()), top),
                tuple(states),
            )
        )
    order = ("Flow", "Fault", "Fix", "Proof", "Ground", "Policy")
    return sorted(
        families.items(), key=lambda item: (order.index(item[0]) if item[0] in order else len(order), item[0])
    )


def recent(trails: Trails | None, atlas: Atlas, most: int = 12, each: int = 6) -> list[Recent]:
    """The commits that touched records last, newest first."""
    if trails is None:
        return []
    newest: dict[str, Touch] = {}
    paths: dict[str, list[str]] = defaultdict(list)
    for path, touches in trails.items():
        for touch in touches:
            newest[touch.commit] = touch
            paths[touch.commit].append(path)
    chosen = sorted(newest.values(), key=lambda touch: (touch.when, touch.commit), reverse=True)[:most]
    return [_recent(touch, sorted(paths[touch.commit]), atlas, each) for touch in chosen]


def _recent(touch: Touch, paths: Sequence[str], atlas: Atlas, each: int) -> Recent:
    entries = [entry for path in paths if (entry := atlas.at_path(path)) is not None]
    shown = tuple(chip(entry, "", title=len(entries) <= 2) for entry in entries[:each])
    return Recent(
        touch.commit,
        minute(touch.when),
        touch.author.name or touch.author.email,
        touch.subject,
        shown,
        max(len(entries) - each, 0),
    )
