"""What forges are called."""

from __future__ import annotations

HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}


def forge_name(text: str) -> str:
    """The host of a forge, by whatever name it goes: *github* is github.com."""
    text = text.strip().lower()
    return HOSTS.get(text, text)
