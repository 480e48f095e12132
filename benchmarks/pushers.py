"""
Lets many machines push into their lane at once, beside people who propose, approve and merge, and counts what is left.

    python benchmarks/pushers.py [--clones 60] [--pushes 20] [--people 5] [--hook] [--keep DIRECTORY]

Every machine has a clone of its own and writes evidence with `opsledger.store.land`; every person proposes a change
with `opsledger propose`, another one signs it with `opsledger approve`, and it is merged while the machines go on.
Prints the counts, and exits 1 when anything was lost, written twice, or voided.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tooling"))

from opsledger.api import open_book  # noqa: E402 - the checkout's own package
from opsledger.store import Person, Repository, land  # noqa: E402

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOT = Person("Pipeline", "pipeline@example.org")
EVIDENCE = """\
id: {id}
title: Run {run} of machine {bot}
type: smoke
subjects: [CI-api]
at: "2026-11-20T11:00:00Z"
result: passed
"""
CHANGE = """\
id: CHG-2026-{number:04}
title: Change number {number}
state: approved
type: normal
owner: PTY-ada
risk: medium
business_need: No card is charged twice.
solution: The app sends a key of its own.
backout: {{method: Take the key out}}
impact: {{summary: Nobody notices}}
effects:
  - {{ci: CI-api, effect: changed}}
"""
RECORDS = {
    "records/cis/CI-api.yaml": """\
id: CI-api
title: API
state: live
class: service
owner: PTY-ada
criticality: high
""",
    "records/parties/PTY-ada.yaml": """\
id: PTY-ada
name: Ada
type: person
state: active
identities: {emails: [ada@example.org]}
""",
    "records/parties/PTY-pipeline.yaml": """\
id: PTY-pipeline
name: Pipeline
type: machine
state: active
identities: {emails: [pipeline@example.org]}
""",
}
GRACE = """\
id: PTY-grace
name: Grace
type: person
state: active
identities:
  emails: [grace@example.org]
  keys: [{{type: ssh, key: "{key}", from: "2025-01-01T00:00:00Z"}}]
