"""Party and role records as values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from opsledger.intake import SUFFIX, id_of
from opsledger.kind import Kinds
from opsledger.moments import instant
from opsledger.people.forges import forge_name
from opsledger.people.keys import plain_fingerprint, ssh_fingerprint
from opsledger.people.model import Account, Delegation, Grant, Incompatibility, Key, Party, Role, Term
from opsledger.people.moments import days
from opsledger.people.people import People
from opsledger.store import Snapshot
from opsledger.yamlfile import Unreadable, read

Made = TypeVar("Made")


def people_of(snapshot: Snapshot, kinds: Kinds) -> People:
    """
    Everybody whom the party and role records of a snapshot name.

    Args:
        snapshot: the judge's; a pull request entitles nobody.
        kinds: the judge's kinds.

    Raises:
        Undecided: a partial clone lacks a file.
    """
    reading = _Reading()
    parties = {id: reading.party(id, *found) for id, found in _records(snapshot, kinds, "party", reading.unreadable)}
    made = (reading.role(id, *found) for id, found in _records(snapshot, kinds, "role", reading.unreadable))
    roles = {role.id: role for role in made if role is not None}
    return People(
        parties, roles, tuple(reading.by_party), tuple(reading.by_role), tuple(sorted(set(reading.unreadable)))
    )


def _records(
    snapshot: Snapshot, kinds: Kinds, name: str, unreadable: list[str]
) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
    """The records of a kind by id; what cannot be read is listed, and so is an id that two files claim."""
    kind = kinds.get(name)
    below = snapshot.below(kind.folder) if kind else ()
    paths = [path for path in below if path.endswith(SUFFIX) and kinds.of_path(path) is kind]
    by_id: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for path, source in snapshot.read_many(paths):
        found = read(source) if source is not None else None
        if kind is None or found is None or isinstance(found, Unreadable):
            unreadable.append(path)
        else:
            by_id.setdefault(id_of(kind, path, found), []).append((path, found))
    for id, several in by_id.items():
        if len(several) > 1:
            unreadable.extend(path for path, _ in several)
        else:
            yield id, several[0]


class _Reading:
    """
    What was read so far.

    An entry that says something odd (a time that is none, a member without a name) is left out, for it must not
    entitle anybody, and its file is listed; what exactly is odd, the schema says.
    """

    def __init__(self) -> None:
        self.by_party: list[Grant] = []
        self.by_role: list[Grant] = []
        self.unreadable: list[str] = []

    def party(self, id: str, path: str, data: Mapping[str, Any]) -> Party:
        """The party of a record."""
        identities = _mapping(data.get("identities"))
        self.by_party += self._each(path, data.get("roles"), lambda one: _role_of(id, one))
        quorum = data.get("quorum")
        is_active = data.get("state") == "active"
        return Party(
            id=id,
            name=str(data.get("name") or id),
            type=str(data.get("type") or ""),
            is_active=is_active,
            path=path,
            emails=tuple(text for text in _list(identities.get("emails")) if isinstance(text, str)),
            accounts=self._each(path, identities.get("accounts"), _account),
            keys=self._each(path, identities.get("keys"), _key),
            members=self._each(path, data.get("members"), lambda one: (_text(one, "party"), _term(one))),
            quorum=quorum if isinstance(quorum, int) else None,
            term=next(iter(self._each(path, [data], _part)), None),
            absences=self._each(path, data.get("absences"), lambda one: days(_text(one, "from"), _text(one, "until"))),
            delegations=self._each(path, data.get("delegations"), _delegation),
        )

    def role(self, id: str, path: str, data: Mapping[str, Any]) -> Role | None:
        """The role of a record; `None` where what it is limited to cannot be made out."""
        self.by_role += self._each(path, data.get("holders"), lambda one: _holder_of(id, one))
        limits = self._each(path, [data], lambda one: (_limits(one, "kinds"), _limits(one, "scopes")))
        if not limits:
            return None
        least, most = data.get("least", 1), data.get("most")
        owners = _mapping(data.get("owners"))
        return Role(
            id=id,
            title=str(data.get("title") or id),
            path=path,
            kinds=limits[0][0],
            scopes=limits[0][1],
            paths=_texts(data.get("paths")),
            least=least if isinstance(least, int) else 1,
            most=most if isinstance(most, int) else None,
            incompatible=self._each(path, data.get("incompatible"), partial(_incompatibility, path)),
            owners={str(forge): _texts(names) for forge, names in owners.items()},
        )

    def _each(self, path: str, entries: Any, made: Callable[[Mapping[str, Any]], Made | None]) -> tuple[Made, ...]:
        found = []
        for entry in _list(entries):
            try:
                one = made(_mapping(entry))
            except ValueError:
                self.unreadable.append(path)
            else:
                found += [one] if one is not None else []
        return tuple(found)


def _part(data: Mapping[str, Any]) -> Term | None:
    """When a party takes part: one that is inactive did until it left, or until its data was taken out."""
    left = data.get("left", data.get("anonymised_at") if data.get("state") != "active" else None)
    if left is not None:
        return Term(None, instant(str(left)))
    return Term() if data.get("state") == "active" else None


def _role_of(party: str, entry: Mapping[str, Any]) -> Grant:
    return Grant(_text(entry, "role"), party, _limits(entry, "on"), _term(entry))


def _holder_of(role: str, entry: Mapping[str, Any]) -> Grant:
    return Grant(role, _text(entry, "party"), (), _term(entry))


def _account(entry: Mapping[str, Any]) -> Account:
    id = str(entry.get("id") or "")
    return Account(forge_name(_text(entry, "forge")), _text(entry, "login"), id, _term(entry))


def _key(entry: Mapping[str, Any]) -> Key:
    sort, text = _text(entry, "type"), _text(entry, "key")
    # What the key itself says counts, not what stands beside it.
    fingerprint = ssh_fingerprint(text) if sort == "ssh" else plain_fingerprint(str(entry.get("fingerprint") or ""))
    if sort == "ssh" and not fingerprint:
        raise ValueError("this is no line of a public key")
    return Key(sort, text, fingerprint, _term(entry))


def _delegation(entry: Mapping[str, Any]) -> Delegation:
    return Delegation(_text(entry, "to"), _limits(entry, "roles"), _term(entry))


def _incompatibility(path: str, entry: Mapping[str, Any]) -> Incompatibility:
    return Incompatibility(_text(entry, "role"), _text(entry, "on"), str(entry.get("when") or ""), path)


def _term(entry: Mapping[str, Any]) -> Term:
    since, until = (entry.get(name) for name in ("from", "until"))
    return Term(*(None if text is None else instant(str(text)) for text in (since, until)))


def _text(entry: Mapping[str, Any], name: str) -> str:
    text = entry.get(name)
    if not isinstance(text, str) or not text:
        raise ValueError(f"{name} is missing")
    return text


def _limits(entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """What something is limited to; empty, for everything, only where nothing at all is said."""
    stated = entry.get(name)
    if stated is None:
        return ()
    limits = _texts(stated)
    if not limits or len(limits) != len(stated):
        raise ValueError(f"{name} names nothing")
    return limits


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in _list(value) if isinstance(text, str))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
