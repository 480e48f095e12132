"""What a forge said of one review, read again from the words that an approval keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opsledger.approvals.model import ForgeAccount
from opsledger.moments import moment

_DECISIONS = {
    "APPROVED": "granted", "CHANGES_REQUESTED": "revise", "REQUEST_CHANGES": "revise", "COMMENTED": "commented",
    "COMMENT": "commented", "DISMISSED": "dismissed",
}  # fmt: skip
_NOTES = {
    "approved this merge request": "granted", "unapproved this merge request": "dismissed",
    "requested changes": "revise",
}  # fmt: skip
_GONE, _OWN_PIPELINES = "-1", "-2"
"""What Gitea and Forgejo write as the number of an account that is gone, and of their own pipelines."""


@dataclass(frozen=True)
class Payload:
    """
    One review in a forge's own words.

    Args:
        id: of the review; empty where the forge gives none.
        account: who reviewed; `None` where the account is gone.
        decision: *granted*, *revise*, *commented* or *dismissed*; empty for anything else.
        commit: what was reviewed, or how its id starts; empty where the forge does not say.
        at: when; `None` where the forge does not say.
        url: where people find it, or empty.
    """

    id: str
    account: ForgeAccount | None
    decision: str
    commit: str
    at: datetime | None
    url: str


def read_payload(text: str) -> Payload | None:
    """
    Read what GitHub, GitLab, Gitea, Forgejo or Bitbucket answered about one review.

    GitLab tells of an approval in its list of approvals and in a note, Bitbucket in an entry of the activity; each
    then names the commit in a part of its own.

    Returns:
        `None` where it is no answer about a review.
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    note = _mapping(said, "note")
    inner = _mapping(said, "approval") or _mapping(said, "changes_requested") or note or said
    return Payload(
        id=_text(said.get("id") or note.get("id")),
        account=_account(inner.get("user") or inner.get("author")),
        decision=_decision(said, inner),
        commit=_commit(said),
        at=_when(inner) or _when(note),
        url=_text(inner.get("html_url") or inner.get("web_url")),
    )


def _account(said: object) -> ForgeAccount | None:
    if not isinstance(said, Mapping):
        return None
    login = _text(said.get("login") or said.get("username") or said.get("nickname"))
    id = _text(said.get("account_id") or said.get("id") or said.get("uuid"))
    sort = str(said.get("type") or "user").lower()
    is_bot = sort != "user" or login.endswith("[bot]") or login.startswith("app/") or id == _OWN_PIPELINES
    is_bot = is_bot or said.get("bot") is True or said.get("is_bot") is True
    return ForgeAccount(login, id, is_bot) if (login or id) and id != _GONE else None


def _decision(said: Mapping[str, Any], inner: Mapping[str, Any]) -> str:
    if inner.get("dismissed") is True:
        return "dismissed"
    state = inner.get("state")
    if isinstance(state, str):
        return _DECISIONS.get(state.upper(), "")
    if "changes_requested" in said:
        return "revise"
    is_listed = "approval" in said or "approved_at" in said or said.get("approved") is True
    return "granted" if is_listed else _NOTES.get(_text(inner.get("body")).strip(), "")


def _commit(said: Mapping[str, Any]) -> str:
    update = _mapping(_mapping(said, "update"), "update")
    stated = (
        said.get("commit_id"),
        _mapping(said, "commit").get("oid"),
        _mapping(said, "version").get("head_commit_sha"),
        _mapping(_mapping(update, "source"), "commit").get("hash"),
    )
    return next((_text(one) for one in stated if one), "")


def _when(said: Mapping[str, Any]) -> datetime | None:
    keys = ("submitted_at", "submittedAt", "approved_at", "participated_on", "date", "created_at")
    return next((found for key in keys if said.get(key) and (found := moment(said[key]))), None)


def _mapping(said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = said.get(key)
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
