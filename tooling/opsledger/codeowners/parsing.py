"""The text of a CODEOWNERS file, read in one of the dialects."""

from __future__ import annotations

from opsledger.codeowners.gitea import parse_gitea
from opsledger.codeowners.github import parse_github
from opsledger.codeowners.gitlab import parse_gitlab
from opsledger.codeowners.model import Dialect, Remark
from opsledger.codeowners.owners import Owners

MOST_LINES = 50_000
"""A longer file is not judged: whoever sends one to be judged must not decide how long that takes."""
MOST_CHARACTERS = 1_000_000
"""The same for expressions, each of which takes longer than a glob."""


def parse(text: str, dialect: Dialect) -> Owners:
    """What a forge takes from the text of its CODEOWNERS file; a file too long to be judged owns nothing for sure."""
    if text.count("\n") > MOST_LINES or (dialect.is_regular and len(text) > MOST_CHARACTERS):
        why = "the file is too long to be judged here"
        return Owners(dialect, (), (Remark(0, 1, why, "use fewer lines"),), why)
    match dialect:
        case Dialect.GITHUB:
            return parse_github(text)
        case Dialect.GITLAB:
            return parse_gitlab(text)
        case _:
            return parse_gitea(text, dialect)
