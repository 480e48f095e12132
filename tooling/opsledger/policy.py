"""What a ledger's policy record sets: severities and names; the preset speaks where it is silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from opsledger import packaged
from opsledger.errors import OpsledgerError
from opsledger.finding import Severity
from opsledger.kind import Kinds
from opsledger.store import Snapshot
from opsledger.yamlfile import Unreadable, read

MARK = ".opsledger.yaml"
PRESET = "small"


class OtherVersion(OpsledgerError):
    """The ledger is judged by another version of the tool than the one that runs."""

    def __init__(self, wanted: str, running: str) -> None:
        super().__init__(wanted, running)
        self.wanted = wanted
        self.running = running

    def __str__(self) -> str:
        return (
            f"this ledger is judged by opsledger {self.wanted} and this is {self.running}: run opsledger {self.wanted}"
        )


@dataclass(frozen=True)
class Settings:
    """
    What `.opsledger.yaml` says.

    Args:
        tool: the version that judges; empty for any.
        protected: the branch on which records are in force.
        repository: the ledger's address, such as github.com/kestrel-pay/ledger; empty where it says none.
    """

    tool: str = ""
    preset: str = PRESET
    protected: str = "main"
    repository: str = ""

    def admit(self, running: str) -> None:
        """
        Let the running version judge, if it is the one that is pinned.

        Raises:
            OtherVersion: another one is.
        """
        if self.tool and self.tool != running:
            raise OtherVersion(self.tool, running)


@dataclass(frozen=True)
class Policy:
    """
    What is in force, from the judge.

    Args:
        data: the policy record over the preset's, section by section.
    """

    data: Mapping[str, Any] = field(default_factory=dict)

    def at(self, *keys: str, default: Any = None) -> Any:
        """What is said under a row of keys, such as `"blocking", "production", "severity"`."""
        found: Any = self.data
        for key in keys:
            if not isinstance(found, Mapping) or key not in found:
                return default
            found = found[key]
        return found

    @property
    def release_name(self) -> str:
        """The template of release names; empty for any name."""
        return str(self.data.get("naming", {}).get("release", ""))

    def severity(self, code: str, otherwise: Severity) -> Severity:
        """How much findings of a code weigh; a locked code keeps the rule's own weight."""
        rules = self.data.get("rules", {})
        if code in rules.get("locked", ()) or code[:3] in rules.get("locked", ()):
            return otherwise
        stated = rules.get("severity", {}).get(code)
        return (
            Severity[stated.upper()]
            if isinstance(stated, str) and stated.upper() in Severity.__members__
            else otherwise
        )

    def selects(self, code: str) -> bool:
        """Whether the rule of a code is in force; locked ones always are."""
        rules = self.data.get("rules", {})
        selected = {*rules.get("select", ["ALL"]), *rules.get("locked", ())}
        return bool(selected & {"ALL", code, code[:3]})


def settings_of(snapshot: Snapshot) -> Settings:
    """What the ledger's marker file says; what cannot be read says nothing."""
    found = read(snapshot.read(MARK)) if MARK in snapshot.files else {}
    stated = {} if isinstance(found, Unreadable) else found
    return Settings(
        tool=str(stated.get("tool") or ""),
        preset=str(stated.get("preset") or PRESET),
        protected=str(stated.get("protected") or "main"),
        repository=str(stated.get("repository") or ""),
    )


def policy_of(snapshot: Snapshot, kinds: Kinds, preset: str = PRESET) -> Policy:
    """The policy of a snapshot: its first policy record by path, laid over the preset's."""
    stated: dict[str, Any] = {}
    kind = kinds.get("policy")
    start = f"{kind.folder}/" if kind else "\0"
    for path in sorted(path for path in snapshot.files if path.startswith(start)):
        if path.endswith(".yaml") and kinds.of_path(path) is kind:
            found = read(snapshot.read(path))
            stated = {} if isinstance(found, Unreadable) else found
            break
    return Policy(_over(_preset(preset), stated))


def preset_policy(name: str) -> Policy:
    """The policy of a preset alone."""
    return Policy(_preset(name))


def _preset(name: str) -> dict[str, Any]:
    try:
        found = read(packaged.text(f"presets/{name}/policy.yaml"))
    except FileNotFoundError:
        return {}
    return {} if isinstance(found, Unreadable) else found


def _over(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        inner = merged.get(key)
        merged[key] = _over(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged
