"""Roles as values, and the ledgers that they stand in."""

from __future__ import annotations

import pytest

from opsledger.kind import Kinds, packaged_kinds
from opsledger.people import People
from opsledger.people.model import Account, Party, Role

FORGES = ("github", "gitlab", "gitea", "forgejo")


def role(id: str, *paths: str, owners: tuple[str, ...] | None = None) -> Role:
    """A role that owns some paths and is called the same at every forge: by its id, unless told otherwise."""
    called = (f"@org/{id}",) if owners is None else owners
    return Role(id, id, f"records/roles/{id}.yaml", paths=paths, owners=dict.fromkeys(FORGES, called))


def people(*roles: Role, accounts: tuple[Account, ...] = ()) -> People:
    """Some roles, and one person with some accounts."""
    ada = Party("PTY-ada", "Ada", "person", is_active=True, path="", emails=("Ada@example.org",), accounts=accounts)
    return People({ada.id: ada}, {one.id: one for one in roles})


@pytest.fixture(scope="session")
def kinds() -> Kinds:
    """The packaged kinds."""
    return packaged_kinds()
