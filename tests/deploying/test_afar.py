"""A gate asked from another repository: only the protected branch of the ledger's server judges, and nothing else."""

from __future__ import annotations

import json
import subprocess

import pytest

from opsledger.errors import OpsledgerError
from opsledger.store.addresses import ledger_address

from .conftest import NOON, RECORDS, REL, Ended, Yard


def ask(yard: Yard, *more: str, ledger: str = "", now: str = NOON) -> Ended:
    """What the gate says to somebody who stands in another repository."""
    options = ["--env", "ENV-prod-eu", "--ledger", ledger or str(yard.remote), *more]
    return yard.run(["-C", str(yard.place), "gate", "promote", REL, *options], now)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ext::sh -c touch% /tmp/owned", id="a program"),
        pytest.param("ext::sh", id="a program without words"),
        pytest.param("fd::17", id="an open file"),
        pytest.param("--upload-pack=touch", id="an option"),
        pytest.param("-oProxyCommand=touch", id="an option of ssh"),
        pytest.param("ssh://-oProxyCommand=touch/x", id="an option as a host"),
        pytest.param("https://git.example.org/a\nb", id="two lines"),
        pytest.param("http://git.example.org/ledger.git", id="open to anybody on the way"),
        pytest.param("git://git.example.org/ledger.git", id="nobody vouches for it"),
        pytest.param("ftp://git.example.org/ledger.git", id="another way"),
        pytest.param("https://me:secret@git.example.org/ledger.git", id="with a password"),
        pytest.param("https:///ledger.git", id="without a host"),
        pytest.param("https://git.example.org/ledger.git#../..", id="a folder above"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_hostile_address_never_reaches_git(text, tmp_path, environment):
    with pytest.raises(OpsledgerError) as refusal:
        ledger_address(text, tmp_path, environment)

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "url", "folder"),
    [
        ("https://git.example.org/team/ledger.git", "https://git.example.org/team/ledger.git", ""),
        ("ssh://git@git.example.org:2222/ledger.git#ops", "ssh://git@git.example.org:2222/ledger.git", "ops"),
        ("git@git.example.org:team/ledger.git", "git@git.example.org:team/ledger.git", ""),
        ("http://localhost:3000/ledger.git", "http://localhost:3000/ledger.git", ""),
    ],
    ids=["https", "ssh with a folder", "as scp writes it", "this machine"],
)
def test_an_address_is_taken_as_it_is(text, url, folder, tmp_path, environment):
    found = ledger_address(text, tmp_path, environment)

    assert (url, folder) == (found.url, found.folder)


def test_the_gate_answers_somebody_who_has_no_clone(yard):
    answer = ask(yard)

    assert 0 == answer.code, answer.err
    assert "promote is open for REL-2026-0001 in ENV-prod-eu" in answer.out
    assert "by base origin/main" in answer.out
    assert not list(yard.place.iterdir())


def test_a_blocked_gate_is_told_alike(yard):
    assert 1 == ask(yard, now="2026-11-20T13:30:00Z").code


def test_a_remote_that_does_not_answer_is_undecided_whatever_the_cache_holds(yard):
    ask(yard)
    yard.remote.rename(yard.remote.with_suffix(".away"))

    assert 3 == ask(yard).code


def test_each_time_the_newest_commit_judges(yard):
    ask(yard)
    yard.change({"windows/WIN-now.yaml": RECORDS["windows/WIN-evening.yaml"].replace("WIN-evening", "WIN-now").replace(
        "2026-11-20T13:00", "2026-11-20T11:00")})  # fmt: skip

    assert 1 == ask(yard).code


def test_a_branch_of_a_clone_has_no_say(yard):
    yard.home.delete("records/windows/WIN-evening.yaml")
    yard.home.commit("No freeze here")

    answer = ask(yard, ledger=str(yard.home.root), now="2026-11-20T13:30:00Z")

    assert 1 == answer.code
    assert "CAL902" in answer.out


def test_a_commit_that_is_not_on_the_protected_branch_is_not_judged(yard):
    yard.home.git("switch", "-q", "-c", "mine")
    yard.home.delete("records/windows/WIN-evening.yaml")
    mine = yard.home.commit("No freeze here")
    yard.home.git("push", "-q", "origin", "mine")

    answer = ask(yard, "--at", mine)

    assert 2 == answer.code
    assert "is no commit of main, which judges" in answer.err


def test_an_earlier_commit_replays(yard):
    tip = yard.home.git("rev-parse", "HEAD")
    first = ask(yard, "--format", "json", "--at", tip, "--as-of", NOON)
    yard.change({"windows/WIN-evening.yaml": None})
    ask(yard)

    again = ask(yard, "--format", "json", "--at", tip, "--as-of", NOON, now="2027-01-01T00:00:00Z")

    told = [json.loads(one.out) for one in (first, again)]
    assert told[0]["answers"] == told[1]["answers"]
    assert (told[0]["outcome"], told[0]["as_of"]) == (told[1]["outcome"], told[1]["as_of"])


def test_a_base_and_a_ledger_contradict_each_other(yard):
    assert 2 == ask(yard, "--base", "main").code


def test_contents_of_older_commits_are_left_with_the_server(yard, monkeypatch, tmp_path):
    yard.change({"problems/2026/PRB-2026-0001.yaml": "id: PRB-2026-0001\ntitle: b\nstate: logged\nseverity: low\n"})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    ask(yard)

    [kept] = [path for path in (tmp_path / "cache/opsledger/ledgers").iterdir() if path.is_dir()]
    listed = subprocess.run(
        ["git", "rev-list", "--objects", "--all", "--missing=print"],
        cwd=kept,
        capture_output=True,
        text=True,
        check=True,
    )
    assert 1 == sum(line.startswith("?") for line in listed.stdout.splitlines())


def test_a_cache_that_others_may_write_to_is_not_believed(yard, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    ask(yard)
    (tmp_path / "cache/opsledger/ledgers").chmod(0o777)

    assert 2 == ask(yard).code


def test_two_ask_at_once(yard, monkeypatch, tmp_path):
    import sys
    from concurrent.futures import ThreadPoolExecutor

    command = [sys.executable, "-m", "opsledger", "gate", "promote", REL, "--env", "ENV-prod-eu"]
    variables = {**yard.home.environment, "PYTHONPATH": ":".join(sys.path), "OPSLEDGER_NOW": NOON}

    def one(_: int) -> int:
        asked = [*command, "--ledger", str(yard.remote)]
        return subprocess.run(asked, cwd=yard.place, env=variables, capture_output=True, check=False).returncode

    with ThreadPoolExecutor(4) as threads:
        assert [0, 0, 0, 0] == list(threads.map(one, range(4)))
