"""Who wrote the commits of a step, and how each came onto the branch."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest
from tests.rules.test_governance import BEFORE, NOON, PERSON, POLICY, snapshot

from opsledger.errors import Undecided
from opsledger.people import people_of
from opsledger.policy import Policy
from opsledger.prove.examples import staged
from opsledger.rules.commits import (
    OfCommits,
    Written,
    author_whom_nobody_knows,
    found_of_commits,
    knows_anybody,
    landed_beside_a_pull_request,
)
from opsledger.rules.landed import Way, landed_commits, sorted_out
from opsledger.rules.landed_lanes import landed_findings
from opsledger.rules.register import rule_called
from opsledger.store import Person, Repository
from opsledger.store.texts import CommitText

ADA, EVE, GITHUB = (
    Person("owner", "owner@example.org"),
    Person("Eve", "eve@example.org"),
    Person("GitHub", "noreply@github.com"),
)


def commit(author=ADA, committer=ADA, co_authors=(), id="a" * 40) -> Written:
    return Written(CommitText(id, "", (), author, NOON, committer, NOON, co_authors, "", "", b""), (POLICY,))


def unknown(book, *commits: Written, signed=False, signer=lambda _: None, before=BEFORE) -> list[str]:
    people = people_of(snapshot(before), book.kinds)
    policy = Policy({"approvals": {"require_signed_commits": signed}})
    return [one.fault.message for one in author_whom_nobody_knows(commits, people, policy, signer)]


STRANGE = {
    "author": commit(author=EVE),
    "committer": commit(committer=EVE),
    "co-author": commit(co_authors=(EVE,)),
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_somebody_unknown_is_named(book, strange):
    expected = "commit aaaaaaa is by Eve <eve@example.org>, whom no party record names"

    assert [expected] == unknown(book, strange)


def test_one_stranger_is_named_once(book):
    found = unknown(book, commit(author=EVE), commit(author=EVE, id="b" * 40), commit(committer=EVE, id="c" * 40))

    assert ["ccccccc and 2 more commits are by Eve <eve@example.org>, whom no party record names"] == found


def test_the_committer_that_a_forge_writes_is_nobody(book):
    assert [] == unknown(book, commit(committer=GITHUB))
    assert 1 == len(unknown(book, commit(author=GITHUB)))


def test_a_finding_points_at_a_file_that_the_commit_changed(book):
    people = people_of(snapshot(BEFORE), book.kinds)

    [found] = author_whom_nobody_knows([commit(author=EVE)], people, Policy(), lambda _: None)
    [bare] = author_whom_nobody_knows([replace(commit(author=EVE), paths=())], people, Policy(), lambda _: None)

    assert (POLICY, ".opsledger.yaml") == (found.path, bare.path)


def test_an_unsigned_commit_is_told_of_only_where_signatures_are_asked_for(book):
    assert [] == unknown(book, commit())
    assert ["commit aaaaaaa carries no signature of a party's key, and the policy asks for one"] == unknown(
        book, commit(), signed=True
    )


def test_a_commit_that_its_committer_signed_is_in_order_and_one_that_another_signed_is_not(book):
    parties = people_of(snapshot(BEFORE), book.kinds).parties

    assert [] == unknown(book, commit(), signed=True, signer=lambda _: parties["PTY-owner"])
    assert ["commit aaaaaaa says it is by PTY-owner, and PTY-other signed it"] == unknown(
        book, commit(), signed=True, signer=lambda _: parties["PTY-other"]
    )


def test_a_commit_that_the_forge_made_may_be_signed_by_its_author(book):
    parties = people_of(snapshot(BEFORE), book.kinds).parties

    assert [] == unknown(book, commit(committer=GITHUB), signed=True, signer=lambda _: parties["PTY-owner"])


def test_a_ledger_whose_parties_name_no_address_knows_nobody(book):
    nobody = {"records/parties/PTY-a.yaml": "id: PTY-a\nname: A\ntype: person\nstate: active\n"}

    assert [True, False] == [knows_anybody(people_of(snapshot(files), book.kinds)) for files in (BEFORE, nobody)]


def population(repo, old: str, new: str, *, known=(), in_lane=lambda _: False, is_signed=lambda _: True):
    with Repository.open(repo.root, environment=repo.environment) as repository:
        landed, lost = landed_commits(repository, old, new)
    return sorted_out(landed, lost=lost, known=known, in_lane=in_lane, is_signed=is_signed)


def said(found) -> list[str]:
    return [one.fault.message for one in landed_beside_a_pull_request(found, "main")]


def ways(found) -> list[Way]:
    return [way for _, way in found.ways]


def test_a_push_beside_every_pull_request_is_on_the_list_and_the_count_matches(repo):
    old = repo.commit("Start")
    repo.switch("work", "main")
    repo.write("a.txt", "a")
    repo.commit("On a branch")
    repo.switch("main")
    repo.merge("work")
    repo.write("b.txt", "b")
    direct = repo.commit("Straight")

    found = population(repo, old, direct)

    assert [f"commit {direct[:7]} by Ada <ada@example.org> reached main beside every pull request"] == said(found)
    assert "2 commits landed: 1 by a merge, 1 beside every way" == str(found)
    assert 2 == len(found.ways) == int(repo.git("rev-list", "--count", "--first-parent", f"{old}..{direct}"))


def test_a_merge_is_a_pull_requests(repo):
    old = repo.commit("Start")
    repo.switch("work", "main")
    repo.commit("On a branch")
    repo.switch("main")

    assert [Way.MERGE] == ways(population(repo, old, repo.merge("work")))


def test_a_squashed_pull_request_counts_where_its_forge_tells_of_it(repo):
    old = repo.commit("Start")
    new = repo.commit("Squashed (#7)")

    assert [Way.BESIDE] == ways(population(repo, old, new))
    assert [Way.REQUEST] == ways(population(repo, old, new, known={new}))


def test_a_machine_in_its_lane_is_no_bypass(repo):
    old = repo.commit("Start")
    repo.write("records/evidence/EVD-1.yaml", "id: EVD-1\n")

    assert [Way.LANE] == ways(population(repo, old, repo.commit("Evidence"), in_lane=lambda _: True))


def test_signed_approvals_alone_are_no_bypass(repo):
    old = repo.commit("Start")
    repo.write("records/approvals/ROL-a/APR-1.yaml", "id: APR-1\n")
    new = repo.commit("Approve")

    assert [Way.SIGNED] == ways(population(repo, old, new))
    assert [Way.BESIDE] == ways(population(repo, old, new, is_signed=lambda _: False))


def test_an_approval_with_something_else_is_one(repo):
    old = repo.commit("Start")
    repo.write("records/approvals/ROL-a/APR-1.yaml", "id: APR-1\n")
    repo.write("b.txt", "b")

    assert [Way.BESIDE] == ways(population(repo, old, repo.commit("Approve, and more")))


def test_an_approval_that_was_changed_is_one(repo):
    repo.write("records/approvals/ROL-a/APR-1.yaml", "id: APR-1\n")
    old = repo.commit("Start")
    repo.write("records/approvals/ROL-a/APR-1.yaml", "id: APR-1\nrole: other\n")

    assert [Way.BESIDE] == ways(population(repo, old, repo.commit("Change an approval")))


def test_a_commit_that_changes_nothing_of_the_ledger_is_counted_too(repo):
    old = repo.commit("Start")

    assert [Way.BESIDE] == ways(population(repo, old, repo.commit("Nothing")))


def test_a_branch_that_was_rewritten_is_told_of(repo):
    first = repo.commit("Start")
    old = repo.commit("Lost")
    repo.git("reset", "-q", "--hard", first)
    new = repo.commit("Instead")

    found = population(repo, old, new)

    assert "main no longer leads to where it stood: somebody rewrote it" == said(found)[0]


def test_a_branch_whose_first_parents_lead_past_where_it_stood_was_rewritten(repo):
    first = repo.commit("Start")
    repo.switch("work", first)
    repo.commit("Work")
    repo.switch("main")
    old = repo.commit("Main")
    repo.switch("work")

    assert population(repo, old, repo.merge("main")).lost


def test_a_new_branch_is_counted_from_its_first_commit(repo):
    repo.commit("Start")

    assert "2 commits landed: 2 beside every way" == str(population(repo, "", repo.commit("More")))


def test_nothing_landed(repo):
    old = repo.commit("Start")

    assert ("0 commits landed", []) == (str(population(repo, old, old)), said(population(repo, old, old)))


def test_a_shallow_clone_tells_nothing_of_how_commits_came(repo):
    old = repo.commit("Start")
    repo.commit("More")
    shallow = repo.clone("shallow", "--depth=1")

    with pytest.raises(Undecided):
        population(shallow, old, shallow.git("rev-parse", "HEAD"))


def of_commits(repo, base: str, head: str, book, policy=None, parties=BEFORE):
    with Repository.open(repo.root, environment=repo.environment) as repository:
        return found_of_commits(
            repository, people_of(snapshot(parties), book.kinds), policy or Policy(), base=base, head=head,
            environment=repo.environment,
        )  # fmt: skip


SIGNED = Policy({"approvals": {"require_signed_commits": True}})
UNASKED = Policy({"rules": {"select": ["SCH"]}})


def test_the_commits_of_a_step_are_looked_at_and_no_others(repo, book):
    repo.write("a.yaml", "a")
    base = repo.commit("Start", author="Eve <eve@example.org>")
    repo.write("b.yaml", "b")
    head = repo.commit("More", author="Mallory <mallory@example.org>")

    [found] = of_commits(repo, base, head, book).found

    expected = f"commit {head[:7]} is by Mallory <mallory@example.org>, whom no party record names"
    assert ("b.yaml", expected) == (found.path, found.fault.message)


def test_commits_are_not_looked_at_where_nobody_asks(repo, book):
    base = repo.commit("Start")

    assert () == of_commits(repo, base, repo.commit("More"), book, UNASKED).found


def test_where_no_party_names_an_address_a_note_says_that_nobody_is_known(repo, book):
    base = repo.commit("Start")
    repo.write("a.yaml", "a")

    answer = of_commits(repo, base, repo.commit("More"), book, parties={})

    assert ((), ("no party names an address, so nobody knows who wrote these commits",)) == (answer.found, answer.notes)


def test_where_nothing_was_committed_there_is_nothing_to_say(repo, book):
    base = repo.commit("Start")

    assert OfCommits() == of_commits(repo, base, base, book, parties={})


def test_a_shallow_clone_is_undecided_only_where_signatures_are_asked_for(repo, book):
    base = repo.commit("Start")
    head = repo.commit("More")
    shallow = repo.clone("shallow", "--depth=1")

    lenient, strict = of_commits(shallow, base, head, book), of_commits(shallow, base, head, book, SIGNED)

    assert (0, 1, 0) == (len(lenient.found), len(lenient.notes), len(lenient.undecided))
    assert (0, 0, 1) == (len(strict.found), len(strict.notes), len(strict.undecided))


@pytest.fixture
def signing(repo, tmp_path):
    """Makes signed commits, and gives the parties that name the key."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingkey", str(key)), ("commit.gpgsign", "true")):
        repo.git("config", name, value)
    named = (
        f'  keys: [{{type: ssh, key: "{key.with_suffix(".pub").read_text().strip()}", from: "2025-01-01T00:00:00Z"}}]\n'
    )
    return {
        **BEFORE,
        "records/parties/PTY-ada.yaml": PERSON.format("ada", "person", 6) + named,
    }


