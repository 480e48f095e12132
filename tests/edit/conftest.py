"""A ledger on real git with three small kinds: work that moves through states, parties, and notes of machines."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import pytest

from opsledger.kind import Kinds, load_kinds
from opsledger.ledger import Ledger, load
from opsledger.store import Repository

from .code import code, derive

__all__ = ["code", "derive"]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

_WORD = {"type": "string", "maxLength": 60, "description": "A name."}
_PARTY = {
    "type": "string",
    "x-refers-to": {"kinds": ["party"], "as": "owned by", "inverse": "owns"},
    "description": "Who.",
}
_WORK = {
    "title": "Piece of work",
    "description": "Something to be done.",
    "x-kind": {"name": "work", "folder": "works", "prefix": "WRK", "ids": "numbered", "shards": "year"},
    "x-lifecycle": {
        "field": "state",
        "main": ["draft", "ready", "doing", "closed"],
        "moves": {
            "draft": ["ready", "dropped"], "ready": ["doing", "draft", "dropped"], "doing": ["closed"],
            "dropped": ["draft"],
        },
        "immutable_from": "closed",
        "done": ["closed", "dropped"],
        "requires": [
            {"from_state": "ready", "at": "/owner", "says": "work that is ready has an owner",
             "schema": {"type": "string"}},
            {"from_state": "doing", "at": "/started", "says": "work that began says when", "fix": "say when it began",
             "schema": {"type": "string"}},
            {"in_states": ["dropped"], "at": "/decisions", "code": "LCY207", "says": "dropped work says why",
             "schema": {"contains": {"properties": {"state": {"const": "dropped"}}, "required": ["state"]}}},
        ],
    },
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "title", "state", "size", "opened"],
    "properties": {
        "id": {"type": "string", "maxLength": 20, "pattern": "^WRK-[0-9]{4}-[0-9]{4,6}$", "description": "Its name."},
        "title": {"type": "string", "minLength": 1, "description": "One line."},
        "state": {"enum": ["draft", "ready", "doing", "closed", "dropped"], "description": "Where it stands."},
        "size": {"enum": ["small", "large"], "description": "How big it is."},
        "opened": {"$ref": "common.json#/$defs/instant"},
        "started": {"$ref": "common.json#/$defs/instant"},
        "owner": _PARTY,
        "after": {"type": "array", "description": "What comes before it.", "items": {
            "type": "string", "x-refers-to": {"kinds": ["work"], "as": "comes after", "inverse": "comes before"}}},
        "tags": {"type": "array", "items": _WORD, "description": "Words."},
        "plan": {"type": "object", "additionalProperties": False, "required": ["text"], "description": "How.",
                 "properties": {"text": _WORD, "steps": {"type": "array", "items": _WORD, "description": "Steps."}}},
        "decisions": {"$ref": "common.json#/$defs/decisions"},
    },
}  # fmt: skip
_PARTY_KIND = {
    "title": "Party",
    "description": "Somebody.",
    "x-kind": {"name": "party", "plural": "parties", "folder": "parties", "prefix": "PTY"},
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "string", "maxLength": 60, "pattern": "^PTY-[a-z0-9-]+$", "description": "Its name."},
        "name": {"type": "string", "minLength": 1, "description": "What people call it."},
    },
}
_NOTE = {
    "title": "Note",
    "description": "What a machine saw.",
    "x-kind": {"name": "note", "folder": "notes", "prefix": "NOT", "ids": "machine", "shards": "/role"},
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "role", "work", "places"],
    "properties": {
        "id": {"type": "string", "maxLength": 60, "pattern": "^NOT-[0-9]{4}-[0-9a-f]{8,}$", "description": "Its name."},
        "role": {"enum": ["scan", "test"], "description": "Which machine."},
        "work": {"type": "string", "x-refers-to": {"kinds": ["work"], "as": "speaks of", "inverse": "spoken of in"},
                 "description": "What it is about."},
        "places": {"type": "array", "minItems": 1, "description": "Where.", "items": {
            "type": "object", "additionalProperties": False, "required": ["line"],
            "properties": {"line": {"type": "integer", "description": "The line."}}}},
    },
}  # fmt: skip
_COMMON = {
    "$defs": {
        "instant": {"type": "string", "format": "date-time", "x-code": "SCH006", "description": "A moment."},
        "decisions": {
            "type": "array", "x-append-only": True, "description": "Decisions.",
            "items": {
                "type": "object", "additionalProperties": False, "required": ["at", "by", "state", "reason"],
                "properties": {"at": {"$ref": "#/$defs/instant"}, "by": _PARTY, "state": _WORD, "reason": _WORD},
            },
        },
    },
}  # fmt: skip


@pytest.fixture(scope="session")
def kinds() -> Kinds:
    """The three kinds."""
    files = {"common.json": _COMMON, "work.json": _WORK, "party.json": _PARTY_KIND, "note.json": _NOTE}
    return load_kinds({name: json.dumps(schema).encode() for name, schema in files.items()}, {})


class Book:
    """A ledger's directory in a git repository; write files as text, commit, and load what stands there."""

    def __init__(self, root: Path, kinds: Kinds) -> None:
        self.root = root
        self.kinds = kinds
        self.environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        for role in ("AUTHOR", "COMMITTER"):
            self.environment |= {f"GIT_{role}_NAME": "Ada", f"GIT_{role}_EMAIL": "ada@pay.example"}
        self.git("init", "-q", "-b", "main")
        self.write(".opsledger.yaml", 'tool: "0.1.0"\npreset: small\nprotected: main\n')

    def git(self, *arguments: str) -> None:
        """Run git in the directory."""
        subprocess.run(["git", *arguments], cwd=self.root, env=self.environment, check=True, capture_output=True)

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text), encoding="utf-8")

    def read(self, path: str) -> str:
        """Return a file's text."""
        return (self.root / path).read_text(encoding="utf-8")

    def commit(self) -> None:
        """Commit all that stands there."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "state")

    @cached_property
    def repository(self) -> Repository:
        """The repository, open until the test ends."""
        return Repository.open(self.root, environment=self.environment)

    def ledger(self) -> Ledger:
        """Load the work tree as it is now."""
        return load(self.repository.work_tree(), self.kinds)


@pytest.fixture
def book(tmp_path: Path, kinds: Kinds) -> Iterator[Book]:
    """An empty ledger with one party."""
    made = Book(tmp_path, kinds)
    made.write("records/parties/PTY-ada.yaml", "id: PTY-ada\nname: Ada\n")
    yield made
    made.repository.close()
