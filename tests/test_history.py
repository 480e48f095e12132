"""The trail of records: which commits touched them."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from opsledger.errors import NoSuchRevision, Undecided
from opsledger.history import Touch, trail
from opsledger.store import Person, Repository, blob_id

A, B, C = "records/a.yaml", "records/b.yaml", "records/c.yaml"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def opened(repo, folder="") -> Repository:
    return Repository.open(repo.root / folder, environment=repo.environment)


def walked(repo, *arguments, **options):
    with opened(repo) as repository:
        return trail(repository, *arguments, **options)


def story(repo, *arguments, **options) -> dict[str, list[str]]:
    """Path → what happened to it, newest first, as `status subject`."""
    return {
        path: [f"{touch.status} {touch.subject}" for touch in touches]
        for path, touches in walked(repo, *arguments, **options).items()
    }


def test_touch_says_who_did_what_when(repo):
    first = repo.commit("Begin")
    repo.write(A, "a: 1\n")
    added = repo.commit("Add it", author="Grace Hopper <grace@example.org>")
    repo.write(A, "a: 2\n")
    changed = repo.commit("Change it")
    repo.delete(A)
    deleted = repo.commit("Delete it")

    touches = walked(repo)[A]

    ada, grace = Person("Ada", "ada@example.org"), Person("Grace Hopper", "grace@example.org")
    one, two = blob_id(b"a: 1\n"), blob_id(b"a: 2\n")
    times = [NOON + timedelta(hours=hours) for hours in (1, 2, 3)]
    expected = (
        Touch(deleted, times[2], ada, times[2], ada, "Delete it", (changed,), two, None, "D"),
        Touch(changed, times[1], ada, times[1], ada, "Change it", (added,), one, two, "M"),
        Touch(added, times[0], grace, times[0], grace, "Add it", (first,), None, one, "A"),
    )
    assert expected == touches


def test_author_and_committer_are_told_apart(repo):
    repo.write(A, "a: 1\n")
    repo.git("add", "--all")
    repo.git("commit", "-q", "-m", "Work", GIT_AUTHOR_NAME="Grace", GIT_AUTHOR_DATE="2020-02-29T23:30:00-02:00")

    [touch] = walked(repo)[A]

    assert ("Grace", "Ada") == (touch.author.name, touch.committer.name)
    assert (datetime(2020, 3, 1, 1, 30, tzinfo=UTC), NOON) == (touch.authored, touch.when)


def test_first_commit_of_all_counts(repo):
    repo.write(A, "a: 1\n")
    repo.commit("First")

    assert {".opsledger.yaml": ["A First"], A: ["A First"]} == story(repo)


def test_renamed_record_is_one_deleted_and_one_added(repo):
    repo.write(A, "a: 1\n" * 20)
    repo.commit("Add")
    repo.git("mv", A, B)
    repo.commit("Rename")

    assert ["D Rename", "A Add"] == story(repo)[A]
    assert ["A Rename"] == story(repo)[B]


def test_work_on_a_side_branch_is_listed_once_and_its_merge_is_not(repo):
    repo.write(A, "a: 1\n")
    repo.commit("Base")
    repo.switch("side", "main")
    repo.write(B, "b: 1\n")
    repo.commit("Side adds B")
    repo.switch("main")
    repo.write(A, "a: 2\n")
    repo.commit("Main changes A")
    repo.merge("side", subject="Merge side")

    assert {A: ["M Main changes A", "A Base"], B: ["A Side adds B"]} == {
        path: touches for path, touches in story(repo).items() if path in {A, B}
    }


def test_clean_merge_of_one_file_is_shown_as_written_by_the_merge(repo):
    lines = [f"line{number}: {number}\n" for number in range(9)]
    repo.write(A, "".join(lines))
    repo.commit("Base")
    repo.switch("side", "main")
    repo.write(A, "".join(["first: 1\n", *lines]))
    repo.commit("Side")
    repo.switch("main")
    repo.write(A, "".join([*lines, "last: 1\n"]))
    repo.commit("Main")
    merge = repo.merge("side", subject="Merge")

    touches = walked(repo)[A]

    assert ["MM Merge", "M Main", "M Side", "A Base"] == [f"{touch.status} {touch.subject}" for touch in touches]
    assert (merge, True) == (touches[0].commit, touches[0].is_merge)


def test_merge_that_wrote_something_of_its_own_is_listed(repo):
    repo.write(A, "a: 1\n")
    repo.commit("Base")
    repo.switch("side", "main")
    repo.write(B, "b: 1\n")
    repo.commit("Side")
    repo.switch("main")
    repo.commit("Main")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "side")
    repo.write(A, "a: smuggled\n")
    repo.write(C, "c: smuggled\n")
    repo.git("add", "--all")
    repo._commit("Evil", "Ada <ada@example.org>", None)

    touches = walked(repo)

    assert ["MM Evil", "A Base"] == [f"{touch.status} {touch.subject}" for touch in touches[A]]
    assert ["AA Evil"] == [f"{touch.status} {touch.subject}" for touch in touches[C]]
    assert ["A Side"] == [f"{touch.status} {touch.subject}" for touch in touches[B]]
    assert (blob_id(b"a: 1\n"), blob_id(b"a: smuggled\n")) == (touches[A][0].before, touches[A][0].after)
    assert (None, blob_id(b"c: smuggled\n")) == (touches[C][0].before, touches[C][0].after)


def test_merge_that_drops_what_both_sides_had_is_listed(repo):
    repo.write(A, "a: 1\n")
    repo.commit("Base")
    repo.switch("side", "main")
    repo.write(B, "b: 1\n")
    repo.commit("Side")
    repo.switch("main")
    repo.write(C, "c: 1\n")
    repo.commit("Main")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "side")
    repo.git("rm", "-q", A)
    repo._commit("Evil", "Ada <ada@example.org>", None)

    assert ["DD Evil", "A Base"] == story(repo)[A]


def test_honest_octopus_lists_only_its_branches(repo):
    repo.commit("Base")
    for branch, path in (("one", A), ("two", B), ("three", C)):
        repo.switch(branch, "main")
        repo.write(path, "x: 1\n")
        repo.commit(f"Branch {branch}")
    repo.switch("main")
    repo.git("merge", "-q", "--no-ff", "-m", "Octopus", "one", "two", "three")

    assert {A: ["A Branch one"], B: ["A Branch two"], C: ["A Branch three"]} == story(repo, [A, B, C])


def test_evil_octopus_is_listed_with_a_letter_for_each_parent(repo):
    repo.write(A, "a: 1\n")
    repo.commit("Base")
    for branch, path in (("one", B), ("two", C)):
        repo.switch(branch, "main")
        repo.write(path, "x: 1\n")
        repo.commit(f"Branch {branch}")
    repo.switch("main")
    repo.commit("Main")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "one", "two")
    repo.write(A, "a: smuggled\n")
    repo.git("add", "--all")
    repo._commit("Evil", "Ada <ada@example.org>", None)

    touches = walked(repo)[A]

    assert ["MMM Evil", "A Base"] == [f"{touch.status} {touch.subject}" for touch in touches]
    assert 3 == len(touches[0].parents)


def test_side_that_a_merge_threw_away_stays_in_the_trail(repo):
    repo.write(A, "a: 1\n")
    repo.commit("Base")
    repo.switch("side", "main")
    repo.write(A, "a: 2\n")
    repo.commit("Side")
    repo.switch("main")
    repo.commit("Main")
    repo.git("merge", "-q", "-s", "ours", "-m", "Ours", "side")

    assert ["M Side", "A Base"] == story(repo, [A])[A] == story(repo)[A]


def test_trail_of_one_record_is_that_of_all(repo):
    for number in range(4):
        repo.write(A, f"a: {number}\n")
        repo.write(B, f"b: {number // 2}\n")
        repo.commit(f"Step {number}")

    assert walked(repo)[B] == walked(repo, [B])[B]
    assert [B] == list(walked(repo, [B]))
    assert {} == walked(repo, ["records/none.yaml"])


def test_path_is_a_name_and_not_a_pattern(repo):
    repo.write("records/[ab].yaml", "x: 1\n")
    repo.write("records/a.yaml", "x: 1\n")
    repo.write(":(top)x.yaml", "x: 1\n")
    repo.commit("Add")

    assert ["records/[ab].yaml"] == list(walked(repo, ["records/[ab].yaml"]))
    assert {} == walked(repo, ["records/*.yaml"])
    assert [":(top)x.yaml"] == list(walked(repo, [":(top)x.yaml"]))


def test_trail_since_a_commit_leaves_out_what_is_known(repo):
    repo.write(A, "a: 1\n")
    known = repo.commit("Known")
    repo.write(A, "a: 2\n")
    repo.commit("New")

    assert {A: ["M New"]} == story(repo, since=known)
    assert {} == story(repo, since="HEAD")


def test_trail_at_a_revision_ends_there(repo):
    repo.write(A, "a: 1\n")
    repo.commit("First")
    repo.write(A, "a: 2\n")
    repo.commit("Second")

    assert ["A First"] == story(repo, at="HEAD~1")[A]


def test_ledger_in_a_folder_has_its_own_trail(repo):
    repo.write("src/main.c", "1\n")
    repo.write("ops/.opsledger.yaml", "preset: small\n")
    repo.write("ops/a.yaml", "a: 1\n")
    repo.commit("Both")
    repo.write("src/main.c", "2\n")
    repo.commit("Code alone")
    repo.write("ops/a.yaml", "a: 2\n")
    repo.commit("Ledger alone")

    with opened(repo, "ops") as repository:
        whole, one = trail(repository), trail(repository, ["a.yaml"])

    assert [".opsledger.yaml", "a.yaml"] == list(whole)
    assert ["Ledger alone", "Both"] == [touch.subject for touch in whole["a.yaml"]]
    assert whole["a.yaml"] == one["a.yaml"]


def test_commit_that_is_not_there_is_said(repo):
    repo.commit()

    with pytest.raises(NoSuchRevision):
        walked(repo, at="nothing")


def test_unborn_branch_has_no_trail_to_give(repo):
    with pytest.raises(NoSuchRevision):
        walked(repo)


def test_history_with_a_lost_tree_is_undecided(repo):
    repo.write(A, "a: 1\n")
    repo.commit()
    tree = repo.git("rev-parse", "HEAD:records")
    repo.write(A, "a: 2\n")
    repo.commit()
    (repo.root / ".git/objects" / tree[:2] / tree[2:]).unlink()

    with pytest.raises(Undecided, match="git fsck"):
        walked(repo)


def test_link_in_place_of_a_record_is_a_touch_without_content(repo):
    repo.write(A, "a: 1\n")
    repo.commit("File")
    repo.delete(A)
    (repo.root / A).symlink_to("/etc/passwd")
    repo.commit("Link")

    touch = walked(repo)[A][0]

    assert ("T", blob_id(b"a: 1\n"), None) == (touch.status, touch.before, touch.after)


def test_hostile_names_subjects_and_people_are_kept_apart(repo):
    names = ["records/new\nline.yaml", "records/-x.yaml", "records/\x01.yaml", "records/:100644 a.yaml"]
    for name in names:
        repo.write(name, "x: 1\n")
    latin = os.fsdecode(b"records/zo\xe9.yaml")
    (repo.root / latin).write_bytes(b"x: 1\n")
    repo.commit("\x01subject :100644 \u2028 end", author="E\x01:100644 ve <\u65e5@example.org>")
    repo.write(names[0], "x: 2\n")
    repo.commit("Next")

    touches = walked(repo)

    assert sorted([*names, latin, ".opsledger.yaml"]) == list(touches)
    assert ["Next", "\x01subject :100644 \u2028 end"] == [touch.subject for touch in touches[names[0]]]
    assert Person("E\x01:100644 ve", "\u65e5@example.org") == touches[latin][0].author


def test_bytes_that_are_no_text_become_printable(repo):
    repo.write(A, "a: 1\n")
    repo.git("add", "--all")
    tree = repo.git("write-tree")
    raw = b"tree %s\nauthor Zo\xe9 <a@x> 1767268800 +0000\ncommitter Zo\xe9 <a@x> 1767268800 +0000\n\nna\xefve\n"
    repo.write("../raw", raw % tree.encode())
    commit = repo.git("hash-object", "-t", "commit", "-w", "--literally", "../raw")

    [touch] = walked(repo, at=commit)[A]

    assert ("Zo\ufffd", "na\ufffdve", NOON) == (touch.author.name, touch.subject, touch.when)
    assert touch.subject.encode()


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        pytest.param("99999999999999999999 +0000", LAST, id="past every counter"),
        pytest.param("999999999999999 +0000", LAST, id="past the calendar"),
        pytest.param("-5 +0000", datetime(1970, 1, 1, tzinfo=UTC), id="before the epoch"),
        pytest.param("yesterday", datetime(1970, 1, 1, tzinfo=UTC), id="no number"),
        pytest.param("1767268800 +9999", NOON, id="zone of no place"),
    ],
)
def test_date_that_cannot_be_meant_is_brought_into_the_calendar(repo, date, expected):
    repo.write(A, "a: 1\n")
    repo.git("add", "--all")
    raw = f"tree {repo.git('write-tree')}\nauthor Eve <e@x> {date}\ncommitter Eve <e@x> {date}\n\nOdd\n"
    repo.write("../raw", raw)
    commit = repo.git("hash-object", "-t", "commit", "-w", "--literally", "../raw")

    with opened(repo) as repository:
        [touch] = trail(repository, at=commit)[A]

        assert expected == touch.when == repository.commit(commit).when


def test_child_with_an_older_date_still_comes_first(repo):
    repo.write(A, "a: 1\n")
    repo.commit("Parent", when=NOON)
    repo.write(A, "a: 2\n")
    repo.commit("Child", when=NOON - timedelta(days=9))

    assert ["M Child", "A Parent"] == story(repo)[A]


def test_progress_is_told_at_the_end(repo):
    repo.commit()
    told = []

    walked(repo, progress=lambda done, total, noun: told.append((done, total, noun)))

    assert [(1, 1, "commits")] == told


def test_sha256_history_is_walked(sha256_repo):
    sha256_repo.write(A, "a: 1\n")
    sha256_repo.commit("Add")

    [touch] = walked(sha256_repo)[A]

    assert (64, blob_id(b"a: 1\n", object_format="sha256")) == (len(touch.commit), touch.after)
