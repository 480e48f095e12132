"""How the things of a generated ledger are called, and how records write times and digests."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

FORGE = "forge.example"
PRODUCTION = "ENV-production"


def party_name(number: int) -> str:
    """The id of a person."""
    return f"PTY-person-{number:02}"


def environment_name(number: int) -> str:
    """The id of an environment."""
    return f"ENV-place-{number}"


def ci_name(number: int) -> str:
    """The id of a component."""
    return f"CI-component-{number}"


def dated(folder: str, record: dict[str, Any]) -> str:
    """The path of a record below the year in its id."""
    return f"records/{folder}/{record['id'].split('-')[1]}/{record['id']}.yaml"


def instant(when: datetime) -> str:
    """A time as records write it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def digest_name(text: str) -> str:
    """The SHA-256 of a text as records write it."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
