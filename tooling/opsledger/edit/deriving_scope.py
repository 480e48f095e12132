"""Which components a range of commits touches, where they run, and what is known to be wrong in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opsledger.codeowners.globs import NoGlob, gitignored
from opsledger.edit.ranges import Plain, Span
from opsledger.ledger import Ledger, Record
from opsledger.yamlfile import at

SERVICES = ("service", "application")
_GONE = ("retired", "disposed")


@dataclass(frozen=True)
class Touched:
    """
    What a release is about.

    Args:
        service: the component that users know it by; `None` where the range does not say.
        cis: the components in its scope, the service first.
        notes: what was not taken, and why.
    """

    service: Record | None = None
    cis: tuple[Record, ...] = ()
    notes: tuple[str, ...] = ()


def touched(ledger: Ledger, span: Span, *, service: str, plain: Plain) -> Touched:
    """
    The components whose `paths` the commits of a range changed.

    A component belongs to the repository that it names; one that names none, to the ledger's own.

    Args:
        service: id of the service, where somebody said it.

    Raises:
        NoSuchRecord: nothing has that id.
    """
    named = ledger.record(service) if service else None
    found, notes = [], []
    for record, data in ledger.data_of(record for record in ledger.of("ci") if record.state not in _GONE):
        patterns = data.get("paths")
        if isinstance(patterns, list) and _is_of(data.get("repository"), span, plain):
            try:
                hit = _is_hit([str(one) for one in patterns], span.paths)
            except NoGlob as odd:
                notes.append(f"a path of {record.id} is no pattern, so nobody knows what belongs to it: {odd}")
                continue
            found += [record] if hit else []
    chosen = named or _service_of(found, ledger)
    rest = [one for one in found if chosen is None or one.id != chosen.id]
    return Touched(chosen, (*([chosen] if chosen else []), *rest), tuple(notes))


def _is_of(repository: object, span: Span, plain: Plain) -> bool:
    """Whether a component's code is in the repository that the range was read from."""
    if not isinstance(repository, str):
        return span.is_own
    return bool(span.address) and plain(repository).lower() == span.address.lower()


def _is_hit(patterns: list[str], paths: Iterable[str]) -> bool:
    """Whether a path belongs to a component, as .gitignore would say it: the last pattern that fits decides."""
    globs = [(gitignored(one.removeprefix("!")), not one.startswith("!")) for one in patterns]
    return any(next((takes for glob, takes in reversed(globs) if glob.matches(path)), False) for path in paths)


def _service_of(found: list[Record], ledger: Ledger) -> Record | None:
    """The one service among some components; else the one that all of them are part of; else the only component."""
    services = [one for one in found if one.get("class") in SERVICES]
    if len(services) == 1:
        return services[0]
    parents = [{str(parent) for _, parent in one.items("/relations/part_of")} for one in found]
    shared = set.intersection(*parents) if parents else set()
    if not services and len(shared) == 1:
        record = ledger.find(shared.pop())
        return record if record is not None and record.kind.name == "ci" else None
    return found[0] if len(found) == 1 else None


def parts(scope: Touched, version: str, before: str, agreed: Mapping[str, str]) -> list[dict[str, str]]:
    """
    The components with the versions that the release brings.

    Args:
        version: of the release; of a component that went along with the release before, too.
        before: the version of the release before, or empty.
        agreed: component → version, as the baseline of the package says.
    """
    return [_part(one, _version(one, scope, version, before, agreed)) for one in scope.cis]


def _version(record: Record, scope: Touched, version: str, before: str, agreed: Mapping[str, str]) -> str:
    if record.id in agreed:
        return agreed[record.id]
    is_service = scope.service is not None and record.id == scope.service.id
    return version if is_service or record.get("version") in (None, before) else ""


def _part(record: Record, version: str) -> dict[str, str]:
    effect = "introduced" if record.state == "planned" else "changed"
    return {"ci": record.id, **({"version": version} if version else {}), "effect": effect}


def production_of(ledger: Ledger, scope: Touched) -> tuple[Record, ...]:
    """
    The production environments that the components run in, by their step on the ladder.

    Where no component names an environment, the ledger's only one in production is meant.
    """
    if not scope.cis:
        return ()
    named = {str(id) for one in scope.cis for _, id in one.items("/environments")}
    active = [one for one in ledger.of("environment") if one.state == "active" and one.get("production") is True]
    chosen = [one for one in active if one.id in named] if named else active if len(active) == 1 else []
    return tuple(sorted(chosen, key=lambda one: (_step(one), one.id)))


def _step(environment: Record) -> int:
    found = at(environment.data, "/ladder/position")
    return found if isinstance(found, int) else 0


def rollout(environments: tuple[Record, ...], last: Record | None) -> dict[str, Any]:
    """How the release goes out: everywhere at once where there is one place, else place by place, or as last time."""
    stated = at(last.data, "/rollout/model") if last is not None else None
    single = len(environments) == 1
    model = stated if isinstance(stated, str) else "big-bang" if single else "phased"
    groups = [
        {"id": _slug(one.id), "environment": one.id, **({} if single else {"order": number})}
        for number, one in enumerate(environments, 1)
    ]
    return {"model": model, "groups": groups}


def _slug(id: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", id.removeprefix("ENV-").lower()).strip("-")


def known_problems(ledger: Ledger, cis: Iterable[Mapping[str, str]], fixes: Iterable[str]) -> list[str]:
    """
    The open problems of the components that the versions still have.

    A problem that names no version of a component has it in every version; one that names some, in those.
    """
    ended = set(fixes)
    found = {id for part in cis for id in _open_in(ledger, part["ci"], part.get("version", ""))}
    return sorted(found - ended)


def _open_in(ledger: Ledger, ci: str, version: str) -> Iterator[str]:
    for problem in ledger.naming(ci, "problem", at="/cis/*", is_open=True):
        listed = (one for _, one in problem.items("/affected_versions") if isinstance(one, dict))
        versions = {one.get("version") for one in listed if one.get("ci") == ci}
        if not versions or None in versions or version in versions:
            yield problem.id
