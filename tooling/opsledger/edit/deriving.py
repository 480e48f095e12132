"""A release from the commits that went in: what follows from git and the ledger is filled in, and marked as such."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opsledger.edit.deriving_changes import Named, model_for, named_in, risk_of
from opsledger.edit.deriving_package import acceptance_of, agreed_versions, in_sections, package_of
from opsledger.edit.deriving_scope import Touched, known_problems, parts, production_of, rollout, touched
from opsledger.edit.mentions import mentions, standing
from opsledger.edit.ranges import Plain, Span
from opsledger.ledger import Ledger, Record
from opsledger.packages import WAS_LIVE
from opsledger.people import People
from opsledger.policy import Policy
from opsledger.rules.form import release_name
from opsledger.yamlfile import pointer as pointer_to

_LONGEST_LINE = 120
_LONGEST_SUMMARY = 2_000
_TASK_WORDS = ("large", "medium")


@dataclass(frozen=True, eq=False)
class Sight:
    """
    What a release is derived from, beside the commits.

    Args:
        me: the e-mail address of whoever runs it, or empty.
        plain: gives addresses of repositories as records write them.
    """

    ledger: Ledger
    policy: Policy
    people: People
    me: str
    now: datetime
    plain: Plain


@dataclass(frozen=True, eq=False)
class Draft:
    """
    A release as far as it follows from what is known.

    Args:
        data: what was given and what was derived.
        derived: the pointers of what nobody typed.
        named: the changes and fixes that the commits name.
        cis: the components in its scope.
        environments: where it goes.
        model: what a standard change would follow, or `None`.
        pull: address of the only pull request in it, or empty.
        notes: what was left open, one sentence each.
    """

    data: Mapping[str, Any]
    derived: tuple[str, ...]
    named: Named
    cis: tuple[Record, ...]
    environments: tuple[Record, ...]
    model: Record | None
    pull: str
    notes: tuple[str, ...]


def drafted(span: Span, given: Mapping[str, Any], sight: Sight, *, service: str = "") -> Draft:
    """
    Derive a release.

    Args:
        given: what somebody typed; it is never replaced.
        service: id of the service, where somebody said it.

    Raises:
        NoSuchRecord: nothing has the id of the service.
    """
    ledger, said = sight.ledger, mentions(span.commits)
    named = named_in(ledger, said, span)
    scope = touched(ledger, span, service=service or str(given.get("service", "")), plain=sight.plain)
    environments = production_of(ledger, scope)
    last = _last_of(ledger, scope.service)
    model, why = model_for(ledger, scope.cis, environments) if scope.cis else (None, "")
    found = _found(span, given, sight, named, scope, environments, last, model)
    data, derived = _laid(given, found.values)
    notes = [*scope.notes, *named.notes, *found.notes]
    if not named.changes and why and "changes" not in given:
        notes.append(f"{why}, so no change was made: opsledger new change")
    return Draft(data, derived, named, scope.cis, environments, model, _pull(span, said.pulls), tuple(notes))


@dataclass(frozen=True)
class _Found:
    values: Mapping[str, Any]
    notes: tuple[str, ...]


def _found(
    span: Span, given: Mapping[str, Any], sight: Sight, named: Named, scope: Touched,
    environments: tuple[Record, ...], last: Record | None, model: Record | None,
) -> _Found:  # fmt: skip
    """All that follows, whether somebody typed it or not."""
    ledger = sight.ledger
    version = str(given.get("version") or span.version)
    package, notes = package_of(ledger, {"range": {"commit": span.commit}, **_part(given, "package")})
    whole = in_sections(package)
    digest = {**whole.get("package", {}), **given.get("package", {})}
    accepted = in_sections(acceptance_of(ledger, {"package": digest, **_part(given, "acceptance")}))
    agreed = agreed_versions(ledger, {**package, **{f"/package/{name}": value for name, value in digest.items()}})
    cis = given.get("scope", {}).get("cis") or parts(scope, version, span.version_before, agreed)
    fixes = given.get("fixes") or list(named.fixes)
    me = sight.people.by_email(sight.me) if sight.me else None
    values: dict[str, Any] = {
        "type": _type(span.version_before, version),
        "size_class": _size(sight.policy, given, environments),
        "risk": risk_of(named.changes, model, ledger),
        "service": scope.service.id if scope.service else "",
        "version": version,
        "range": _range(span),
        "accountable": me.id if me is not None and me.is_person else "",
        **_words(span, scope, version),
        "changes": [one.id for one in named.changes],
        "fixes": fixes,
        "known_problems": known_problems(ledger, cis, fixes),
        "scope": {"cis": cis} if cis else {},
        "plan": {"window": slot} if (slot := _slot(ledger, scope, environments, sight.now)) else {},
        "rollout": rollout(environments, last) if environments else {},
        "backout": _backout(scope, last),
        **whole,
        **accepted,
    }
    service = str(given.get("service") or values["service"])
    if service and version and sight.policy.release_name:
        values["name"] = release_name(sight.policy.release_name, service, version, fixes)
    return _Found({name: value for name, value in values.items() if value}, notes)


def _part(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {name: given[name]} if name in given else {}


def _laid(given: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What was typed over what was derived, and the pointers of what was not typed."""
    data, derived = dict(given), []
    for name, value in values.items():
        if name not in data:
            data[name] = value
            derived.append(pointer_to([name]))
        elif isinstance(value, Mapping) and isinstance(data[name], Mapping):
            missing = {key: inner for key, inner in value.items() if key not in data[name]}
            data[name] = {**missing, **data[name]}
            derived += [pointer_to([name, key]) for key in missing]
    return data, tuple(sorted(derived))