def test_a_commit_that_its_author_signed_passes_where_that_is_asked(repo, book, signing):
    base = repo.commit("Start")
    repo.write("a.yaml", "a")

    assert () == of_commits(repo, base, repo.commit("More"), book, SIGNED, signing).found


def test_a_signature_of_a_key_that_nobody_has_proves_nothing(repo, book, signing):
    base = repo.commit("Start")
    repo.write("a.yaml", "a")
    head = repo.commit("More")
    without = {**signing, "records/parties/PTY-ada.yaml": PERSON.format("ada", "person", 6)}

    [found] = of_commits(repo, base, head, book, SIGNED, without).found

    assert (
        f"commit {head[:7]} carries no signature of a party's key, and the policy asks for one" == found.fault.message
    )


LANE = "id: LAN-evidence\ntitle: Evidence\nparties: [PTY-bot]\npaths: [/records/evidence/**]\n"
EVIDENCE = "records/evidence/2026/EVD-2026-a1b2c3.yaml"


def landed(repo, book, old: str, new: str, *, by="", signed_by="", before=BEFORE):
    base = snapshot({**before, "records/lanes/LAN-evidence.yaml": LANE})
    people = people_of(base, book.kinds)
    with Repository.open(repo.root, environment=repo.environment) as repository:
        return landed_findings(
            repository, base, book.kinds, people, old=old, new=new, branch="main", by=by,
            signer=lambda _: people.parties.get(signed_by),
        )  # fmt: skip


