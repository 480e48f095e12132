"""What forges answer: files of the `payloads` folder, and GitHub's answers as far as they are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COMMIT = "b2" * 20
EARLIER = "6f1f1a0d7c3ce1f4a5f9bd0d6a2d5d5c1a2b3c4d"


def payload(name: str) -> Any:
    """What a file of the `payloads` folder says."""
    return json.loads((HERE / "payloads" / f"{name}.json").read_text(encoding="utf-8"))


def github_pull(number: int = 12, **changes: Any) -> dict[str, Any]:
    """A pull request as GitHub's REST interface gives it, with what is read of it."""
    return {
        "id": 1, "node_id": "PR_1", "number": number, "state": "open",
        "html_url": f"https://github.com/kestrel-pay/ledger/pull/{number}",
        "user": {"login": "tomasz", "id": 5, "type": "User"}, "merged_at": None, "merge_commit_sha": "c3" * 20,
        "head": {"ref": "plan", "sha": COMMIT}, "base": {"ref": "main", "sha": "a0" * 20},
    } | changes  # fmt: skip


def github_review(id: int, login: str = "lena", *, number: int = 12, **changes: Any) -> dict[str, Any]:
    """A review as GitHub's REST interface gives it, with what is read of it."""
    place = f"https://github.com/kestrel-pay/ledger/pull/{number}"
    return {
        "id": id, "node_id": f"PRR_{id}", "user": {"login": login, "id": 80 + len(login), "type": "User"}, "body": "",
        "state": "APPROVED", "html_url": f"{place}#pullrequestreview-{id}", "commit_id": COMMIT,
        "submitted_at": "2026-11-02T10:00:00Z", "author_association": "MEMBER",
        "pull_request_url": f"https://api.github.com/repos/kestrel-pay/ledger/pulls/{number}",
        "_links": {"html": {"href": place}, "pull_request": {"href": place}},
    } | changes  # fmt: skip
