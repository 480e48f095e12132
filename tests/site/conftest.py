"""Sites built from small ledgers on real git: releases, problems and notes, under schemas of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from opsledger.finding import Severity
from opsledger.gate.ahead import hearing_of
from opsledger.history import trail
from opsledger.kind import load_kinds, packaged_kinds
from opsledger.ledger import load
from opsledger.packaged import files
from opsledger.prove.examples import staged
from opsledger.rules.register import Example, Found, Reach, Rule
from opsledger.site.build import build
from opsledger.site.sources import Built
from opsledger.store import Repository

_LINE = {"type": "string", "description": "One line, as it should stand in a list."}
_TEXT = {"type": "string", "description": "As long as it needs to be."}
_ID = {"type": "string", "description": "Its name."}


def _refers(kind: str, name: str, inverse: str) -> dict[str, Any]:
    return {"type": "string", "x-refers-to": {"kinds": [kind], "as": name, "inverse": inverse}}


def _kind(name: str, family: str, main: Sequence[str], aside: Sequence[str], **properties: Any) -> bytes:
    """A schema: states one after the other, each of which may also be left for one beside the path."""
    states = [*main, *aside]
    moves = {a: [b, *aside] for a, b in pairwise(main)}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name.capitalize(),
        "description": f"One {name}, for the tests.",
        "x-kind": {
            "name": name, "plural": f"{name}s", "family": family, "folder": f"{name}s", "prefix": name[:3].upper(),
        },
        "x-lifecycle": {
            "field": "state", "main": list(main), "moves": moves, "done": [main[-1]],
            "requires": [
                {"from_state": main[1], "at": "/title", "says": "it has a title", "schema": {"type": "string"}}
            ],
        },
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "state"],
        "properties": {
            "id": _ID, "title": _LINE, "state": {"enum": states, "description": "Where it stands."}, **properties,
        },
    }  # fmt: skip
    return json.dumps(schema).encode()


SCHEMAS = {
    "common.json": b'{"$defs": {}}',
    "release.json": _kind(
        "release", "Flow", ["draft", "planned", "closed"], ["backed-out"],
        version={"type": "string", "x-declares": "version", "description": "The version that it brings."},
        risk={"enum": ["low", "high"], "description": "How risky it is."},
        scope=_TEXT,
        started={"type": "string", "description": "When it began."},
        fixes={"type": "array", "items": _refers("problem", "fixes", "fixed by"), "description": "What it ends."},
        known_problems={"type": "array", "items": _refers("problem", "goes out with", "known to go out in")},
        steps={"type": "array", "description": "What is done.", "items": {"type": "object", "properties": {
            "id": _ID, "action": _LINE, "by": _refers("note", "done as", "tells of")}}},
    ),
    "problem.json": _kind(
        "problem", "Fault", ["logged", "known-error", "closed"], ["duplicate"],
        severity={"enum": ["low", "high"], "description": "How bad it is."},
        blocks={"type": "array", "items": _refers("release", "blocks", "blocked by")},
        affected_versions={"type": "array", "items": {"type": "object", "properties": {
            "version": {"type": "string", "x-cites": "version"}}}},
        fixed_in={"type": "array", "items": {"type": "string", "x-cites": "version"}},
        root_cause={"type": "object", "properties": {"cause": _TEXT}},
        known_error={"type": "object", "properties": {"symptom": _TEXT, "workaround": _TEXT}},
    ),
    "note.json": _kind("note", "Else", ["open", "shut"], [], text=_TEXT),
}  # fmt: skip


def reference_to_nothing() -> Iterator[Found]:
    """
    A record names one that does not exist.

    ## Why
    A link to nothing is a hole.

    ## Examples
    ```yaml title="fails"
    fixes: [PRO-9]
    ```

    ```yaml title="passes"
    fixes: []
    ```

    ## Fix
    Add it, or correct the id.
    """
    yield from ()


RULES = (Rule("LNK101", reference_to_nothing, Reach.GLOBAL, Severity.ERROR),)


@dataclass
class Desk:
    """A git repository with a ledger in it, whose commits are the same in every run."""

    root: Path
    schemas: Mapping[str, bytes] = field(default_factory=lambda: SCHEMAS)
    count: int = 0

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True)
        self._environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.root), "LC_ALL": "C", "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }  # fmt: skip
        self.git("init", "-q", "-b", "main")
        self.write(".opsledger.yaml", 'tool: "0.1.0"\npreset: small\nprotected: main\n')

    def write(self, path: str, text: str) -> None:
        """Write a file as a user would."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(textwrap.dedent(text).lstrip("\n").encode())

    def git(self, *arguments: str, **variables: str) -> str:
        """What a git command prints."""
        answer = subprocess.run(
            ["git", *arguments], cwd=self.root, env=self._environment | variables, check=True, capture_output=True
        )
        return answer.stdout.decode().strip()

    def commit(self, subject: str, *, name: str = "Ada") -> str:
        """Commit everything, a day after the commit before."""
        self.count += 1
        when, email = f"2026-01-{self.count:02}T12:00:00+00:00", "ada@example.org"
        self.git("add", "--all")
        self.git(
            "commit", "-q", "--allow-empty", "-m", subject,
            GIT_AUTHOR_NAME=name, GIT_AUTHOR_EMAIL=email, GIT_AUTHOR_DATE=when,
            GIT_COMMITTER_NAME=name, GIT_COMMITTER_EMAIL=email, GIT_COMMITTER_DATE=when,
        )  # fmt: skip
        return self.git("rev-parse", "HEAD")

    def write_records(self, text: str) -> None:
        """Write records of the packaged kinds, completed as the examples on a rule's page are."""
        self.schemas = files("schemas")
        for path, content in staged(Example("", textwrap.dedent(text).strip("\n")), packaged_kinds()).head.items():
            self.write(path, content.decode())

    def build(
        self, target: Path, *, with_history: bool = True, with_gates: bool = False, rules: Sequence[Rule] = RULES,
        **options: Any,
    ) -> Site:  # fmt: skip
        """Build the site of HEAD."""
        with Repository.open(self.root, environment=self._environment) as repository:
            ledger = load(repository.commit("HEAD"), load_kinds(self.schemas, {}))
            trails = trail(repository) if with_history else None
            hearing = hearing_of(repository, ledger, environment=self._environment) if with_gates else None
            return Site(target, build(ledger, trails, rules, target, hearing=hearing, **options))


@dataclass
class Site:
    """A site that was built."""

    root: Path
    built: Built

    def page(self, address: str) -> str:
        """The HTML of a page, without the frame around it."""
        page = self.html(address)
        return page[page.index('<article class="md-content__inner') : page.rindex("</article>")]

    def html(self, address: str) -> str:
        """The whole HTML of a page."""
        return (self.root / f"{address}.html").read_text(encoding="utf-8")

    def text(self, address: str) -> str:
        """What a reader sees of a page, in one line."""
        return " ".join(re.sub(r"<[^>]+>", " ", self.page(address)).split())

    def twin(self, address: str) -> Any:
        """What the JSON twin of a page says."""
        return json.loads((self.root / f"{address}.json").read_bytes())

    def files(self) -> dict[str, bytes]:
        """Every file of the site by its path."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes() for path in self.root.rglob("*") if path.is_file()
        }


@pytest.fixture(scope="module")
def new_desk(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Desk]:
    """Make a fresh repository."""
    return lambda **options: Desk(tmp_path_factory.mktemp("desk") / "ledger", **options)


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    """A fresh repository."""
    return new_desk()
