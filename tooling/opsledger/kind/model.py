"""A kind of record: everything known of it comes from its schema."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from opsledger.finding import Fault
from opsledger.kind.annotations import Annotations, Mark, Reference, annotations_of
from opsledger.kind.bundling import bundle
from opsledger.kind.faults import faults_of, is_plain
from opsledger.kind.fragments import Schema, compiled
from opsledger.kind.lifecycle import Lifecycle, lifecycle_of

if TYPE_CHECKING:
    import jsonschema_rs

__all__ = ["Kind", "Kinds", "Mark", "Reference"]


@dataclass(frozen=True, eq=False)
class Kind:
    """
    What sort of record a schema describes.

    Args:
        name: as the schema's file is called, without its suffix.
        stated: the schema as it is written.
        shared: the definitions of `common.json`, by name.
        digest: SHA-256 in hex of the schema and what it shares.
    """

    name: str
    stated: Schema = field(repr=False)
    shared: Mapping[str, Schema] = field(repr=False)
    digest: str

    @property
    def _about(self) -> Schema:
        about: Schema = self.stated["x-kind"]
        return about

    @property
    def title(self) -> str:
        """What people call one record of it, such as *Risk exception*."""
        return str(self.stated.get("title", self.name))

    @property
    def plural(self) -> str:
        """What people call several, in lower case, such as *releases*."""
        return str(self._about.get("plural", f"{self.name}s"))

    @property
    def description(self) -> str:
        """What it is for, in one sentence."""
        return str(self.stated.get("description", ""))

    @property
    def family(self) -> str:
        """The group that it is shown with."""
        return str(self._about.get("family", ""))

    @cached_property
    def folder(self) -> str:
        """Where its records live, from the ledger's root, without a slash at its end."""
        folder = str(self._about["folder"])
        return folder.strip("/") if folder.startswith("/") else f"records/{folder.strip('/')}"

    @cached_property
    def prefix(self) -> str:
        """How its ids start, before the first hyphen; empty where ids are free."""
        return str(self._about.get("prefix", ""))

    @property
    def ids(self) -> str:
        """How ids come about: numbered, named or machine."""
        return str(self._about.get("ids", "named"))

    @cached_property
    def id_from(self) -> str:
        """The pointer of the field that holds the id, or `path`."""
        return str(self._about.get("id_from", "/id"))

    @cached_property
    def shards(self) -> str:
        """What its sub-folders are called after: `year`, a pointer, or nothing."""
        return str(self._about.get("shards", ""))

    @property
    def judges(self) -> bool:
        """Whether its records are taken from the base branch when a step is judged."""
        return bool(self._about.get("judges", False))

    @property
    def is_immutable(self) -> bool:
        """Whether its records may never change once they are in."""
        return bool(self.stated.get("x-immutable", False))

    @cached_property
    def title_pointer(self) -> str:
        """The pointer of the text that stands for a record in lists."""
        if "x-title" in self.stated:
            return str(self.stated["x-title"])
        return "/title" if "title" in self.fields or "name" not in self.fields else "/name"

    @cached_property
    def title_field(self) -> str:
        """The field behind `title_pointer`."""
        return self.title_pointer.split("/")[1]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of the top-level fields, in the schema's order."""
        return tuple(self.stated.get("properties", {}))

    @property
    def scopes(self) -> Mapping[str, tuple[str, ...]]:
        """What each approval scope covers: its name to pointers."""
        return {name: tuple(pointers) for name, pointers in self.stated.get("x-scopes", {}).items()}

    @cached_property
    def lifecycle(self) -> Lifecycle | None:
        """Its states and moves, or `None` where its records have none."""
        return lifecycle_of(self.schema)

    @cached_property
    def schema(self) -> Schema:
        """
        The schema with everything it refers to, in one piece.

        Raises:
            ValueError: it refers to something that the ledger does not hold.
        """
        return bundle(self.stated, self.shared)

    @cached_property
    def annotations(self) -> Annotations:
        """What the schema says of single values, by where they stand."""
        return annotations_of(self.schema)

    @property
    def references(self) -> tuple[Reference, ...]:
        """Which values name other records."""
        return self.annotations.references

    @cached_property
    def is_sound(self) -> bool:
        """Whether the schema compiles at all."""
        try:
            self.validator(None)
            self.annotations  # noqa: B018 - reading it is the question
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False
        return True

    @cached_property
    def _validators(self) -> dict[str | None, jsonschema_rs.Draft202012Validator]:
        return {}

    def validator(self, state: str | None) -> jsonschema_rs.Draft202012Validator:
        """The schema together with what a state asks, as one yes-or-no question."""
        if state not in self._validators:
            asked = [asked.as_schema for asked in self.lifecycle.requirements(state)] if self.lifecycle else []
            shape = {key: value for key, value in self.schema.items() if key != "$defs"}
            whole = {"$defs": self.schema.get("$defs", {}), "allOf": [shape, *asked]}
            self._validators[state] = compiled(whole if asked else self.schema)
        return self._validators[state]

    def state_of(self, data: Mapping[str, Any]) -> str | None:
        """The state that a record is in, or `None` where it has none or says something odd."""
        if self.lifecycle is None:
            return None
        state = data.get(self.lifecycle.field)
        return state if isinstance(state, str) and state in self.lifecycle.states else None

    def faults(self, data: dict[str, Any], subject: str) -> list[Fault]:
        """
        Everything that the schema alone finds wrong with a record.

        Args:
            data: the record.
            subject: what messages call the record.
        """
        if self.validator(self.state_of(data)).is_valid(data) and is_plain(self, data):
            return []
        return faults_of(self, data, subject)

    def marks(self, data: Any) -> list[tuple[str, str, Mark]]:
        """What the record's values name: pointer, text and the mark of each, in file order."""
        return self.annotations.marks_in(data)


