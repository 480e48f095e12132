"""
A long random journey on a growing ledger: whatever was done, a warm check must say what a cold one says.

    python benchmarks/soak.py [--seconds N] [--steps N] [--records N] [--seed S]

Each step does one thing that people do, by command or with an editor, rightly or wrongly. After it, `check` runs with
the cache of all earlier steps and with an empty one: same output, same exit code, never a crash. After a commit, the
check of the commit must say what the check of the clean work tree says. Exits 1 at the first disagreement and keeps
the ledger.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import corpus

TOOLING = Path(__file__).resolve().parent.parent / "tooling"
NOW = "2026-11-20T12:00:00Z"


class DisagreementError(AssertionError):
    """Two answers that should be one, or an answer that should not be."""


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    said: str
    complained: str


@dataclass
class Journey:
    """One ledger, the dice and what was done so far."""

    root: Path
    scratch: Path
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)
    yes: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def opsledger(self, *arguments: str, cache: Path | None = None) -> Answer:
        """Run a command; only the exit codes that a command may have are let through."""
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(TOOLING), os.environ.get("PYTHONPATH", "")])),
            "XDG_CACHE_HOME": str(cache or self.scratch / "warm"),
            "OPSLEDGER_NOW": NOW,
            "NO_COLOR": "1",
        }
        command = [sys.executable, "-m", "opsledger", "-C", str(self.root), *arguments]
        run = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if run.returncode not in (0, 1, 2, 3) or "Traceback" in run.stderr:
            raise DisagreementError(f"{' '.join(arguments)} ended with {run.returncode}:\n{run.stderr[-3000:]}")
        self.asked[arguments[0]] += 1
        self.yes[arguments[0]] += run.returncode == 0
        return Answer(run.returncode, run.stdout, run.stderr)

    def git(self, *arguments: str) -> None:
        """Run git in the ledger."""
        identity = ["-c", "user.name=Soak", "-c", "user.email=soak@example.org"]
        command = ["git", "-C", str(self.root), *identity, *arguments]
        subprocess.run(command, check=True, capture_output=True)

    def any_record(self) -> Path:
        """Some record file."""
        return self.dice.choice(sorted((self.root / "records").rglob("*.yaml")))

    def any_id(self, prefix: str) -> str:
        """The id of some record of a kind."""
        return self.dice.choice(sorted((self.root / "records").rglob(f"{prefix}-*.yaml"))).stem


def main() -> int:
    """Travel until the time or the steps are used up."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=600, metavar="N", help="stop after so long  [default: 600]")
    parser.add_argument("--steps", type=int, metavar="N", help="stop after so many steps")
    parser.add_argument("--records", type=int, default=400, metavar="N", help="records at the start  [default: 400]")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    options = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="soak-"))
    journey = Journey(scratch / "ledger", scratch, random.Random(options.seed))
    corpus.make(journey.root, options.records, seed=options.seed)
    try:
        travel(journey, until=time.monotonic() + options.seconds, steps=options.steps)
    except DisagreementError as disagreement:
        print(f"seed {options.seed}, step {journey.done.total()}: {disagreement}\nthe ledger is in {journey.root}")
        return 1
    shutil.rmtree(scratch)
    print(
        f"{journey.done.total()} steps: " + ", ".join(f"{many} {name}" for name, many in sorted(journey.done.items()))
    )
    said = (f"{name} {journey.yes[name]} of {many}" for name, many in sorted(journey.asked.items()))
    print("exit code 0: " + ", ".join(said))
    return 0


def travel(journey: Journey, *, until: float, steps: int | None) -> None:
    """Take steps, each judged twice."""
    names = [step.__name__ for step in STEPS]
    while time.monotonic() < until and (steps is None or journey.done.total() < steps):
        name = journey.dice.choice(names)
        journey.done[name] += 1
        next(step for step in STEPS if step.__name__ == name)(journey)
        agree(journey, name)


def agree(journey: Journey, after: str) -> Answer:
    """Check with the old cache and with none; the answer of both."""
    cold = journey.scratch / "cold"
    shutil.rmtree(cold, ignore_errors=True)
    warm = journey.opsledger("check", "--format", "json")
    fresh = journey.opsledger("check", "--format", "json", cache=cold)
    same(warm, fresh, f"after {after}, a warm check and a cold one")
    if warm.code not in (0, 1):
        raise DisagreementError(f"after {after}, check ended with {warm.code}:\n{warm.complained[-3000:]}")
    return warm


def same(one: Answer, other: Answer, what: str) -> None:
    """
    Two answers that must be one.

    Raises:
        DisagreementError: they differ; its text names the first line that does.
    """
    if (one.code, one.said) == (other.code, other.said):
        return
    lines, others = one.said.splitlines(), other.said.splitlines()
    first = next((pair for pair in zip(lines, others, strict=False) if pair[0] != pair[1]), ("", ""))
    missing = sorted(set(lines) ^ set(others))[:3]
    raise DisagreementError(f"{what} differ ({one.code}, {other.code})\n{first[0]}\n{first[1]}\n" + "\n".join(missing))


