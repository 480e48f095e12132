"""Who is who and who may decide what, at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from opsledger.moments import spoken
from opsledger.people.claims import (
    AccountName,
    ambiguous,
    hidden_account,
    keys_of,
    lowered,
    names_of,
    namesakes,
    owners_of,
)
from opsledger.people.forges import forge_name
from opsledger.people.keys import allowed_signers, plain_fingerprint
from opsledger.people.model import Account, Claim, Grant, Holding, Incompatibility, Key, Party, Role
from opsledger.people.resolving import agreed, resolved

ALWAYS = "same-matter"
_NEVER = datetime.min.replace(tzinfo=UTC)
_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class People:
    """
    The parties and roles of one snapshot.

    Args:
        by_party: the roles that party records name.
        by_role: the holders that role records name.
        unreadable: files that could not be read, in whole or in part; whom they entitle, nobody knows.
    """

    parties: Mapping[str, Party]
    roles: Mapping[str, Role]
    by_party: tuple[Grant, ...] = field(default=(), repr=False)
    by_role: tuple[Grant, ...] = field(default=(), repr=False)
    unreadable: tuple[str, ...] = ()

    @cached_property
    def ambiguous(self) -> tuple[Claim, ...]:
        """The addresses, accounts and keys that several parties claim, and that are nobody's therefore."""
        return ambiguous(self.parties)

    def by_email(self, email: str) -> Party | None:
        """
        The party of an address, in whatever case it is written.

        An address that github.com or gitlab.com made for somebody who hides theirs leads to the account in it.
        """
        claiming = self._by_email.get(lowered(email))
        if claiming is not None:
            return claiming[0] if len(claiming) == 1 else None
        account = hidden_account(email)
        return self._owner(*account, None) if account else None

    def by_account(self, forge: str, *, login: str, id: str = "", at: datetime) -> Party | None:
        """
        The party of an account at a forge.

        Args:
            forge: its host; *github*, *gitlab* and *bitbucket* stand for the public ones.
            id: its number there, which decides: a login whose number is another than the recorded one is somebody
                else's by now.
        """
        return self._owner(forge_name(forge), login, id, at)

    def by_key(self, fingerprint: str, *, at: datetime | None = None) -> tuple[Party, Key] | None:
        """
        The party of a key, and the key.

        Args:
            fingerprint: as `ssh-keygen -l` or GPG prints it.
            at: where the party names the key with several times, the one that holds then is preferred.
        """
        found = self._by_key.get(plain_fingerprint(fingerprint), [])
        if len({party.id for party, _ in found}) != 1:
            return None
        holding = [one for one in found if at is not None and one[1].term.holds(at)]
        return (holding or found)[0]

    def holdings(self, role: str) -> tuple[Holding, ...]:
        """Everybody who ever holds a role or will, each way once, by id."""
        if role not in self._holdings:
            self._holdings[role] = tuple(self._resolved(role)) if role in self.roles else ()
        return self._holdings[role]

    def holders(self, role: str, at: datetime, *, matter: Collection[str] = ()) -> tuple[Holding, ...]:
        """
        The people who hold a role at a time, each once, by id.

        Who holds it in several ways is shown with the nearest: directly, through a team, standing in.

        Args:
            matter: the record that is decided on and what it names; a role that is limited to other records counts
                for nothing here.
        """
        found: dict[str, Holding] = {}
        for holding in self.holdings(role):
            if holding.term.holds(at) and (not holding.on or not set(holding.on).isdisjoint(matter)):
                before = found.get(holding.party, holding)
                found[holding.party] = min(before, holding, key=_farness)
        return tuple(found[id] for id in sorted(found))

    def holding(self, party: str, role: str, at: datetime, *, matter: Collection[str] = ()) -> Holding | None:
        """How a party holds a role at a time, or `None`."""
        return next((one for one in self.holders(role, at, matter=matter) if one.party == party), None)

    def needed(self, role: str, at: datetime, *, matter: Collection[str] = ()) -> int:
        """
        How many who hold a role must act for it to have spoken: the quorum of the body that holds it, else one.

        A role that somebody holds beside the body, or that a team holds, speaks by any one of them.

        Source:
            S2-step-02 (the advisory board decides by vote).
        """
        return min((self._quorum(one) for one in self.holders(role, at, matter=matter)), default=1)

    def _quorum(self, holding: Holding) -> int:
        bodies = (self.parties[id] for id in holding.via if id in self.parties)
        return max((party.quorum or 1 for party in bodies if party.type == "body"), default=1)

    def why_not(self, party: str, role: str, at: datetime, *, matter: Collection[str] = ()) -> str:
        """Why a party does not hold a role at a time, as a part of a sentence that starts with the party."""
        known = self.parties.get(party)
        if known is None:
            return "has no party record that can be read"
        if role not in self.roles:
            return f"cannot hold {role}, which no role record describes"
        ever = [one for one in self.holdings(role) if one.party == party]
        return _why_nobody_could(known, at) or _why_not_now(ever, role, at, matter)

    def conflicts(
        self, party: str, roles: Iterable[str], at: datetime, *, on: Collection[str] = ()
    ) -> tuple[tuple[str, Incompatibility], ...]:
        """
        The roles that a party holds at a time and that do not go with those in which it acts.

        Args:
            roles: the roles in which it acts.
            on: what sort of matter it is, *same-release* and the like; *same-matter* is always meant.

        Returns:
            Each role in which it acts, with what does not go with it; either role's record may say so.
        """
        found = []
        for role in sorted(set(roles)):
            for one in self.incompatible_with(role):
                is_meant = one.on == ALWAYS or one.on in on
                if is_meant and any(holding.party == party for holding in self._anywhere(one.role, at)):
                    found.append((role, one))
        return tuple(found)

    def incompatible_with(self, role: str) -> tuple[Incompatibility, ...]:
        """What does not go with a role, whichever of the two records says so."""
        own = self.roles[role].incompatible if role in self.roles else ()
        told = (
            Incompatibility(other.id, one.on, one.when, one.path)
            for other in self.roles.values()
            for one in other.incompatible
            if one.role == role
        )
        return tuple(sorted({*own, *told}, key=lambda one: (one.role, one.on, one.when, one.path)))

    def allowed_signers(self, at: datetime) -> str:
        """The text of an OpenSSH allowed_signers file of everybody's keys at a time, under the ids of their parties."""
        single = (found for found in self._by_key.values() if len({party.id for party, _ in found}) == 1)
        return allowed_signers((one for found in single for one in found), at)

    def teams_of(self, party: str, at: datetime) -> tuple[tuple[str, ...], ...]:
        """The teams and bodies that a party belongs to at a time, each once, with the way there from the outermost."""
        found: dict[str, tuple[str, ...]] = {}
        waiting: list[tuple[str, tuple[str, ...]]] = [(party, ())]
        for member, way in waiting:  # it grows meanwhile, by each team once
            for team in self.parties.values():
                is_in = any(id == member and term.holds(at) for id, term in team.members)
                if is_in and team.id not in found and team.id != party:
                    found[team.id] = (team.id, *way)
                    waiting.append((team.id, found[team.id]))
        return tuple(found[id] for id in sorted(found))

    def _owner(self, forge: str, login: str, id: str, at: datetime | None) -> Party | None:
        near = (found for name in names_of(forge, login, id) for found in self._by_account.get(name, ()))
        owners = owners_of((forge, login, id), {party.id: party for party, _ in near}.values(), at)
        return owners[0] if len(owners) == 1 else None

    def _anywhere(self, role: str, at: datetime) -> Iterable[Holding]:
        return (one for one in self.holdings(role) if one.term.holds(at))

    def _resolved(self, role: str) -> list[Holding]:
        found = (one for grant in self._grants if grant.role == role for one in resolved(grant, self.parties))
        return sorted(dict.fromkeys(found), key=lambda one: (one.party, *_farness(one)))

    @cached_property
    def _grants(self) -> tuple[Grant, ...]:
        return agreed(self.by_party, self.by_role)

    @cached_property
    def _holdings(self) -> dict[str, tuple[Holding, ...]]:
        return {}

    @cached_property
    def _by_email(self) -> Mapping[str, list[Party]]:
        found: dict[str, list[Party]] = {}
        for party in self.parties.values():
            for email in sorted({lowered(email) for email in party.emails}):
                found.setdefault(email, []).append(party)
        return found

    @cached_property
    def _by_account(self) -> Mapping[AccountName, list[tuple[Party, Account]]]:
        return namesakes(self.parties.values())

    @cached_property
    def _by_key(self) -> Mapping[str, list[tuple[Party, Key]]]:
        found: dict[str, list[tuple[Party, Key]]] = {}
        for party, key in keys_of(self.parties.values()):
            found.setdefault(key.fingerprint, []).append((party, key))
        return found