roles: [{{role: ROL-approver}}]
"""


@dataclass(frozen=True)
class Counts:
    """
    What was left at the end.

    Args:
        landed: files of evidence on the branch.
        attempts: how many pushes the machines needed for them.
        open_gates: changes that came in and whose approval still counts.
    """

    expected: int
    landed: int
    attempts: int
    most_attempts: int
    commits: int
    people: int
    open_gates: int
    seconds: float

    @property
    def is_sound(self) -> bool:
        """Whether nothing was lost, nothing came twice, and no approval was voided."""
        return self.landed == self.commits == self.expected and self.open_gates == self.people

    def __str__(self) -> str:
        return (
            f"evidence: {self.landed} of {self.expected} files, in {self.commits} commits\n"
            f"pushes: {self.attempts}, at most {self.most_attempts} for one\n"
            f"approved changes: {self.open_gates} of {self.people} open\n"
            f"seconds: {self.seconds:.0f}"
        )


@dataclass(frozen=True)
class Fair:
    """A bare remote, and what everybody needs to work with it."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def remote(self) -> Path:
        """The bare repository."""
        return self.folder / "server.git"

    def git(self, directory: Path, *arguments: str, who: Person = BOT, accept: tuple[int, ...] = (0,)) -> str:
        """What git prints; `who` is its author."""
        names = {f"GIT_{role}_NAME": who.name for role in ("AUTHOR", "COMMITTER")}
        mails = {f"GIT_{role}_EMAIL": who.email for role in ("AUTHOR", "COMMITTER")}
        answer = subprocess.run(
            ["git", *arguments], cwd=directory, env={**self.environment, **names, **mails}, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        if answer.returncode not in accept:
            raise RuntimeError(f"git {arguments}: {answer.stdout}{answer.stderr}")
        return answer.stdout.strip() if answer.returncode == 0 else ""

    def opsledger(self, directory: Path, *arguments: str) -> None:
        """Run a command of the tool."""
        answer = subprocess.run(
            [sys.executable, "-m", "opsledger", *arguments], cwd=directory, env=dict(self.environment),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if answer.returncode != 0:
            raise RuntimeError(f"opsledger {arguments}: {answer.stdout}{answer.stderr}")

    def clone(self, name: str, who: Person) -> Path:
        """A clone of somebody's own."""
        place = self.folder / name
        self.git(self.folder, "clone", "-q", str(self.remote), name)
        self.git(place, "config", "user.name", who.name)
        self.git(place, "config", "user.email", who.email)
        return place


def prepared(folder: Path, *, hook: bool) -> Fair:
    """A remote with a ledger, on which a lane is open to the machines and a gate to the people."""
    home = folder / "home"
    home.mkdir()
    fair = Fair(folder, {
        "PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPSLEDGER_NOW": "2026-11-20T12:00:00Z",
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_ALLOW_PROTOCOL": "file",
        "GIT_AUTHOR_DATE": "2026-11-20T11:00:00Z", "GIT_COMMITTER_DATE": "2026-11-20T11:00:00Z",
    })  # fmt: skip
    fair.git(folder, "init", "-q", "--bare", "-b", "main", "server.git")
    key = folder / "grace.key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "grace", "-f", str(key)], check=True)
    place = fair.clone("start", Person("Ada", "ada@example.org"))
    fair.opsledger(place, "init")
    with (place / ".opsledger.yaml").open("a") as marker:
        marker.write("repository: git.example.org/ledger\n")
    with (place / "records/lanes/LAN-pipeline.yaml").open("a") as lane:
        lane.write("parties: [PTY-pipeline]\n")
    grace = GRACE.format(key=Path(f"{key}.pub").read_text().strip())
    for path, text in {**RECORDS, "records/parties/PTY-grace.yaml": grace}.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    fair.git(place, "add", "-A")
    fair.git(place, "commit", "-q", "-m", "Start the ledger", who=Person("Ada", "ada@example.org"))
    fair.git(place, "push", "-q", "origin", "HEAD:main")
    if hook:
        script = fair.remote / "hooks" / "pre-receive"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m opsledger receive\n')
        script.chmod(0o755)
    return fair


def machine(fair: Fair, bot: int, pushes: int) -> list[int]:
    """Let one machine write its evidence, and give how many pushes each took."""
    place = fair.clone(f"bot{bot}", BOT)
    waits = random.Random(bot)
    environment = {**fair.environment, "OPSLEDGER_PARTY": "PTY-pipeline"}
    attempts = []
    with Repository.open(place, environment=environment) as repository:
        for run in range(pushes):
            id = f"EVD-2026-{hashlib.sha256(f'machine {bot}, run {run}'.encode()).hexdigest()[:12]}"
            content = {f"records/evidence/2026/{id}.yaml": EVIDENCE.format(id=id, run=run, bot=bot).encode()}
            landed = land(
                repository, "origin", "main", lambda _, content=content: content, message=f"{id}: evidence\n",
                author=BOT, when=NOON, sleep=time.sleep, chance=waits.random, attempts=1000,
            )  # fmt: skip
            attempts.append(landed.attempts)
    return attempts


def person(fair: Fair, number: int) -> None:
    """Propose a change, let it be signed, and merge it while others push."""
    ada, grace = Person("Ada", "ada@example.org"), Person("Grace", "grace@example.org")
    id = f"CHG-2026-{number:04}"
    place = fair.clone(f"person{number}", ada)
    path = place / "records/changes/2026" / f"{id}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CHANGE.format(number=number))
    fair.opsledger(place, "propose")
    other = fair.clone(f"approver{number}", grace)
    fair.opsledger(other, "approve", id, "--at", f"propose/{id}", "--key", str(fair.folder / "grace.key"))
    for turn in range(1000):
        fair.git(place, "fetch", "-q", "origin")
        fair.git(place, "switch", "-q", "--detach", "origin/main")
        fair.git(place, "merge", "-q", "--no-ff", "-m", f"Merge {id}", f"origin/propose/{id}", who=ada)
        before = fair.git(place, "rev-parse", "HEAD")
        fair.git(place, "push", "-q", "origin", "HEAD:main", accept=(0, 1))
        fair.git(place, "fetch", "-q", "origin")
        if fair.git(place, "merge-base", before, "origin/main") == before:
            return
        time.sleep(random.Random(number * 1000 + turn).random() * 0.5)
    raise RuntimeError(f"{id} was never merged")


def counted(fair: Fair, attempts: list[int], expected: int, people: int, seconds: float) -> Counts:
    """Count what stands on the branch in the end."""
    names = fair.git(fair.remote, "ls-tree", "-r", "--name-only", "main").splitlines()
    evidence = [name for name in names if name.startswith("records/evidence/")]
    subjects = fair.git(fair.remote, "log", "--no-merges", "--format=%s", "main").splitlines()
    gates = 0
    final = fair.clone("final", BOT)
    with open_book(final, environment=fair.environment) as book:
        for number in range(1, people + 1):
            verdict = book.decide(
                "change-approve", f"CHG-2026-{number:04}", at="origin/main", base="origin/main", as_of=NOON
            )
            gates += verdict.is_open
    return Counts(
        expected, len(evidence), sum(attempts), max(attempts, default=0),
        sum(line.endswith(": evidence") for line in subjects), people, gates, seconds,
    )  # fmt: skip


def held(folder: Path, *, clones: int, pushes: int, people: int, hook: bool) -> Counts:
    """Let everybody push at once, and count."""
    fair = prepared(folder, hook=hook)
    start = time.monotonic()
    with ThreadPoolExecutor(clones + people) as threads:
        bots = [threads.submit(machine, fair, bot, pushes) for bot in range(clones)]
        others = [threads.submit(person, fair, number) for number in range(1, people + 1)]
        attempts = [count for bot in bots for count in bot.result()]
        for other in others:
            other.result()
    return counted(fair, attempts, clones * pushes, people, time.monotonic() - start)


def main() -> int:
    """Hold it, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--clones", type=int, default=60)
    parser.add_argument("--pushes", type=int, default=20)
    parser.add_argument("--people", type=int, default=5)
    parser.add_argument("--hook", action="store_true", help="let the server's hook judge every push")
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY", help="work here, and leave it for a look")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = given.keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        counts = held(place, clones=given.clones, pushes=given.pushes, people=given.people, hook=given.hook)
    print(counts)
    return 0 if counts.is_sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
