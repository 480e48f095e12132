"""Issues that people write with a form: what they say becomes the fields of a record, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsledger.errors import Refused

MOST_BYTES = 4 << 20
"""The longest event that is read; an issue's text ends at 65,536 characters."""

_LABELS = {
    "What is it?": "kind",
    "Title": "title",
    "How bad is it?": "severity",
    "What should others know?": "description",
}
"""The labels of the form, in its order, with what each is about."""

_KINDS = {
    "problem": {"title": "title", "severity": "severity", "description": "description"},
    "change": {"title": "title", "severity": "priority", "description": "business_need"},
}
"""Which kinds the form knows, and which of their fields each answer fills."""

_SET: Mapping[str, Mapping[str, Any]] = {"problem": {}, "change": {"type": "normal"}}
_PRIORITIES = {"low": "P4", "medium": "P3", "high": "P2", "critical": "P1"}
_NOTHING = "_No response_"
_HEADING = re.compile(r"^### (.+?)[ \t]*$", re.MULTILINE)
_WRITE = "write the issue with the form `Propose a record`"


@dataclass(frozen=True)
class Wish:
    """
    A record that somebody would like to have.

    Args:
        data: its fields, as text from the form.
    """

    kind: str
    data: Mapping[str, Any]


def read_issue(text: bytes) -> Wish:
    """
    Read the event that a forge sends of an issue, or the issue itself.

    Raises:
        Refused: it is no such thing, or was not written with the form.
    """
    if len(text) > MOST_BYTES:
        raise Refused("the event is longer than that of any issue", _WRITE)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("the event cannot be read as JSON", "name the file that GITHUB_EVENT_PATH names") from None
    issue = found.get("issue", found) if isinstance(found, dict) else None
    body = issue.get("body") if isinstance(issue, dict) else None
    if not isinstance(issue, dict) or not isinstance(body, str):
        raise Refused("the event tells of no issue with a text", _WRITE)
    answers = _answers(body.replace("\r\n", "\n").replace("\r", "\n"))
    kind = answers.get("kind", "")
    if kind not in _KINDS:
        raise Refused(f"no record of the sort {kind!r} can be proposed by an issue", f"choose {' or '.join(_KINDS)}")
    fields = {field: answers[name] for name, field in _KINDS[kind].items() if name in answers}
    if "priority" in fields:
        fields["priority"] = _PRIORITIES.get(fields["priority"], fields["priority"])
    return Wish(kind, {**_SET[kind], **fields, **_source(issue)})


def _answers(body: str) -> dict[str, str]:
    """The answers by what they are about; each label must stand there once, in the form's order."""
    met = [(found[1], found.start(), found.end()) for found in _HEADING.finditer(body) if found[1] in _LABELS]
    if [label for label, _, _ in met] != list(_LABELS):
        raise Refused("the issue does not hold each heading of the form once, in its order", _WRITE)
    ends = [start for _, start, _ in met[1:]] + [len(body)]
    said = {_LABELS[label]: body[after:end].strip() for (label, _, after), end in zip(met, ends, strict=True)}
    return {name: _plain(words) for name, words in said.items() if words and words != _NOTHING}


def _plain(words: str) -> str:
    """The words without characters that no text of people holds."""
    return "".join(one for one in words if one in "\n\t" or (one.isprintable() or one == "\u200d"))


def _source(issue: Mapping[str, Any]) -> dict[str, Any]:
    """Where it came from, as far as the issue says."""
    number, url = issue.get("number"), issue.get("html_url")
    if not isinstance(number, int):
        return {}
    link = {"url": url} if isinstance(url, str) and re.fullmatch(r"https://[!-~]{1,400}", url) else {}
    return {"external": [{"system": "github", "key": str(number), **link}]}
