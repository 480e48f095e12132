"""The parties behind commits and accounts: by address, by verified signature, by a forge's number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from opsledger.approvals import armour, keys
from opsledger.approvals.model import ForgeAccount
from opsledger.errors import Undecided
from opsledger.people import Party, People
from opsledger.store import Commit, Person, Repository

FORGES = frozenset({"noreply@github.com"})
"""What forges write as the committer of what people do on their pages; it is nobody."""


class Found:
    """
    The authors found so far.

    Args:
        people: the judge's.
        environment: where to look for ssh-keygen and gpg.
    """

    def __init__(self, people: People, environment: Mapping[str, str]) -> None:
        self.parties: set[str] = set()
        self.unknown: list[str] = []
        self._people, self._environment = people, environment

    def add_all(self, repository: Repository, commits: Sequence[Commit]) -> None:
        """The author, committer, co-authors and signer of each commit."""
        texts = repository.texts([commit.id for commit in commits]) if commits else {}
        for commit in commits:
            text = texts.get(commit.id)
            if text is None:
                raise Undecided(f"commit {commit.id[:7]} cannot be read", "run `git fsck`, and clone again")
            for person in dict.fromkeys(_persons(commit, text.co_authors)):
                party = self._people.by_email(person.email)
                self._add(party, f"commit {commit.id[:7]} is by {person.email or person.name or 'nobody'}")
            if text.signature and (signer := self._signer(text.signature, text.signed, commit.when)):
                self.parties.add(signer.id)

    def add_opener(self, account: ForgeAccount, forge: str, at: datetime) -> None:
        """Whoever opened the pull request."""
        party = self._people.by_account(forge, login=account.login, id=account.id, at=at)
        self._add(party, f"the pull request is by {account.login or 'an account that is gone'}")

    def _add(self, party: Party | None, otherwise: str) -> None:
        if party is not None:
            self.parties.add(party.id)
        elif otherwise not in self.unknown:
            self.unknown.append(otherwise)

    def _signer(self, signature: str, signed: bytes, at: datetime) -> Party | None:
        """Whose signature a commit carries; `None` where that cannot be shown, and then it proves nothing."""
        try:
            return self._ssh_signer(signature, signed, at) or self._gpg_signer(signature, signed)
        except Undecided:
            return None

    def _ssh_signer(self, signature: str, signed: bytes, at: datetime) -> Party | None:
        about = armour.read_ssh(signature)
        owner = None if isinstance(about, str) else self._people.by_key(about.fingerprint, at=at)
        if isinstance(about, str) or owner is None or about.namespace != "git":
            return None
        party, key = owner
        good = keys.ssh_is_good(signature, about, signed, principal=party.id, key=key, environment=self._environment)
        return party if good else None

    def _gpg_signer(self, signature: str, signed: bytes) -> Party | None:
        known = [key for party in self._people.parties.values() for key in keys.gpg_keys(party)]
        if "BEGIN PGP SIGNATURE" not in signature or not known:
            return None
        said = keys.ask_gpg(signature, signed, known, environment=self._environment)
        owner = self._people.by_key(said.fingerprint) if said.is_good else None
        return owner[0] if owner else None


def _persons(commit: Commit, co_authors: Iterable[Person]) -> Iterator[Person]:
    yield commit.author
    if commit.committer.email not in FORGES:
        yield commit.committer
    yield from co_authors
