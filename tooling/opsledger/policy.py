"""What a ledger's policy record sets: severities and names; the preset speaks where it is silent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from opsledger import packaged
from opsledger.errors import OpsledgerError, Undecided
from opsledger.finding import Place, Severity
from opsledger.kind import Kind, Kinds
from opsledger.store import Snapshot
from opsledger.yamlfile import Unreadable, read

if TYPE_CHECKING:
    from opsledger.conditions import Condition, Unanswered
    from opsledger.ledger import Record

MARK = ".opsledger.yaml"
PRESET = "small"
_NAME = re.compile(r"[a-z][a-z0-9-]*")


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
        has_preset: whether the settings name a preset that there is; a ledger whose settings nobody can read has none.
        path: the policy record's file; empty where the preset speaks alone.
        source: what stands in that file.
        kind: what a policy looks like, by the judge's schemas; `None` where they have no such kind.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    source: bytes = field(default=b"", repr=False)
    kind: Kind | None = field(default=None, repr=False)
    has_preset: bool = True

    @property
    def is_readable(self) -> bool:
        """Whether the policy can be read; where it is not, nobody knows what is in force."""
        return not self.unreadable

    @cached_property
    def unreadable(self) -> str:
        """The file that cannot be read or does not fit: the settings, which name the preset, or the policy's record."""
        if not self.has_preset:
            return MARK
        if not self.path or self.kind is None:
            return ""
        found = read(self.source)
        is_sound = isinstance(found, dict) and self.kind.is_sound and self.kind.validator(None).is_valid(found)
        return "" if is_sound else self.path

    def at(self, *keys: str, default: Any = None) -> Any:
        """What is said under a row of keys, such as `"blocking", "production", "severity"`."""
        found: Any = self.data
        for key in keys:
            if not isinstance(found, Mapping) or key not in found:
                return default
            found = found[key]
        return found

    def place(self, pointer: str, column: int = 1) -> Place:
        """
        Where a value stands in the policy record; in the ledger's settings, which name the preset, where that says it.

        Args:
            column: of what is meant in the value, counted from 1.
        """
        from opsledger.conditions.places import place_within

        return (place_within(self.source, self.path, pointer, column) if self.path else None) or Place(MARK)

    def condition(self, *keys: str) -> Condition | None:
        """
        The condition under a row of keys, such as `"pir", "required_when"`; `None` where none is stated.

        Raises:
            Undecided: what is stated there is no condition.
        """
        stated = self.at(*keys)
        if stated is None:
            return None
        from opsledger.conditions import Unsound, compiled

        try:
            return compiled(str(stated))
        except Unsound as unsound:
            place = self.place(f"/{'/'.join(keys)}", unsound.column)
            missing = f"{'.'.join(keys)} of the policy at {place.path}:{place.line} is no condition: {unsound.message}"
            raise Undecided(missing, "mend it on the base, whose policy holds here") from None

    @property
    def release_name(self) -> str:
        """The template of release names; empty for any name."""
        return str(self.data.get("naming", {}).get("release", ""))

    @cached_property
    def own(self) -> tuple[Mapping[str, Any], ...]:
        """The organisation's own rules, as they are stated; what is not shaped like one is left out."""
        stated = self.at("rules", "own")
        entries = stated if isinstance(stated, list) else []
        wanted = ("code", "kind", "must", "says")
        return tuple(
            one for one in entries if isinstance(one, dict) and all(isinstance(one.get(key), str) for key in wanted)
        )

    @property
    def of_records(self) -> str:
        """All that findings about single records depend on, as text: they are kept for as long as it is the same."""
        return (
            f"{self.release_name} {self.selects('SCH007')} {json.dumps(self.own, sort_keys=True) if self.own else ''}"
        )

    def severity(self, code: str, otherwise: Severity, place: Record | None = None) -> Severity:
        """
        How much findings of a code weigh; a locked code keeps the rule's own weight.

        Where the policy states a condition and an environment leaves it open, it weighs as an error.

        Args:
            otherwise: the rule's own weight.
            place: the environment that is asked about; `None` where none is.
        """
        stated = None if self._is_locked(code) else self.at("rules", "severity", code)
        if stated is None:
            return otherwise
        if str(stated).upper() in Severity.__members__:
            return Severity[str(stated).upper()]
        return self._weight(str(stated), otherwise, place)

    def unweighed(self, code: str, place: Record | None) -> Unanswered | None:
        """Why nobody knows how much findings of a code weigh in an environment; `None` where that is known."""
        stated = None if self._is_locked(code) else self.at("rules", "severity", code)
        if stated is None or place is None or str(stated).upper() in Severity.__members__:
            return None
        from opsledger.conditions.weighing import weight

        found = weight(str(stated), place)
        return None if isinstance(found, str) else found

    def _weight(self, stated: str, otherwise: Severity, place: Record | None) -> Severity:
        from opsledger.conditions.weighing import weight  # only a policy that weighs by environment pays for it

        found = weight(stated, place)
        if isinstance(found, str):
            return Severity[found.upper()]
        return otherwise if place is None else Severity.ERROR

    def _is_locked(self, code: str) -> bool:
        locked = self.data.get("rules", {}).get("locked", ())
        return code in locked or code[:3] in locked

    def selects(self, code: str) -> bool:
        """Whether the rule of a code is in force; locked ones always are."""
        rules = self.data.get("rules", {})
        selected = {*rules.get("select", ["ALL"]), *rules.get("locked", ())}
        return bool(selected & {"ALL", code, code[:3]})


