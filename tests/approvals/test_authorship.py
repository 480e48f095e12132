"""Who wrote a scope's content: told by the commits that changed it, and by nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from opsledger.approvals import ForgeAccount, authors_of
from opsledger.approvals.identities import Found
from opsledger.errors import Undecided
from opsledger.kind import packaged_kinds
from opsledger.people import people_of
from opsledger.store import Commit, Person, Repository, in_memory
from opsledger.yamlfile import read

KINDS = packaged_kinds()
PATH = "records/baselines/BSL-2026-9001.yaml"
POINTERS = ("/commit", "/entries", "/of")
NAMES = ("ada", "grace", "joan")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def record(version="4.2.1", note="", commit="") -> str:
    text = f"id: BSL-2026-9001\ntitle: Payments\nstate: proposed\nentries: [{{ci: CI-payments, version: {version}}}]\n"
    text += f"note: {note}\n" if note else ""
    return text + (f'commit: "{commit}"\n' if commit else "")


@pytest.fixture
def people(keys):
    files = {}
    for number, name in enumerate(NAMES, start=1):
        files[f"records/parties/PTY-{name}.yaml"] = (
            f"id: PTY-{name}\nname: {name}\ntype: person\nstate: active\nidentities:\n  emails: [{name}@example.org]\n"
            f'  accounts: [{{forge: github.com, login: {name}, id: "{number}"}}]\n'
            f'  keys: [{{type: ssh, key: "{keys.public(name)}", from: "2020-01-01T00:00:00Z"}}]\n'
        )
    return people_of(in_memory({path: text.encode() for path, text in files.items()}, name="judge"), KINDS)


@pytest.fixture
def wrote(repo, people):
    """Asks for the authors between the branch `main` and what is checked out."""

    def asked(*, base="main", head="HEAD", opener=None, **over):
        with Repository.open(repo.root, environment=repo.environment) as opened:
            return authors_of(
                opened, people, PATH, KINDS["baseline"], POINTERS, opened.resolve(base), opened.resolve(head), opener,
                "github.com", environment=repo.environment, **over,
            )  # fmt: skip

    return asked


def by(name: str) -> str:
    return f"{name.title()} <{name}@example.org>"


@pytest.fixture
def work(repo):
    """A branch that grew from a base on which Ada wrote the record."""
    repo.write(PATH, record())
    repo.commit("Propose", author=by("ada"))
    repo.switch("work", "main")
    return repo


def test_whoever_edits_the_scope_is_an_author(work, wrote):
    work.write(PATH, record("4.2.2"))
    work.commit(author=by("grace"))

    assert {"PTY-grace"} == wrote().parties


def test_whoever_edits_another_field_is_none(work, wrote):
    work.write(PATH, record("4.2.2"))
    work.commit(author=by("grace"))
    work.write(PATH, record("4.2.2", note="Looked at twice"))
    work.commit(author=by("joan"))

    assert {"PTY-grace"} == wrote().parties


def test_whoever_adds_the_record_is_an_author(repo, wrote):
    repo.commit(author=by("joan"))
    repo.switch("work", "main")
    repo.write(PATH, record())
    repo.commit(author=by("grace"))

    assert {"PTY-grace"} == wrote().parties


def test_a_field_taken_away_is_an_edit(work, wrote):
    work.write(PATH, "id: BSL-2026-9001\ntitle: Payments\nstate: proposed\n")
    work.commit(author=by("grace"))

    assert {"PTY-grace"} == wrote().parties


def test_a_deleted_record_has_no_author_but_those_of_before(work, wrote):
    work.delete(PATH)
    work.commit(author=by("grace"))

    assert {"PTY-ada"} == wrote().parties


def test_a_merge_that_only_brings_the_base_in_has_no_author(work, wrote):
    work.write(PATH, record("4.2.2"))
    work.commit(author=by("grace"))
    work.switch("main")
    work.write("records/cis/CI-payments.yaml", "id: CI-payments\n")
    work.write(PATH, record(note="On the base"))
    work.commit(author=by("joan"))
    work.switch("work")
    joan = {"GIT_COMMITTER_EMAIL": "joan@example.org", "GIT_AUTHOR_EMAIL": "joan@example.org"}
    work.git("merge", "-q", "--no-ff", "-X", "ours", "-m", "Update branch", "main", **joan)

    assert {"PTY-grace"} == wrote().parties


def test_a_merge_that_writes_something_of_its_own_has_one(work, wrote):
    work.write(PATH, record("4.2.2"))
    work.commit(author=by("grace"))
    work.switch("side", "main")
    work.write(PATH, record("4.2.3"))
    work.commit(author=by("grace"))
    work.switch("work")
    work.git("merge", "-q", "--no-commit", "-s", "ours", "side")
    work.write(PATH, record("6.6.6"))
    work.git("add", "--all")
    work.git("commit", "-q", "-m", "Evil", GIT_AUTHOR_EMAIL="joan@example.org", GIT_COMMITTER_EMAIL="joan@example.org")

    assert {"PTY-grace", "PTY-joan"} == wrote().parties


def test_committer_and_co_author_are_authors(work, wrote):
    work.write(PATH, record("4.2.2"))
    work.git("add", "--all")
    message = "Edit\n\nCo-authored-by: Joan <JOAN@example.org>"
    work.git("commit", "-q", "-m", message, GIT_AUTHOR_EMAIL="grace@example.org", GIT_COMMITTER_EMAIL="ada@example.org")

    assert {"PTY-ada", "PTY-grace", "PTY-joan"} == wrote().parties


def test_a_squash_is_judged_by_its_own_trailers(work, wrote):
    work.write(PATH, record("4.2.2"))
    work.commit(author=by("grace"))
    work.write(PATH, record("4.2.3"))
    work.commit(author=by("joan"))
    work.switch("squashed", "main")
    work.git("merge", "-q", "--squash", "work")
    work.git("commit", "-q", "-m", "All of it\n\nCo-authored-by: Joan <joan@example.org>",
             GIT_AUTHOR_EMAIL="grace@example.org", GIT_COMMITTER_EMAIL="noreply@github.com")  # fmt: skip

    found = wrote()

    assert ({"PTY-grace", "PTY-joan"}, ()) == (found.parties, found.unknown)


@pytest.mark.parametrize("address", ["GRACE@Example.org", "2+grace@users.noreply.github.com"])
def test_another_address_of_the_same_person_is_the_same_author(work, wrote, address):
    work.write(PATH, record("4.2.2"))
    work.commit(author=f"Somebody else <{address}>")

    assert ({"PTY-grace"}, ()) == (wrote().parties, wrote().unknown)


def test_an_address_of_nobody_is_an_unknown_author(work, wrote):
    work.write(PATH, record("4.2.2"))
    id = work.commit(author="Somebody <who@example.org>")

    found = wrote()

    assert frozenset() == found.parties
    assert (f"commit {id[:7]} is by who@example.org",) == found.unknown


def test_whoever_opened_the_pull_request_is_an_author(work, wrote):
    work.write(PATH, record("4.2.2"))
    work.commit(author=by("grace"))

    assert {"PTY-grace", "PTY-joan"} == wrote(opener=ForgeAccount("renamed", "3")).parties


@pytest.mark.parametrize(
    ("account", "said"),
    [
        pytest.param(ForgeAccount("mallory", "66"), "the pull request is by mallory", id="of nobody"),
        pytest.param(ForgeAccount(""), "the pull request is by an account that is gone", id="that is gone"),
    ],
)
def test_an_unknown_opener_is_an_unknown_author(work, wrote, account, said):
    work.write(PATH, record("4.2.2"))
    work.commit(author=by("grace"))

    assert (said,) == wrote(opener=account).unknown


def test_a_second_pull_request_does_not_wash_an_author_clean(work, wrote):
    work.write(PATH, record(note="Nothing of the scope"))
    work.commit(author=by("grace"))

    found = wrote()

    assert ({"PTY-ada"}, None) == (found.parties, found.last_edit)


def test_of_what_stood_before_only_who_wrote_what_still_stands_counts(repo, wrote):
    repo.write(PATH, record(commit="a" * 40))
    repo.commit(author=by("ada"))
    repo.write(PATH, record("4.2.2", commit="a" * 40))
    repo.commit(author=by("grace"))
    repo.write(PATH, record("4.2.3", commit="a" * 40))
    repo.commit(author=by("joan"))
    repo.switch("work", "main")
    repo.commit("Nothing")

    assert {"PTY-ada", "PTY-joan"} == wrote().parties


def test_the_last_edit_is_when_the_newest_commit_was_written(work, wrote):
    first = work.commit("Nothing")
    work.write(PATH, record("4.2.2"))
    work.commit(author=by("grace"))
    work.write(PATH, record("4.2.2", note="Later"))
    work.commit(author=by("grace"))

    with Repository.open(work.root, environment=work.environment) as opened:
        nothing = opened.commit(first).when

    assert nothing + HOUR == wrote().last_edit


def test_a_rebase_keeps_the_time_of_writing(work, wrote):
    work.write(PATH, record("4.2.2"))
    work.commit(author=by("grace"))
    before = wrote().last_edit
    work.git("commit", "-q", "--amend", "--no-edit", GIT_COMMITTER_DATE="2026-06-01T12:00:00+00:00")

    assert before == wrote().last_edit


def test_a_forged_time_of_writing_is_not_believed_over_the_commit(work, wrote):
    work.write(PATH, record("4.2.2"))
    work.git("add", "--all")
    work.git("commit", "-q", "-m", "Edit", GIT_AUTHOR_DATE="2099-01-01T12:00:00+00:00")

    assert 2026 == wrote().last_edit.year


def test_a_squash_that_brings_the_approval_along_tells_nothing_of_which_came_first(work, wrote):
    work.write(PATH, record("4.2.2"))
    work.write("records/approvals/ROL-approver/APR-2026-a1b2c3d4.yaml", "id: APR-2026-a1b2c3d4\n")
    work.commit(author=by("grace"))

    found = wrote()

    assert ({"PTY-grace"}, None) == (found.parties, found.last_edit)


def test_what_nobody_committed_is_undecided(work, wrote):
    edited = read(record("4.2.2").encode())
    same = read(record(note="Another field").encode())

    assert "edits that are not committed" in wrote(uncommitted=edited).undecided
    assert "" == wrote(uncommitted=same).undecided


def test_a_shallow_clone_is_undecided_and_says_what_to_run(work, people):
    work.write(PATH, record("4.2.2"))
    work.commit(author=by("grace"))
    clone = work.clone("shallow", "--depth=1", "--branch=work")

    with Repository.open(clone.root, environment=clone.environment) as opened:
        head = opened.resolve("HEAD")
        found = authors_of(opened, people, PATH, KINDS["baseline"], POINTERS, head, head, None, "github.com")

    assert frozenset() == found.parties
    assert "this clone is shallow and lacks the history; run `git fetch --unshallow`" == found.undecided


def test_a_base_that_is_not_here_is_undecided(work, people):
    with Repository.open(work.root, environment=work.environment) as opened:
        found = authors_of(
            opened, people, PATH, KINDS["baseline"], POINTERS, "f" * 40, opened.resolve("HEAD"), None, "github.com"
        )

    assert "f" * 40 in found.undecided


def test_a_replaced_commit_is_undecided(work, wrote):
    work.write(PATH, record("4.2.2"))
    work.commit(author=by("grace"))
    work.git("replace", "HEAD", "HEAD~1")

    assert "was bent" in wrote().undecided


def test_a_version_that_cannot_be_read_makes_who_mends_it_an_author(work, wrote):
    work.write(PATH, "entries: [\n")
    work.commit(author=by("grace"))
    work.write(PATH, record())
    work.commit(author=by("joan"))

    assert {"PTY-grace", "PTY-joan"} == wrote().parties


def signed(repo, keys, name: str, **variables: str) -> None:
    """Commit what is there, signed with a key."""
    repo.git("add", "--all")
    settings = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={keys.private(name)}"]
    repo.git(*settings, "commit", "-q", "-S", "-m", "Signed", **variables)


def test_whoever_signed_the_commit_is_an_author(work, wrote, keys):
    work.write(PATH, record("4.2.2"))
    signed(work, keys, "joan")

    assert {"PTY-ada", "PTY-joan"} == wrote().parties


@pytest.mark.parametrize("name", ["nobody"])
def test_a_signature_by_nobody_known_proves_nothing_and_harms_nothing(work, wrote, keys, name):
    work.write(PATH, record("4.2.2"))
    signed(work, keys, name)

    found = wrote()

    assert ({"PTY-ada"}, ()) == (found.parties, found.unknown)


def test_a_signature_over_another_commit_proves_nothing(work, wrote, keys):
    work.write(PATH, record("4.2.2"))
    signed(work, keys, "joan")
    text = work.git("cat-file", "commit", "HEAD").replace("Signed", "Another")
    place = work.write("../commit", text + "\n")
    id = work.git("hash-object", "-t", "commit", "-w", str(place))
    work.git("reset", "-q", "--hard", id)

    assert {"PTY-ada"} == wrote().parties


def test_without_a_program_no_signature_proves_anything(work, people, keys):
    work.write(PATH, record("4.2.2"))
    signed(work, keys, "joan")

    with Repository.open(work.root, environment=work.environment) as opened:
        found = authors_of(
            opened, people, PATH, KINDS["baseline"], POINTERS, opened.resolve("main"), opened.resolve("HEAD"), None,
            "github.com", environment={"PATH": "/nowhere"},
        )  # fmt: skip

    assert {"PTY-ada"} == found.parties


def test_a_version_whose_bytes_are_gone_is_undecided(work, wrote):
    work.write(PATH, record("4.2.2"))
    work.commit(author=by("grace"))
    blob = work.git("rev-parse", f"main:{PATH}")
    (work.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    assert "cannot be read" in wrote().undecided


@pytest.fixture
def gpg_wrote(repo, gpg):
    """Asks for the authors where Grace's key is a GPG key."""
    text = f"id: PTY-grace\nname: Grace\ntype: person\nstate: active\nidentities:\n{gpg.keys('grace')}"
    people = people_of(in_memory({"records/parties/PTY-grace.yaml": text.encode()}, name="judge"), KINDS)

    def asked():
        with Repository.open(repo.root, environment=repo.environment) as opened:
            return authors_of(
                opened, people, PATH, KINDS["baseline"], POINTERS, opened.resolve("main"), opened.resolve("HEAD"), None,
                "github.com", environment=repo.environment,
            )  # fmt: skip

    return asked


