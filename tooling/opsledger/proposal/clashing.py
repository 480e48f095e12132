"""What other open work would meet a pull request: on other branches, and in the ledger itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from opsledger.graph import Impact, neighbours
from opsledger.intake import SUFFIX, id_of
from opsledger.kind import Kinds
from opsledger.ledger import Ledger, Record
from opsledger.proposal.meaning import Titles
from opsledger.proposal.model import Clash
from opsledger.proposal.touching import component_ids, named_components
from opsledger.steps import Step
from opsledger.store import Snapshot
from opsledger.yamlfile import Unreadable, read
from opsledger.yamlfile.pointers import at

OPEN_WORK = ("release", "change")
"""The kinds of work that should not run over one component twice at a time unawares."""


@dataclass(frozen=True)
class Glimpse:
    """
    A record as another branch would have it.

    Args:
        is_new: whether the base has no such file.
        components: the components that it is or names.
        is_open: whether it is work that is not done.
    """

    id: str
    kind: str
    path: str
    blob: str
    is_new: bool
    components: frozenset[str] = frozenset()
    is_open: bool = False


@dataclass(frozen=True)
class Other:
    """
    Another branch that waits to be merged.

    Args:
        name: as whoever asked calls it.
        glimpses: the records that it changes.
        doubt: why nothing can be said of it, or empty.
    """

    name: str
    glimpses: tuple[Glimpse, ...] = ()
    doubt: str = ""


def glimpses(base: Snapshot, other: Snapshot, kinds: Kinds) -> tuple[Glimpse, ...]:
    """
    The records that another branch would change in the base.

    Args:
        other: what the base would hold with it merged.
    """
    paths = (path for path, blob in other.files.items() if base.files.get(path) != blob)
    gone = (path for path in base.files if path not in other.files)
    found = [_glimpse(base, other, kinds, path) for path in sorted({*paths, *gone}) if path.endswith(SUFFIX)]
    return tuple(one for one in found if one is not None)


def _glimpse(base: Snapshot, other: Snapshot, kinds: Kinds, path: str) -> Glimpse | None:
    kind = kinds.of_path(path)
    if kind is None:
        return None
    here = other if path in other.files else base
    data = read(here.read(path))
    if isinstance(data, Unreadable):
        data = {}
    state, title = kind.state_of(data), str(at(data, kind.title_pointer) or "")
    record = Record(id_of(kind, path, data), kind, path, here.files[path], state, title, here)
    is_open = kind.name in OPEN_WORK and kind.lifecycle is not None and state not in kind.lifecycle.done
    return Glimpse(
        record.id, kind.name, path, other.files.get(path, ""), path not in base.files,
        frozenset(named_components(record)), is_open,
    )  # fmt: skip


def clashes(
    steps: Sequence[Step], ledger: Ledger, walks: Iterable[Impact], others: Iterable[Other], titles: Titles
) -> tuple[Clash, ...]:
    """Say what would meet the pull request, the worst first; one sentence a meeting."""
    found = [clash for other in others for clash in _with_branch(steps, other, titles)]
    order = ("undecided", "id", "record", "component")
    found.sort(key=lambda clash: (order.index(clash.sort), clash.with_, clash.sentence))
    return (*found, *_with_open_work(steps, ledger, walks, titles))


def _with_branch(steps: Sequence[Step], other: Other, titles: Titles) -> Iterator[Clash]:
    if other.doubt:
        yield Clash("undecided", other.name, f"what branch {other.name} changes cannot be told: {other.doubt}")
    ours = {step.record: step for step in steps}
    for one in other.glimpses:
        step = ours.get(one.id)
        if step is None:
            continue
        kept = step.after or step.before
        is_same = kept is not None and step.after is not None and kept.blob == one.blob
        if is_same:
            continue
        if step.before is None and one.is_new:
            sentence = f"branch {other.name} adds {one.id} too; the later one needs `opsledger renumber {one.id}`"
            yield Clash("id", other.name, sentence)
        else:
            done = "deletes" if not one.blob else "changes"
            yield Clash("record", other.name, f"branch {other.name} {done} {_called(one.id, titles)} too")
    yield from _over_components(steps, other, titles)


def _over_components(steps: Sequence[Step], other: Other, titles: Titles) -> Iterator[Clash]:
    """Open work here and open work there over one component, unless it is the same record."""
    ours = {step.record: frozenset(component_ids([step])) for step in steps if is_open_work(step)}
    for one in other.glimpses:
        if not one.is_open or one.id in ours:
            continue
        shared = sorted({id for ids in ours.values() for id in ids & one.components})
        if shared:
            sentence = f"{one.id} on branch {other.name} works on {_listed(shared, titles)} as well"
            yield Clash("component", other.name, sentence)


def is_open_work(step: Step) -> bool:
    """Whether a step leaves behind a release or a change that is not done."""
    after = step.after
    if after is None or after.kind.name not in OPEN_WORK or after.kind.lifecycle is None:
        return False
    return after.state not in after.kind.lifecycle.done


def _with_open_work(steps: Sequence[Step], ledger: Ledger, walks: Iterable[Impact], titles: Titles) -> Iterator[Clash]:
    """Open releases and changes of the ledger over the components of open work here; what belongs together is none."""
    working = [step for step in steps if is_open_work(step)]
    ours = frozenset(component_ids(working))
    own = _kin({step.record for step in working}, ledger)
    meeting: dict[str, list[str]] = {}
    for walk in walks:
        for touch in walk.touched:
            if walk.start.id in ours and touch.node.kind in OPEN_WORK and touch.node.id not in own:
                meeting.setdefault(touch.node.id, []).append(walk.start.id)
    for id, shared in sorted(meeting.items()):
        state = titles(id).state
        sentence = (
            f"{_called(id, titles)} is open ({state}) and works on {_listed(sorted(set(shared)), titles)} as well"
        )
        yield Clash("component", id, sentence)


def _kin(ids: Collection[str], ledger: Ledger) -> Collection[str]:
    """Records, and those that are linked with them: a release's own changes do not clash with it."""
    linked: Mapping[str, object] = {other: None for id in ids for other in neighbours(ledger, id)}
    return {*ids, *linked}


def _called(id: str, titles: Titles) -> str:
    title = titles(id).title
    return f"{id} ({title})" if title else id


def _listed(ids: Sequence[str], titles: Titles) -> str:
    shown = ", ".join(_called(id, titles) for id in ids[:4])
    return f"{shown} and {len(ids) - 4} more" if len(ids) > 4 else shown
