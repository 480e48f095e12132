"""What a commit says of itself is read word for word, whatever bytes it holds."""

from __future__ import annotations

import subprocess

import pytest

from opsledger.store import CommitText, Person, Repository
from opsledger.store.texts import commit_text

HEADER = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
ADA = b"Ada <ada@example.org> 1700000000 +0100"


def text(data: bytes) -> CommitText:
    """Read a commit of a clone that names objects by sha1."""
    return commit_text("1" * 40, data, object_format="sha1")


def test_people_times_and_message_are_those_of_the_commit(repo):
    repo.write("a.txt", "a\n")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "Subject\n\nBody é\n\nCo-authored-by: Grace Hopper <grace@example.org>")
    commit = repo.git("rev-parse", "HEAD")

    with Repository.open(repo.root, environment=repo.environment) as repository:
        found = repository.texts([commit, "2" * 40])

    assert [commit] == list(found)
    assert Person("Ada", "ada@example.org") == found[commit].author
    assert (Person("Grace Hopper", "grace@example.org"),) == found[commit].co_authors
    assert found[commit].message.startswith("Subject\n\nBody é\n")
    assert "2026-01-01T12:00:00+00:00" == found[commit].authored.isoformat()
    assert not found[commit].signature


def test_blob_is_no_commit(repo):
    repo.write("a.txt", "a\n")
    repo.commit()

    with Repository.open(repo.root, environment=repo.environment) as repository:
        assert {} == repository.texts([repo.git("rev-parse", "HEAD:a.txt")])


def test_signature_verifies_over_the_signed_bytes(repo, tmp_path):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True)
    repo.write("a.txt", "a\n")
    repo.git("add", "-A")
    repo.git(
        "-c",
        "gpg.format=ssh",
        "-c",
        f"user.signingkey={key}",
        "commit",
        "-q",
        "-S",
        "-m",
        "Signed\n\nwith two paragraphs",
    )

    with Repository.open(repo.root, environment=repo.environment) as repository:
        [found] = repository.texts([repo.git("rev-parse", "HEAD")]).values()

    (tmp_path / "signers").write_text(f"ada {(tmp_path / 'key.pub').read_text()}")
    (tmp_path / "block").write_text(found.signature)
    command = ["ssh-keygen", "-Y", "verify", "-n", "git", "-I", "ada", "-f", "signers", "-s", "block"]
    answer = subprocess.run(command, cwd=tmp_path, input=found.signed, capture_output=True, check=False)
    assert 0 == answer.returncode, answer.stderr


@pytest.mark.parametrize(
    ("line", "person"),
    [
        pytest.param(b"<a@b> 1 +0000", Person("", "a@b"), id="no name"),
        pytest.param(b"A <> 1 +0000", Person("A", ""), id="no address"),
        pytest.param(b"A <a@b> <c@d> 1 +0000", Person("A", "a@b"), id="two addresses"),
        pytest.param(b"A", Person("A", ""), id="a name alone"),
        pytest.param(b"", Person("", ""), id="nothing"),
        pytest.param(b"A\xff <a@b\x00> 1 +0000", Person("A�", "a@b\x00"), id="bytes that are no text"),
    ],
)
def test_odd_people_are_read_without_a_fall(line, person):
    found = text(HEADER + b"author " + line + b"\ncommitter " + ADA + b"\n\nx\n")

    assert person == found.author
    assert Person("Ada", "ada@example.org") == found.committer


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n\n\n", id="blank lines"),
        pytest.param(b" goes on\ntree", id="goes on before it starts"),
        pytest.param(HEADER + b"author A <a@b> 99999999999999999999999 +0000\n\n", id="time past every calendar"),
        pytest.param(HEADER + b"parent \xff\n\n\xff", id="parent that is no text"),
    ],
)
def test_malformed_commit_is_read_without_a_fall(data):
    assert "1" * 40 == text(data).id


def test_two_signatures_are_none():
    found = text(HEADER + b"gpgsig one\n two\ngpgsig three\nauthor " + ADA + b"\n\nx\n")

    assert not found.signature
    assert b"gpgsig" not in found.signed


def test_signature_inside_the_message_is_none():
    found = text(HEADER + b"author " + ADA + b"\ncommitter " + ADA + b"\n\nx\n\ngpgsig -----BEGIN SSH SIGNATURE-----\n")

    assert not found.signature
    assert b"gpgsig" in found.signed


@pytest.mark.parametrize("line", ["Co-authored-by: G <g@x>", "co-authored-by:G <g@x>", "  CO-AUTHORED-BY : G <g@x>"])
def test_co_author_is_found_anywhere_in_the_message(line):
    data = HEADER + b"author " + ADA + b"\ncommitter " + ADA + b"\n\nx\n\n" + line.encode() + b"\n\nmore\n"

    assert (Person("G", "g@x"),) == text(data).co_authors
