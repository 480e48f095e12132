"""
Records of a company that does not exist, as many as wanted, all of them in order.

Sizes and link counts follow the corpus that the speed goals were set on: 24 to 65 lines and about 1.25 KB each, 4.5
links a record. Of it four fifths are left, of which 3 in 8 are changes; a fifth is what proves and permits.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from corpus_names import FORGE, PRODUCTION, ci_name, dated, digest_name, environment_name, instant, party_name

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
APPROVERS = 3
PLACES = 4
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
    evidence: int
    baselines: int
    approvals: int
    exceptions: int
    parties: int

    @classmethod
    def of(cls, total: int) -> Counts:
        """The mix for so many records; parties, environments, windows and what the preset brings come on top."""
        if total < 40:
            raise ValueError(f"{total} records are too few for the mix; ask for 40 or more")
        share = {
            "releases": 12, "problems": 12, "cis": 12, "incidents": 8, "deployments": 6,
            "evidence": 10, "baselines": 4, "approvals": 5, "exceptions": 1,
        }  # fmt: skip
        counts = {kind: total * percent // 100 for kind, percent in share.items()}
        return cls(changes=total - sum(counts.values()), parties=max(APPROVERS, min(40, total // 20)), **counts)


Record = tuple[str, dict[str, Any]]  # path and data


class Company:
    """
    Makes the records, the same for the same seed and number.

    Its `releases` are there, by number, once they were made.
    """

    def __init__(self, total: int, seed: int) -> None:
        self.count = Counts.of(total)
        self._total = total
        self._random = random.Random(seed)
        self.releases: dict[int, dict[str, Any]] = {}
        self._sentences = [self._sentence() for _ in range(600)]
        brought = {self._brought_by(number) for number in range(self.count.deployments)}
        states = [self._random.choice(_FAR_STATES) for _ in range(self.count.releases)]
        # What is live was deployed.
        self.release_states = [
            state if number in brought or state not in _LIVE else "ready" for number, state in enumerate(states)
        ]
        self._ready = [number for number, state in enumerate(self.release_states) if state == "ready"] or [0]

    def records(self) -> Iterator[Record]:
        """All of them, kind after kind."""
        count = self.count
        for number in range(count.parties):
            yield self._party(number)
        for number in range(PLACES):
            yield self._environment(environment_name(number), is_production=False)
        yield self._environment(PRODUCTION, is_production=True)
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
        name = party_name(number)
        record: dict[str, Any] = {
            "id": name,
            "name": f"Person {number:02}",
            "type": "person",
            "state": "active",
            "identities": {"accounts": [{"forge": FORGE, "login": f"person-{number:02}", "id": str(100 + number)}]},
        }
        if number < APPROVERS:
            record["roles"] = [{"role": "ROL-approver"}]
        return f"records/parties/{name}.yaml", record

    def _environment(self, name: str, *, is_production: bool) -> Record:
        record = {
            "id": name,
            "title": name[4:].replace("-", " "),
            "state": "active",
            "purpose": "production" if is_production else "test",
            "production": is_production,
            "ladder": {"position": 2 if is_production else 1},
            "manager": self.owner(0),
        }
        return f"records/environments/{name}.yaml", record

    def _ci(self, number: int) -> Record:
        name = ci_name(number)
        below = sorted({self._random.randrange(number) for _ in range(2)}) if number else []
        record: dict[str, Any] = {
            "id": name,
            "title": f"Component {number}",
            "state": "live",
            "class": "service" if number % 3 else "library",
            "owner": self.owner(number),
            "criticality": self._random.choice(_SEVERITIES),
            "version": f"{number}.0.0",
            "description": self._text(26),
            "tags": ["payments", f"team-{number % 7}"],
        }
        if below:
            record["relations"] = {"depends_on": [ci_name(other) for other in below]}
        return f"records/cis/{name}.yaml", record

    def _problem(self, number: int) -> Record:
        name, when = self._id("PRB", number, self.count.problems)
        release = self._random.randrange(self.count.releases)
        severity = self._random.choice(("low", "medium"))
        state = self._random.choice(("known-error", "resolved", "closed", "closed"))
        if number < self.count.exceptions:
            release, severity, state = self.at_risk(number), "high", "known-error"
        record: dict[str, Any] = {
            "id": name,
            "title": self._line(),
            "state": state,
            "description": self._text(11),
            "severity": severity,
            "impact": self._random.choice(_SEVERITIES),
            "urgency": self._random.choice(_SEVERITIES),
            "category": self._random.choice(("code", "configuration", "capacity", "data")),
            "owner": self.owner(number),
            "logged": instant(when),
            "cis": [ci_name(self.service(release))],
            "affected_versions": [{"ci": ci_name(self.service(release)), "version": self.version(release)}],
            "fixed_in": [self.version((release + 1) % self.count.releases)],
            "introduced_by": {"record": self.release_id(release), "confidence": "suspected"},
            "known_error": {
                "symptom": self._line(),
                "workaround": self._text(7),
                "published": instant(when + timedelta(days=1)),
            },
        }
        if state != "known-error":
            record["fix"] = {
                "changes": [self._change_id(self._random.randrange(self.count.changes))],
                "target": "2026-12-01",
            }
            record["resolution"] = {
                "path": "change",
                "resolved": instant(when + timedelta(days=20)),
                "summary": self._line(),
            }
        return dated("problems", record), record

    def _change(self, number: int) -> Record:
        name, when = self._id("CHG", number, self.count.changes)
        state = self._change_state(number)
        first, second = self._two_cis()
        record: dict[str, Any] = {
            "id": name,
            "title": self._line(),
            "state": state,
            "type": "normal",
            "owner": self.owner(number),
            "submitted": instant(when),
            "risk": self._random.choice(_SEVERITIES),
            "effects": [{"ci": ci_name(first), "effect": "changed", "note": self._line()}],
            "business_need": self._text(7),
            "solution": self._text(8),
            "impact": {"summary": self._line(), "downtime": f"{number % 60}m", "affected": [ci_name(second)]},
            "backout": {"method": self._line(), "takes": "30m"},
            "planned": {
                "start": instant(when + timedelta(days=7)),
                "end": instant(when + timedelta(days=7, hours=2)),
            },
            "pull_request": f"https://forge.example/payments/pull/{number}",
        }
        if number % 2:
            record["problems"] = [self.problem_id(self._random.randrange(self.count.problems))]
        elif number:
            record["depends_on"] = [self._change_id(self._random.randrange(number))]
        if state == "closed":
            record["actual"] = {
                "start": instant(when + timedelta(days=7)),
                "end": instant(when + timedelta(days=7, hours=1)),
            }
            record["closure_code"] = "successful"
        record["log"] = [
            {"at": instant(when + timedelta(hours=hour)), "note": self._line()}
            for hour in range(self._random.randrange(1, 6))
        ]
        return dated("changes", record), record

    def _release(self, number: int) -> Record:
        name, when = self._id("REL", number, self.count.releases)
        state, service = self.release_states[number], self.service(number)
        share = range(number, self.count.changes, self.count.releases)
        record: dict[str, Any] = {
            "id": name,
            "name": f"component-{service}-{self.version(number)}",
            "title": self._line(),
            "state": state,
            "type": self._random.choice(("minor", "fix")),
            "size_class": "small",
            "risk": self._random.choice(_SEVERITIES),
            "service": ci_name(service),
            "version": self.version(number),
            "accountable": self.owner(number),
            "summary": self._text(12),
            "changes": [self._change_id(change) for change in share],
            "scope": {"cis": [{"ci": ci_name(service), "version": self.version(number), "effect": "changed"}]},
            "plan": {"start": instant(when), "end": instant(when + timedelta(days=14))},
            "rollout": {
                "model": "rolling",
                "groups": [
                    {"id": "trial", "environment": environment_name(number % PLACES), "order": 1},
                    {"id": "all", "environment": PRODUCTION, "order": 2},
                ],
                "rollback_criteria": [{"id": "failures", "criterion": self._line(), "measure": "failed", "above": 5}],
            },
            "backout": {"method": "redeploy-previous", "takes": "15m", "steps": [{"step": self._line()}]},
            "package": {"digest": digest_name(name), "built": instant(when + timedelta(days=9))},
        }
        if state == "closed":
            record["outcome"] = "successful"
        self.releases[number] = record
        return dated("releases", record), record

    def _deployment(self, number: int) -> Record:
        name, when = self._id("DEP", number, self.count.deployments)
        release = self._brought_by(number)
        record = {
            "id": name,
            "title": self._line(),
            "state": "succeeded",
            "release": self.release_id(release),
            "environment": environment_name(number % PLACES),
            "reason": "planned",
            "package_digest": digest_name(self.release_id(release)),
            "items": [{"ci": ci_name(self.service(release)), "version": self.version(release)}],
            "started": instant(when),
            "ended": instant(when + timedelta(minutes=25)),
            "executor": self.owner(number),
            "progress": [
                {"at": instant(when + timedelta(minutes=minute)), "note": self._line()}
                for minute in range(self._random.randrange(6, 13))
            ],
            "verification": [{"check": self._line(), "type": "smoke", "result": "passed"}],
            "outcome": "successful",
        }
        return dated("deployments", record), record

    def _incident(self, number: int) -> Record:
        name, when = self._id("INC", number, self.count.incidents)
        record = {
            "id": name,
            "title": self._line(),
            "state": "closed",
            "summary": self._text(6),
            "severity": self._random.choice(_SEVERITIES),
            "impact": self._random.choice(_SEVERITIES),
            "urgency": self._random.choice(_SEVERITIES),
            "started_at": instant(when),
            "detected_at": instant(when + timedelta(minutes=4)),
            "restored_at": instant(when + timedelta(minutes=70)),
            "detected_by": "monitor",
            "owner": self.owner(number),
            "cis": [ci_name(self._random.randrange(self.count.cis))],
            "environment": environment_name(number % PLACES),
            "caused_by": {
                "record": self._change_id(self._random.randrange(self.count.changes)),
                "confidence": "suspected",
            },
            "problems": [self.problem_id(self._random.randrange(self.count.problems))],
            "workaround": self._text(4),
            "resolution": self._text(6),
            "log": [
                {"at": instant(when + timedelta(minutes=minute)), "note": self._line()}
                for minute in range(self._random.randrange(2, 6))
            ],
        }
        return dated("incidents", record), record

    def _brought_by(self, deployment: int) -> int:
        """The number of the release that a deployment brings."""
        return deployment * 3 % self.count.releases

    def _change_state(self, number: int) -> str:
        """A closed release ships closed changes only, and every release one that is approved: its first."""
        closed = self.release_states[number % self.count.releases] == "closed"
        states = ("submitted", "assessed", "scheduled", "closed")
        state = self._random.choice(states[2:] if number < self.count.releases else states)
        return "closed" if closed else state

    def _id(self, prefix: str, number: int, many: int) -> tuple[str, datetime]:
        when = _FIRST + timedelta(days=1700) * (number / many)
        return f"{prefix}-{when.year}-{number + 1:04}", when

    def _change_id(self, number: int) -> str:
        return self._id("CHG", number, self.count.changes)[0]

    def at_risk(self, number: int) -> int:
        """The number of a release that is ready, but for a grave problem and an exception; the newest first."""
        return self._ready[-1 - number % len(self._ready)]

    def release_time(self, number: int) -> datetime:
        """When a release was begun."""
        return self._id("REL", number, self.count.releases)[1]

    def problem_id(self, number: int) -> str:
        """The id of a problem by its number."""
        return self._id("PRB", number, self.count.problems)[0]

    def release_id(self, number: int) -> str:
        """The id of a release by its number."""
        return self._id("REL", number, self.count.releases)[0]

    def service(self, release: int) -> int:
        """The number of the component that a release is of."""
        return release * 7 % self.count.cis

    def version(self, release: int) -> str:
        """The version that a release brings."""
        return f"{1 + release // 1000}.{release // 10 % 100}.{release % 10}"

    def owner(self, number: int) -> str:
        """The person who answers for something by its number."""
        return party_name(number % self.count.parties)

    def _two_cis(self) -> tuple[int, int]:
        return self._random.randrange(self.count.cis), self._random.randrange(self.count.cis)

    def _sentence(self) -> str:
        words = self._random.choices(_WORDS, k=self._random.randrange(3, 6))
        return f"The {words[0]} {self._random.choice(_VERBS)} the {' '.join(words[1:])}"

    def _line(self) -> str:
        return self._random.choice(self._sentences)

    def _text(self, lines: int) -> str:
        many = self._random.randrange(max(1, lines // 2), lines + 1)
        return "\n".join(f"{sentence}." for sentence in self._random.choices(self._sentences, k=many))
