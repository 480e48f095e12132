"""Who wrote the commits of a step, and by which way each came onto the protected branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsledger.errors import Undecided
from opsledger.finding import Fault
from opsledger.policy import Policy
from opsledger.rules.register import Found, Reach, rule
from opsledger.store import CommitText, Person, Repository

if TYPE_CHECKING:
    from opsledger.people import Party, People
    from opsledger.rules.landed import Population


@dataclass(frozen=True)
class Written:
    """
    One commit of a step.

    Args:
        paths: the files of the ledger that it changed.
    """

    text: CommitText
    paths: tuple[str, ...] = ()


Signer = Callable[[CommitText], "Party | None"]
"""Whose good signature a commit carries; `None` where it carries none that proves anything."""


def signer_among(people: People, environment: Mapping[str, str]) -> Signer:
    """
    Tells whose good signature a commit carries.

    Args:
        environment: where to look for ssh-keygen and gpg.
    """
    from opsledger.approvals.identities import Found as Identities  # few commits are signed

    known = Identities(people, environment)
    return lambda text: known._signer(text.signature, text.signed, text.when) if text.signature else None


@dataclass(frozen=True)
class OfCommits:
    """What is said of the commits of a step, and what the reader should know of how that was found out."""

    found: tuple[Found, ...] = ()
    notes: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


def found_of_commits(
    repository: Repository, people: People, policy: Policy, *, base: str, head: str, environment: Mapping[str, str]
) -> OfCommits:
    """
    What GOV966 says of the commits between two.

    Args:
        people: the judge's.
        base: full id of the tip that judges.
        head: full id of the newest commit of what is judged.
        environment: as in `signer_among`.
    """
    from opsledger.history import refuse_partial_history  # a check by itself asks no commit

    if not policy.selects("GOV966"):
        return OfCommits()
    try:
        refuse_partial_history(repository)
        commits = written_between(repository, base, head)
    except Undecided as absent:
        if policy.data.get("approvals", {}).get("require_signed_commits") is True:
            return OfCommits(undecided=(f"{absent.missing}; {absent.remedy}",))
        return OfCommits(notes=(f"nobody looked at who wrote these commits: {absent.missing}",))
    if commits and not knows_anybody(people):
        return OfCommits(notes=("no party names an address, so nobody knows who wrote these commits",))
    return OfCommits(tuple(author_whom_nobody_knows(commits, people, policy, signer_among(people, environment))))


def written_between(repository: Repository, base: str, head: str) -> tuple[Written, ...]:
    """The commits that a step brings and that touched the ledger, newest first."""
    commits = list(repository.log(head, since=base))
    texts = repository.texts([commit.id for commit in commits])
    return tuple(
        Written(texts[one.id], tuple(change.path for change in one.changes)) for one in commits if one.id in texts
    )


@rule("GOV966", Reach.COMMITS, counts="")
def author_whom_nobody_knows(
    commits: Sequence[Written], people: People, policy: Policy, signer: Signer
) -> Iterator[Found]:
    """
    A commit is by somebody whom no party record names, or is not signed where that is asked.

    ## Why
    Who wrote a thing may not approve it. That only holds where every author is somebody. A name in a commit is a
    claim; a signature by a key of that party proves it. Source: S0-7.1, S4-dep-14.

    ## Examples
    ```yaml title="fails"
    # before: records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # base: records/parties/PTY-grace.yaml
    name: Grace
    identities: {emails: [grace@example.org]}
    # base: records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # head: records/problems/PRB-2026-9001.yaml
    title: Payments time out at night
    ```

    ```yaml title="passes"
    # before: records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # base: records/parties/PTY-ada.yaml
    name: Ada
    identities: {emails: [ada@example.org]}
    # base: records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # head: records/problems/PRB-2026-9001.yaml
    title: Payments time out at night
    ```

    ## Fix
    Add the address to the identities of a party, on the base first, or write the commit again under the right one.
    """
    yield from _unknown(commits, people)
    if policy.data.get("approvals", {}).get("require_signed_commits") is True:
        yield from _unsigned(commits, people, signer)


def knows_anybody(people: People) -> bool:
    """Whether any party names an address; where none does, GOV966 has nothing to go by."""
    return any(party.emails for party in people.parties.values())


def _unknown(commits: Sequence[Written], people: People) -> Iterator[Found]:
    met: dict[Person, list[Written]] = {}
    for commit in commits:
        for person in dict.fromkeys(_persons(commit.text)):
            if people.by_email(person.email) is None:
                met.setdefault(person, []).append(commit)
    for person, written in met.items():
        who = f"{person.name} <{person.email}>"
        count = f"{written[-1].text.id[:7]} and {len(written) - 1} more commits are" if written[1:] else _is(written[0])
        fix = f"add {person.email} to the identities of a party, on the base first"
        yield Found(_place(written[-1]), Fault("", "GOV966", f"{count} by {who}, whom no party record names", fix))


def _unsigned(commits: Sequence[Written], people: People, signer: Signer) -> Iterator[Found]:
    for commit in commits:
        party = signer(commit.text)
        committer = people.by_email(commit.text.committer.email)
        if party is None:
            said = f"commit {_short(commit)} carries no signature of a party's key, and the policy asks for one"
            yield Found(_place(commit), Fault("", "GOV966", said, "sign it: `git commit --amend --no-edit -S`"))
        elif committer is not None and committer != party:
            said = f"commit {_short(commit)} says it is by {committer.id}, and {party.id} signed it"
            yield Found(_place(commit), Fault("", "GOV966", said, "let each commit what they sign"))


def _persons(text: CommitText) -> Iterator[Person]:
    from opsledger.approvals.identities import FORGES  # a check without commits does without it

    yield text.author
    if text.committer.email not in FORGES:
        yield text.committer
    yield from text.co_authors


def _is(commit: Written) -> str:
    return f"commit {_short(commit)} is"


def _short(commit: Written) -> str:
    return commit.text.id[:7]


def _place(commit: Written) -> str:
    return commit.paths[0] if commit.paths else ".opsledger.yaml"


@rule("GOV968", Reach.COMMITS, counts="")
def landed_beside_a_pull_request(population: Population, branch: str) -> Iterator[Found]:
    """
    A commit reached the protected branch beside every pull request and lane.

    ## Why
    What nobody was asked about was approved by nobody, whatever the records say. Every commit that landed is counted,
    so that the list of exceptions can be held against the whole. Source: S2-role-rdm-04, S3-rel-01.

    A merge counts as a pull request's. A squashed or rebased one counts where its forge tells which commits it left.

    ## Examples
    ```yaml title="fails, pushed to main by a person"
    # before: records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # base: records/problems/PRB-2026-9001.yaml
    title: Payments time out
    # head: records/problems/PRB-2026-9001.yaml
    title: Payments time out at night
    ```

    ```yaml title="passes, merged"
    # records/problems/PRB-2026-9001.yaml
    title: Payments time out
    ```

    ## Fix
    Say in an exception why it had to be, and protect the branch: `opsledger doctor` tells what is open.
    """
    if population.lost:
        said = f"{branch} no longer leads to where it stood: somebody rewrote it"
        yield Found(".opsledger.yaml", Fault("", "GOV968", said, "put back what was lost, and forbid forced pushes"))
    for landed in population.beside:
        author = landed.text.author
        said = f"commit {landed.id[:7]} by {author.name} <{author.email}> reached {branch} beside every pull request"
        fix = "say why in an exception, and let nobody push there"
        yield Found(next(iter(landed.paths), ".opsledger.yaml"), Fault("", "GOV968", said, fix))