@pytest.mark.parametrize(
    ("name", "expected"),
    [pytest.param("grace", {"PTY-grace"}, id="known"), pytest.param("nobody", set(), id="unknown")],
)
def test_whoever_signed_with_gpg_is_an_author(work, gpg, gpg_wrote, name, expected):
    work.write(PATH, record("4.2.2"))
    work.git("add", "--all")
    work.git("-c", f"user.signingkey={gpg.prints[name]}", "commit", "-q", "-S", "-m", "Signed", GNUPGHOME=str(gpg.home))

    assert expected == gpg_wrote().parties


def test_two_commits_by_one_unknown_author_are_two_facts_and_one_account_is_one(work, wrote):
    for version in ("4.2.2", "4.2.3"):
        work.write(PATH, record(version))
        work.git("add", "--all")
        work.git("commit", "-q", "-m", "Edit", GIT_AUTHOR_EMAIL="who@example.org", GIT_AUTHOR_NAME="A",
                 GIT_COMMITTER_NAME="B", GIT_COMMITTER_EMAIL="who@example.org")  # fmt: skip

    assert 2 == len(wrote().unknown)


def test_a_commit_that_is_gone_is_undecided(work, people):
    found = Found(people, {})
    nobody = Person("", "")
    commit = Commit("f" * 40, (), nobody, NOON, nobody, NOON, "", ())

    with Repository.open(work.root, environment=work.environment) as opened, pytest.raises(Undecided, match="fffffff"):
        found.add_all(opened, [commit])
