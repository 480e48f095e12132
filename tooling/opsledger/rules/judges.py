"""What a step does to those who judge it: records, settings and files that count only once they are on the base."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from opsledger.steps import Step
from opsledger.store import Snapshot

# Where the forges look for owners and for what they run, from the top of a repository.
_OF_FORGES = re.compile(
    r"(?:(?:\.github|\.gitlab|\.gitea|\.forgejo|docs)/)?CODEOWNERS|\.gitlab-ci\.yml"
    r"|\.(?:github|gitea|forgejo)/(?:workflows|actions)/.+|\.gitlab/.+"
)
_SETTINGS = ".opsledger.yaml"
_NAMED = 8


def judge_notes(steps: Sequence[Step], before: Snapshot, after: Snapshot) -> Iterator[str]:
    """
    What the reader should be told of changes to the judge, which all wait for the merge.

    Args:
        before: the files of the base, whose judge holds.
        after: the files that are judged.
    """
    done: dict[str, list[str]] = {"new": [], "changed": [], "deleted": []}
    for step in steps:
        kept = step.after or step.before
        if kept is not None and kept.kind.judges:
            done["new" if step.before is None else "deleted" if step.after is None else "changed"].append(step.record)
    for path in _changed(before, after):
        word = "new" if path not in before.files else "deleted" if path not in after.files else "changed"
        done[word].append(path)
    for word, names in done.items():
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            verb = "is" if len(names) == 1 else "are"
            said = ", ".join(names[:_NAMED]) + more
            yield f"{said} {verb} {word}: it is the base that judges here, and this only once it is merged"


def _changed(before: Snapshot, after: Snapshot) -> Iterator[str]:
    for path in sorted({path for files in (before.files, after.files) for path in files if _judges(path)}):
        if before.files.get(path) != after.files.get(path):
            yield path


def _judges(path: str) -> bool:
    # Nearly every path is a record's, and this is asked of all.
    return not path.startswith("records/") and (path == _SETTINGS or _OF_FORGES.fullmatch(path) is not None)
