"""
What proves and permits in a generated ledger: results of tests, baselines, exceptions, approvals, windows, gates.

The newest releases have theirs; the older ones went live before the ledger kept any.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from corpus_names import FORGE, PRODUCTION, ci_name, dated, digest_name, instant, party_name
from corpus_records import APPROVERS, Company, Record
from settings import CHECKOUT

_START = CHECKOUT / "tooling" / "opsledger" / "presets" / "small"
_REPOSITORY = f"{FORGE}/payments/ledger"
_COMMIT = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"
_LATELY = datetime(2026, 10, 25, 9, tzinfo=UTC)
_SIGNED = ("acceptance", "readiness")


def starters() -> Iterator[tuple[str, bytes]]:
    """The files that a new ledger of the preset starts with: gates, roles, lanes and the policy."""
    for path in sorted(_START.glob("records/**/*.yaml")):
        yield path.relative_to(_START).as_posix(), path.read_bytes()


class Proofs:
    """Makes them for the records of a company."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._count = company.count
        newest = range(self._count.releases - 1, -1, -1)
        self._packaged = [number for number in newest if company.release_states[number] not in ("planned", "building")]
        self._ready = [number for number in self._packaged if company.release_states[number] != "packaged"]

    def records(self) -> Iterator[Record]:
        """All of them, kind after kind."""
        yield from self._windows()
        for number in range(self._count.evidence):
            yield self._evidence(number)
        for number in range(self._count.baselines):
            yield self._baseline(number)
        yield from self._exceptions
        yield from self._approvals()

    def _windows(self) -> Iterator[Record]:
        places = {"environments": [PRODUCTION]}
        for name, stated in {
            "WIN-year-end": {
                "type": "freeze", "start": "2026-12-18T00:00:00Z", "end": "2027-01-04T06:00:00Z", "scope": places,
            },
            "WIN-working-days": {
                "type": "change-window", "start": "2026-01-05T07:00:00Z", "end": "2026-01-05T17:00:00Z",
                "time_zone": "Europe/Berlin", "recurrence": {"rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
                "scope": places,
            },
            "WIN-upgrade": {
                "type": "maintenance", "start": "2026-11-28T01:00:00Z", "end": "2026-11-28T03:00:00Z",
                "scope": {"cis": [ci_name(3)]},
            },
        }.items():  # fmt: skip
            record = {"id": name, "title": name[4:].replace("-", " "), "state": "published", **stated}
            yield f"records/windows/{name}.yaml", record | {"owner": party_name(0)}

    def _evidence(self, number: int) -> Record:
        release = self._packaged[number // 2 % len(self._packaged)]
        at = self._company.release_time(release) + timedelta(days=10)
        name = f"EVD-{at.year}-{_short(f'evidence {number}')}"
        record = {
            "id": name,
            "title": f"Result {number} for {self._company.release_id(release)}",
            "type": "sbom" if number % 2 else "test-run",
            "subjects": [self._company.release_id(release)],
            "environment": "ENV-place-0",
            "package_digest": digest_name(self._company.release_id(release)),
            "performed_by": [{"party": self._company.owner(number)}],
            "at": instant(at),
            "result": "passed",
        }
        if number % 2:
            record["components"] = [f"pkg:pypi/part-{part}@{1 + number % 9}.{part}.0" for part in range(8)]
        else:
            record["cases"] = [{"key": f"case-{case}", "result": "passed"} for case in range(12)]
        return dated("evidence", record), record

    def _baseline(self, number: int) -> Record:
        release = self._packaged[number % len(self._packaged)]
        at = self._company.release_time(release) + timedelta(days=9)
        name = f"BSL-{at.year}-{number + 1:04}"
        service = self._company.service(release)
        record = {
            "id": name,
            "title": f"What {self._company.release_id(release)} is made of",
            "state": "agreed",
            "of": self._company.release_id(release),
            "at": instant(at),
            "package_digest": digest_name(self._company.release_id(release)),
            "entries": [{"ci": ci_name(service), "version": self._company.version(release)}],
        }
        return dated("baselines", record), record

    @cached_property
    def _exceptions(self) -> tuple[Record, ...]:
        return tuple(self._exception(number) for number in range(self._count.exceptions))

    def _exception(self, number: int) -> Record:
        release, starts = self._company.at_risk(number), _LATELY + timedelta(hours=number % 400)
        owner = self._company.owner(number)
        record = {
            "id": f"EXC-{starts.year}-{number + 1:04}",
            "title": f"{self._company.release_id(release)} goes out with a problem that is known",
            "type": "known-problem-release",
            "state": "active",
            "requested_by": owner,
            "scope": {
                "records": [self._company.release_id(release), self._company.problem_id(number)],
                "rules": ["FLT751"],
                "environments": [PRODUCTION],
            },
            "justification": "Few meet it, and the way around is short.",
            "mitigation": [
                {"action": "Tell support the way around.", "owner": owner, "due": instant(starts), "state": "open"}
            ],
            "level": "high",
            "residual_risk": "low",
            "starts": instant(starts),
            "expires": instant(starts + timedelta(days=30)),
        }
        return dated("exceptions", record), record

    def _approvals(self) -> Iterator[Record]:
        """Those of the exceptions, then those of the newest releases, as a machine copies reviews."""
        made = 0
        for _, record in self._exceptions:
            yield self._approval(made, "exception", record, "exception")
            made += 1
        wanted = ((release, scope) for release in self._ready for scope in _SIGNED)
        for release, scope in wanted:
            if made >= self._count.approvals:
                return
            yield self._approval(made, "release", self._company.releases[release], scope)
            made += 1

    def _approval(self, number: int, kind: str, subject: Mapping[str, Any], scope: str) -> Record:
        begun = subject.get("starts") or subject["package"]["built"]
        at = datetime.strptime(begun, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) + timedelta(days=1, minutes=number % 60)
        asked = subject.get("requested_by") or subject.get("accountable")
        signer = next(one for one in range(APPROVERS) if party_name(one) != asked)
        review = {
            "id": 1000 + number,
            "user": {"id": 100 + signer, "login": f"person-{signer:02}", "type": "User"},
            "state": "APPROVED",
            "commit_id": _COMMIT,
            "submitted_at": instant(at),
        }
        payload = json.dumps(review)
        pointers = _scopes(kind)[scope]
        content = {there: value for pointer in pointers for there, value in _standing(subject, pointer)}
        about = {"kind": kind, "subject": subject["id"], "scope": scope, "content": content}
        record = {
            "id": f"APR-{at.year}-{_short(f'approval {number}')}",
            "subject": subject["id"],
            "scope": scope,
            "digest": _digest(about),
            "pointers": sorted(pointers),
            "role": "ROL-approver",
            "party": party_name(signer),
            "decision": "granted",
            "at": instant(at),
            "repository": _REPOSITORY,
            "authors": [asked],
            "evidence": {
                "type": "forge-review",
                "forge": FORGE,
                "review": str(review["id"]),
                "commit": _COMMIT,
                "payload": payload,
                "payload_digest": digest_name(payload),
            },
        }
        return f"records/approvals/ROL-approver/{record['id']}.yaml", record


_KNOWN_SCOPES: dict[str, Mapping[str, list[str]]] = {}


def _scopes(kind: str) -> Mapping[str, list[str]]:
    """What the scopes of a kind cover, by its schema."""
    if kind not in _KNOWN_SCOPES:
        _KNOWN_SCOPES[kind] = json.loads((CHECKOUT / "schemas" / f"{kind}.json").read_text())["x-scopes"]
    return _KNOWN_SCOPES[kind]


def _standing(data: Any, pointer: str, there: str = "") -> Iterator[tuple[str, Any]]:
    """What stands at a pointer in which `*` is every entry of a list, with the pointer that leads there."""
    first, _, rest = pointer.removeprefix("/").partition("/")
    if first == "*" and isinstance(data, list):
        entries = [(str(at), one) for at, one in enumerate(data)]
    else:
        entries = [(first, data[first])] if isinstance(data, Mapping) and first in data else []
    for key, value in entries:
        yield from _standing(value, f"/{rest}", f"{there}/{key}") if rest else [(f"{there}/{key}", value)]


def _digest(value: object) -> str:
    """Of its canonical JSON, which is this one for plain text and small numbers."""
    return digest_name(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
