"""A small sound ledger on real git, one record in it that is always at fault, and a check that watches both."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from opsledger.api import open_book
from opsledger.check import Judgement
from opsledger.finding import Severity

PROBLEM = "records/problems/PRB-2026-0001.yaml"
SOUND = """\
id: PRB-2026-0001
title: Payments time out
state: logged
severity: high
"""
OTHER = "records/problems/PRB-2026-0002.yaml"
WITNESS = "records/problems/PRB-2026-0003.yaml"
WITNESS_SAYS = f"{WITNESS}:5:1 SCH001 PRB-2026-0003 has a field 'titel' that a problem does not know"
_LEDGER = {
    PROBLEM: SOUND,
    OTHER: "id: PRB-2026-0002\ntitle: Refunds time out\nstate: logged\nseverity: low\n",
    WITNESS: "id: PRB-2026-0003\ntitle: Exports time out\nstate: logged\nseverity: low\ntitel: Exports\n",
    "records/cis/CI-payments.yaml": "id: CI-payments\ntitle: Payments\nclass: service\nowner: PTY-ada\nstate: live\n"
    "criticality: high\n",
    "records/parties/PTY-ada.yaml": "id: PTY-ada\ntype: person\nname: Ada\nstate: active\n",
}


@dataclass(frozen=True)
class Sample:
    """
    The ledger under test.

    Args:
        repo: where it stands; see the `repo` fixture.
    """

    repo: object

    @property
    def root(self) -> Path:
        """The ledger's root."""
        return self.repo.root

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file, with the folders that it needs."""
        return self.repo.write(path, text)

    def judge(self, **options: object) -> Judgement:
        """Check it and see that nothing was written."""
        before = _everything(self.root)
        with open_book(self.root, environment=self.repo.environment) as book:
            judgement = book.check(**options)
        assert before == _everything(self.root)
        return judgement

    def errors(self, **options: object) -> list[str]:
        """What is wrong beside the witness, who must still be heard; notes do not count."""
        judgement = self.judge(**options)
        found = [
            f"{finding.place} {finding.code} {finding.message}"
            for finding in judgement.findings
            if finding.severity is Severity.ERROR
        ]
        assert 1 == judgement.exit_code
        assert all(finding.fix for finding in judgement.findings)
        found.remove(WITNESS_SAYS)
        return found

    @staticmethod
    def cut(found: list[str], expected: str) -> list[str]:
        """What was found, no longer than what is expected: the rest of a sentence is for people."""
        return [one[: len(expected)] for one in found]


def _everything(root: Path) -> Mapping[str, object]:
    """All that stands below a directory, `.git` included, with kind, mode and content of plain files."""
    found: dict[str, object] = {}
    for folder, folders, files in os.walk(os.fsencode(root)):
        for name in (*folders, *files):
            place = os.path.join(folder, name)
            status = os.lstat(place)
            is_small = stat.S_ISREG(status.st_mode) and status.st_size < 1 << 20 and os.access(place, os.R_OK)
            content = hashlib.sha256(Path(os.fsdecode(place)).read_bytes()).digest() if is_small else b""
            found[os.fsdecode(place)] = (status.st_mode, status.st_size, content)
    return found


@pytest.fixture
def sample(repo) -> Sample:
    """The ledger: four sound records, and the witness."""
    for path, text in _LEDGER.items():
        repo.write(path, text)
    repo.commit("A ledger")
    return Sample(repo)


@pytest.fixture
def sound() -> Callable[[str], str]:
    """Make the text of the sound problem with more lines, which win over its own of the same field."""

    def make(more: str) -> str:
        given = {line.partition(":")[0] for line in more.splitlines()}
        kept = [line for line in SOUND.splitlines(keepends=True) if line.partition(":")[0] not in given]
        return "".join(kept) + more

    return make