def _why_nobody_could(party: Party, at: datetime) -> str:
    """Why a party holds no role whatever at a time; empty if it may."""
    if party.is_machine:
        return "is a machine"
    if not party.is_person:
        return f"is a {party.type or 'party'}, and only people hold roles"
    if party.term is None:
        return "is inactive"
    return "" if party.term.holds(at) else f"is inactive since {spoken(party.term.until or at)}"


def _why_not_now(ever: list[Holding], role: str, at: datetime, matter: Collection[str]) -> str:
    if not ever:
        return f"never held {role}"
    now = [one for one in ever if one.term.holds(at)]
    if now:
        about = " and ".join(sorted(matter)) or "everything"
        return f"holds {role} only on {', '.join(sorted({id for one in now for id in one.on}))}, not on {about}"
    past = [one for one in ever if one.term.until is not None and one.term.until <= at]
    if past:
        last = max(past, key=lambda one: one.term.until or _NEVER)
        stood = f"stood in for {last.delegated_by} as" if last.delegated_by else "held"
        return f"{stood} {role} until {spoken(last.term.until or at)}"
    first = min(ever, key=lambda one: one.term.since or _NEVER)
    stands = f"stands in for {first.delegated_by} as" if first.delegated_by else "holds"
    return f"{stands} {role} only from {spoken(first.term.since or at)}"


def _farness(holding: Holding) -> tuple[bool, int, float, tuple[str, ...], tuple[str, ...]]:
    """How far a holding lies from the person: direct ones, then through teams, standing in last; the longest first."""
    until = holding.term.until or _FOREVER
    return bool(holding.delegated_by), len(holding.via), -until.timestamp(), holding.via, holding.on
