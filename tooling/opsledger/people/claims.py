"""Who an address, an account or a key belongs to; what two parties claim belongs to nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import combinations

from opsledger.people.model import Account, Claim, Key, Party

AccountName = tuple[str, str, str]
"""Forge, *login* or *number*, and what it is."""

# What forges write as the address of somebody who hides theirs: the account's number and login.
_HIDDEN = {
    "github.com": re.compile(r"(?:(?P<id>[0-9]+)\+)?(?P<login>[^@+]+)@users\.noreply\.github\.com"),
    "gitlab.com": re.compile(r"(?P<id>[0-9]+)-(?P<login>[^@]+)@users\.noreply\.gitlab\.com"),
}


def lowered(text: str) -> str:
    """A text in lower case, of ASCII only: the letter K of the kelvin must not become the k of somebody's address."""
    return text.strip().encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def hidden_account(email: str) -> tuple[str, str, str] | None:
    """Forge, login and number in an address that a forge made up; `None` in any other."""
    for forge, form in _HIDDEN.items():
        found = form.fullmatch(lowered(email))
        if found:
            return forge, found["login"], found["id"] or ""
    return None


def is_account(account: Account, forge: str, login: str, id: str) -> bool:
    """Whether an account at a forge is the one of a record: by number where both are known, else by login."""
    if account.forge != forge:
        return False
    return account.id == id if account.id and id else lowered(account.login) == lowered(login)


def owners_of(account: tuple[str, str, str], parties: Iterable[Party], at: datetime | None) -> list[Party]:
    """The parties that claim an account, at a time or, with `None`, at any."""
    return [
        party
        for party in parties
        if any(is_account(one, *account) and (at is None or one.term.holds(at)) for one in party.accounts)
    ]


def ambiguous(parties: Mapping[str, Party]) -> tuple[Claim, ...]:
    """What more than one party claims; accounts only where both claim it at one time."""
    found = [
        *_shared(
            "address", ((lowered(email), email, party.id) for party in parties.values() for email in party.emails)
        ),
        *_shared("key", ((key.fingerprint, key.fingerprint, party.id) for party, key in keys_of(parties.values()))),
        *_shared_accounts(parties.values()),
    ]
    return tuple(sorted(found, key=lambda claim: (claim.sort, claim.value, claim.parties)))


def keys_of(parties: Iterable[Party]) -> Iterator[tuple[Party, Key]]:
    """Each key whose fingerprint is known, with its party."""
    return ((party, key) for party in parties for key in party.keys if key.fingerprint)


def _shared(sort: str, stated: Iterable[tuple[str, str, str]]) -> Iterator[Claim]:
    claims: dict[str, tuple[str, set[str]]] = {}
    for compared, written, party in stated:
        claims.setdefault(compared, (written, set()))[1].add(party)
    return (Claim(sort, text, tuple(sorted(ids))) for text, ids in claims.values() if len(ids) > 1)


def _shared_accounts(parties: Iterable[Party]) -> Iterator[Claim]:
    found: dict[str, set[str]] = {}
    for stated in namesakes(parties).values():
        for (one, account), (other, same) in combinations(stated, 2):
            is_same = is_account(account, same.forge, same.login, same.id)
            if one.id != other.id and is_same and account.term.within(same.term):
                found.setdefault(f"{same.login} at {same.forge}", set()).update((one.id, other.id))
    return (Claim("account", text, tuple(sorted(ids))) for text, ids in found.items())


def namesakes(parties: Iterable[Party]) -> Mapping[AccountName, list[tuple[Party, Account]]]:
    """The accounts that share a login or a number at a forge, with their parties."""
    groups: dict[AccountName, list[tuple[Party, Account]]] = {}
    for party in parties:
        for account in party.accounts:
            for name in names_of(account.forge, account.login, account.id):
                groups.setdefault(name, []).append((party, account))
    return groups


def names_of(forge: str, login: str, id: str) -> Iterator[AccountName]:
    """By what an account is found: its login, and its number where that is known."""
    yield forge, "login", lowered(login)
    if id:
        yield forge, "number", id
