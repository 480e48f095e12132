"""
Lets many pipelines deploy through one bare remote, beside people who propose and merge, and counts what is left.

    python benchmarks/deployers.py [--pipelines 60] [--at-once 12] [--people 5] [--hook] [--keep DIRECTORY]

Every pipeline has nothing but a directory of its own: it starts the deployment of its own release with
`opsledger deploy start --ledger`, tells how it goes, and finishes it. Prints the counts, and exits 1 when anything was
lost, written twice, or voided.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pushers import Fair, Person, counted, person, prepared

ADA = Person("Ada", "ada@example.org")
PLACE = """\
id: ENV-prod
title: Production
state: active
purpose: production
production: true
ladder: {position: 1}
manager: PTY-ada
"""
MODEL = """\
id: MDL-routine
title: Routine deployment
state: published
owner: PTY-ada
description: A new version of a service, brought by the pipeline.
ci_classes: [application]
backout: [{step: Redeploy the former version}]
"""
PART = """\
id: CI-app-{number:02}
title: App {number}
class: application
state: live
owner: PTY-ada
criticality: high
version: 1.0.0
versions: [1.0.0]
pending: {{version: 1.1.0, release: REL-2026-{number:04}}}
"""
CHANGE = """\
id: CHG-2026-1{number:03}
title: Deploy app {number}
state: scheduled
type: standard
model: MDL-routine
owner: PTY-ada
risk: low
effects:
  - {{ci: CI-app-{number:02}, effect: changed}}
release: REL-2026-{number:04}
"""
RELEASE = """\
id: REL-2026-{number:04}
name: app-{number:02}-1.1.0
state: ready
type: fix
size_class: small
risk: low
service: CI-app-{number:02}
version: 1.1.0
accountable: PTY-ada
changes: [CHG-2026-1{number:03}]
scope:
  cis:
    - {{ci: CI-app-{number:02}, version: 1.1.0, effect: changed}}
rollout: {{model: big-bang, groups: [{{id: all, environment: ENV-prod}}]}}
backout: {{method: redeploy-previous}}
package: {{digest: "sha256:{number:064x}"}}
"""
GATE = """\
id: GAT-{name}
title: {name}
question: May it?
owner: PTY-ada
mode: enforce
moves:
{moves}
{needs}codes: [{codes}]
"""
PROMOTE = GATE.format(
    name="promote", needs="needs: [environment]\n", codes="LCY202, CAL902",
    moves="  - {kind: release, from: ready, to: deploying}\n  - {kind: deployment, from: planned, to: authorised}",
)  # fmt: skip
VERIFY = GATE.format(
    name="verify", needs="", codes="LCY202, DPL701, DPL704",
    moves="  - {kind: release, from: deploying, to: early-life-support}",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What was left at the end, of as many deployments and people as there were."""

    expected: int
    deployments: int
    commits: int
    releases: int
    changes: int
    components: int
    people: int
    open_gates: int
    seconds: float

    @property
    def is_sound(self) -> bool:
        """Whether nothing was lost, nothing came twice, and no approval was voided."""
        found = {self.deployments, self.commits, self.releases, self.changes, self.components}
        return found == {self.expected} and self.open_gates == self.people

    def __str__(self) -> str:
        return (
            f"deployments: {self.deployments} of {self.expected}, in {self.commits} commits\n"
            f"moved: {self.releases} releases, {self.changes} changes, {self.components} components\n"
            f"approved changes: {self.open_gates} of {self.people} open\n"
            f"seconds: {self.seconds:.0f}"
        )


