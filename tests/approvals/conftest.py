"""The `scene` fixture: a deployment, the people around it, and one approval that counts, to be changed one way."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from opsledger.approvals import (
    Approval,
    Asked,
    Authorship,
    ForgeAccount,
    PullRequest,
    Review,
    Situation,
    Tally,
    data_of,
    digest_of,
    parts_of,
    sign,
    statement,
    tally,
)
from opsledger.kind import packaged_kinds
from opsledger.ledger import Ledger, load
from opsledger.people import People, people_of
from opsledger.store import in_memory
from opsledger.yamlfile import read, write

KINDS = packaged_kinds()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REPOSITORY = "github.com/kestrel-pay/ledger"
PULL = f"https://{REPOSITORY}/pull/12"
SEEN = "a" * 40
DEPLOYMENT = "records/deployments/2026/DEP-2026-a1b2c3.yaml"
POINTERS = ("/environment", "/group", "/items", "/package_digest", "/planned", "/release")
ASKED = Asked("deployment", ("ROL-approver",))

SUBJECT = """
id: DEP-2026-a1b2c3
state: planned
release: REL-2026-0007
environment: ENV-prod
items:
  - {ci: CI-payments, version: 4.2.1}
"""
ROLES = {
    "ROL-approver": "title: Approver",
    "ROL-change-manager": "title: Change manager",
    "ROL-problem-manager": "title: Problem manager",
    "ROL-of-releases": "title: Of releases\nkinds: [release]",
    "ROL-of-plans": "title: Of plans\nscopes: [plan]",
}
EVERY = "".join(f"\n  - {{role: {role}}}" for role in ROLES)


@dataclass(frozen=True)
class Keys:
    """Real SSH keys, each made once: name → file of the private key and text of the public one."""

    folder: Path
    made: dict[tuple[str, bytes], str] = field(default_factory=dict)

    def sign(self, name: str, said: bytes) -> str:
        """The signature of a key over some text."""
        if (name, said) not in self.made:
            self.made[name, said] = sign(said, key=self.private(name), environment=dict(os.environ))
        return self.made[name, said]

    def private(self, name: str) -> str:
        """The file of a private key, which is made if it is not there."""
        place = self.folder / name
        if not place.exists():
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(place)]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return str(place)

    def public(self, name: str) -> str:
        """The line of a public key."""
        return Path(f"{self.private(name)}.pub").read_text(encoding="utf-8").strip()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """See `Keys`."""
    return Keys(tmp_path_factory.mktemp("keys"))


def person(name: str, keys: Keys, id: int, *, roles: str = EVERY, more: str = "", key: str = "") -> str:
    """The record of a person with an account, an address, a key and roles."""
    return (
        f"id: PTY-{name}\nname: {name.title()}\ntype: person\nstate: active\nidentities:\n"
        f"  emails: [{name}@example.org]\n"
        f'  accounts: [{{forge: github.com, login: {name}, id: "{id}"}}]\n'
        f'  keys: [{{type: ssh, key: "{keys.public(name)}", from: "2026-01-01T00:00:00Z"{key}}}]\n'
        f"roles: {roles or '[]'}\n{more}"
    )


@dataclass(frozen=True)
class Scene:
    """
    Everything that a count looks at; `replace` gives one that differs in one thing.

    Args:
        subject: the deployment, as YAML.
        parties: id → record, as YAML.
        roles: id → record, as YAML, without its id.
        approvals: approvals to be signed and written as records.
        landed: whether the judge holds the approvals already.
        content: what a reviewed commit holds, by commit; `None` for a commit that is not here.
    """

    keys: Keys
    parties: Mapping[str, str]
    subject: str = SUBJECT
    roles: Mapping[str, str] = field(default_factory=lambda: dict(ROLES))
    approvals: tuple[Approval, ...] = ()
    landed: bool = False
    asked: Asked = ASKED
    as_of: datetime = NOON
    repository: str = REPOSITORY
    pull_request: PullRequest | None = None
    content: Mapping[str, str | None] = field(default_factory=lambda: {SEEN: SUBJECT})
    authorship: Authorship = field(default_factory=lambda: Authorship(frozenset({"PTY-ada"}), last_edit=NOON - DAY))
    by: str = ""
    lane: bool = False
    path: str = field(default_factory=lambda: os.environ["PATH"])

    @property
    def people(self) -> People:
        """Parties and roles of the judge."""
        files = {f"records/parties/{id}.yaml": text for id, text in self.parties.items()}
        files |= {f"records/roles/{id}.yaml": f"id: {id}\ndescription: One\n{text}" for id, text in self.roles.items()}
        return people_of(in_memory({path: text.encode() for path, text in files.items()}, name="judge"), KINDS)

    @property
    def ledger(self) -> Ledger:
        """What is judged."""
        files = {DEPLOYMENT: self.subject.encode()}
        for one in self.approvals:
            files[one.path] = write(data_of(one))
        return load(in_memory(files, name="judged"), KINDS)

    @property
    def situation(self) -> Situation:
        """What the approvals are counted in."""
        ledger = self.ledger
        return Situation(
            ledger, self.people, self.as_of, self.repository, self.pull_request, self._content,
            lambda *_: self.authorship, ledger.snapshot.files if self.landed else {}, self.by,
            lambda _: self.lane, {"PATH": self.path},
        )  # fmt: skip

    def tally(self, asked: Asked | None = None) -> Tally:
        """What the signatures add up to."""
        situation = self.situation
        return tally(asked or self.asked, situation.ledger.record("DEP-2026-a1b2c3"), situation)

    def _content(self, commit: str, _: str) -> bytes | None:
        text = self.content.get(commit)
        return None if text is None else text.encode()

    def approval(self, name: str = "grace", *, key: str = "", at: datetime = NOON - HOUR, **over: Any) -> Approval:
        """An approval of the deployment as it stands, signed by somebody."""
        data = read(over.pop("subject", self.subject).encode())
        assert isinstance(data, dict)
        pointers = over.pop("pointers", POINTERS)
        role = over.get("role", "ROL-approver")
        made = Approval(
            id=over.pop("id", f"APR-2026-{sha256(f'{name}{role}{at}'.encode()).hexdigest()[:8]}"),
            path="", subject="DEP-2026-a1b2c3", scope="deployment", pointers=pointers,
            digest=digest_of("deployment", "DEP-2026-a1b2c3", "deployment", pointers, data),
            role="ROL-approver", party=f"PTY-{name}", decision="granted", at=at, repository=REPOSITORY,
            parts=parts_of(data, pointers),
        )  # fmt: skip
        made = replace(made, **over)
        made = replace(made, path=f"records/approvals/{made.role}/{made.id}.yaml")
        return made if made.evidence else self.signed(made, key or name)

    def signed(self, approval: Approval, key: str) -> Approval:
        """The same approval, signed anew with some key."""
        said = self.keys.sign(key, statement(approval))
        return replace(approval, evidence={"type": "ssh-signature", "signature": said})

    def copied(
        self, name: str = "grace", id: int = 2, *, payload: Mapping[str, Any] | None = None, **over: Any
    ) -> Approval:
        """An approval that copies a review of GitHub."""
        at = over.get("at", NOON - HOUR)
        said = {
            "id": 80, "user": {"login": name, "id": id, "type": "User"}, "state": "APPROVED", "commit_id": SEEN,
            "submitted_at": at.isoformat().replace("+00:00", "Z"), "html_url": f"{PULL}#pullrequestreview-80",
            **(payload or {}),
        }  # fmt: skip
        text = json.dumps(said)
        evidence = {
            "type": "forge-review", "forge": "github.com", "review": "80", "commit": SEEN, "payload": text,
            "payload_digest": f"sha256:{sha256(text.encode()).hexdigest()}", **over.pop("evidence", {}),
        }  # fmt: skip
        return self.approval(name, evidence=evidence, pull_request=PULL, **over)

    def review(self, name: str = "grace", id: str = "2", *, number: str = "80", **over: Any) -> Review:
        """A review of the open pull request."""
        made = Review(number, ForgeAccount(name, id), "granted", SEEN, NOON - HOUR)
        return replace(made, **over)

    def reviewed(self, *reviews: Review, **over: Any) -> Scene:
        """The same, with an open pull request that has these reviews and no approval records."""
        pull_request = PullRequest(
            "github.com", REPOSITORY, "12", PULL, ForgeAccount("ada", "1"), SEEN, "main", "refs/pull/12/head", reviews
        )
        return replace(self, approvals=(), pull_request=replace(pull_request, **over))

    def with_party(self, id: str, change: Callable[[str], str]) -> Scene:
        """The same, with the record of a party changed."""
        return replace(self, parties={**self.parties, id: change(self.parties[id])})


@pytest.fixture
def scene(keys: Keys) -> Scene:
    """A deployment by Ada that Grace approved; Joan could have; the bot is a machine. See `Scene`."""
    bot = "id: PTY-bot\nname: Bot\ntype: machine\nstate: active\nidentities:\n  emails: [bot@example.org]\n"
    bot += '  accounts: [{forge: github.com, login: "bot[bot]", id: "9"}]\n'
    parties = {f"PTY-{name}": person(name, keys, id) for id, name in enumerate(("ada", "grace", "joan"), start=1)}
    empty = Scene(keys, {**parties, "PTY-bot": bot})
    return replace(empty, approvals=(empty.approval(),))


class Gpg:
    """
    A GPG key ring of its own.

    Args:
        prints: the fingerprint of each key that was made, by name.
    """

    def __init__(self, home: Path) -> None:
        home.mkdir(mode=0o700)
        self.home = home
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "GNUPGHOME": str(home)}
        self.prints: dict[str, str] = {}

    def run(self, *arguments: str) -> str:
        """What a gpg command prints."""
        command = ["gpg", "--batch", "--passphrase", "", "--pinentry-mode", "loopback", *arguments]
        return subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True).stdout

    def make(self, name: str, expires: str = "0", *more: str) -> str:
        """Make a key, and give its fingerprint."""
        self.run(*more, "--quick-generate-key", f"{name} <{name}@example.org>", "ed25519", "sign", expires)
        listed = self.run("--with-colons", "--list-keys", name)
        self.prints[name] = re.findall(r"^f..:+([0-9A-F]{40}):", listed, re.M)[0]
        return self.prints[name]

    def public(self, name: str) -> str:
        """The armoured public key of a name."""
        return self.run("--armor", "--export", name)

    def keys(self, name: str) -> str:
        """The keys of a party record, as YAML."""
        block = self.public(name).rstrip().replace("\n", "\n        ")
        return (
            f'  keys:\n    - type: gpg\n      fingerprint: "{self.prints[name]}"\n      from: "2026-01-01T00:00:00Z"\n'
            f"      key: |\n        {block}\n"
        )

    def close(self) -> None:
        """End the agent that gpg started."""
        subprocess.run(["gpgconf", "--kill", "all"], env=self.environment, check=False)


@pytest.fixture(scope="module")
def gpg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gpg]:
    """A key ring with a key for Grace, for Joan and for nobody; see `Gpg`."""
    made = Gpg(tmp_path_factory.mktemp("g") / "h")
    for name in ("grace", "joan", "nobody"):
        made.make(name)
    yield made
    made.close()


@pytest.fixture
def new_ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Gpg]]:
    """Makes key rings, and ends their agents."""
    made: list[Gpg] = []

    def new(_: Path) -> Gpg:
        made.append(Gpg(tmp_path_factory.mktemp("g") / "h"))
        return made[-1]

    yield new
    for one in made:
        one.close()