def make_incident(journey: Journey) -> None:
    """Write a new incident by command."""
    component = journey.any_id("CI")
    fields = [f"title=Number {journey.done.total()}", "state=detected", f"detected_at={NOW}", f"cis+={component}"]
    journey.opsledger("new", "incident", *(part for field in fields for part in ("--set", field)))


def make_problem(journey: Journey) -> None:
    """Write a new problem by command."""
    fields = [f"title=Number {journey.done.total()}", "severity=medium", f"cis+={journey.any_id('CI')}"]
    journey.opsledger("new", "problem", *(part for field in fields for part in ("--set", field)))


def set_title(journey: Journey) -> None:
    """Change a title by command."""
    journey.opsledger("set", journey.any_id("CHG"), f"title=Wording {journey.done.total()}")


def move_on(journey: Journey) -> None:
    """Try a move; most are refused."""
    prefix, states = journey.dice.choice(
        [
            ("CHG", ["submitted", "assessed", "approved", "closed"]),
            ("PRB", ["triaged", "known-error", "closed"]),
            ("INC", ["classified", "in-progress", "restored"]),
        ]
    )
    journey.opsledger("transition", journey.any_id(prefix), journey.dice.choice(states))


def put_in_order(journey: Journey) -> None:
    """Order the keys of every file."""
    journey.opsledger("fmt")


def ask(journey: Journey) -> None:
    """Ask in SQL how many records there are; the cache must not change what is there."""
    warm = journey.opsledger("query", "SELECT count(*) FROM problem", "--format", "json")
    cold = journey.scratch / "cold"
    shutil.rmtree(cold, ignore_errors=True)
    fresh = journey.opsledger("query", "SELECT count(*) FROM problem", "--format", "json", cache=cold)
    same(warm, fresh, "a warm query and a cold one")


def misspell_a_key(journey: Journey) -> None:
    """Misspell a key with an editor."""
    path = journey.any_record()
    path.write_bytes(path.read_bytes().replace(b"\nstate:", b"\nsttae:", 1))


def misspell_a_reference(journey: Journey) -> None:
    """Let a reference point nowhere."""
    path = journey.any_record()
    path.write_bytes(path.read_bytes().replace(b"CI-component-", b"CI-componant-", 1))


def tear_a_file(journey: Journey) -> None:
    """Cut a file off in the middle."""
    path = journey.any_record()
    content = path.read_bytes()
    path.write_bytes(content[: journey.dice.randrange(len(content))] if content else b"")


def spill_bytes(journey: Journey) -> None:
    """Overwrite a few bytes with others."""
    path = journey.any_record()
    content = bytearray(path.read_bytes())
    for _ in range(3 if content else 0):
        content[journey.dice.randrange(len(content))] = journey.dice.randrange(256)
    path.write_bytes(bytes(content))


def delete_a_file(journey: Journey) -> None:
    """Delete a record."""
    journey.any_record().unlink()


def copy_a_file(journey: Journey) -> None:
    """Copy a record beside itself, so that its id stands twice."""
    path = journey.any_record()
    path.with_name(f"{path.stem}-copy.yaml").write_bytes(path.read_bytes())


def touch_a_file(journey: Journey) -> None:
    """Save a file without a change."""
    path = journey.any_record()
    path.write_bytes(path.read_bytes())


def change_a_schema(journey: Journey) -> None:
    """Bring an own schema in, or take it away: everything of that kind is judged anew."""
    own = journey.root / "schemas" / "incident.json"
    if own.exists():
        own.unlink()
        return
    own.parent.mkdir(exist_ok=True)
    packaged = (TOOLING.parent / "schemas" / "incident.json").read_text()
    own.write_text(packaged.replace('"required": ["id", "title"', '"required": ["owner", "id", "title"', 1))


def take_back(journey: Journey) -> None:
    """Take everything back that was not committed."""
    journey.git("reset", "--quiet", "--hard")
    journey.git("clean", "--quiet", "-d", "--force")


def commit(journey: Journey) -> None:
    """Commit everything; the commit must be judged as its work tree is."""
    journey.git("add", "--all")
    journey.git("commit", "--quiet", "--allow-empty", "-m", f"Step {journey.done.total()}")
    tree = agree(journey, "commit")
    at_commit = journey.opsledger("check", "--at", "HEAD", "--format", "json")
    same(unnamed(at_commit), unnamed(tree), "a commit and its work tree")


def unnamed(answer: Answer) -> Answer:
    """The answer without the name of what was judged."""
    lines = [json.loads(line) for line in answer.said.splitlines()]
    said = "\n".join(json.dumps(line | {"subject": ""}, sort_keys=True) for line in lines)
    return Answer(answer.code, said, answer.complained)


STEPS: tuple[Callable[[Journey], None], ...] = (
    make_incident, make_problem, set_title, move_on, put_in_order, ask, misspell_a_key, misspell_a_reference,
    tear_a_file, spill_bytes, delete_a_file, copy_a_file, touch_a_file, change_a_schema,
    take_back, take_back, take_back, commit,
)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
