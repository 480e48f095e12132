"""
Records of a company that does not exist, as many as wanted, all of them in order.

The mix, sizes and link counts follow the corpus that the speed goals were set on: 40 % changes, 15 % each of releases,
problems and CIs, 10 % incidents, 5 % deployments; 24 to 65 lines and about 1.25 KB each, 4.5 links a record.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_WORDS = (
    "ledger", "batch", "payment", "queue", "retry", "timeout", "settlement", "import", "export", "journal",
    "customer", "merchant", "card", "token", "limit", "balance", "nightly", "report", "invoice", "gateway",
    "replica", "index", "cache", "session", "login", "transfer", "currency", "rounding", "refund",
    "statement", "mandate", "webhook", "schedule", "backlog", "partner", "callback", "archive", "audit",
    "cluster", "node", "volume", "certificate",
)  # fmt: skip
_VERBS = (
    "drops", "delays", "repeats", "rejects", "rounds", "blocks", "duplicates", "loses", "reorders",
    "truncates", "locks", "skips",
)  # fmt: skip
_FIRST = datetime(2022, 1, 3, 8, tzinfo=UTC)
_FAR_STATES = ("planned", "building", "packaged", "ready", "early-life-support", "closed", "closed", "closed")
_LIVE = ("early-life-support", "closed")
_SEVERITIES = ("low", "low", "medium", "medium", "high", "critical")


@dataclass(frozen=True)
class Counts:
    """How many records of each kind."""

    changes: int
    releases: int
    problems: int
    cis: int
    incidents: int
    deployments: int
    parties: int

    @classmethod
    def of(cls, total: int) -> Counts:
        """The mix for so many records; parties and the four environments come on top."""
        if total < 40:
            raise ValueError(f"{total} records are too few for the mix; ask for 40 or more")
        share = {"releases": 15, "problems": 15, "cis": 15, "incidents": 10, "deployments": 5}
        counts = {kind: total * percent // 100 for kind, percent in share.items()}
        return cls(changes=total - sum(counts.values()), parties=min(40, total // 20), **counts)


Record = tuple[str, dict[str, Any]]  # path and data


class Company:
    """Makes the records, the same for the same seed and number."""

    def __init__(self, total: int, seed: int) -> None:
        self._count = Counts.of(total)
        self._total = total
        self._random = random.Random(seed)
        self._sentences = [self._sentence() for _ in range(600)]
        brought = {self._brought_by(number) for number in range(self._count.deployments)}
        states = [self._random.choice(_FAR_STATES) for _ in range(self._count.releases)]
        # What is live was deployed.
        self._release_states = [
            state if number in brought or state not in _LIVE else "ready" for number, state in enumerate(states)
        ]

    def records(self) -> Iterator[Record]:
        """All of them, kind after kind."""
        count = self._count
        for number in range(count.parties):
            yield self._party(number)
        for number in range(4):
            yield self._environment(number)
        for make, many in (
            (self._ci, count.cis),
            (self._problem, count.problems),
            (self._change, count.changes),
            (self._release, count.releases),
            (self._deployment, count.deployments),
            (self._incident, count.incidents),
        ):
            for number in range(many):
                yield make(number)

    def _party(self, number: int) -> Record:
        name = _party(number)
        return f"records/parties/{name}.yaml", {
            "id": name,
            "name": f"Person {number:02}",
            "type": "person",
            "state": "active",
        }

    def _environment(self, number: int) -> Record:
        name = _environment(number)
        record = {
            "id": name,
            "title": f"Place {number}",
            "state": "active",
            "purpose": "test",
            "production": False,
            "manager": self._owner(number),
        }
        return f"records/environments/{name}.yaml", record

    def _ci(self, number: int) -> Record:
        name = _ci(number)
        below = sorted({self._random.randrange(number) for _ in range(2)}) if number else []
        record: dict[str, Any] = {
            "id": name,
            "title": f"Component {number}",
            "state": "live",
            "class": "service" if number % 3 else "library",
            "owner": self._owner(number),
            "criticality": self._random.choice(_SEVERITIES),
            "version": f"{number}.0.0",
            "description": self._text(26),
            "tags": ["payments", f"team-{number % 7}"],
        }
        if below:
            record["relations"] = {"depends_on": [_ci(other) for other in below]}
        return f"records/cis/{name}.yaml", record

    def _problem(self, number: int) -> Record:
        name, when = self._id("PRB", number, self._count.problems)
        release = self._random.randrange(self._count.releases)
        severity = self._random.choice(("low", "medium"))
        record: dict[str, Any] = {
            "id": name,
            "title": self._line(),
            "state": self._random.choice(("known-error", "resolved", "closed", "closed")),
            "description": self._text(11),
            "severity": severity,
            "impact": self._random.choice(_SEVERITIES),
            "urgency": self._random.choice(_SEVERITIES),
            "category": self._random.choice(("code", "configuration", "capacity", "data")),
            "owner": self._owner(number),
            "logged": _instant(when),
            "cis": [_ci(self._service(release))],
            "affected_versions": [{"ci": _ci(self._service(release)), "version": self._version(release)}],
            "fixed_in": [self._version((release + 1) % self._count.releases)],
            "introduced_by": {"record": self._release_id(release), "confidence": "suspected"},
            "known_error": {
                "symptom": self._line(),
                "workaround": self._text(7),
                "published": _instant(when + timedelta(days=1)),
            },
        }
        if record["state"] != "known-error":
            record["fix"] = {
                "changes": [self._change_id(self._random.randrange(self._count.changes))],
                "target": "2026-12-01",
            }
            record["resolution"] = {
                "path": "change",
                "resolved": _instant(when + timedelta(days=20)),
                "summary": self._line(),
            }
        return _dated("problems", record), record

    def _change(self, number: int) -> Record:
        name, when = self._id("CHG", number, self._count.changes)
        state = self._change_state(number)
        first, second = self._two_cis()
        record: dict[str, Any] = {
            "id": name,
            "title": self._line(),
            "state": state,
            "type": "normal",
            "owner": self._owner(number),
            "submitted": _instant(when),
            "risk": self._random.choice(_SEVERITIES),
            "effects": [{"ci": _ci(first), "effect": "changed", "note": self._line()}],
            "business_need": self._text(7),
            "solution": self._text(8),
            "impact": {"summary": self._line(), "downtime": f"{number % 60}m", "affected": [_ci(second)]},
            "backout": {"method": self._line(), "takes": "30m"},
            "planned": {
                "start": _instant(when + timedelta(days=7)),
                "end": _instant(when + timedelta(days=7, hours=2)),
            },
            "pull_request": f"https://forge.example/payments/pull/{number}",
        }
        if number % 2:
            record["problems"] = [self._problem_id(self._random.randrange(self._count.problems))]
        elif number:
            record["depends_on"] = [self._change_id(self._random.randrange(number))]
        if state == "closed":
            record["actual"] = {
                "start": _instant(when + timedelta(days=7)),
                "end": _instant(when + timedelta(days=7, hours=1)),
            }
            record["closure_code"] = "successful"
        record["log"] = [
            {"at": _instant(when + timedelta(hours=hour)), "note": self._line()}
            for hour in range(self._random.randrange(1, 6))
        ]
        return _dated("changes", record), record

    def _release(self, number: int) -> Record:
        name, when = self._id("REL", number, self._count.releases)
        state, service = self._release_states[number], self._service(number)
        share = range(number, self._count.changes, self._count.releases)
        record: dict[str, Any] = {
            "id": name,
            "name": f"component-{service}-{self._version(number)}",
            "title": self._line(),
            "state": state,
            "type": self._random.choice(("minor", "fix")),
            "size_class": "small",
            "risk": self._random.choice(_SEVERITIES),
            "service": _ci(service),
            "version": self._version(number),
            "accountable": self._owner(number),
            "summary": self._text(12),
            "changes": [self._change_id(change) for change in share],
            "scope": {"cis": [{"ci": _ci(service), "version": self._version(number), "effect": "changed"}]},
            "plan": {"start": _instant(when), "end": _instant(when + timedelta(days=14))},
            "rollout": {
                "model": "rolling",
                "groups": [{"id": "all", "environment": _environment(number % 4), "order": 1}],
            },
            "backout": {"method": "redeploy-previous", "takes": "15m", "steps": [{"step": self._line()}]},
            "package": {"digest": _digest(name), "built": _instant(when + timedelta(days=9))},
        }
        if state == "closed":
            record["outcome"] = "successful"
        return _dated("releases", record), record

    def _deployment(self, number: int) -> Record:
        name, when = self._id("DEP", number, self._count.deployments)
        release = self._brought_by(number)
        record = {
            "id": name,
            "title": self._line(),
            "state": "succeeded",
            "release": self._release_id(release),
            "environment": _environment(number % 4),
            "reason": "planned",
            "package_digest": _digest(self._release_id(release)),
            "items": [{"ci": _ci(self._service(release)), "version": self._version(release)}],
            "started": _instant(when),
            "ended": _instant(when + timedelta(minutes=25)),
            "executor": self._owner(number),
            "progress": [
                {"at": _instant(when + timedelta(minutes=minute)), "note": self._line()}
                for minute in range(self._random.randrange(6, 13))
            ],
            "verification": [{"check": self._line(), "type": "smoke", "result": "passed"}],
            "outcome": "successful",
        }
        return _dated("deployments", record), record

    def _incident(self, number: int) -> Record:
        name, when = self._id("INC", number, self._count.incidents)
        record = {
            "id": name,
            "title": self._line(),
            "state": "closed",
            "summary": self._text(6),
            "severity": self._random.choice(_SEVERITIES),
            "impact": self._random.choice(_SEVERITIES),
            "urgency": self._random.choice(_SEVERITIES),
            "started_at": _instant(when),
            "detected_at": _instant(when + timedelta(minutes=4)),
            "restored_at": _instant(when + timedelta(minutes=70)),
            "detected_by": "monitor",
            "owner": self._owner(number),
            "cis": [_ci(self._random.randrange(self._count.cis))],
            "environment": _environment(number % 4),
            "caused_by": {
                "record": self._change_id(self._random.randrange(self._count.changes)),
                "confidence": "suspected",
            },
            "problems": [self._problem_id(self._random.randrange(self._count.problems))],
            "workaround": self._text(4),
            "resolution": self._text(6),
            "log": [
                {"at": _instant(when + timedelta(minutes=minute)), "note": self._line()}
                for minute in range(self._random.randrange(2, 6))
            ],
        }
        return _dated("incidents", record), record

    def _brought_by(self, deployment: int) -> int:
        """The number of the release that a deployment brings."""
        return deployment * 3 % self._count.releases

    def _change_state(self, number: int) -> str:
        """A closed release ships closed changes only, and every release one that is approved: its first."""
        closed = self._release_states[number % self._count.releases] == "closed"
        states = ("submitted", "assessed", "scheduled", "closed")
        state = self._random.choice(states[2:] if number < self._count.releases else states)
        return "closed" if closed else state

    def _id(self, prefix: str, number: int, many: int) -> tuple[str, datetime]:
        when = _FIRST + timedelta(days=1700) * (number / many)
        return f"{prefix}-{when.year}-{number + 1:04}", when

    def _change_id(self, number: int) -> str:
        return self._id("CHG", number, self._count.changes)[0]

    def _problem_id(self, number: int) -> str:
        return self._id("PRB", number, self._count.problems)[0]

    def _release_id(self, number: int) -> str:
        return self._id("REL", number, self._count.releases)[0]

    def _service(self, release: int) -> int:
        return release * 7 % self._count.cis

    def _version(self, release: int) -> str:
        return f"{1 + release // 1000}.{release // 10 % 100}.{release % 10}"

    def _owner(self, number: int) -> str:
        return _party(number % self._count.parties)

    def _two_cis(self) -> tuple[int, int]:
        return self._random.randrange(self._count.cis), self._random.randrange(self._count.cis)

    def _sentence(self) -> str:
        words = self._random.choices(_WORDS, k=self._random.randrange(3, 6))
        return f"The {words[0]} {self._random.choice(_VERBS)} the {' '.join(words[1:])}"

    def _line(self) -> str:
        return self._random.choice(self._sentences)

    def _text(self, lines: int) -> str:
        many = self._random.randrange(max(1, lines // 2), lines + 1)
        return "\n".join(f"{sentence}." for sentence in self._random.choices(self._sentences, k=many))


def _party(number: int) -> str:
    return f"PTY-person-{number:02}"


def _environment(number: int) -> str:
    return f"ENV-place-{number}"


def _ci(number: int) -> str:
    return f"CI-component-{number}"


def _dated(folder: str, record: dict[str, Any]) -> str:
    return f"records/{folder}/{record['id'].split('-')[1]}/{record['id']}.yaml"


def _instant(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
