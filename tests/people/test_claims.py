"""An address, an account or a key leads to one party, or to nobody."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from opsledger.people import Claim
from opsledger.people.keys import plain_fingerprint, ssh_fingerprint, ssh_key

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BLOB = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(range(32))).decode()
OTHER = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(range(1, 33))).decode()
LINE = f"ssh-ed25519 {BLOB}"
THIRD = "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(range(2, 34))).decode()


def id_of(party) -> str:
    return party.id if party else "nobody"


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        pytest.param("ada@x.example", "PTY-ada", id="as written"),
        pytest.param("  ADA@X.Example ", "PTY-ada", id="in another case"),
        pytest.param("adа@x.example", "nobody", id="with a Cyrillic a"),
        pytest.param("bo\u212a@x.example", "nobody", id="with the sign of the kelvin for a k"),
        pytest.param("shared@x.example", "nobody", id="claimed by two"),
        pytest.param("", "nobody", id="empty"),
        pytest.param("ada@x.example\udcff", "nobody", id="with a byte that is no text"),
        pytest.param("7+whoever@users.noreply.github.com", "PTY-ada", id="made by GitHub, known by its number"),
        pytest.param("8+ada@users.noreply.github.com", "nobody", id="made by GitHub for another number"),
        pytest.param("ada@users.noreply.github.com", "PTY-ada", id="made by GitHub without a number"),
        pytest.param("9-bok@users.noreply.gitlab.com", "PTY-bok", id="made by GitLab"),
        pytest.param("bok@users.noreply.gitlab.com", "nobody", id="not as GitLab makes them"),
        pytest.param("7+ada@users.noreply.github.com.evil.example", "nobody", id="like GitHub's, elsewhere"),
        pytest.param("gone@x.example", "PTY-gone", id="of somebody who left"),
    ],
)
def test_an_address_leads_to_whoever_has_it_alone(people, email, expected):
    found = people("""
        # PTY-ada
        identities:
          emails: [Ada@x.example, shared@x.example, ADA@x.example]
          accounts: [{forge: github, login: ada, id: "7"}]
        # PTY-bok
        identities:
          emails: [bok@x.example, Shared@x.example]
          accounts: [{forge: gitlab.com, login: bok}]
        # PTY-gone
        state: inactive
        identities: {emails: [gone@x.example]}
    """)

    assert expected == id_of(found.by_email(email))


@pytest.mark.parametrize(
    ("forge", "login", "number", "expected"),
    [
        pytest.param("github", "ada", "7", "PTY-ada", id="login and number"),
        pytest.param("github.com", "ADA", "7", "PTY-ada", id="the host, another case"),
        pytest.param("github", "ada-renamed", "7", "PTY-ada", id="a renamed login"),
        pytest.param("github", "ada", "8", "nobody", id="a login that somebody else took"),
        pytest.param("github", "ada", "", "PTY-ada", id="a forge that tells no number"),
        pytest.param("gitlab", "ada", "7", "nobody", id="another forge"),
        pytest.param("git.x.example", "bo", "3", "PTY-bo", id="a host of our own, no number recorded"),
        pytest.param("GIT.x.example ", "Bo", "", "PTY-bo", id="a host in another case"),
        pytest.param("github", "early", "", "nobody", id="an account that is over"),
        pytest.param("github", "late", "", "nobody", id="an account that is not yet"),
        pytest.param("github", "both", "", "nobody", id="claimed by two"),
        pytest.param("github", "", "", "nobody", id="nothing"),
        pytest.param("bitbucket", "bo", "{u}", "PTY-bo", id="bitbucket is bitbucket.org"),
    ],
)
def test_an_account_leads_to_whoever_has_it_alone(people, forge, login, number, expected):
    found = people("""
        # PTY-ada
        identities:
          accounts:
            - {forge: github, login: ada, id: "7"}
            - {forge: github, login: both}
        # PTY-bo
        identities:
          accounts:
            - {forge: git.x.example, login: bo}
            - {forge: bitbucket.org, login: bo, id: "{u}"}
            - {forge: github, login: both}
            - {forge: github, login: early, until: "2026-11-20T12:00:00Z"}
            - {forge: github, login: late, from: "2026-11-20T12:00:01Z"}
    """)

    assert expected == id_of(found.by_account(forge, login=login, id=number, at=NOON))


def test_an_account_that_was_handed_on_leads_to_whoever_had_it_then(people):
    found = people("""
        # PTY-ada
        identities: {accounts: [{forge: github, login: release, until: "2026-11-20T12:00:00Z"}]}
        # PTY-bo
        identities: {accounts: [{forge: github, login: release, from: "2026-11-20T12:00:00Z"}]}
    """)

    before, after = (found.by_account("github", login="release", at=at) for at in (NOON - timedelta(seconds=1), NOON))
    assert ("PTY-ada", "PTY-bo", ()) == (id_of(before), id_of(after), found.ambiguous)


def test_what_two_parties_claim_is_listed(people):
    found = people(f"""
        # PTY-ada
        identities:
          emails: [one@x.example, mine@x.example]
          accounts: [{{forge: github, login: Ada, id: "7"}}, {{forge: github, login: mine, id: "1"}}]
          keys: [{{type: ssh, key: "{LINE} ada", from: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z"}}]
        # PTY-bo
        identities:
          emails: [One@x.example]
          accounts: [{{forge: github.com, login: bo, id: "7"}}, {{forge: github, login: mine, id: "2"}}]
          keys: [{{type: ssh, key: "{LINE} bo", from: "2026-03-01T00:00:00Z"}}]
    """)

    assert (
        Claim("account", "bo at github.com", ("PTY-ada", "PTY-bo")),
        Claim("address", "one@x.example", ("PTY-ada", "PTY-bo")),
        Claim("key", ssh_fingerprint(LINE), ("PTY-ada", "PTY-bo")),
    ) == found.ambiguous
    assert (None, "") == (found.by_key(ssh_fingerprint(LINE)), found.allowed_signers(NOON))


def test_what_one_party_says_twice_is_not_ambiguous(people):
    found = people("""
        # PTY-ada
        identities:
          emails: [a@x.example, A@x.example]
          accounts: [{forge: github, login: ada}, {forge: github.com, login: ada, id: "7"}]
    """)

    assert () == found.ambiguous


def test_a_key_leads_to_its_party_by_what_it_says_itself(people):
    found = people(f"""
        # PTY-ada
        identities:
          keys: [{{type: ssh, key: "{LINE} ada@home", fingerprint: "SHA256:of-another", from: "2026-01-01T00:00:00Z"}}]
    """)

    party, key = found.by_key(ssh_fingerprint(LINE))
    assert ("PTY-ada", f"{LINE} ada@home") == (party.id, key.text)
    assert None is found.by_key("SHA256:of-another")


def test_a_gpg_key_is_found_however_its_fingerprint_is_written(people):
    found = people("""
        # PTY-ada
        identities:
          keys: [{type: gpg, key: armour, fingerprint: "3aa5 c343 71567bd2", from: "2026-01-01T00:00:00Z"}]
        # PTY-bo
        identities: {keys: [{type: gpg, key: armour, from: "2026-01-01T00:00:00Z"}]}
    """)

    assert ["PTY-ada", "PTY-ada", "nobody"] == [
        id_of((found.by_key(text) or [None])[0]) for text in ("3AA5C34371567BD2", "3aa5:c343:7156:7bd2", "")
    ]


def test_of_a_key_with_several_times_the_one_that_holds_is_preferred(people):
    found = people(f"""
        # PTY-ada
        identities:
          keys:
            - {{type: ssh, key: "{LINE}", from: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z"}}
            - {{type: ssh, key: "{LINE}", from: "2026-03-01T00:00:00Z"}}
    """)

    first, held, neither = (
        found.by_key(ssh_fingerprint(LINE), at=at)[1].term.since.month
        for at in (None, NOON, datetime(2026, 2, 15, tzinfo=UTC))
    )
    assert (1, 3, 1) == (first, held, neither)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("ssh-ed25519", id="a type alone"),
        pytest.param("ssh-ed25519 ???", id="no base64"),
        pytest.param("ssh-ed25519 AAAA=A", id="odd base64"),
        pytest.param("ssh-ed25519 AAA", id="base64 of a wrong length"),
        pytest.param(f"ssh-rsa {BLOB}", id="one type passed off as another"),
        pytest.param(f"cert-authority {LINE}", id="with an option"),
        pytest.param(f'command="x" {LINE}', id="with a command"),
        pytest.param(f"{LINE}\nmallory ssh-ed25519 {OTHER}", id="two lines"),
        pytest.param(f"{LINE} x\rmallory", id="a hidden line"),
        pytest.param(f"* {LINE}", id="with a principal"),
        pytest.param("-----BEGIN OPENSSH PRIVATE KEY-----", id="a private key"),
    ],
)
def test_no_key_is_made_of_anything_but_a_plain_line(people, text):
    key = f"{{type: ssh, key: {json.dumps(text)}, from: '2026-01-01T00:00:00Z'}}"

    found = people(f"# PTY-ada\nidentities: {{keys: [{key}]}}\n")

    assert (None, "") == (ssh_key(text), ssh_fingerprint(text))
    assert ((), "") == (found.parties["PTY-ada"].keys, found.allowed_signers(NOON))


def test_a_fingerprint_is_the_sum_of_the_key_without_padding():
    digest = base64.b64encode(hashlib.sha256(base64.b64decode(BLOB)).digest()).decode()

    assert f"SHA256:{digest.removesuffix('=')}" == ssh_fingerprint(f"  {LINE} ada\n")
    assert "SHA256:aB" == plain_fingerprint(" SHA256:aB ")


def test_signers_stand_under_their_ids_with_their_times_and_nothing_personal(people):
    found = people(f"""
        # PTY-ada
        name: Ada Lovelace
        identities:
          keys:
            - type: ssh
              key: "{LINE} ada@home"
              from: "2026-01-01T00:00:00.25Z"
              until: "2027-01-01T00:00:00Z"
            - {{type: gpg, key: armour, fingerprint: AB, from: "2026-01-01T00:00:00Z"}}
            - {{type: ssh, key: "{THIRD}", from: "2026-01-01T00:00:00Z"}}
        # PTY-bo
        identities: {{keys: [{{type: ssh, key: "ssh-ed25519 {OTHER}", until: "2026-11-20T12:00:00.5Z"}}]}}
    """)

    assert (
        f'PTY-ada namespaces="opsledger-approval",valid-after="20260101000000Z" {THIRD}\n'
        'PTY-ada namespaces="opsledger-approval",valid-after="20260101000001Z",valid-before="20261231235959Z" '
        f"{LINE}\n"
        f'PTY-bo namespaces="opsledger-approval",valid-before="20261120120000Z" ssh-ed25519 {OTHER}\n'
    ) == found.allowed_signers(NOON)


@pytest.mark.parametrize(
    "party",
    [
        pytest.param("# PTY-ada\ntype: machine\n", id="a machine"),
        pytest.param("# records/parties/PTY-*.yaml\nid: PTY-*\nname: x\ntype: person\nstate: active\n", id="a pattern"),
    ],
)
def test_nobody_signs_as_a_machine_or_under_an_odd_id(people, party):
    found = people(f"{party}identities: {{keys: [{{type: ssh, key: '{LINE}', from: '2026-01-01T00:00:00Z'}}]}}\n")

    assert "" == found.allowed_signers(NOON)


@pytest.mark.parametrize(("seconds", "is_listed"), [(-1, False), (0, True), (59, True), (60, False)])
def test_a_key_is_listed_from_its_first_second_to_its_last(people, seconds, is_listed):
    found = people(f"""
        # PTY-ada
        identities:
          keys: [{{type: ssh, key: "{LINE}", from: "2026-11-20T12:00:00Z", until: "2026-11-20T12:01:00Z"}}]
    """)

    assert is_listed == bool(found.allowed_signers(NOON + timedelta(seconds=seconds)))


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
def test_openssh_agrees_on_fingerprints_and_on_the_edges_of_a_key_s_time(people, tmp_path):
    def ssh(*arguments: object, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["ssh-keygen", *map(str, arguments)], input=given, capture_output=True, check=False)

    key, signers = tmp_path / "key", tmp_path / "signers"
    ssh("-q", "-t", "ed25519", "-N", "", "-C", "ada@home", "-f", key)
    line = key.with_suffix(".pub").read_text(encoding="utf-8").strip()
    found = people(f"""
        # PTY-ada
        identities:
          keys: [{{type: ssh, key: "{line}", from: "2026-11-20T12:00:00Z", until: "2026-11-20T12:01:00Z"}}]
    """)
    signers.write_text(found.allowed_signers(NOON), encoding="utf-8")
    signature = tmp_path / "signature"
    signature.write_bytes(ssh("-Y", "sign", "-q", "-f", key, "-n", "opsledger-approval", given=b"yes").stdout)

    def verified(at: datetime, namespace: str = "opsledger-approval") -> bool:
        return 0 == ssh(
            "-Y", "verify", "-f", signers, "-I", "PTY-ada", "-n", namespace, "-s", signature,
            f"-Overify-time={at:%Y%m%d%H%M%SZ}", given=b"yes",
        ).returncode  # fmt: skip

    assert ssh_fingerprint(line) in ssh("-l", "-f", key).stdout.decode()
    assert [False, True, True, False] == [verified(NOON + timedelta(seconds=second)) for second in (-1, 0, 59, 60)]
    assert not verified(NOON, "git")
