"""The `book` fixture: a ledger written as the YAML of its records, judged in memory."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from opsledger.api import open_book
from opsledger.approvals import Situation
from opsledger.check import Base, Judgement, check
from opsledger.gate import Answer, Judge, asker
from opsledger.kind import Kinds, load_kinds, packaged_kinds
from opsledger.ledger import load
from opsledger.packaged import files as packaged_files
from opsledger.policy import policy_of
from opsledger.prove.at_gate import answers_at_gate
from opsledger.prove.examples import Staged, staged
from opsledger.rules.register import Example, record_faults
from opsledger.store import Snapshot, in_memory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MARK = {".opsledger.yaml": b"preset: small\n"}


@dataclass(frozen=True)
class Book:
    """What a check of some files says; `seen` shows each finding with the text that it points at."""

    judgement: Judgement
    files: Mapping[str, bytes]
    base: Mapping[str, bytes]

    @property
    def seen(self) -> list[str]:
        """Each finding as `CODE file: rest of the line that it points at`; `(gone)` for a file that is no more."""
        return [f"{one.code} {_stem(one.place.path)}: {self._pointed(one.place)}" for one in self.findings]

    @property
    def findings(self):
        """Findings but for the notes on records that stand alone, which most small examples are."""
        return [finding for finding in self.judgement.findings if finding.code != "LNK109"]

    @property
    def codes(self) -> list[str]:
        """The codes of the findings."""
        return [finding.code for finding in self.findings]

    def _pointed(self, place) -> str:
        if place.path not in self.files:
            return f"(gone) {place.line}:{place.column}"
        text = self.files[place.path].decode().splitlines()[place.line - 1][place.column - 1 :]
        return text if (place.line, place.column) != (1, 1) else f"1:1 {text}"


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".yaml")


class Books:
    """Makes books; the packaged kinds are read once."""

    def __init__(self) -> None:
        self.kinds = packaged_kinds()

    def __call__(self, text: str) -> Book:
        """
        Judge records that are written one after the other, each under its path.

        Parts of records are completed as in the examples of a rule's page: `# records/…` stands above each,
        `# raw: …` above one that is whole, `# base: …` and `# head: …` above the two sides of a step.
        """
        return self.judge(staged(Example("", textwrap.dedent(text).strip("\n")), self.kinds))

    def judge(self, stage: Staged) -> Book:
        """Judge an example that is completed."""
        own = {path.removeprefix("schemas/"): data for path, data in stage.head.items() if path.startswith("schemas/")}
        own_kinds = load_kinds(packaged_files("schemas"), own) if own else self.kinds
        base = Base("base", _snapshot(stage.base), self.kinds) if stage.base else None
        kinds = self.kinds.merged(own_kinds) if base else own_kinds
        judge = base.snapshot if base else _snapshot(stage.head)
        return Book(_judged(_snapshot(stage.head), kinds, own_kinds, base, judge), stage.head, stage.base)


def _judged(snapshot: Snapshot, kinds: Kinds, own: Kinds, base: Base | None, judge: Snapshot) -> Judgement:
    policy = policy_of(judge, kinds)
    ledger = load(snapshot, kinds, judge=lambda record, data: record_faults(record, data, policy))
    at_gates = Judge("the base", judge, kinds, policy)
    ask_gates = asker(at_gates, lambda there: Situation(there, at_gates.people, NOON))
    return check(ledger, policy, subject="the example", own_kinds=own, base=base, ask_gates=ask_gates, most=None)


def _snapshot(files: Mapping[str, bytes]) -> Snapshot:
    return in_memory({**MARK, **files}, name="example")


@pytest.fixture(scope="session")
def book() -> Books:
    """See `Books`."""
    return Books()


@pytest.fixture
def answer(book):
    """
    What a gate answers under a code, put to records written as for `book`.

    The text's first line is `# asks: …`, as in the examples of a rule's page; `beside` are other codes that the gate
    asks as well.
    """

    def answered(text: str, code: str, *beside: str):
        stage = staged(Example("", textwrap.dedent(text).strip("\n")), book.kinds)
        return answers_at_gate(stage, (code, *beside), book.kinds)[code]

    return answered


@pytest.fixture
def repo_of(repo):
    """Judges an example of two branches through git: what both grew from, the base, and the head."""

    def judged(stage: Staged):
        for side, branch in ((stage.before, "main"), (stage.base, "main"), (stage.head, "work")):
            if branch == "work":
                repo.switch("work", "main~1")
            for path, data in side.items():
                repo.write(path, data)
            repo.commit()
        with open_book(repo.root, environment=repo.environment) as opened:
            return opened.check("work", base="main").findings

    return judged


@pytest.fixture
def ask(book) -> Callable[..., Answer]:
    """
    What a gate answers under a code: `ask("FLT751", "REL-2026-9001 -> deploying in ENV-prod", text)`.

    `beside` are codes that it asks as well; `raw` files lie on top of the text's, as they are.
    """

    def asked(
        code: str, question: str, text: str, *, raw: Mapping[str, str] = {}, beside: tuple[str, ...] = ()
    ) -> Answer:
        example = Example("", f"# asks: {question}\n{textwrap.dedent(text).strip()}\n")
        stage = staged(example, book.kinds)
        stage = replace(stage, head={**stage.head, **{path: written.encode() for path, written in raw.items()}})
        return answers_at_gate(stage, (code, *beside), book.kinds)[code]

    return asked