def stocked(fair: Fair, pipelines: int) -> None:
    """Put a release, a change and a component for each pipeline on the protected branch; the hook comes after."""
    place = fair.clone("stock", ADA)
    records = {
        "environments/ENV-prod.yaml": PLACE, "models/MDL-routine.yaml": MODEL,
        "gates/GAT-promote.yaml": PROMOTE, "gates/GAT-verify.yaml": VERIFY,
    }  # fmt: skip
    for number in range(1, pipelines + 1):
        records[f"cis/CI-app-{number:02}.yaml"] = PART.format(number=number)
        records[f"changes/2026/CHG-2026-1{number:03}.yaml"] = CHANGE.format(number=number)
        records[f"releases/2026/REL-2026-{number:04}.yaml"] = RELEASE.format(number=number)
    for path, text in records.items():
        (place / "records" / path).parent.mkdir(parents=True, exist_ok=True)
        (place / "records" / path).write_text(text)
    (place / "records/gates/GAT-next-group.yaml").unlink(missing_ok=True)
    fair.git(place, "add", "-A")
    fair.git(place, "commit", "-q", "-m", "Releases", who=ADA)
    fair.git(place, "push", "-q", "origin", "HEAD:main")
    fair.git(fair.remote, "config", "uploadpack.allowFilter", "true")


def pipeline(fair: Fair, number: int) -> None:
    """Deploy one release, with nothing of the ledger at hand."""
    place = fair.folder / f"pipeline{number}"
    place.mkdir()
    own = {"XDG_CACHE_HOME": str(place / "cache"), "OPSLEDGER_PARTY": "PTY-pipeline"}
    mine = Fair(fair.folder, {**fair.environment, **own, "OPSLEDGER_LEDGER": str(fair.remote)})
    mine.opsledger(
        place, "deploy", "start", f"REL-2026-{number:04}", "--env", "ENV-prod", "--run", f"ci/{number}"
    )  # fmt: skip
    mine.opsledger(place, "deploy", "finish", "--verify", "smoke=passed")


def left(fair: Fair, expected: int, people: int, seconds: float) -> Outcome:
    """Count what stands on the branch in the end."""
    place = fair.clone("left", ADA)
    texts = {path.stem: path.read_text() for path in (place / "records").rglob("*.yaml")}
    subjects = fair.git(fair.remote, "log", "--no-merges", "--format=%s", "main").splitlines()
    gates = counted(fair, [], 0, people, seconds).open_gates

    def holding(start: str, words: str) -> int:
        return sum(id.startswith(start) and words in text for id, text in texts.items())

    return Outcome(
        expected, holding("DEP-", "state: succeeded"), sum(line.endswith("is succeeded") for line in subjects),
        holding("REL-", "state: early-life-support"), holding("CHG-2026-1", "state: implemented"),
        holding("CI-app-", 'version: "1.1.0"\n'), people, gates, seconds,
    )  # fmt: skip


def held(folder: Path, *, pipelines: int, at_once: int, people: int, hook: bool) -> Outcome:
    """Let everybody work at once, and count."""
    fair = prepared(folder, hook=False)
    stocked(fair, pipelines)
    if hook:
        script = fair.remote / "hooks" / "pre-receive"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m opsledger receive\n')
        script.chmod(0o755)
    start = time.monotonic()
    with ThreadPoolExecutor(at_once + people) as threads:
        others = [threads.submit(person, fair, number) for number in range(1, people + 1)]
        machines = [threads.submit(pipeline, fair, number) for number in range(1, pipelines + 1)]
        for one in (*others, *machines):
            one.result()
    return left(fair, pipelines, people, time.monotonic() - start)


def main() -> int:
    """Hold it, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--pipelines", type=int, default=60)
    parser.add_argument("--at-once", type=int, default=12, help="how many of them one machine can stand at a time")
    parser.add_argument("--people", type=int, default=5)
    parser.add_argument("--hook", action="store_true", help="let the server's hook judge every push")
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY", help="work here, and leave it for a look")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = given.keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        try:
            outcome = held(
                place, pipelines=given.pipelines, at_once=given.at_once, people=given.people, hook=given.hook
            )
        except subprocess.SubprocessError as failure:
            print(failure)
            return 1
    print(outcome)
    return 0 if outcome.is_sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
