"""A forge in a thread, a bare remote, and a run of the shell scripts that travel with the tool, as a runner would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Repo, make_repo

from opsledger.edit.ready import ready_files

PROGRAM = f"{Path(sys.executable).parent}/opsledger"
PARTY = "id: PTY-{0}\nname: {1}\ntype: person\nstate: active\nidentities:\n  emails: [{0}@example.org]\n"
PROBLEM = "id: PRB-2026-0001\ntitle: {}\nstate: logged\nseverity: high\n"
PROBLEMS = "records/problems/2026/PRB-2026-0001.yaml"


@dataclass
class Forge:
    """
    Answers what was put into `answers`, by method and path with query, and keeps what it was asked.

    A path that is not there is answered with 404; one that ends in `page=N` beyond what was put there with `[]`.
    """

    address: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def answer(self, method: str, path: str) -> tuple[int, bytes]:
        """Status and body for a request."""
        known = self.answers.get(f"{method} {path}")
        if known is None and "page=" in path and not path.endswith("page=1"):
            return 200, b"[]"
        if known is None:
            return 404, b'{"message": "Not Found"}'
        return known if isinstance(known, tuple) else (200, json.dumps(known).encode())


@pytest.fixture
def forge() -> Iterator[Forge]:
    """A forge at an address of this machine."""
    told = Forge()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.asked.append((self.command, self.path, dict(self.headers), body))
            status, answer = told.answer(self.command, self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = handle_any  # noqa: N815 - what the library calls them

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told.address = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass(frozen=True)
class Ran:
    """How a script ended."""

    code: int
    out: str
    err: str


@dataclass
class Place:
    """
    A bare remote with a ledger on `main`, the clone of somebody who works on it, and the clone in which a job works.

    Args:
        job: a clone of `main` as the workflows make it.
        scripts: where the scripts lie in it.
    """

    author: Repo
    remote: Path
    job: Path
    scripts: str
    environment: Mapping[str, str]

    def propose(self, number: int, reference: str = "refs/pull/{}/head") -> str:
        """Push the author's branch as the forge keeps a pull request; gives its commit."""
        commit = self.author.git("rev-parse", "HEAD")
        self.author.git("push", "-q", "--force", str(self.remote), f"HEAD:{reference.format(number)}")
        return commit

    def land(self) -> str:
        """Push what the author has checked out onto `main`; gives its commit."""
        self.author.git("push", "-q", str(self.remote), "HEAD:refs/heads/main")
        return self.author.git("rev-parse", "HEAD")

    def run(self, script: str, **variables: str) -> Ran:
        """Run one of the scripts in the job's clone."""
        answer = subprocess.run(
            ["bash", f"{self.scripts}/{script}"], cwd=self.job, check=False, capture_output=True, text=True,
            env={**self.environment, **variables}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Ran(answer.returncode, answer.stdout, answer.stderr)


def place(tmp_path: Path, environment: Mapping[str, str], forge: Forge, sort: str = "github") -> Place:
    """A ledger with the files for a forge, as its pipeline finds it."""
    author = make_repo(tmp_path / "ledger", environment)
    author.write(".opsledger.yaml", 'tool: "0.1.0"\npreset: small\nprotected: main\n')
    author.write(PROBLEMS, PROBLEM.format("Payments time out"))
    for name in ("ada", "grace"):
        author.write(f"records/parties/PTY-{name}.yaml", PARTY.format(name, name.title()))
    for path, text in ready_files(sort).items():
        author.write(path, text)
    author.commit("Start the ledger")
    remote = tmp_path / "remote.git"
    author.git("init", "-q", "--bare", "-b", "main", str(remote))
    author.git("push", "-q", str(remote), "main")
    job = tmp_path / "job"
    author.git("clone", "-q", "--no-tags", remote.as_uri(), str(job))
    author.switch("work", "main")
    folder = {"github": ".github/actions/opsledger", "gitlab": ".gitlab/opsledger"}.get(
        sort, f".{sort}/actions/opsledger"
    )
    return Place(author, remote, job, folder, _variables(tmp_path, environment, forge, sort))


def _variables(tmp_path: Path, environment: Mapping[str, str], forge: Forge, sort: str) -> dict[str, str]:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    return {
        **environment,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "TMPDIR": str(temporary),
        "OPSLEDGER_NOW": "2026-03-01T12:00:00Z",
        "OPSLEDGER_PROGRAM": PROGRAM,
        "OPSLEDGER_FORGE": sort,
        "OPSLEDGER_SERVER": "https://forge.example",
        "OPSLEDGER_API": forge.address,
        "OPSLEDGER_REPOSITORY": "pay/ledger",
        "OPSLEDGER_PROJECT": "7",
        "OPSLEDGER_TOKEN": "s3cret",
        "OPSLEDGER_RETRIES": "0",
        "GIT_AUTHOR_NAME": "Bot",
        "GIT_AUTHOR_EMAIL": "bot@example.org",
        "GIT_COMMITTER_NAME": "Bot",
        "GIT_COMMITTER_EMAIL": "bot@example.org",
    }


@pytest.fixture
def hub(tmp_path: Path, environment: Mapping[str, str], forge: Forge) -> Place:
    """A ledger at GitHub."""
    return place(tmp_path, environment, forge)


def pull(number: int, head: str, *, merged: bool = False) -> dict[str, Any]:
    """A pull request as GitHub's REST interface gives it, as far as it is read."""
    return {
        "node_id": "PR_1", "id": 1000 + number, "number": number, "state": "open",
        "html_url": f"https://github.com/pay/ledger/pull/{number}",
        "user": {"login": "ada", "id": 1, "type": "User"},
        "head": {"sha": head, "ref": "work"}, "base": {"ref": "main"},
        "merged_at": "2026-03-01T10:00:00Z" if merged else None, "merge_commit_sha": head if merged else None,
    }  # fmt: skip


def review(number: int, head: str, login: str = "grace", id: int = 2) -> dict[str, Any]:
    """An approving review as GitHub's REST interface gives it, as far as it is read."""
    return {
        "node_id": "PRR_1", "id": 80, "state": "APPROVED", "body": "", "commit_id": head,
        "user": {"login": login, "id": id, "type": "User"}, "submitted_at": "2026-03-01T10:00:00Z",
        "html_url": f"https://github.com/pay/ledger/pull/{number}#pullrequestreview-80",
    }  # fmt: skip


def reviews_path(number: int, page: int = 1) -> str:
    """How the scripts ask for a page of reviews."""
    return f"GET /repos/pay/ledger/pulls/{number}/reviews?per_page=50&limit=50&page={page}"


def lookup_path(commit: str, page: int = 1) -> str:
    """How the scripts ask for a page of the pull requests that have to do with a commit."""
    return f"GET /repos/pay/ledger/commits/{commit}/pulls?per_page=100&limit=100&page={page}"