def settings_of(snapshot: Snapshot) -> Settings:
    """What the ledger's marker file says; what cannot be read names no preset, and says nothing else."""
    found = read(snapshot.read(MARK)) if MARK in snapshot.files else {}
    stated = {} if isinstance(found, Unreadable) else found
    return Settings(
        tool=str(stated.get("tool") or ""),
        preset="" if isinstance(found, Unreadable) else str(stated.get("preset") or PRESET),
        protected=str(stated.get("protected") or "main"),
        repository=str(stated.get("repository") or ""),
    )


def policy_of(snapshot: Snapshot, kinds: Kinds, preset: str = PRESET) -> Policy:
    """The policy of a snapshot: its first policy record by path, laid over the preset's."""
    stated: dict[str, Any] = {}
    place, source = "", b""
    kind = kinds.get("policy")
    for path in snapshot.below(kind.folder) if kind else ():
        if path.endswith(".yaml") and kinds.of_path(path) is kind:
            place, source = path, snapshot.read(path)
            found = read(source)
            stated = {} if isinstance(found, Unreadable) else found
            break
    return Policy(_over(_preset(preset), stated), place, source, kind, has_preset=_is_preset(preset))


def preset_policy(name: str) -> Policy:
    """The policy of a preset alone."""
    return Policy(_preset(name), has_preset=_is_preset(name))


def rank(kinds: Kinds, vocabulary: str, word: str) -> int:
    """
    Where a word stands in an ordered vocabulary of `schemas/common.json`, such as *high* among severities.

    Returns:
        Its place from 0, the least first: words of one vocabulary compare as these numbers do.

    Raises:
        ValueError: the vocabulary has no such word, or there is no such vocabulary.
    """
    words = kinds.vocabularies.get(vocabulary, {}).get("enum", ())
    if word not in words:
        raise ValueError(f"{word} is no word of the vocabulary {vocabulary}")
    return list(words).index(word)


def _is_preset(name: str) -> bool:
    try:
        return bool(_NAME.fullmatch(name) and packaged.text(f"presets/{name}/policy.yaml"))
    except FileNotFoundError:
        return False


def _preset(name: str) -> dict[str, Any]:
    found = read(packaged.text(f"presets/{name if _is_preset(name) else PRESET}/policy.yaml"))
    return {} if isinstance(found, Unreadable) else found


def _over(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        inner = merged.get(key)
        merged[key] = _over(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged
