"""The `people` fixture: parties and roles from their records, written as YAML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from opsledger.kind import packaged_kinds
from opsledger.people import People, people_of
from opsledger.store import in_memory

KINDS = packaged_kinds()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

Written = Callable[[str], People]


def people_in(text: str) -> People:
    """
    Read records that stand one after the other, each under `# PTY-…` or `# ROL-…`.

    What a record needs beside what is written is added: a party is an active person unless it says otherwise.
    """
    files: dict[str, bytes] = {}
    for found in re.finditer(r"^# (\S+)\n(.*?)(?=^# |\Z)", textwrap.dedent(text), re.M | re.S):
        name, body = found[1], found[2]
        if "/" in name:
            files[name] = body.encode()
            continue
        folder, given = ("roles", {"title": name, "description": "What it is for."})
        if name.startswith("PTY"):
            folder, given = ("parties", {"name": name, "type": "person", "state": "active"})
        least = "".join(f"{key}: {value}\n" for key, value in given.items() if not re.search(rf"^{key}:", body, re.M))
        files[f"records/{folder}/{name}.yaml"] = f"id: {name}\n{least}{body}".encode()
    return people_of(in_memory(files, name="example"), KINDS)


@pytest.fixture
def people() -> Written:
    """See `people_in`."""
    return people_in
