"""A push is taken, refused or lost in a race, and silence is undecided; what a user set up for git applies."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsledger.errors import Refused, Undecided
from opsledger.store import Person, Pushed, Rejected, Repository, land

ADA = Person("Ada", "ada@example.org")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def bare(repo, tmp_path) -> Path:
    """A bare remote that `repo` calls origin and that has its branch main."""
    repo.write("records/a.yaml", "a\n")
    repo.commit()
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "remote.git"))
    repo.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    repo.git("fetch", "-q", "origin")
    return Path(tmp_path / "remote.git")


@pytest.fixture
def repository(repo, bare):
    """The opened clone."""
    with Repository.open(repo.root, environment=repo.environment) as opened:
        yield opened


def hook(repository: Path, name: str, text: str) -> None:
    """Put a hook into a git directory."""
    place = repository / "hooks" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\n{text}\n")
    place.chmod(place.stat().st_mode | stat.S_IXUSR)


def commit(repository: Repository, parent: str, text: str = "b\n") -> str:
    """Commit one file."""
    return repository.commit_files(parent, {"b.yaml": text.encode()}, message="B", author=ADA, committer=ADA, when=NOON)


def at(repo, bare: Path, name: str) -> str:
    """What a reference of the remote names."""
    return str(repo.git("--git-dir", str(bare), "rev-parse", name))


def test_push_is_taken(repo, bare, repository):
    new = commit(repository, repository.resolve("HEAD"))

    assert Pushed() == repository.push("origin", f"{new}:refs/heads/main")
    assert new == at(repo, bare, "main")


def test_push_onto_a_branch_that_moved_is_a_race(repo, bare, repository):
    tip = repository.resolve("HEAD")
    repository.push("origin", f"{commit(repository, tip, 'theirs')}:refs/heads/main")

    answer = repository.push("origin", f"{commit(repository, tip, 'ours')}:refs/heads/main")

    assert isinstance(answer, Rejected)
    assert answer.is_race


def test_push_onto_a_branch_that_moved_unseen_is_a_race(repo, bare, repository):
    repo.clone("other")
    repo.git("-C", "../other", "commit", "-q", "--allow-empty", "-m", "Theirs")
    repo.git("-C", "../other", "push", "-q", str(bare), "HEAD:main")

    answer = repository.push("origin", f"{commit(repository, repository.resolve('HEAD'))}:refs/heads/main")

    assert Rejected("fetch first", is_race=True) == answer


def test_lease_on_another_commit_is_a_race(repo, bare, repository):
    tip = repository.resolve("HEAD")
    new = commit(repository, tip)

    answer = repository.push("origin", f"{new}:refs/heads/main", lease=f"main:{new}")

    assert Rejected("stale info", is_race=True) == answer


def test_lease_on_nothing_refuses_a_branch_that_is_there(repo, bare, repository):
    new = commit(repository, repository.resolve("HEAD"))

    answer = repository.push("origin", f"{new}:refs/heads/main", lease="main:")

    assert isinstance(answer, Rejected)
    assert answer.is_race


def test_reference_locked_by_another_writer_is_a_race(repo, bare, repository):
    (bare / "refs/heads/topic.lock").write_text("")

    answer = repository.push("origin", f"{repository.resolve('HEAD')}:refs/heads/topic")

    assert isinstance(answer, Rejected)
    assert answer.is_race


def test_refusal_of_the_remote_is_no_race_and_says_what_its_hook_said(repo, bare, repository):
    hook(bare, "pre-receive", "echo records/a.yaml:1:1: SIG301 fetch first, cannot lock ref >&2\nexit 1")

    answer = repository.push("origin", f"{commit(repository, repository.resolve('HEAD'))}:refs/heads/main")

    assert isinstance(answer, Rejected)
    assert "pre-receive hook declined" == answer.reason
    assert not answer.is_race
    assert "records/a.yaml:1:1: SIG301 fetch first, cannot lock ref" == answer.said


def test_refusal_of_one_of_two_references_takes_neither(repo, bare, repository):
    tip = repository.resolve("HEAD")
    new = commit(repository, tip)
    hook(bare, "update", '[ "$1" != refs/heads/two ]')

    answer = repository.push("origin", f"{new}:refs/heads/main", f"{new}:refs/heads/two")

    assert isinstance(answer, Rejected)
    assert tip == at(repo, bare, "main")


def test_remote_that_is_not_there_is_undecided_and_not_a_refusal(repo, bare, repository):
    repo.git("remote", "set-url", "origin", str(bare.parent / "nowhere.git"))

    with pytest.raises(Undecided):
        repository.push("origin", "HEAD:refs/heads/main")
    with pytest.raises(Undecided):
        repository.fetch("origin", "+refs/heads/main:refs/remotes/origin/main")


def test_remote_named_like_an_option_is_a_name(repo, bare, repository):
    with pytest.raises(Undecided):
        repository.push("--receive-pack=touch ran", "HEAD:refs/heads/main")

    assert not list(repo.root.rglob("ran"))


def test_hooks_of_the_clone_do_not_run(repo, bare, repository):
    for name in ("pre-push", "reference-transaction", "post-checkout"):
        hook(repo.root / ".git", name, "touch $HOME/ran; exit 1")

    repository.fetch("origin", "+refs/heads/main:refs/remotes/origin/main")
    new = commit(repository, repository.resolve("HEAD"))

    assert Pushed() == repository.push("origin", f"{new}:refs/heads/main")
    assert not (Path(repo.environment["HOME"]) / "ran").exists()


def test_address_that_the_user_rewrote_is_followed(repo, bare, repository):
    repo.git("config", f"url.{bare.parent}/.insteadOf", "short:")
    repo.git("remote", "set-url", "origin", "short:remote.git")

    assert Pushed() == repository.push("origin", "HEAD:refs/heads/topic")


def test_environment_of_another_repository_does_not_lead_astray(repo, bare, tmp_path):
    hostile = dict(repo.environment) | {"GIT_DIR": str(tmp_path), "GIT_WORK_TREE": "/", "GIT_INDEX_FILE": "/nowhere"}

    with Repository.open(repo.root, environment=hostile) as repository:
        assert Pushed() == repository.push("origin", "HEAD:refs/heads/topic")


def test_remotes_are_named_with_their_addresses(bare, repository):
    assert {"origin": str(bare)} == repository.remotes()


def test_identity_is_the_users_own(repo, bare):
    repo.git("config", "user.name", "Grace Hopper")
    repo.git("config", "user.email", "grace@example.org")

    with Repository.open(repo.root, environment=repo.environment) as repository:
        assert Person("Grace Hopper", "grace@example.org") == repository.own.identity()


def test_identity_that_was_never_told_is_asked_for(bare, repository):
    with pytest.raises(Refused, match="git does not know who you are"):
        repository.own.identity()


def test_reviewed_commit_comes_from_the_forges_reference_and_stays_outside_the_clone(repo, bare, repository):
    repo.clone("other")
    repo.git("-C", "../other", "commit", "-q", "--allow-empty", "-m", "Reviewed, then forced away")
    reviewed = repo.git("-C", "../other", "rev-parse", "HEAD")
    repo.git("-C", "../other", "push", "-q", str(bare), "HEAD:refs/pull/7/head")

    repository.fetch_review(reviewed, "refs/pull/7/head")

    assert reviewed == repository.commit(reviewed).commit
    assert not (repo.root / ".git/objects" / reviewed[:2] / reviewed[2:]).exists()
    assert "" == repo.git("for-each-ref", "refs/pull")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        pytest.param("remote.origin.uploadpack", "touch ran; git-upload-pack", id="program at the other end"),
        pytest.param("core.sshCommand", "touch ran", id="ssh"),
        pytest.param("remote.origin.url", "ext::touch ran", id="transport that is a program"),
        pytest.param("remote.origin.url", "--upload-pack=touch ran", id="address like an option"),
        pytest.param("remote.origin.vcs", "ran", id="helper"),
    ],
)
def test_fetching_a_review_runs_no_program_of_the_clone(repo, bare, setting, value):
    repo.git("config", setting, value)

    with Repository.open(repo.root, environment=repo.environment) as repository, pytest.raises(Undecided):
        repository.fetch_review("1" * 40, "refs/pull/9/head")

    assert not list(repo.root.rglob("ran"))
    assert not Path("ran").exists()


def test_reference_that_no_forge_keeps_reviews_under_is_not_fetched(bare, repository):
    with pytest.raises(Undecided, match="git fetch origin refs/heads/main"):
        repository.fetch_review("1" * 40, "refs/heads/main")


def landing(repository: Repository, name: str, *, waits: list[float] | None = None, attempts: int = 5):
    """Land one file."""
    return land(
        repository, "origin", "main", lambda tip: {name: b"x"}, message=name, author=ADA, when=NOON,
        sleep=(waits if waits is not None else []).append, chance=lambda: 0.5, attempts=attempts,
    )  # fmt: skip


def test_landing_adds_to_the_tip_and_leaves_the_clone_alone(repo, bare, repository):
    landed = landing(repository, "records/b.yaml")

    assert landed.commit == at(repo, bare, "main")
    assert "" == repo.git("status", "--porcelain")
    assert "main" == repo.git("branch", "--show-current")


def test_landing_starts_again_when_somebody_was_quicker(repo, bare, repository):
    asked = []
    waits: list[float] = []

    def changes_of(tip):
        asked.append(tip.commit)
        if len(asked) < 3:
            other = repository.commit_files(
                tip.commit, {f"other{len(asked)}": b"x"}, message="o", author=ADA, committer=ADA, when=NOON
            )
            repository.push("origin", f"{other}:refs/heads/main")
        return {"mine": b"x"}

    landed = land(
        repository, "origin", "main", changes_of, message="m", author=ADA, when=NOON,
        sleep=waits.append, chance=lambda: 0.5,
    )  # fmt: skip

    assert 3 == landed.attempts == len(set(asked))
    assert 2 == len(waits)
    assert waits == sorted(waits)
    assert {"other1", "other2", "mine"} <= set(
        repo.git("--git-dir", str(bare), "ls-tree", "--name-only", "main").split()
    )


def test_landing_gives_up_and_says_so(repo, bare, repository):
    hook(bare, "update", "exit 0")

    def changes_of(tip):
        other = commit(repository, tip.commit, tip.commit)
        repository.push("origin", f"{other}:refs/heads/main")
        return {"mine": b"x"}

    with pytest.raises(Refused, match="each of 3 pushes"):
        land(
            repository, "origin", "main", changes_of, message="m", author=ADA, when=NOON,
            sleep=lambda seconds: None, chance=lambda: 0.0, attempts=3,
        )  # fmt: skip


def test_landing_does_not_fight_a_hook(repo, bare, repository):
    hook(bare, "pre-receive", "echo not in your lane >&2; exit 1")
    waits: list[float] = []

    with pytest.raises(Refused, match="not in your lane"):
        landing(repository, "records/b.yaml", waits=waits)

    assert [] == waits


def test_what_is_there_already_lands_without_a_commit(repo, bare, repository):
    first = landing(repository, "records/b.yaml")

    again = landing(repository, "records/b.yaml")

    assert (first.commit, 0) == (again.commit, again.attempts)


def test_landing_on_a_branch_that_is_not_there_is_undecided(repo, bare, repository):
    repo.git("--git-dir", str(bare), "branch", "-m", "main", "trunk")

    with pytest.raises(Undecided):
        landing(repository, "records/b.yaml")


def test_git_is_told_to_ask_nobody(repo, bare, tmp_path):
    script = tmp_path / "ssh"
    script.write_text("#!/bin/sh\nexit 255\n")
    script.chmod(0o755)
    environment = dict(repo.environment) | {"GIT_SSH_COMMAND": str(script), "GIT_ALLOW_PROTOCOL": "ssh"}
    repo.git("remote", "set-url", "origin", "ssh://nobody@host.example/x.git")

    with Repository.open(repo.root, environment=environment) as repository, pytest.raises(Undecided):
        repository.fetch("origin")

    assert os.path.isabs(repository.root)