@dataclass(frozen=True, eq=False)
class Kinds(Mapping[str, Kind]):
    """
    The kinds of a ledger by name, in alphabetical order.

    Args:
        broken: schema files that make no kind; the linter says why.
        vocabularies: the shared definitions of `common.json`.
        own: schema files that stand in the ledger itself.
        elders: kinds whose folders come first, or `None`: else a new kind could take records from an old one.
    """

    by_name: Mapping[str, Kind]
    broken: tuple[str, ...] = ()
    vocabularies: Mapping[str, Schema] = field(default_factory=dict, repr=False)
    own: frozenset[str] = frozenset()
    elders: Kinds | None = field(default=None, repr=False)

    def __getitem__(self, name: str) -> Kind:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hex over all kinds."""
        stated = "\n".join(f"{kind.name} {kind.digest}" for kind in self.values())
        stated += f"\n{self.elders.digest}" if self.elders is not None else ""
        return hashlib.sha256(stated.encode()).hexdigest()

    @cached_property
    def _folders(self) -> dict[str, Kind]:
        return {kind.folder: kind for kind in self.values()}

    @cached_property
    def _known(self) -> dict[str, Kind | None]:
        return {}

    def of_path(self, path: str) -> Kind | None:
        """The kind whose folder holds a path, the deepest folder first."""
        folder = path.rpartition("/")[0]
        if folder not in self._known:
            elder = self.elders.of_path(path) if self.elders is not None else None
            self._known[folder] = elder or self._of_folder(folder)
        return self._known[folder]

    def _of_folder(self, folder: str) -> Kind | None:
        while True:
            if folder in self._folders:
                return self._folders[folder]
            if not folder:
                return None
            folder = folder.rpartition("/")[0]

    def of_id(self, id: str) -> Kind | None:
        """The kind that an id's prefix belongs to."""
        found = [kind for kind in self.values() if kind.prefix and id.startswith(f"{kind.prefix}-")]
        return max(found, key=lambda kind: len(kind.prefix), default=None)

    def merged(self, other: Kinds) -> Kinds:
        """These kinds, and those of another ledger that these do not know; a file that these claim stays theirs."""
        both = {**other.by_name, **self.by_name}
        elders = self if len(both) > len(self) else None
        return Kinds(both, self.broken, self.vocabularies, self.own | other.own, elders=elders)