def _range(span: Span) -> dict[str, str]:
    address = {"repository": f"https://{span.address}"} if span.address else {}
    return {**address, "from": span.before, "to": span.after, "commit": span.commit}


def _type(before: str, after: str) -> str:
    """Major, minor or fix, by the first number that differs; empty where the versions do not say."""
    old, new = (_numbers(version) for version in (before, after))
    if not old or not new or old == new:
        return ""
    changed = next((place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), 2)
    return ("major", "minor", "fix")[min(changed, 2)]


def _numbers(version: str) -> list[int]:
    words = version.partition("-")[0].partition("+")[0].split(".")
    return [int(word) for word in words] if all(word.isascii() and word.isdigit() for word in words) else []


def _size(policy: Policy, given: Mapping[str, Any], environments: Sequence[Record]) -> str:
    """The largest size whose thresholds the release reaches; small where it reaches none."""
    plan = given.get("plan")
    counts = {"tasks": len(plan.get("tasks", ())) if isinstance(plan, Mapping) else 0, "locations": len(environments)}
    for size in _TASK_WORDS:
        limits = policy.at("release", "size_class", size, default={})
        if any(isinstance(limits.get(name), int) and 0 < limits[name] <= count for name, count in counts.items()):
            return size
    return "small"


def _words(span: Span, scope: Touched, version: str) -> dict[str, str]:
    """Title and summary: of the tag's message, else of what was merged."""
    first, _, rest = span.tag.partition("\n")
    titles = tuple(dict.fromkeys(_titles(span)))
    named = f"{scope.service.title} {version}" if scope.service is not None and version else ""
    says_more = first.strip().lower() not in ("", span.after.lower(), version.lower(), f"v{version}".lower())
    title = first.strip() if says_more else titles[0] if len(titles) == 1 else named
    summary = rest.strip() or ("\n".join(f"- {one}" for one in titles) if len(titles) > 1 else "")
    return {"title": title[:_LONGEST_LINE].strip(), "summary": summary[:_LONGEST_SUMMARY].strip()}


def _titles(span: Span) -> Iterator[str]:
    """What came in: the titles of pull requests; where there were none, of the commits."""
    kept = standing(span.commits)
    merged = [one for one in kept if mentions([one]).pulls]
    for one in merged or [one for one in kept if not one.is_bare_merge]:
        if one.title:
            yield one.title


def _last_of(ledger: Ledger, service: Record | None) -> Record | None:
    """The release of a service that is out now: the newest one that was deployed and not taken back."""
    if service is None:
        return None
    found = [one for one in ledger.naming(service.id, "release", at="/service") if one.state in WAS_LIVE]
    return max(found, key=lambda one: (_numbers(str(one.get("version", ""))), one.id), default=None)


def _backout(scope: Touched, last: Record | None) -> dict[str, str]:
    """Back to what runs now; nothing where nothing ran before."""
    if last is not None:
        return {"method": "redeploy-previous", "target": last.id}
    runs = scope.service is not None and scope.service.state != "planned" and scope.service.get("version")
    return {"method": "redeploy-previous"} if runs else {}


def _slot(ledger: Ledger, scope: Touched, environments: Sequence[Record], now: datetime) -> str:
    """The only published slot on the calendar that is meant for such a release and still to come, or empty."""
    if "window" not in ledger.kinds or not environments:
        return ""
    from opsledger.calendar import AHEAD, calendar_of  # few ledgers plan slots

    meant = [one for one in ledger.of("window") if one.state == "published" and _fits(one, scope, environments)]
    calendar = calendar_of(meant, ledger)
    fits = [one for one in meant if next(calendar.spans(one, now, now + AHEAD), None) is not None]
    for sort in ("release-slot", "change-window"):
        found = [one for one in fits if one.get("type") == sort]
        if found:
            return found[0].id if len(found) == 1 else ""
    return ""


def _fits(window: Record, scope: Touched, environments: Sequence[Record]) -> bool:
    """Whether a window is meant for these places and components."""
    places = {str(id) for _, id in window.items("/scope/environments")}
    cis = {str(id) for _, id in window.items("/scope/cis")}
    return (not places or {one.id for one in environments} <= places) and (
        not cis or {one.id for one in scope.cis} <= cis
    )


def _pull(span: Span, pulls: Collection[str]) -> str:
    """The address of the only pull request of a range, where its forge is known by its host."""
    host = span.address.partition("/")[0]
    ways = {"github.com": "pull", "gitlab.com": "-/merge_requests"}
    return f"https://{span.address}/{ways[host]}/{min(pulls)}" if len(pulls) == 1 and host in ways else ""
