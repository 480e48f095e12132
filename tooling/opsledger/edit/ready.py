"""What the pipeline of a forge needs to judge a ledger, as files for its repository."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from opsledger import packaged
from opsledger.edit.plan import Plan, Write
from opsledger.edit.starting import MARK
from opsledger.yamlfile import read

_FORGEJO = {
    ".forgejo/actions/opsledger/again.sh": "again.sh",
    ".forgejo/actions/opsledger/judge.sh": "judge.sh",
    ".forgejo/workflows/opsledger.yml": "forgejo/workflows/opsledger.yml",
}
_FILES: Mapping[str, Mapping[str, str]] = {
    "github": {
        ".github/ISSUE_TEMPLATE/opsledger-record.yml": "github/ISSUE_TEMPLATE/opsledger-record.yml",
        ".github/actions/opsledger-gate/action.yml": "github/gate/action.yml",
        ".github/actions/opsledger-gate/gate.sh": "gate.sh",
        ".github/actions/opsledger/action.yml": "github/action.yml",
        ".github/actions/opsledger/import.sh": "import.sh",
        ".github/actions/opsledger/judge.sh": "judge.sh",
        ".github/actions/opsledger/propose.sh": "propose.sh",
        ".github/workflows/opsledger-approvals.yml": "github/workflows/opsledger-approvals.yml",
        ".github/workflows/opsledger-propose.yml": "github/workflows/opsledger-propose.yml",
        ".github/workflows/opsledger.yml": "github/workflows/opsledger.yml",
    },
    "gitlab": {
        ".gitlab/opsledger.gitlab-ci.yml": "gitlab/opsledger.gitlab-ci.yml",
        ".gitlab/opsledger-gate.gitlab-ci.yml": "gitlab/opsledger-gate.gitlab-ci.yml",
        ".gitlab/opsledger/again.sh": "again.sh",
        ".gitlab/opsledger/gate.sh": "gate.sh",
        ".gitlab/opsledger/judge.sh": "judge.sh",
    },
    "forgejo": _FORGEJO,
    "gitea": {path.replace(".forgejo/", ".gitea/"): source for path, source in _FORGEJO.items()},
}
FORGES = tuple(_FILES)
"""The forges for whose pipelines there is something."""

_NEXT = {
    "github": "commit and push it, then require the check `opsledger` in the rules of the branch",
    "gitlab": "commit and push it, and add to .gitlab-ci.yml: include: {local: .gitlab/opsledger.gitlab-ci.yml}",
    "forgejo": "commit and push it, then require the status `opsledger` in the protection of the branch",
    "gitea": "commit and push it, then require the status `opsledger` in the protection of the branch",
}


def plan_ready(forge: str, *, top: Path, prefix: str, protected: str) -> Plan:
    """
    Plan the files by which a forge's pipeline judges; every path is relative to the top of the work tree.

    A file that stands there already stays as it is, and is told of where it differs.

    Args:
        forge: one of `FORGES`.
        prefix: where the ledger stands in the work tree (`""` or `"sub/"`).
        protected: the branch that others rely on.
    """
    writes, said = [], []
    for path, text in ready_files(forge, prefix=prefix, protected=protected).items():
        standing = top / path
        if not standing.exists() and not standing.is_symlink():
            writes.append(Write(path, None, text))
        elif not standing.is_file() or standing.read_bytes() != text:
            said.append(f"note: {path} is another one than the tool brings, and stays as it is")
    return Plan(tuple(writes), (*said, f"for {forge}:", f"    {_NEXT[forge]}"))


def protected_in(root: Path) -> str:
    """The branch that the ledger at a folder calls the protected one; empty where none stands there."""
    mark = root / MARK
    found = read(mark.read_bytes()) if mark.is_file() else None
    return str(found.get("protected") or "") if isinstance(found, dict) else ""


def ready_files(forge: str, *, prefix: str = "", protected: str = "main") -> Mapping[str, bytes]:
    """What stands in a repository's files for a forge's pipeline, by path."""
    return dict(_placed(forge, prefix, protected))


def _placed(forge: str, prefix: str, protected: str) -> Iterator[tuple[str, bytes]]:
    brought = packaged.files("ready")
    for path, source in _FILES[forge].items():
        text = brought[source].decode()
        if forge == "gitea":
            text = text.replace(".forgejo/", ".gitea/")
        if protected != "main":
            text = text.replace("branches: [main]", f"branches: [{json.dumps(protected)}]")
        if prefix:
            text = re.sub(r"(?m)^( *OPSLEDGER_DIRECTORY): \.$", lambda found: f"{found[1]}: {json.dumps(prefix)}", text)
        yield path, text.encode()
