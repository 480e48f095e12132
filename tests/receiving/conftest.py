"""A ledger on a server, the people who push to it with their keys, and the court that judges what they push."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsledger.api import Book
from opsledger.approvals import Approval, sign, statement
from opsledger.cli.bench import Bench
from opsledger.edit.approving import file_of, with_proof
from opsledger.kind import packaged_kinds
from opsledger.packaged import files
from opsledger.receiving import Court, Pusher, Ruling, Update, receive
from opsledger.store import Repository

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MAIN = "refs/heads/main"
NOTHING = "0" * 40
CHANGE = "records/changes/2026/CHG-2026-0001.yaml"
PERSON = """\
id: PTY-{id}
name: {name}
type: {type}
state: active
identities:
  emails: [{id}@example.org]
  accounts: [{{forge: git.example.org, login: {id}}}]
  keys: [{{type: ssh, key: "{key}", from: "2025-01-01T00:00:00Z"}}]
{role}"""
ASSESSED = """\
id: CHG-2026-0001
title: Send a key with each charge
state: {state}
type: normal
owner: PTY-ada
risk: {risk}
business_need: No card is charged twice.
solution: The app sends a key of its own.
backout: {{method: Take the key out}}
impact: {{summary: Nobody notices}}
effects:
  - {{ci: CI-api, effect: changed}}
planned: {{start: "2026-11-21T06:00:00Z", end: "2026-11-21T07:00:00Z"}}
"""
CI = "id: CI-api\ntitle: API\nstate: live\nclass: service\nowner: PTY-ada\ncriticality: high\n"
EVIDENCE = """\
id: {0}
title: It answered
type: smoke
subjects: [CHG-2026-0001]
at: "2026-11-20T11:00:00Z"
result: passed
"""


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A private key for each who pushes or signs; its public half lies beside it."""
    folder = tmp_path_factory.mktemp("keys")
    made = {name: folder / name for name in ("ada", "grace", "pipeline", "stranger")}
    for name, place in made.items():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(place)], check=True)
    return made


def party(keys: dict[str, Path], id: str, *, type: str = "person", role: str = "") -> str:
    """The record of a party with its key."""
    key = keys[id].with_suffix(".pub").read_text().strip()
    held = f"roles: [{{role: {role}}}]\n" if role else ""
    return PERSON.format(id=id, name=id.title(), type=type, key=key, role=held)


@pytest.fixture
def served(repo, keys):
    """A ledger on `main` with a change that waits for its approval, and branch `work` on top of it."""
    for path, data in files("presets/small/records").items():
        repo.write(f"records/{path}", data)
    repo.write(".opsledger.yaml", 'tool: "0.1.0"\npreset: small\nprotected: main\nrepository: git.example.org/ledger\n')
    lane = (repo.root / "records/lanes/LAN-pipeline.yaml").read_text(encoding="utf-8")
    repo.write("records/lanes/LAN-pipeline.yaml", f"{lane}parties: [PTY-pipeline]\n")
    repo.write("records/parties/PTY-ada.yaml", party(keys, "ada", role="ROL-approver"))
    repo.write("records/parties/PTY-grace.yaml", party(keys, "grace", role="ROL-approver"))
    repo.write("records/parties/PTY-pipeline.yaml", party(keys, "pipeline", type="machine"))
    repo.write("records/cis/CI-api.yaml", CI)
    repo.write(CHANGE, ASSESSED.format(state="assessed", risk="medium"))
    repo.commit("The ledger")
    repo.switch("work", "main")
    return repo


@pytest.fixture
def court(served) -> Iterator[Callable[[], Court]]:
    """Gives the court of `served`, as it stands when it is asked for."""
    opened: list[Book] = []

    def made() -> Court:
        repository = Repository.within(served.root, "", environment=served.environment)
        book = Book(repository, None, served.environment)
        opened.append(book)
        bench = Bench(book)
        return Court(
            book.repository,
            lambda at, base, by: book.check(at, base=base, as_of=NOON, by=by),
            lambda at, base: bench.ledger(book.repository.commit(at), base),
            bench.judge,
            NOON,
            served.environment,
        )

    yield made
    for book in opened:
        book.close()


@pytest.fixture
def push(served, court) -> Callable[..., Ruling]:
    """Judges a push of a commit to `main`, or of whole updates."""

    def pushed(new: str = "", *, by: str = "", updates: tuple[Update, ...] = (), tags: tuple[str, ...] = ()) -> Ruling:
        made = updates or (Update(served.git("rev-parse", "main"), new, MAIN),)
        return receive(made, court(), Pusher(by), protected=MAIN, tags=tags)

    return pushed


@pytest.fixture
def approve(served, keys) -> Callable[..., str]:
    """Writes a signed approval of the change's request as it stands in the work tree, and gives its path."""

    def approved(by: str = "grace", *, key: str = "", at: datetime = NOON, **other: str) -> str:
        from opsledger.approvals import digest_of, id_of, parts_of, scope_pointers
        from opsledger.yamlfile import read

        kinds = packaged_kinds()
        data = read((served.root / CHANGE).read_bytes())
        pointers = scope_pointers(kinds["change"], "request")
        made = Approval(
            "", "", "CHG-2026-0001", "request", digest_of("change", "CHG-2026-0001", "request", pointers, data),
            pointers, "ROL-approver", f"PTY-{by}", "granted", at, "git.example.org/ledger",
            parts=parts_of(data, pointers),
        )  # fmt: skip
        made = replace(made, **other)
        made = replace(made, id=id_of(made))
        signature = sign(statement(made), key=str(keys[key or by]), environment=served.environment)
        signed = with_proof(made, kinds, type="ssh", signature=signature)
        served.write(signed.path, file_of(signed))
        return signed.path

    return approved


def said(ruling: Ruling) -> str:
    """All that is said against a push, in one text."""
    findings = [f"{one.code} {one.message}" for judged in ruling.judgements for one in judged.findings]
    doubts = [one for judged in ruling.judgements for one in judged.undecided]
    errors = [line for line in findings if not line.startswith("LNK109")]
    return "\n".join([*(one.said for one in ruling.objections), *errors, *doubts])


@dataclass(frozen=True)
class Ended:
    """How a command ended, and both of its outputs."""

    code: int
    text: str


@pytest.fixture
def bare(served, tmp_path) -> Path:
    """A bare remote without a hook that `served` calls origin; git knows the user as Ada."""
    place = tmp_path / "remote.git"
    served.switch("main")
    served.git("clone", "-q", "--bare", ".", str(place))
    served.git("remote", "add", "origin", str(place))
    served.git("config", "user.name", "Ada")
    served.git("config", "user.email", "ada@example.org")
    return place


@pytest.fixture
def opsledger(served) -> Callable[..., Ended]:
    """Runs the program in `served`, or in the folder `within`, and gives how it ended."""

    def ran(*arguments: str, within: Path | None = None, **variables: str) -> Ended:
        environment = {
            **served.environment, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "NO_COLOR": "1",
            "OPSLEDGER_NOW": "2026-11-20T12:00:00Z", "OPSLEDGER_CACHE": "off", **variables,
        }  # fmt: skip
        answer = subprocess.run(
            [sys.executable, "-m", "opsledger", *arguments], cwd=within or served.root, env=environment,
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Ended(answer.returncode, answer.stdout + answer.stderr)

    return ran
