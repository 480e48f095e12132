"""Who pushes is whom the server names, and nobody else."""

from __future__ import annotations

import pytest
from tests.receiving.conftest import NOON

from opsledger.errors import Refused
from opsledger.receiving import Update, pusher_of, updates


@pytest.fixture
def people(served, court):
    """The people of the protected branch."""
    return court().judge(served.git("rev-parse", "main")).people


@pytest.mark.parametrize(
    ("environment", "party"),
    [
        pytest.param({"OPSLEDGER_PARTY": "PTY-ada"}, "PTY-ada", id="by its id"),
        pytest.param({"REMOTE_USER": "ada@example.org"}, "PTY-ada", id="by an address"),
        pytest.param({"GL_USERNAME": "grace"}, "PTY-grace", id="by its account"),
        pytest.param({"OPSLEDGER_PARTY": "PTY-ada", "REMOTE_USER": "grace"}, "PTY-ada", id="the nearest name first"),
        pytest.param({}, "", id="nobody"),
        pytest.param({"OPSLEDGER_PARTY": ""}, "", id="an empty name"),
        pytest.param({"OPSLEDGER_PARTY": "PTY-zoe", "REMOTE_USER": "grace"}, "", id="a stranger before a known one"),
        pytest.param({"GIT_COMMITTER_EMAIL": "ada@example.org"}, "", id="what a commit says"),
        pytest.param({"USER": "ada", "LOGNAME": "ada"}, "", id="the account of the machine"),
    ],
)
def test_pusher_is_whom_the_server_names(people, environment, party):
    assert party == pusher_of(people, environment, server="git.example.org", at=NOON).party


def test_account_of_another_server_is_nobodys(people):
    found = pusher_of(people, {"GL_USERNAME": "grace"}, server="gitlab.com", at=NOON)

    assert "" == found.party
    assert "grace, whom GL_USERNAME names as the one who pushes, is no party" in found.note


def test_inactive_party_pushes_nothing(served, court, people):
    text = (served.root / "records/parties/PTY-pipeline.yaml").read_text(encoding="utf-8")
    served.write("records/parties/PTY-pipeline.yaml", text.replace("state: active", "state: inactive"))
    later = court().judge(served.commit()).people

    found = pusher_of(later, {"OPSLEDGER_PARTY": "PTY-pipeline"}, server="", at=NOON)

    assert "" == found.party
    assert "is not active" in found.note


def test_lines_of_git_are_read_with_blanks_in_names():
    assert (Update("a", "b", "refs/heads/x y"),) == updates(["a b refs/heads/x y\n"])


@pytest.mark.parametrize("line", ["", "a b", "a b main", "a b\trefs/heads/main"])
def test_lines_that_are_not_gits_are_refused(line):
    with pytest.raises(Refused):
        updates([line])
