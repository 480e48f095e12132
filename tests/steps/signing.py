"""A ledger whose people hold real keys, a pull request in it, and approvals signed by whoever a test says."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from opsledger.api import open_book
from opsledger.approvals import Approval, data_of, digest_of, id_of, parts_of, scope_pointers, sign, statement
from opsledger.yamlfile import write

from .conftest import edit
from .test_gates_in_steps import HOST, NOON, RECORDS, REL, commit

GRACE, LINUS = "records/parties/PTY-grace.yaml", "records/parties/PTY-linus.yaml"
KEY = "  keys: [{{type: ssh, key: {0}, from: {1}{2}}}]\n"
EARLY = '"2026-01-01T00:00:00Z"'


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> dict[str, Path]:
    """A private key for each of three people; the public half stands beside it."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("grace", "linus", "ada"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return {name: folder / name for name in ("grace", "linus", "ada")}


def public(keys, name: str) -> str:
    return keys[name].with_suffix(".pub").read_text().strip()


@pytest.fixture
def planned(repo, keys):
    """The ledger of a planned release in which three people have keys, and branch `work` on which Ada moves it on."""
    for path, text in RECORDS.items():
        name = path.removeprefix("records/parties/PTY-").removesuffix(".yaml")
        key = KEY.format(public(keys, name), EARLY, "") if name in keys else ""
        repo.write(path, text.replace("roles:", f"{key}roles:") if "roles:" in text else text + key)
    repo.commit("The ledger", author="Linus <linus@example.org>", when=NOON - timedelta(days=2))
    repo.switch("work", "main")
    edit(repo, REL, "task: Raise it", "task: Raise it twofold")
    edit(repo, REL, "state: planned", "state: plan-approved")
    repo.commit("Move it on", when=NOON - timedelta(days=1))
    return repo


def approval(
    repo, key: Path | None, *, subject: str = "REL-2026-0001", scope: str = "plan",
    pointers: tuple[str, ...] | None = None, **more
) -> Approval:  # fmt: skip
    """Grace's signed yes to the plan as it stands in the work tree, but for what is said otherwise."""
    with open_book(repo.root, environment=repo.environment) as book:
        record = book.ledger().record(subject)
        covered = pointers or scope_pointers(record.kind, scope)
        data = record.data
    made = Approval(
        "", "", subject, scope, digest_of(record.kind.name, subject, scope, covered, data), covered,
        "ROL-approver", "PTY-grace", "granted", NOON - timedelta(hours=1), HOST, parts=parts_of(data, covered),
    )  # fmt: skip
    made = replace(made, **more)
    made = replace(made, id=id_of(made))
    if key is None:
        return made
    signature = sign(statement(made), key=str(key), environment=os.environ)
    return replace(made, evidence={"type": "ssh-signature", "signature": signature})


def put(repo, made: Approval) -> str:
    """Write an approval where its role's approvals stand."""
    path = f"records/approvals/{made.role}/{made.id}.yaml"
    repo.write(path, write(data_of(made)))
    return path


def check(repo, at="work", *, as_of: datetime = NOON, base="main"):
    with open_book(repo.root, environment=repo.environment) as book:
        return book.check(at, base=base, as_of=as_of)


@pytest.fixture
def approved(planned, keys):
    """The same, with Grace's signed approval of the plan on the branch."""
    put(planned, approval(planned, keys["grace"]))
    commit(planned, "Grace <grace@example.org>")
    return planned
