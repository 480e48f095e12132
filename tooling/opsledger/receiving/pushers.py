"""Who pushes: whom the server names, or whose machine's key signed a commit; an address in a commit proves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from opsledger.approvals import armour, keys
from opsledger.errors import Undecided
from opsledger.people import Party, People
from opsledger.receiving.model import Pusher
from opsledger.store import CommitText

NAMED = ("OPSLEDGER_PARTY", "GL_USERNAME", "GL_USER", "GITEA_PUSHER_NAME", "REMOTE_USER")
"""Variables in which servers name the account that pushes, in the order in which they are believed."""


def pusher_of(people: People, environment: Mapping[str, str], *, server: str, at: datetime) -> Pusher:
    """
    The party whom the server names as the one that pushes: by its id, by an address, or by its account there.

    Args:
        people: the judge's.
        server: the host by which party records call this server.
    """
    name, said = next(((name, environment[name]) for name in NAMED if environment.get(name)), ("", ""))
    if not said:
        return Pusher(note="the server names nobody as the one who pushes, so no lane is open to this push")
    party = people.parties.get(said) or (people.by_email(said) if "@" in said else None)
    party = party or people.by_account(server, login=said, at=at)
    if party is None or not party.is_active:
        why = "is not active" if party else "is no party, and no party's account"
        return Pusher(note=f"{said}, whom {name} names as the one who pushes, {why} on the protected branch")
    return Pusher(party.id)


def machine_behind(text: CommitText, people: People, at: datetime, environment: Mapping[str, str]) -> Party | None:
    """The machine whose SSH key signed a commit and counts now; `None` for anybody else."""
    about = armour.read_ssh(text.signature) if text.signature else "is not there"
    if isinstance(about, str) or about.namespace != "git":
        return None
    owner = people.by_key(about.fingerprint, at=at)
    if owner is None or not owner[0].is_machine or not owner[0].is_active or not owner[1].term.holds(at):
        return None
    party, key = owner
    try:
        good = keys.ssh_is_good(
            text.signature, about, text.signed, principal=party.id, key=key, environment=environment
        )
    except Undecided:
        return None
    return party if good else None
