"""The packaged hook on a real bare repository: it sees what git keeps apart, and takes nothing when it falls over."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.receiving.conftest import CI, EVIDENCE


@pytest.fixture
def server(served, tmp_path) -> Path:
    """A bare repository with the hook, to which `served` pushes as origin."""
    bare = tmp_path / "server.git"
    served.git("clone", "-q", "--bare", ".", str(bare))
    served.git("--git-dir", str(bare), "symbolic-ref", "HEAD", "refs/heads/main")
    served.git("remote", "add", "origin", str(bare))
    install(bare)
    return bare


def install(bare: Path, *options: str, program: str = f'"{sys.executable}" -m opsledger') -> None:
    """Put the hook into a repository as the guide says, with options behind `receive`."""
    script = Path(__file__).parents[2] / "tooling/opsledger/hooks/pre-receive"
    text = script.read_text(encoding="utf-8")
    assert "exec opsledger receive\n" in text
    place = bare / "hooks" / "pre-receive"
    place.parent.mkdir(exist_ok=True)
    place.write_text(text.replace("opsledger receive\n", " ".join((program, "receive", *options)) + "\n"))
    place.chmod(0o755)


def pushed(repo, *what: str, **variables: str) -> tuple[bool, str]:
    """Whether a push was taken, and what the server said."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    names = {"PYTHONPATH": path, "OPSLEDGER_NOW": "2026-11-20T12:00:00Z", "OPSLEDGER_CACHE": "off", **variables}
    command = " ".join(f"'{word}'" for word in ("git", "push", "-q", "origin", *what))
    out = repo.git("-c", f"alias.ask=!{command} 2>&1; echo $?", "ask", **names)
    lines = [line.removeprefix("remote: ").rstrip() for line in out.splitlines()]
    return lines[-1] == "0", "\n".join(lines[:-1])


def test_push_in_the_lane_is_taken(served, server):
    served.write("records/evidence/2026/EVD-2026-0a1b.yaml", EVIDENCE.format("EVD-2026-0a1b"))
    served.commit()

    assert (True, "") == pushed(served, "work:main", OPSLEDGER_PARTY="PTY-pipeline")


def test_refusal_says_where_what_and_how_to_mend_it(served, server):
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    served.commit()

    is_taken, words = pushed(served, "work:main", OPSLEDGER_PARTY="PTY-pipeline")

    assert not is_taken
    assert "records/cis/CI-api.yaml:6:14: " in words
    assert "PTY-pipeline may not change /criticality of CI-api" in words
    assert "    fix: propose it in a pull request, or widen the lane" in words
    assert "nothing was taken" in words


def test_server_without_the_program_takes_nothing(served, server):
    install(server, program="opsledger-that-is-not-there")
    served.commit()

    assert not pushed(served, "work")[0]


def test_nothing_of_a_refused_push_stays(served, server):
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    new = served.commit()
    pushed(served, "work:main")

    assert "" == served.git("-c", f"alias.look=!git --git-dir {server} cat-file -t {new} 2>/dev/null; true", "look")


def test_two_pushes_of_one_base_are_one_taken_and_one_race(served, server):
    served.write("records/evidence/2026/EVD-2026-0a1b.yaml", EVIDENCE.format("EVD-2026-0a1b"))
    served.commit()
    served.switch("other", "main")
    served.write("records/evidence/2026/EVD-2026-0a1c.yaml", EVIDENCE.format("EVD-2026-0a1c"))
    served.commit()

    assert pushed(served, "work:main", OPSLEDGER_PARTY="PTY-pipeline")[0]
    is_taken, words = pushed(served, "other:main", OPSLEDGER_PARTY="PTY-pipeline")
    assert not is_taken
    assert "rejected" in words


def test_ledger_in_a_folder_is_judged_there(served, server):
    (served.root / "ops").mkdir()
    served.git("mv", "records", ".opsledger.yaml", "ops/")
    served.commit("The ledger moves into a folder")
    served.git("--git-dir", str(server), "fetch", "-q", "--update-head-ok", str(served.root), "+work:main")
    served.git("branch", "-f", "main", "work")
    install(server, "--folder", "ops")
    served.write("ops/records/evidence/2026/EVD-2026-0a1b.yaml", EVIDENCE.format("EVD-2026-0a1b"))
    served.commit()
    served.write("app.py", "print()\n")
    served.commit()

    refused, words = pushed(served, "work:main", OPSLEDGER_PARTY="PTY-pipeline")
    taken, _ = pushed(served, "work~1:main", OPSLEDGER_PARTY="PTY-pipeline")

    assert (False, True) == (refused, taken)
    assert "was pushed to main directly by PTY-pipeline: app.py" in words


def test_hostile_settings_of_the_server_change_nothing(served, server):
    for name, value in (("core.fsmonitor", "touch ran"), ("merge.x.driver", "touch ran"), ("gpg.ssh.program", "true")):
        served.git("--git-dir", str(server), "config", name, value)
    served.write("records/cis/CI-api.yaml", CI.replace("high", "low"))
    served.commit()

    assert not pushed(served, "work:main")[0]
    assert not list(server.rglob("ran"))
