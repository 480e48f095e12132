"""Foreign text as a record may hold it: without control characters, cut to its length, or nothing at all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

LONGEST_LINE = 240
LONGEST_TEXT = 1_000
"""How much of a message is kept; the whole report says the rest."""

_PURL = re.compile(r"pkg:[a-z][a-z0-9.+-]*/[!-~]+")
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_TIED = re.compile(r"\bPRB-[0-9]{4}-[0-9]{1,12}(?:#[a-z0-9][a-z0-9-]{0,59})?")
_EARLIEST, _LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2299, 1, 1, tzinfo=UTC)
_LONGEST_SPAN = 10**7


def line(text: object, most: int = LONGEST_LINE) -> str:
    """One line of a text; empty where it is none, or holds nothing that can be shown."""
    if not isinstance(text, str):
        return ""
    words = " ".join(_shown(text[: most * 8]).split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def text(value: object, most: int = LONGEST_TEXT) -> str:
    """A text of several lines; empty where it is none, or holds nothing that can be shown."""
    if not isinstance(value, str):
        return ""
    words = "\n".join(one.rstrip() for one in _shown(value[: most * 4]).strip().split("\n"))
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def _shown(words: str) -> str:
    """Without what no text of people holds: control sequences, bidirectional overrides, halves of characters."""
    plain = words.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(one for one in plain if one == "\n" or one.isprintable() or one == "\u200d")


def purl(value: object) -> str:
    """A package URL, or empty."""
    return value if isinstance(value, str) and len(value) <= 400 and _PURL.fullmatch(value) else ""


def digest(value: object) -> str:
    """A SHA-256 in hexadecimal digits as records write it, or empty."""
    return f"sha256:{value.lower()}" if isinstance(value, str) and _DIGEST.fullmatch(value) else ""


def commit(value: object) -> str:
    """The full id of a commit, or empty."""
    return value if isinstance(value, str) and _COMMIT.fullmatch(value) else ""


def slug(value: object) -> str:
    """A short name as records write it, or empty."""
    return value if isinstance(value, str) and _SLUG.fullmatch(value) else ""


def tied(value: object) -> str:
    """The problem, or one of its regression tests, that a text names first; empty where it names none."""
    found = _TIED.search(value[:4_000]) if isinstance(value, str) else None
    return found[0] if found else ""


def moment(value: object) -> tuple[datetime | None, bool]:
    """A time in UTC, or `None`; and whether it said no offset, so that UTC was taken."""
    if not isinstance(value, str) or len(value) > 40:
        return None, False
    try:
        found = datetime.fromisoformat(value.strip())
        known = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None, False
    return (known, found.tzinfo is None) if _EARLIEST <= known < _LATEST else (None, False)


def span(value: Any) -> timedelta | None:
    """A length of time in seconds, from a number or its digits; `None` where it is none that anything can take."""
    try:
        seconds = float(value.replace(",", "")) if isinstance(value, str) and len(value) < 40 else float(value)
    except (TypeError, ValueError):
        return None
    return timedelta(seconds=seconds) if math.isfinite(seconds) and 0 <= seconds < _LONGEST_SPAN else None


def mappings(found: object) -> Iterator[Mapping[str, Any]]:
    """Those entries of a list that are mappings; of anything else, none."""
    return (one for one in found if isinstance(one, dict)) if isinstance(found, list) else iter(())