def pushed(repo, path=EVIDENCE, text="id: EVD-2026-a1b2c3\n") -> tuple[str, str]:
    old = repo.commit("Start")
    repo.write(path, text)
    return old, repo.commit("By the bot", author="Bot <bot@example.org>")


@pytest.mark.parametrize("who", [{"by": "PTY-bot"}, {"signed_by": "PTY-bot"}], ids=["who pushes", "who signed"])
def test_a_machine_that_keeps_to_its_lane_is_known_by_who_pushes_or_who_signed(repo, book, who):
    found, population = landed(repo, book, *pushed(repo), **who)

    assert ((), [Way.LANE]) == (found, ways(population))


def test_an_address_alone_makes_nobody_a_machine(repo, book):
    found, population = landed(repo, book, *pushed(repo))

    assert (1, [Way.BESIDE]) == (len(found), ways(population))


def test_a_person_who_pushes_is_in_no_lane(repo, book):
    assert [Way.BESIDE] == ways(landed(repo, book, *pushed(repo), by="PTY-other")[1])


def test_a_machine_outside_its_lane_is_on_the_list(repo, book):
    old, new = pushed(repo, "records/problems/2026/PRB-2026-0001.yaml", "id: PRB-2026-0001\n")

    assert [Way.BESIDE] == ways(landed(repo, book, old, new, by="PTY-bot")[1])


def test_a_machine_starts_no_branch(repo, book):
    new = repo.commit("Start", author="Bot <bot@example.org>")

    assert [Way.BESIDE] == ways(landed(repo, book, "", new, by="PTY-bot")[1])


@pytest.mark.parametrize("example", rule_called("GOV968").examples, ids=lambda one: one.title)
def test_the_examples_of_the_page_are_true_of_a_push(repo, book, example):
    stage = staged(example, book.kinds)
    for path, data in (stage.before or stage.head).items():
        repo.write(path, data)
    old = repo.commit("Start")
    repo.switch("work", "main")
    for path, data in stage.head.items():
        repo.write(path, data)
    new = repo.commit("More")
    if not example.fails:
        repo.switch("main")
        new = repo.merge("work")

    assert example.fails == bool(landed(repo, book, old, new)[0])
